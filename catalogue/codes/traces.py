"""Traceability codes (药品追溯码): one number for one box.

Commonly 20 digits, the first seven of them product and pack. No check digit is published; a validator that
demands one refuses real boxes. Firms that use GS1 instead put GTIN and serial number in one barcode.
"""

import re
from dataclasses import dataclass

from catalogue.codes.messages import CodeError, code_error
from catalogue.codes.spelling import LONGEST, compact

_SCIENTIFIC = re.compile(r"[0-9]+(?:\.[0-9]+)?E\+?[0-9]+|[0-9]{16,}\.[0-9]*")
# A spreadsheet keeps 15 significant digits of a number and fills up with zeros.
_ROUNDED = re.compile(r"[0-9]{15}00000")


@dataclass(frozen=True)
class TraceCode:
    """A well-formed traceability code. `product_part`: its first seven digits. `may_be_rounded`: it ends as
    a spreadsheet's rounding would leave it, which one real code in 100,000 does as well."""

    text: str
    product_part: str
    may_be_rounded: bool


def trace_code(value: str | float, *, from_spreadsheet: bool = False) -> TraceCode | CodeError:
    """Read a 20-digit traceability code.

    A number instead of a text has lost digits and is refused (`excel_number`), as is the text of one, such
    as 8.1234E+19. From a spreadsheet a code ending in five zeros is refused too (`excel_rounded`).
    """
    if not isinstance(value, str):
        return code_error("excel_number")
    text = compact(value[:LONGEST]).removeprefix("'")
    if not text:
        return code_error("empty")
    if _SCIENTIFIC.fullmatch(text):
        return code_error("excel_number")
    if not re.fullmatch("[0-9]+", text):
        return code_error("pattern")
    if len(text) != 20:
        return code_error("length")
    rounded = _ROUNDED.fullmatch(text) is not None
    return code_error("excel_rounded") if rounded and from_spreadsheet else TraceCode(text, text[:7], rounded)
