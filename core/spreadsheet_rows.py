"""What a table that was read consists of, how much of it is read, and why a file is refused."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

# Rows that are looked at, empty ones included; columns beyond the last are not.
ROWS_LIMIT: Final = 10_000
COLUMNS_LIMIT: Final = 40
# What a cell of Excel holds at most; of longer texts, which only a made-up file has, the beginning is read.
TEXT_LIMIT: Final = 32_767


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
    "too_many_columns": (
        "列数过多：请删去右侧多余的空列后重新保存",
        "The table has far too many columns; delete the empty ones on the right and save it again.",
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
