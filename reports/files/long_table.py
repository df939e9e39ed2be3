"""Every figure of a bulletin as one row of one table: the form of its CSV, and of the 数据 sheet.

Pure: from content to rows. `table` is `counts`, `account` (a cell of table C), `received` (a row of table A),
`allotted` (a row of table B) or `townships`; `figure` is the path of the number in the JSON, its parts joined by
dots.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Line = dict[str, str | int]

NAMING = ("medicine", "generic_name", "dosage_form", "strength", "unit")
FIELDS = (
    "table", "period", "figure", *NAMING, "manufacturer", "day", "place", "place_name", "lot_number",
    "last_usable_day", "quantity",
)  # fmt: skip
FIRST_SCHEMA = "donated-medicine-bulletin/1"
PERIODS = ("this_period", "cumulative")
# Table, its name of the number, and how its place is called in the JSON.
DETAILS = (("received", "registered", "drop_off_point"), ("allotted", "allotted", "clinic"))
TOWNSHIP_FIGURES = ("received", "allotted", "dispensed")


def tells_makers(content: dict[str, Any]) -> bool:
    """Whether table A says who made what: editions of the first version do not."""
    return bool(content["schema"] != FIRST_SCHEMA)


def fields_of(content: dict[str, Any]) -> tuple[str, ...]:
    """The columns of an edition, by its version."""
    return tuple(field for field in FIELDS if field != "manufacturer" or tells_makers(content))


def long_rows(content: dict[str, Any]) -> Iterator[Line]:
    """The rows in a fixed order, each with all of `fields_of`; what a row has no word for is empty."""
    fields = fields_of(content)
    for line in _lines(content):
        yield {field: line.get(field, "") for field in fields}


def _lines(content: dict[str, Any]) -> Iterator[Line]:
    for period in PERIODS:
        figures = content[period]
        for path, number in numbers(figures["counts"]):
            yield _line(table="counts", period=period, figure=path, quantity=number)
        for medicine in figures["medicines"]:
            for path, number in numbers({key: medicine[key] for key in medicine if key not in NAMING}):
                yield _line(medicine, table="account", period=period, figure=path, quantity=number)
    for table, figure, place in DETAILS:
        for row in content[table]:
            yield _line(
                row, table=table, period="this_period", figure=figure, quantity=row["quantity"], day=row["day"],
                manufacturer=row.get("manufacturer", ""),
                place=row[place], place_name=row[f"{place}_name"], lot_number=row["lot_number"],
                last_usable_day=row["last_usable_day"] or "",
            )  # fmt: skip
    for period, rows in content.get("townships", {}).items():
        for row in rows:
            for figure in TOWNSHIP_FIGURES:
                yield _line(
                    row, table="townships", period=period, figure=figure, quantity=row[figure],
                    place=row["township"], place_name=row["township_name"],
                )  # fmt: skip


def numbers(tree: dict[str, Any], path: str = "") -> Iterator[tuple[str, int]]:
    """The whole numbers of nested objects with their paths, by name."""
    for name in sorted(tree):
        here = f"{path}.{name}" if path else name
        if isinstance(tree[name], dict):
            yield from numbers(tree[name], here)
        elif isinstance(tree[name], int):
            yield here, tree[name]


def _line(naming: dict[str, Any] | None = None, **values: str | int) -> Line:
    named = {name: (naming or {}).get(name) or "" for name in NAMING}
    return {**named, **values}
