"""Table C (收支) on screens: every column of the account by medicine, and what rejected and handed out split into."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.screening_rules import ROWS
from core.language import in_language
from reports.files.tables import adjusted, in_use, lost
from reports.files.words import AGES

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """A column: its words, its figure of a row, and where the parts stand that the figure is the sum of."""

    words: Any
    of: Callable[[Any], int]
    parts: str = ""


def _in(account: str, column: str) -> Callable[[Any], int]:
    return lambda row: int(row[account][column])


# In the order of the printed annex: before stock, in stock and on the road.
ACCOUNT = (
    Figure(_("Opening, not sorted"), _in("items", "opening")),
    Figure(_("Received"), _in("items", "registered")),
    Figure(_("Surplus"), _in("items", "surplus")),
    Figure(_("Accepted"), _in("items", "accepted")),
    Figure(_("Rejected"), _in("items", "rejected"), "rejected_by_reason"),
    Figure(_("Missing"), _in("items", "missing")),
    Figure(_("Voided"), _in("items", "voided")),
    Figure(_("Closing, not sorted"), _in("items", "closing")),
    Figure(_("Opening"), _in("stock", "opening")),
    Figure(_("Opening, on the road"), _in("road", "opening")),
    Figure(_("Into stock"), _in("stock", "accepted")),
    Figure(_("Allotted"), lambda row: int(row["allotted"])),
    Figure(_("Handed out"), _in("stock", "dispensed"), "dispensed_by_age"),
    Figure(_("Returned"), lambda row: int(row["returned"])),
    Figure(_("Destroyed"), _in("stock", "destroyed")),
    Figure(_("Lost"), lost),
    Figure(_("Adjusted"), adjusted),
    Figure(_("Closing, on the road"), _in("road", "closing")),
    Figure(_("Closing"), _in("stock", "closing")),
    Figure(_("of it in use"), in_use),
)
# What passes between places, by the column of ACCOUNT behind which it stands. Told where the account is of some of
# them, so that it closes line by line.
AT_PLACES = {
    2: (Figure(_("Handed in"), _in("items", "handed_in")),),
    6: (Figure(_("Handed over"), _in("items", "handed_over")),),
    10: (
        Figure(_("Arrived from elsewhere"), _in("stock", "arrived")),
        Figure(_("Sent off"), _in("stock", "left")),
    ),
    11: (Figure(_("Allotted to here"), lambda row: int(row["allotted_to"])),),
}


def _figures(found: Row) -> Sequence[Figure]:
    if not any("allotted_to" in row for row in found["medicines"]):
        return ACCOUNT
    return [shown for at, each in enumerate(ACCOUNT) for shown in (each, *AT_PLACES.get(at, ()))]


def account_heads(found: Row | None = None) -> list[Any]:
    return [figure.words for figure in (_figures(found) if found else ACCOUNT)]


def account_rows(found: Row) -> list[dict[str, Any]]:
    """Table C of a period: each medicine with its columns, in its own smallest units, and their parts in words."""
    words, figures = part_words(), _figures(found)
    return [
        {
            "name": f"{row['generic_name'] or gettext('not in the catalogue')} {row['strength'] or ''}".strip(),
            "unit": row["unit"] or "",
            "cells": [(figure.words, figure.of(row), _parts(row, figure.parts, words)) for figure in figures],
        }
        for row in found["medicines"]
    ]


def without_empty(rows: list[dict[str, Any]]) -> tuple[list[Any], list[dict[str, Any]]]:
    """The heads and rows without columns and lines in which nothing stands: a public page is read on phones."""
    rows = [row for row in rows if any(cell for _words, cell, _parts in row["cells"])]
    used = [at for at in range(len(ACCOUNT)) if any(row["cells"][at][1] for row in rows)]
    kept = [{**row, "cells": [row["cells"][at] for at in used]} for row in rows]
    return [ACCOUNT[at].words for at in used], kept


def part_words() -> dict[str, str]:
    """Reasons and age bands in the reader's language."""
    reasons = {row.code: in_language(row.decided_zh, row.decided_en).format(min_days="…") for row in ROWS}
    bands = {code: in_language(words, code) for code, words in AGES.items()}
    return {**reasons, **bands, "other": gettext("other")}


def _parts(row: Row, name: str, words: Mapping[str, str]) -> list[str]:
    if not name:
        return []
    return [f"{words.get(code, code)} {units:,}" for code, units in row[name].items()]
