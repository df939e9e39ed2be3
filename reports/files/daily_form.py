"""The county's own spreadsheet for the daily report, filled: an uploaded .xlsx whose cells hold placeholders. Pure.

A placeholder stands in double braces, several may stand in one cell: `{{day}}`, `{{today.donations}}`,
`{{cumulative.hand_outs}}`, `{{zero_reports}}`, and for one medicine `{{M009a.today.dispensed}}`. A cell that is one
placeholder becomes a number where the value is one; nothing else is touched, formulas least of all, so that the form
adds up by itself when it is opened.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook, load_workbook

from core.safe_text import neutralise_formula
from core.spreadsheets import SheetRefused, read_spreadsheet
from reports.files.daily_text import zero_names

PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
COUNTS = ("donations", "hand_outs", "kinds_registered", "kinds_accepted", "kinds_allotted", "kinds_dispensed")
UNITS = ("registered", "accepted", "allotted", "dispensed")
SPANS = ("today", "cumulative")
WORDS = ("day", "county", "until", "text", "zero_reports", "zero_count", "reported_count")
OF_MEDICINE = re.compile(rf"(\w{{1,12}})\.({'|'.join(SPANS)})\.({'|'.join(UNITS)})")
# What reading and writing would lose.
LOST = ("xl/drawings/", "xl/charts/", "xl/media/", "xl/vbaProject", "xl/externalLinks/", "xl/pivotTables/")
CELLS_TOLD = 20


@dataclass(frozen=True)
class FormRefused(Exception):
    """Why a form is none: `code`, and the cells at fault as `sheet!cell: text`."""

    code: str
    cells: tuple[str, ...] = ()


def check_form(content: bytes, medicines: set[str]) -> None:
    """SheetRefused where it is no spreadsheet, FormRefused where it cannot be filled; `medicines`: known codes."""
    if not content.startswith(b"PK"):
        raise SheetRefused("wrong_type")
    read_spreadsheet(content)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        if lost := [name for name in parts.namelist() if name.startswith(LOST)]:
            raise FormRefused("form_has_drawings", tuple(lost[:CELLS_TOLD]))
    found = [
        (where, name) for where, cell in _cells(_book(content)) for name in PLACEHOLDER.findall(cell.value)
    ]
    if not found:
        raise FormRefused("form_has_no_placeholder")
    if strange := [f"{where}: {{{{{name}}}}}" for where, name in found if not _known(name, medicines)]:
        raise FormRefused("placeholder_unknown", tuple(strange[:CELLS_TOLD]))


def fill_form(content: bytes, values: dict[str, Any]) -> bytes:
    """The form with `values` by placeholder; of a medicine without any, 0."""
    book = _book(content)
    for _where, cell in list(_cells(book)):
        whole = PLACEHOLDER.fullmatch(cell.value.strip())
        if whole:
            value = _value(values, whole[1])
            cell.value = neutralise_formula(value) if isinstance(value, str) else value
        else:
            filled = PLACEHOLDER.sub(lambda found: str(_value(values, found[1])), cell.value)
            cell.value = neutralise_formula(filled)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def form_values(report: dict[str, Any], county: str) -> dict[str, Any]:
    """What the placeholders stand for, from the content of a daily report with its text."""
    counts = {f"{span}.{name}": report[span][name] for span in SPANS for name in COUNTS}
    units = {
        f"{row['medicine']}.{span}.{step}": row[span][step]
        for row in report["medicines"]
        for span in SPANS
        for step in UNITS
    }
    zero = [place["name"] for place in report["zero_reports"]]
    return {
        **counts,
        **units,
        "day": report["day"],
        "county": county,
        "until": f"{report['until']:%Y-%m-%d %H:%M}",
        "text": report["text"],
        "zero_reports": zero_names(zero),
        "zero_count": len(zero),
        "reported_count": len(report["reported"]),
    }


def _value(values: dict[str, Any], name: str) -> Any:
    return values.get(name, 0)


def _known(name: str, medicines: set[str]) -> bool:
    if name in WORDS or name in {f"{span}.{count}" for span in SPANS for count in COUNTS}:
        return True
    found = OF_MEDICINE.fullmatch(name)
    return found is not None and found[1] in medicines


def _book(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content), keep_links=False)


def _cells(book: Workbook) -> Iterator[tuple[str, Any]]:
    """Text cells with a placeholder; a formula is left alone whatever stands in it."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "s" and PLACEHOLDER.search(str(cell.value)):
                    yield f"{sheet.title}!{cell.coordinate}", cell
