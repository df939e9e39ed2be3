"""What every text from outside must pass before it is stored, and how it leaves in a spreadsheet.

Refused: what no database, form or printer can carry (NUL, lone surrogates, control characters,
noncharacters) and what makes a line read other than it is stored (bidirectional overrides).
Everything else is kept verbatim: emoji, rare characters, names of any length up to the field's limit,
fragments of SQL, HTML or formulas. Escaping belongs to the place where text is shown.

Texts are not normalised. NFC replaces CJK compatibility characters (U+F900…, U+2F800…) by other ones,
and those can be the registered form of a name. Compare and search by `comparable_text` instead.
"""

import re
import unicodedata
from typing import Final

_LINE_BREAKS = "\n\u2028\u2029"
_PLANE_ENDS = "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
_REFUSED: Final = (
    ("nul", re.compile("\x00")),
    ("lone_surrogate", re.compile("[\ud800-\udfff]")),
    ("control_character", re.compile("[\x01-\x09\x0b-\x1f\x7f-\x9f]")),
    ("bidi_control", re.compile("[\u202a-\u202e\u2066-\u2069]")),
    ("noncharacter", re.compile(f"[\ufdd0-\ufdef{_PLANE_ENDS}]")),
)
_SUSPECT: Final = re.compile(
    "|".join([*(pattern.pattern for _code, pattern in _REFUSED), f"[{_LINE_BREAKS}]"])
)
_FORMULA_LEADS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "｜", "\t", "\r", "\n")

_MESSAGES = {
    "nul": ("含有空字符，无法保存", "The text holds a NUL character and cannot be stored."),
    "lone_surrogate": ("含有残缺的字符，请重新输入", "The text holds half a character; type it again."),
    "control_character": (
        "含有不可见的控制字符，请重新输入",
        "The text holds control characters; type it again.",
    ),
    "bidi_control": ("含有改变文字方向的控制字符", "The text holds characters that reverse its direction."),
    "noncharacter": ("含有无效字符，请重新输入", "The text holds invalid characters; type it again."),
    "line_break": ("此处只能填写一行", "This field takes one line only."),
    "too_long": ("超过{limit}个字符", "The text is longer than {limit} characters."),
}


class TextRefused(ValueError):
    """The text cannot be kept. `code`: a key of the table above; `message` zh-Hans, `message_en` English."""

    def __init__(self, code: str, *, limit: int = 0) -> None:
        self.code = code
        self.message, self.message_en = (text.format(limit=limit) for text in _MESSAGES[code])
        super().__init__(self.message)


def safe_text(text: str, *, max_length: int = 200, multiline: bool = False) -> str:
    """The text as it is to be stored: its outer white space removed, its inside untouched.

    `max_length` counts code points, as PostgreSQL's varchar does, after trimming. `multiline` admits line
    feeds; Windows' and old Macs' line ends become line feeds. Raises TextRefused.
    """
    if multiline:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    trimmed = text.strip(" \t\u3000\xa0\n" if multiline else " \t\u3000\xa0")
    if _SUSPECT.search(trimmed):
        _refuse(trimmed, multiline)
    if len(trimmed) > max_length:
        raise TextRefused("too_long", limit=max_length)
    return trimmed


def _refuse(text: str, multiline: bool) -> None:
    for code, pattern in _REFUSED:
        if pattern.search(text):
            raise TextRefused(code)
    if not multiline and any(mark in text for mark in _LINE_BREAKS):
        raise TextRefused("line_break")


def comparable_text(text: str) -> str:
    """A key under which texts that read alike are equal: width, case, composition and spacing are evened out.

    For look-ups and duplicates only; never stored in place of the text and never shown.
    """
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


def neutralise_formula(text: str) -> str:
    """The text as a spreadsheet cell that no program evaluates: an apostrophe before a leading = + - @ |,
    tab or line end, their full-width forms included, even behind spaces (OWASP, "CSV Injection").

    Numbers are exported as numbers and do not pass here.
    """
    return f"'{text}" if text.lstrip(" \u3000\xa0").startswith(_FORMULA_LEADS) else text
