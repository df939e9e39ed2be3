"""The two tables of a report by unit on the screen."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.pages.tables import Row
from reports.files.boxes import shown

SPANS = ("this_period", "cumulative")
WITHOUT_UNIT = {
    "unlisted": _("units not on the list"),
    "no_unit": _("people without a unit"),
    "anonymous": _("anonymous donors"),
}
UNITS = (
    (_("Donations registered"), "donations"),
    (_("People who gave"), "people"),
    (_("Kinds"), "registered_kinds"),
    (_("Boxes, about"), "registered_boxes"),
)
CENTRES = (
    (_("Allotted, boxes"), "allotted_boxes"),
    (_("Received, boxes"), "received_boxes"),
    (_("Handed out, boxes"), "dispensed_boxes"),
    (_("Hand-outs to people"), "hand_outs"),
)


def unit_tables(content: Row) -> dict[str, Any]:
    """Heads and rows by unit and by health centre, each figure for the period and since the beginning."""
    return {
        "unit_heads": [words for words, _name in UNITS],
        "unit_rows": [
            {
                "name": WITHOUT_UNIT.get(row["group"], row["name"]),
                "of": row["category"],
                "cells": _cells(row, UNITS),
            }
            for row in content["units"]
        ],
        "centre_heads": [words for words, _name in CENTRES],
        "centre_rows": [
            {
                "name": row["name"],
                "cells": _cells(row, CENTRES),
                "overdue": row["overdue"],
                "since": row["overdue_since"],
            }
            for row in content["centres"]
        ],
        "holds": all(each["holds"] for each in content["identities"]),
    }


def _cells(row: Row, figures: tuple[tuple[Any, str], ...]) -> list[int | str]:
    return [shown(row[span][name]) for _words, name in figures for span in SPANS]
