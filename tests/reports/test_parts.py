"""A long account in parts: sorted by a click, a page at a time, whatever the address says."""

import pytest

from reports.pages.parts import SIZE, part_of

ROWS = [
    {"name": f"药{at:02}", "cells": [("接收", at % 7, []), ("发放", at, [])]} for at in range(2 * SIZE + 3)
]
HEADS = ["接收", "发放"]


def names(query: dict[str, str]) -> list[str]:
    return [row["name"] for row in part_of(ROWS, HEADS, query).rows]


def test_account_is_shown_a_page_at_a_time() -> None:
    first, last = part_of(ROWS, HEADS, {"from": "2023-01-01"}), part_of(ROWS, HEADS, {"page": "3"})

    assert (len(first.rows), first.previous, first.next) == (SIZE, "", "?from=2023-01-01&page=2")
    assert (len(last.rows), last.next, last.count) == (3, "", len(ROWS))


def test_column_is_sorted_from_its_largest_figure_and_then_turned() -> None:
    part = part_of(ROWS, HEADS, {"ordering": "-2", "page": "2"})

    assert names({"ordering": "-2"})[0] == ROWS[-1]["name"]
    assert names({"ordering": "2"})[0] == ROWS[0]["name"]
    assert (part.heads[1].order, part.heads[1].link) == ("descending", "?ordering=2")
    assert part.previous == "?ordering=-2&page=1"


@pytest.mark.parametrize(
    "query", [{"page": "99"}, {"page": "-1"}, {"page": "x"}, {"ordering": "9"}, {"ordering": "name"}]
)
def test_address_that_means_nothing_shows_a_page_all_the_same(query: dict[str, str]) -> None:
    assert names(query)
