"""Receipt codes: the number a donor keeps, made anywhere, checked without a database.

A code is 16 characters carrying 80 random bits and one check character, printed in groups:
`XXXX-XXXX-XXXX-XXXX-C`; the books keep it without the dashes. Whoever knows a code sees what became of a donation, so
that one with a pattern (all zeros, counted upwards) is not taken: it could be guessed.
Alphabet: Crockford's Base32 (no I, L, O, U), safe in web addresses and in QR codes' alphanumeric mode.
"""

import itertools
import re
import secrets
import unicodedata
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BITS: Final = 80
# Different characters, and different steps between neighbours, that a random code has at the least.
VARIETY: Final = 6
_LENGTH = RANDOM_BITS // 5 + 1
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_READ_AS = str.maketrans("OIL", "011")
_SEPARATORS = re.compile(r"[\s\-_\u2010-\u2015\u2212]+")

_MESSAGES = {
    "empty": ("请输入凭证编号", "Enter the receipt code."),
    "length": ("凭证编号应为17个字符", "A receipt code has 17 characters."),
    "character": (
        "凭证编号只含数字和字母（不含U）",
        "A receipt code holds digits and letters only (never U).",
    ),
    "guessable": (
        "凭证编号过于简单，易被猜到，请用系统或签条上的编号",
        "This receipt code is too regular; use one that the device made or that a slip bears.",
    ),
    "check": ("凭证编号有误，请核对每个字符", "The receipt code is mistyped; compare each character."),
}


class ReceiptCodeError(ValueError):
    """The text is no receipt code. `code`: empty, length, character, check or guessable; `message` in zh-Hans."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.message, self.message_en = _MESSAGES[code]
        super().__init__(self.message)


def new_receipt_code() -> str:
    """A fresh code from 80 bits of the operating system's randomness, in its printed form."""
    while True:
        bits = secrets.randbits(RANDOM_BITS)
        payload = "".join(ALPHABET[bits >> shift & 31] for shift in range(RANDOM_BITS - 5, -5, -5))
        if not is_guessable(payload):
            return grouped(payload + check_character(payload))


def unguessable_receipt_code(text: str) -> str:
    """The printed form of a code that somebody made elsewhere, if it is whole and random enough to be a secret.

    Raises ReceiptCodeError.
    """
    code = parse_receipt_code(text)
    if is_guessable(code.replace("-", "")[:-1]):
        raise ReceiptCodeError("guessable")
    return code


def is_guessable(payload: str) -> bool:
    """Whether the characters follow a pattern: few different ones, few different steps, or a repeated beginning.

    Of random ones fewer than one in ten million do.
    """
    values = [_VALUES[character] for character in payload]
    steps = {(after - before) % 32 for before, after in itertools.pairwise(values)}
    half = len(values) // 2
    repeated = any(values[period:] == values[:-period] for period in range(1, half + 1))
    return len(set(values)) < VARIETY or len(steps) < VARIETY or repeated


def parse_receipt_code(text: str) -> str:
    """The printed form of a typed or scanned code.

    Lower case, full-width characters, spaces, dashes, O for 0 and I or L for 1 are put right.
    Raises ReceiptCodeError.
    """
    return grouped(plain_code(text, _LENGTH))


def plain_code(text: str, length: int) -> str:
    """A code of so many characters without its dashes, put right as above and checked. Raises ReceiptCodeError."""
    # Cut first: normalising a megabyte to learn that it is too long would be a gift to an attacker.
    plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text[:200])).upper().translate(_READ_AS)
    if not plain:
        raise ReceiptCodeError("empty")
    if len(plain) != length or len(text) > 200:
        raise ReceiptCodeError("length")
    if not _VALUES.keys() >= set(plain):
        raise ReceiptCodeError("character")
    if check_character(plain[:-1]) != plain[-1]:
        raise ReceiptCodeError("check")
    return plain


def check_character(payload: str) -> str:
    """The check character over the field GF(32): the sum of value(i) · x^i, i counted from 1 at the right.

    The weights 1, x, x², … are all different and never zero, so that every single wrong character, every
    swap of two characters at any distance (the check character's own included) and every twin error
    (aa read as bb) changes the sum. A check modulo 37 would do no more and needs five further symbols.
    """
    total = 0
    for character in payload:
        total = _times_x(total ^ _VALUES[character])
    return ALPHABET[total]


def _times_x(value: int) -> int:
    # Modulo x^5 + x^2 + 1, a primitive polynomial: the powers of x run through all 31 non-zero elements.
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 32 else doubled


def grouped(plain: str) -> str:
    return "-".join(plain[start : start + 4] for start in range(0, len(plain), 4))
