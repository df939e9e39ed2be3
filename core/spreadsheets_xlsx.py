"""Office Open XML workbooks (ECMA-376), read with openpyxl once a survey has found them harmless.

The survey reads the sheets as a stream with defusedxml: it stops at too many rows or cells before a tree of them
stands in memory, refuses entities, and finds the merged areas, which openpyxl's read-only mode does not tell.
"""

from __future__ import annotations

import datetime
import io
import re
import warnings
import zipfile
from typing import Any
from xml.sax.handler import ContentHandler

from defusedxml.sax import make_parser
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from core.spreadsheet_rows import COLUMNS_LIMIT, ROWS_LIMIT, TEXT_LIMIT, Cell, Kind, SheetRefused, SheetRow

_PARTS_LIMIT = 300
_UNPACKED_LIMIT = 30_000_000
# Parts that openpyxl reads as a whole, into trees up to a hundred times their size.
_WHOLE_PART_LIMIT = 1_000_000
_STREAMED = re.compile(r"xl/(worksheets/[^/]+|sharedStrings)\.xml")
_ELEMENTS_LIMIT = 1_000_000
# openpyxl holds one row at a time as a tree; Excel's rows have up to 16,384 cells of two elements each.
_ELEMENTS_IN_ROW = 40_000
_EXCEL_COLUMNS = 16_384
_MERGED_LIMIT = ROWS_LIMIT * COLUMNS_LIMIT
# What stands in quotes, in brackets or behind a backslash in a number format is no part of the day.
_LITERALS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')

_EMPTY = Cell()

Merge = tuple[int, int, int, int]


def read_xlsx(content: bytes) -> list[SheetRow]:
    """See `core.spreadsheets.read_spreadsheet`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            merges = _survey(archive)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(content, merges)
    except SheetRefused:
        raise
    except Exception:
        # openpyxl, expat and zipfile raise nearly anything on bytes made to confuse them, and none of it matters.
        raise SheetRefused("unreadable_file") from None


def _survey(archive: zipfile.ZipFile) -> dict[str, list[Merge]]:
    """The merged areas of every sheet by its path; SheetRefused where reading on would be dear.

    zipfile never unpacks more of a part than its declared size, so that declared sizes can be trusted.
    """
    parts = archive.infolist()
    if not any(part.filename == "[Content_Types].xml" for part in parts):
        raise SheetRefused("wrong_type")
    if len(parts) > _PARTS_LIMIT or sum(part.file_size for part in parts) > _UNPACKED_LIMIT:
        raise SheetRefused("expands_too_far")
    merges = {}
    for part in parts:
        if _STREAMED.fullmatch(part.filename):
            survey = _Survey()
            parser = make_parser()
            parser.setContentHandler(survey)
            with archive.open(part) as source:
                parser.parse(source)
            merges[part.filename] = survey.merges
        elif part.file_size > _WHOLE_PART_LIMIT:
            raise SheetRefused("expands_too_far")
    return merges


class _Survey(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.rows = self.elements = self.in_row = self.merged = self.columns = 0
        self.merges: list[Merge] = []

    def startElement(self, name: str, attrs: Any) -> None:
        tag = name.rpartition(":")[2]
        self.elements += 1
        self.in_row += 1
        if self.rows and self.in_row > _ELEMENTS_IN_ROW:
            raise SheetRefused("too_many_columns")
        if self.elements > _ELEMENTS_LIMIT:
            raise SheetRefused("too_many_rows")
        if tag == "row":
            self.rows, self.in_row = self.rows + 1, 0
            number = attrs.get("r", "0")
            if self.rows > ROWS_LIMIT or int(number) > ROWS_LIMIT:
                raise SheetRefused("too_many_rows")
        elif tag == "col":
            self.columns += 1
            if self.columns > _EXCEL_COLUMNS:
                raise SheetRefused("too_many_columns")
        elif tag == "mergeCell":
            self._note_merge(attrs.get("ref", ""))
        elif tag == "mergeCells":
            self.rows = 0  # the rows are over; what follows is bounded as a whole

    def _note_merge(self, reference: str) -> None:
        left, top, right, bottom = (int(edge or 0) for edge in range_boundaries(reference))
        right, bottom = min(right, COLUMNS_LIMIT), min(bottom, ROWS_LIMIT)
        if 0 < left <= right and 0 < top <= bottom:
            self.merged += (right - left + 1) * (bottom - top + 1)
            self.merges.append((left, top, right, bottom))
        if self.merged > _MERGED_LIMIT:  # areas that lie over each other, which no spreadsheet writes
            raise SheetRefused("unreadable_file")


def _read(content: bytes, merges: dict[str, list[Merge]]) -> list[SheetRow]:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                path = sheet._worksheet_path  # type: ignore[attr-defined]
                rows = _rows(sheet, merges.get(path.lstrip("/"), []))
                if rows:
                    return rows
    finally:
        book.close()
    return []


def _rows(sheet: Any, merges: list[Merge]) -> list[SheetRow]:
    sheet.reset_dimensions()
    rows: list[list[Cell]] = []
    for cells in sheet.iter_rows(max_col=COLUMNS_LIMIT):
        if len(rows) >= ROWS_LIMIT:
            raise SheetRefused("too_many_rows")
        rows.append([_EMPTY if cell.value is None else _cell(cell) for cell in cells])
    _fill_merged(rows, merges)
    return [
        SheetRow(number, tuple(row)) for number, row in enumerate(rows, start=1) if any(c.text for c in row)
    ]


def _fill_merged(rows: list[list[Cell]], merges: list[Merge]) -> None:
    """Each cell of a merged area gets what stands in the area's first one."""
    for left, top, right, bottom in merges:
        if top > len(rows) or left > len(rows[top - 1]):
            continue
        first = rows[top - 1][left - 1]
        for row in rows[top - 1 : bottom]:
            for column in range(left - 1, min(right, len(row))):
                row[column] = first._replace(copied=True)
        rows[top - 1][left - 1] = first


def _cell(cell: Any) -> Cell:
    value = cell.value
    if cell.data_type == "f":
        return Cell(str(getattr(value, "text", value))[:TEXT_LIMIT], Kind.FORMULA)
    if cell.data_type == "e":
        return Cell(str(value), Kind.ERROR)
    if isinstance(value, datetime.datetime | datetime.date):
        shows_day = "d" in _LITERALS.sub("", cell.number_format or "d").lower()
        return Cell(f"{value:%Y-%m-%d}", Kind.DAY) if shows_day else Cell(f"{value:%Y-%m}", Kind.MONTH)
    if isinstance(value, float):
        return Cell(str(int(value)) if value.is_integer() else repr(value), Kind.NUMBER)
    if isinstance(value, int) and not isinstance(value, bool):
        return Cell(str(value), Kind.NUMBER)
    return Cell(str(value)[:TEXT_LIMIT].strip())
