"""Units by medicine, and what may be said across medicines: kinds, and boxes of the usual size. Pure."""

from __future__ import annotations

from collections import Counter

from reports.files.boxes import Weights

# By the code of the medicine; "" for what nobody could name yet.
Units = Counter[str]
SPANS = ("this_period", "cumulative")


def told_units(units: Units) -> dict[str, int]:
    return {code: units[code] for code in sorted(units) if units[code]}


def across(name: str, units: Units, weights: Weights) -> dict[str, int | None]:
    """What may be said across medicines: kinds, and boxes of the usual size; None where no size is known."""
    rows = [{"medicine": code} for code in units if units[code]]
    boxes = weights.sums(rows, lambda row: "", lambda row: units[row["medicine"]]).get("", 0)
    return {
        f"{name}_kinds": sum(code != "" and count > 0 for code, count in units.items()),
        f"{name}_boxes": boxes if weights.packs or not rows else None,
    }
