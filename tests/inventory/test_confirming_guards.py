"""The second person of the sorting table, tried with plain SQL."""

from __future__ import annotations

import pytest
from django.db import transaction

from tests.inventory.breaches_of_confirming import breaks, waiting
from tests.plain_sql import Breach, drop_guard, execute, refused_by, value
from tests.shelves import Shelves

ROWS = (
    "SELECT (SELECT count(*) FROM inventory_sortingdecision) + (SELECT count(*) FROM inventory_sortingproposal)"
    " + (SELECT count(*) FROM donations_itemphoto)"
)


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_refused_by_its_guard(shelves: Shelves, breach: Breach) -> None:
    before = value(ROWS)

    with refused_by(breach.guard):
        breach.attempt(shelves)

    assert value(ROWS) == before


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_goes_in_without_its_guard(shelves: Shelves, breach: Breach) -> None:
    for guard in (breach.guard, *breach.behind):
        drop_guard(guard)

    assert breach.attempt(shelves)


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize(
    ("table", "guard"),
    [
        ("inventory_sortingproposal", "proposal_confirmed_once"),
        ("donations_itemphoto", "donations_itemphoto_append_only"),
    ],
)
def test_proposals_and_photos_stay(shelves: Shelves, table: str, guard: str, statement: str) -> None:
    waiting(shelves)

    with transaction.atomic(), refused_by(guard):
        execute(statement.format(table))
