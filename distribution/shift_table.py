"""The table of people who come or go for a time: the template to fill in, and what a filled-in one says."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from core.safe_text import neutralise_formula
from core.spreadsheets import Cell, SheetRow
from distribution.serializers.shifts import ShiftInput
from donations.roster_import_cells import CellRefused, day_of, text_of

# A field, and what its column may be called: what the template prints, then other words.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "township": ("乡镇编码", "乡镇", "township"),
    "place": ("机构编码", "编码", "place", "code"),
    "name": ("名称", "机构名称", "name"),
    "from": ("开始日期", "起始日期", "from"),
    "to": ("结束日期", "截止日期", "to"),
    "percent": ("增减百分比", "百分比", "percent"),
    "heads": ("增减人数", "人数", "heads"),
}
WHO = ("township", "place", "name")
WHOLE = "（全乡镇）"
EXPLANATIONS = [
    "1. 春节返乡、外出务工、学校放假等一段时间内的人口增减，一次变化一行；没有变化的行留空或删去即可。",
    "2. 一行只写一个乡镇（对该乡镇各机构按人口分摊）或一个机构；机构以编码为准，编码留空时按名称查找。",
    "3. 开始日期和结束日期均计入，例：2023-01-15。",
    "4. 增减百分比（例：30%）和增减人数（例：250）只填一项；减少写负数，例：-20% 或 -60。",
    "5. 上传后先逐格核对，全部无误后整表一次写入，并取代原有的全部人口增减；有一格不符则全部不写入。",
]


def shift_template(townships: Iterable[tuple[str, str]], clinics: Iterable[tuple[str, str]]) -> bytes:
    """As .xlsx with a row for each township and each clinic, by code and name."""
    book = Workbook()
    sheet: Worksheet = book.active  # type: ignore[assignment]
    sheet.title = "人口增减"
    for index, words in enumerate(COLUMNS.values(), start=1):
        cell = sheet.cell(1, index, words[0])
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDEBF7")
        cell.alignment = Alignment(horizontal="center", wrap_text=True)
        letter = get_column_letter(index)
        sheet.column_dimensions[letter].width = 26 if index == 3 else 18
        sheet.column_dimensions[letter].number_format = "@"
    for code, name in townships:
        sheet.append([neutralise_formula(code), "", neutralise_formula(name) + WHOLE])
    for code, name in clinics:
        sheet.append(["", neutralise_formula(code), neutralise_formula(name)])
    sheet.freeze_panes = "D2"
    how = book.create_sheet("填写说明")
    how.column_dimensions["A"].width = 100
    for line in EXPLANATIONS:
        how.append([line])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read_shifts(
    rows: Sequence[SheetRow], english: bool, *, townships: Mapping[str, str], places: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The shifts of a table in the shape that PUT takes, and what is wrong with it, by row and field.

    `townships` and `places` are codes by code and by name. Rows that only say whom they are about are passed over.
    """
    names = {word: name for name, words in COLUMNS.items() for word in words}
    columns = {
        names[cell.text.strip()]: index
        for index, cell in enumerate(rows[0].cells if rows else ())
        if cell.text.strip() in names
    }
    if not {"from", "to"} <= set(columns):
        words = _("No header row: first and last day are needed.")
        return [], [{"row": 1, "column": "", "code": "header_not_found", "message": words}]
    shifts, faults = [], []
    for row in rows[1:]:
        taken, wrong = _cells(row, columns, english)
        if not wrong and not set(taken) - set(WHO):
            continue
        if not wrong:
            wrong = _named(row.number, taken, townships, places) or _wrong(row.number, taken)
        faults += wrong
        if not wrong:
            shifts.append(taken)
    return shifts, faults


def _cells(
    row: SheetRow, columns: Mapping[str, int], english: bool
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    taken: dict[str, Any] = {}
    wrong: list[dict[str, Any]] = []
    for name, index in columns.items():
        cell = row.cells[index] if index < len(row.cells) else Cell()
        try:
            if text_of(cell, 80):
                taken[name] = READ.get(name, _text)(cell)
        except CellRefused as why:
            message = why.message_en if english else why.message
            wrong.append({"row": row.number, "column": name, "code": why.code, "message": message})
    return taken, wrong


def _named(
    number: int, taken: dict[str, Any], townships: Mapping[str, str], places: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Put codes in place of what the row calls its township or place by; the name stands in for a missing code."""
    said = taken.pop("name", "")
    if said and not {"township", "place"} & set(taken):
        taken["place"] = said
    wrong = []
    for name, known in (("township", townships), ("place", places)):
        if name in taken and taken[name] not in known:
            words = _("There is no such place, or it is not yours to plan for.")
            wrong.append({"row": number, "column": name, "code": "unknown_place", "message": words})
        elif name in taken:
            taken[name] = known[taken[name]]
    return wrong


def _wrong(number: int, taken: dict[str, Any]) -> list[dict[str, Any]]:
    """What the shape of a shift says of a row."""
    shape = ShiftInput(data=taken)
    if shape.is_valid():
        return []
    return [
        {"row": number, "column": name, "code": detail[0].code, "message": str(detail[0])}
        for name, detail in shape.errors.items()
    ]


def _text(cell: Cell) -> str:
    return str(text_of(cell, 80))


def _day(cell: Cell) -> str:
    return str(day_of(cell))


def _number(cell: Cell) -> int:
    text = text_of(cell, 80).strip().removesuffix("%").removesuffix("%").removesuffix(".0").removeprefix("+")
    try:
        return int(text)
    except ValueError:
        raise CellRefused("not_whole", "须为整数", "A whole number is needed here.") from None


READ: Mapping[str, Callable[[Cell], Any]] = {"from": _day, "to": _day, "percent": _number, "heads": _number}
