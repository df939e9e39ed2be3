"""What of a text may be printed: control characters, direction marks and other invisibles are taken out."""

from __future__ import annotations

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029\v\f]")
_BASE_AND_ACCENTS = re.compile("[A-Za-z\u00c0-\u024f\u0391-\u03c9][\u0300-\u036f]+")
_SPACES = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f]")
# Controls, soft hyphen, zero-width and direction marks (Unicode TR 36), variation selectors, tags.
_INVISIBLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)


def clean(text: str) -> str:
    """`text` as it may be printed; of white space, `\\n`, plain and full-width spaces are left.

    Letters followed by combining accents are composed, because the fonts place no accents. Lone surrogates
    stay: no font has them, so they print as their code.

    >>> clean("张\\u202e三\\x00")
    '张三'
    """
    if text.isascii() and text.isprintable():
        return text
    text = _SPACES.sub(" ", _LINE_ENDS.sub("\n", text))
    text = _BASE_AND_ACCENTS.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)
    return _INVISIBLE.sub("", text)


def code_of(char: str) -> str:
    """How a character that no font has is printed.

    >>> code_of("😀")
    '[U+1F600]'
    """
    return f"[U+{ord(char):04X}]"
