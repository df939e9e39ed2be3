"""How a code is spelt before it is read: full width, spaces, case and separators evened out."""

import re
import unicodedata
from typing import Final

GROUP_SEPARATOR: Final = "\x1d"
LONGEST: Final = 1000

# Zero-width characters come along when people copy from web pages and chats.
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
# Python counts the separator among white space; it must outlive the removal of spaces.
_INVISIBLE_BUT_SEPARATOR = re.compile(r"[^\S\x1d]+|[\u200b-\u200f\u2060\ufeff]+")
# How scanners, terminals and decoders show ASCII 29.
_SPELT_OUT = re.compile(r"<GS>|\{GS\}|\[GS\]|<FNC1>|\{FNC1\}|\\x1d|\\u001d|␝", re.IGNORECASE)


def compact(text: str) -> str:
    """Half-width, upper case and without any white space."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).upper()


_NO_LOT = {"N/A", "NA", "NONE", "NULL", "NO", "UNKNOWN"}


def lot_as_read(text: str) -> str:
    """A lot number as it is kept; nothing where what was typed stands for one that could not be read.

    Every lot number has a Latin letter or a digit: 不详, 看不清, a dash or characters that show nothing are none.
    """
    lot = compact(text)
    return lot if re.search("[0-9A-Z]", lot) and lot not in _NO_LOT else ""


def barcode_text(text: str) -> str:
    """Half-width, without white space, group separators as ASCII 29; case is kept, for lots may use it."""
    spelt = _SPELT_OUT.sub(GROUP_SEPARATOR, unicodedata.normalize("NFKC", text))
    return _INVISIBLE_BUT_SEPARATOR.sub("", spelt)


def mod10_ok(digits: str) -> bool:
    """Whether the last digit is the GS1 check digit of those before it: weights 3, 1, 3 … from the right
    (GS1 General Specifications, section 7.9). The drug identification code uses the same sum.
    All zeros, which blank fields give, are no code."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return total % 10 == 0 and total > 0
