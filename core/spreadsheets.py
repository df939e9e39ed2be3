"""Reading a table that somebody made in a spreadsheet: .xlsx, or .csv in UTF-8, GB18030 or UTF-16.

What is read are texts and what a cell was, row by row; nothing is evaluated. Whatever the bytes are, the answer is
rows or `SheetRefused`: old and encrypted files, other types, bombs and tables beyond `ROWS_LIMIT` are refused
before they cost anything.
"""

from __future__ import annotations

import codecs
import csv
import io
from typing import Final

from core.spreadsheet_rows import COLUMNS_LIMIT, ROWS_LIMIT, TEXT_LIMIT, Cell, Kind, SheetRefused, SheetRow
from core.spreadsheets_xlsx import read_xlsx

__all__ = ["Cell", "Kind", "SheetRefused", "SheetRow", "read_spreadsheet"]

BYTES_LIMIT: Final = 5_000_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_TYPES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")


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
    if content.startswith(_OTHER_TYPES) or content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        raise SheetRefused("wrong_type")
    if content.startswith(b"PK"):
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
    """Text in UTF-8 or GB18030, or in UTF-16 that says so at its beginning (Unicode text of Excel)."""
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\x00" in content and not is_wide:
        raise SheetRefused("wrong_type")
    for encoding in ("utf-16",) if is_wide else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    raise SheetRefused("encoding_unknown")


def _delimiter(text: str) -> str:
    """The separator that stands most often in the first lines: WPS and Excel write commas, tabs or semicolons."""
    head = text[:4000]
    return max(",\t;", key=head.count)
