"""Table C (收支) as flat rows, for whoever takes it away as a table."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from reports.figures import Figures, MedicineFigures, medicine_content
from reports.files.tables import adjusted, in_use, lost


def account_lines(span: str, found: Figures, at: datetime.datetime) -> Iterator[dict[str, Any]]:
    """One row for each medicine, in its smallest unit. What only places have is None of a whole county."""
    for row in found.rows:
        yield {
            "span": span,
            "from_day": found.period.start,
            "to_day": found.period.end,
            "as_of": at,
            **medicine_content(row.medicine),
            **_units(row),
            "identities_hold": all(identity.holds for identity in row.identities()),
        }


def _units(row: MedicineFigures) -> dict[str, int | None]:
    items, stock, road, told = row.items, row.stock, row.road, row.content()
    return {
        "unsorted_opening": items.opening,
        "registered_units": items["registered"],
        "surplus_units": items["surplus"],
        "handed_in": items.gains.get("handed_in"),
        "accepted_units": items["accepted"],
        "rejected_units": items["rejected"],
        "missing_units": items["missing"],
        "voided_units": items["voided"],
        "handed_over": items.losses.get("handed_over"),
        "unsorted_closing": items.closing,
        "stock_opening": stock.opening,
        "into_stock": stock["accepted"],
        "arrived": stock["arrived"],
        "sent_off": stock["left"],
        "allotted": row.allotted,
        "allotted_to": row.allotted_to,
        "dispensed_units": stock["dispensed"],
        "sent_back": row.transfers["returned"],
        "destroyed_units": stock["destroyed"],
        "lost_units": lost(told),
        "adjusted_units": adjusted(told),
        "stock_closing": stock.closing,
        "in_use": in_use(told),
        "road_opening": road.opening,
        "road_closing": road.closing,
    }
