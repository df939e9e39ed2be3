"""The roster on paper and as a spreadsheet: the same columns, rows and totals."""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Literal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from core.documents import A4_LANDSCAPE, Align, Column, Document
from core.documents.forms import SIGNATURES
from core.safe_text import neutralise_formula
from donations.printed import SOURCE_PROMISE
from donations.roster import Roster, RosterLine
from donations.roster_import_own import POSTED, TITLE

NUMBER, TOTALLED, COUNTED, MEASURE = "序号", "姓名", "数量", "单位"
COLUMNS = [
    Column(NUMBER, 11, Align.RIGHT),
    Column(TOTALLED, 21, merge=True),
    Column("工作单位（或乡镇村）", 31, merge=True),
    Column("电话", 25, merge=True),
    Column("药品名称"),
    Column("规格", 25),
    Column(COUNTED, 14, Align.RIGHT),
    Column(MEASURE, 16),
    Column("批号", 22),
    Column("有效期至", 20),
    Column("日期", 20, merge=True),
    Column("捐赠人签字", 20, merge=True),
    Column("经办人", 17, merge=True),
]
# Above the head stand the title and what the roster is of.
HEAD_ROW = 3
NOT_POSTED = {"电话", "捐赠人签字"}
_THIN = Side(style="thin")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


def roster_columns(roster: Roster) -> list[Column]:
    return [column for column in COLUMNS if not (roster.posted and column.head in NOT_POSTED)]


def roster_rows(roster: Roster) -> list[list[str | int]]:
    return [_cells(roster, number, line) for number, line in enumerate(roster.lines, start=1)]


def total_rows(roster: Roster) -> list[list[str | int]]:
    heads = [column.head for column in roster_columns(roster)]
    rows = []
    for what, quantity, unit in roster.totals():
        row: list[str | int] = [""] * len(heads)
        row[heads.index(TOTALLED)], row[heads.index(COUNTED)], row[heads.index(MEASURE)] = (
            what,
            quantity,
            unit,
        )
        rows.append(row)
    return rows


def roster_title(roster: Roster) -> str:
    return TITLE + (POSTED if roster.posted else "")


def roster_pdf(roster: Roster, *, made: datetime.datetime, maker: str) -> bytes:
    """The roster on A4 across, its closing line with `maker` as 制表人."""
    document = Document(
        replace(A4_LANDSCAPE, table_size=8.5, table_leading=11),
        title=roster_title(roster),
        made=made,
        author=roster.place.name,
    )
    document.head()
    document.fields(_facts(roster), columns=3)
    document.table(
        roster_columns(roster),
        roster_rows(roster),
        keys=[line.donation_id for line in roster.lines],
        totals=total_rows(roster),
    )
    document.paragraph(SOURCE_PROMISE, indent=0)
    document.signatures({"制表人": maker})
    return document.build()


def roster_xlsx(roster: Roster, *, maker: str) -> bytes:
    """The same as a spreadsheet; texts are texts, and none is taken for a formula."""
    book = Workbook()
    sheet: Worksheet = book.active  # type: ignore[assignment]
    sheet.title = "花名册"
    columns = roster_columns(roster)
    closing = [f"{name}：{maker if name == '制表人' else '            '}" for name in SIGNATURES]
    rows = roster_rows(roster)
    _wide(sheet, 1, roster_title(roster), columns, Font(bold=True, size=16), "center")
    _wide(sheet, 2, "    ".join(f"{name}：{value}" for name, value in _facts(roster)), columns)
    _fill(sheet, HEAD_ROW, [[column.head for column in columns]], Font(bold=True))
    _fill(sheet, HEAD_ROW + 1, rows, Font())
    _merge_donors(sheet, roster.lines, columns, HEAD_ROW + 1)
    totals = total_rows(roster)
    _fill(sheet, HEAD_ROW + 1 + len(rows), totals, Font(bold=True))
    end = HEAD_ROW + 1 + len(rows) + len(totals)
    _wide(sheet, end, SOURCE_PROMISE, columns)
    _wide(sheet, end + 1, "    ".join(closing), columns)
    _lay_out(sheet, columns)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _facts(roster: Roster) -> list[tuple[str, str]]:
    return [
        ("捐赠接收点", roster.place.name),
        ("起止日期", f"{roster.start} 至 {roster.end}"),
        ("捐赠", f"{roster.donations}笔，{len(roster.lines)}行"),
    ]


def _cells(roster: Roster, number: int, line: RosterLine) -> list[str | int]:
    cells: dict[str, str | int] = {
        NUMBER: number,
        TOTALLED: line.name,
        "工作单位（或乡镇村）": line.work_unit,
        "电话": line.phone,
        "药品名称": line.medicine,
        "规格": line.specification,
        COUNTED: line.quantity,
        MEASURE: line.unit,
        "批号": line.lot_number,
        "有效期至": line.expiry,
        "日期": str(line.day),
        "捐赠人签字": "",
        "经办人": line.handler,
    }
    return [cells[column.head] for column in roster_columns(roster)]


def _fill(sheet: Worksheet, first: int, rows: Sequence[Sequence[str | int]], font: Font) -> None:
    alignment = Alignment(wrap_text=True, vertical="center")
    for number, cells in enumerate(rows, start=first):
        for index, value in enumerate(cells, start=1):
            cell = sheet.cell(number, index, neutralise_formula(value) if isinstance(value, str) else value)
            cell.font, cell.border, cell.alignment = font, _BORDER, alignment
            if isinstance(value, str):
                cell.number_format = "@"


def _wide(
    sheet: Worksheet,
    row: int,
    text: str,
    columns: Sequence[Column],
    font: Font | None = None,
    align: Literal["left", "center"] = "left",
) -> None:
    cell = sheet.cell(row, 1, neutralise_formula(text))
    cell.font = font or Font()
    cell.alignment = Alignment(horizontal=align, vertical="center", wrap_text=True)
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(columns))


def _merge_donors(
    sheet: Worksheet, lines: Sequence[RosterLine], columns: Sequence[Column], first: int
) -> None:
    """Added to the set of areas itself: `merge_cells` looks through all areas for each new one."""
    merging = [index for index, column in enumerate(columns, start=1) if column.merge]
    for _donation, group in groupby(lines, key=lambda line: line.donation_id):
        last = first + len(list(group)) - 1
        for index in merging if last > first else ():
            for row in range(first + 1, last + 1):
                sheet.cell(row, index).value = None
            area = CellRange(min_row=first, max_row=last, min_col=index, max_col=index)
            sheet.merged_cells.ranges.add(area)
        first = last + 1


def _lay_out(sheet: Worksheet, columns: Sequence[Column]) -> None:
    for index, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = (column.width or 34) * 0.62
    sheet.freeze_panes = f"A{HEAD_ROW + 1}"
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4 in ECMA-376, ST_PaperSize
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
