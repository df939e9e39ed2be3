"""Reading a table that somebody made in a spreadsheet: .xlsx, or .csv in UTF-8 or GB18030.

What is read are texts and what a cell was, row by row; nothing is evaluated. Whatever the bytes are, the answer is
rows or `SheetRefused`: old and encrypted files, other types, bombs and tables beyond `ROWS_LIMIT` are refused
before they cost anything.
"""

from __future__ import annotations

import csv
import io
from enum import StrEnum
from typing import Final, NamedTuple

BYTES_LIMIT: Final = 5_000_000
# Rows that are looked at, empty ones included; columns beyond the last are not.
ROWS_LIMIT: Final = 10_000
COLUMNS_LIMIT: Final = 40
# What a cell of Excel holds at most; of longer texts, which only a made-up file has, the beginning is read.
TEXT_LIMIT: Final = 32_767
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_TYPES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")

_MESSAGES = {
    "empty_file": ("文件是空的", "The file is empty."),
    "file_too_large": ("文件超过5 MB", "The file is larger than 5 MB."),
    "wrong_type": ("只接受 .xlsx 或 .csv 文件", "Only .xlsx and .csv files are taken."),
    "old_or_encrypted": (
        "这是旧版 .xls 或加密的文件，请另存为不加密的 .xlsx",
        "This is an old .xls or an encrypted file; save it as .xlsx without a password.",
    ),
    "encoding_unknown": (
        "CSV 文件的编码无法识别，请存为 UTF-8",
        "The encoding of this CSV file is unknown; save it as UTF-8.",
    ),
    "unreadable_file": ("文件已损坏，无法读取", "The file is damaged and cannot be read."),
    "expands_too_far": ("文件解压后过大，不予读取", "The file unpacks to far too much."),
    "too_many_rows": (
        "行数超过10000行，请分成几个文件",
        "The table has more than 10,000 rows; split it into several files.",
    ),
}


class SheetRefused(ValueError):
    """The file cannot be read. `code`: a key of the table above; `message` zh-Hans, `message_en` English."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.message, self.message_en = _MESSAGES[code]
        super().__init__(self.message)


class Kind(StrEnum):
    """What a cell was. A month is a day whose format shows none; CSV cells are texts."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    MONTH = "month"
    FORMULA = "formula"
    ERROR = "error"


class Cell(NamedTuple):
    """Text of a cell: numbers as digits, days as YYYY-MM-DD, months as YYYY-MM, formulas unevaluated.

    `copied`: the cell is part of a merged area and holds the text of the area's first cell.
    """

    text: str = ""
    kind: Kind = Kind.TEXT
    copied: bool = False


class SheetRow(NamedTuple):
    """A row with its number as the spreadsheet shows it, counted from 1."""

    number: int
    cells: tuple[Cell, ...]


def read_spreadsheet(content: bytes) -> list[SheetRow]:
    """The rows of the first visible sheet that holds anything; empty rows are left out.

    Cells of a merged area all hold its text. The type is told from the bytes, never from the name.
    """
    if not content.strip():
        raise SheetRefused("empty_file")
    if len(content) > BYTES_LIMIT:
        raise SheetRefused("file_too_large")
    if content.startswith(_OLE):
        raise SheetRefused("old_or_encrypted")
    if content.startswith(_OTHER_TYPES):
        raise SheetRefused("wrong_type")
    if content.startswith(b"PK"):
        # Here and not above, so that openpyxl is loaded only where it is used.
        from core.spreadsheets_xlsx import read_xlsx

        return read_xlsx(content)
    return _read_csv(content)


def _read_csv(content: bytes) -> list[SheetRow]:
    text = _decoded(content)
    rows: list[SheetRow] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for number, values in enumerate(reader, start=1):
            if number > ROWS_LIMIT:
                raise SheetRefused("too_many_rows")
            if any(value.strip() for value in values):
                cells = (Cell(value[:TEXT_LIMIT].strip()) for value in values[:COLUMNS_LIMIT])
                rows.append(SheetRow(number, tuple(cells)))
    except csv.Error:
        raise SheetRefused("unreadable_file") from None
    return rows


def _decoded(content: bytes) -> str:
    if b"\x00" in content:
        raise SheetRefused("wrong_type")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetRefused("encoding_unknown")


def _delimiter(text: str) -> str:
    """The separator that stands most often in the first lines: WPS and Excel write commas, tabs or semicolons."""
    head = text[:4000]
    return max(",\t;", key=head.count)
