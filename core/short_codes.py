"""Short codes on labels: they say nothing of what they name, and are checked without a database.

`XXXX-XXXX-C`: 40 random bits and a check character, in the alphabet and with the arithmetic of the receipt codes. A
label hangs where anybody sees it, so a code opens nothing: it is resolved for whoever may see the goods anyway.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

from core.receipt_codes import ALPHABET, ReceiptCodeError, check_character, is_guessable, plain_code

RANDOM_BITS: Final = 40
LENGTH: Final = RANDOM_BITS // 5 + 1
_THREE_ALIKE = re.compile(r"(.)\1\1")


def new_short_code() -> str:
    """A fresh code without dashes, from the operating system's randomness; none with a pattern."""
    while True:
        bits = secrets.randbits(RANDOM_BITS)
        payload = "".join(ALPHABET[bits >> shift & 31] for shift in range(RANDOM_BITS - 5, -5, -5))
        code = payload + check_character(payload)
        if not _patterned(code):
            return code


def parse_short_code(text: str) -> str | None:
    """The code as it is kept, from what was typed or scanned; None for what is none, or has a pattern."""
    try:
        plain = plain_code(text, LENGTH)
    except ReceiptCodeError:
        return None
    return None if _patterned(plain) else plain


def printed_code(code: str) -> str:
    """In the groups in which it is read aloud."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _patterned(code: str) -> bool:
    return is_guessable(code[:-1]) or bool(_THREE_ALIKE.search(code))
