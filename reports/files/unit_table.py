"""Every figure of a report by unit as one row of one table: the form of its CSV, its 数据 sheet and its corrections.

Pure. `table` is `county` (what the rows add up to), `units` or `centres`; `figure` names the number as the JSON does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports.files.long_table import numbers

Content = dict[str, Any]
Line = dict[str, str | int]
SPANS = ("this_period", "cumulative")
NAMING = ("medicine", "generic_name", "dosage_form", "strength", "unit")
FIELDS = ("table", "period", "figure", "group", "category", "place", "name", *NAMING, "quantity")
FIGURE_NAME = ("table", "period", "figure", "group", "category", "place", "name", "medicine")
# What may stand last in the path of a number that is of one medicine.
OF_MEDICINE = ("registered", "allotted", "received", "dispensed")


def unit_rows(content: Content) -> Iterator[Line]:
    """The rows in a fixed order, each with all of `FIELDS`; what a row has no word for is empty."""
    named = {row["medicine"] or "": row for row in content["medicines"]}
    for period in SPANS:
        for figure in ("donations", "hand_outs"):
            yield _line({}, {}, "county", period, figure, content[figure][period])
        for medicine in content["medicines"]:
            for path, number in numbers(medicine.get(period, {})):
                yield _line({}, medicine, "county", period, path, number)
    for table in ("units", "centres"):
        for row in content[table]:
            for period in SPANS:
                for path, number in numbers(row[period]):
                    figure, _dot, code = path.partition(".")
                    medicine = named[code] if figure in OF_MEDICINE else {}
                    yield _line(row, medicine, table, period, figure, number)
            if "overdue" in row:
                yield _line(row, {}, table, "cumulative", "overdue", row["overdue"])


def _line(row: Content, medicine: Content, table: str, period: str, figure: str, number: int) -> Line:
    naming = {name: medicine.get(name) or "" for name in NAMING}
    where = {name: row.get(name) or "" for name in ("group", "category", "place", "name")}
    return {"table": table, "period": period, "figure": figure, **where, **naming, "quantity": number}


def changes_of_units(before: Content, after: Content) -> dict[str, list[dict[str, Any]]]:
    """`figures` and `texts` that differ, each with `before` and `after`; None where an edition has none."""
    old, new = _named(before), _named(after)
    texts = [
        {"what": f"campaign.{name}", "before": before["campaign"].get(name), "after": value}
        for name, value in after["campaign"].items()
        if before["campaign"].get(name) != value
    ]
    figures = [
        {**dict(zip(FIGURE_NAME, name, strict=True)), "before": old.get(name), "after": new.get(name)}
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    return {"figures": figures, "texts": texts}


def _named(content: Content) -> dict[tuple[str, ...], int]:
    return {
        tuple(str(line[name]) for name in FIGURE_NAME): int(line["quantity"]) for line in unit_rows(content)
    }
