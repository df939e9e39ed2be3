"""Breaking Chinese text into lines (marks that may not begin or end a line: GB/T 15834-2011, 5.1).

reportlab's own table is Japanese, and lets a closing mark hang over the margin. Here the character before the
mark goes down with it, and no line is wider than asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.documents.fonts import Typeface

CANNOT_START = frozenset("，。、；：？！）》〉」』】〕］｝”’·…—～,.;:?!)]}>%‰℃°′″％々〗〞")
CANNOT_END = frozenset("（《〈「『【〔［｛“‘([{<￥¥$＄№§〖〝")
_AFTER_MARKS = frozenset("”’…—")
_IDEOGRAPHS = "\u2e80"
_TOLERANCE = 0.01


@dataclass(frozen=True)
class Measure:
    """How a text is set: `size` and `spacing` (added after each character) in points."""

    typeface: Typeface
    size: float
    spacing: float = 0

    def width(self, text: str) -> float:
        """The width of a printable text in points."""
        return self.typeface.advance(text) * self.size + self.spacing * len(text)


def may_break(before: str, after: str) -> bool:
    """Whether a line may end between two characters."""
    if after in CANNOT_START or before in CANNOT_END or after == " ":
        return False
    if before == " ":
        return True
    return before >= _IDEOGRAPHS or after >= _IDEOGRAPHS or before in _AFTER_MARKS


def break_lines(text: str, measure: Measure, width: float, indent: float = 0) -> list[str]:
    """A printable text as lines of at most `width` points, the first of each paragraph shorter by `indent`.

    A word wider than the line is cut. Only a line narrower than one character is overrun. Always at least one
    line.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        if measure.width(paragraph) <= width - indent + _TOLERANCE:
            lines.append(paragraph.rstrip(" "))
        else:
            lines += _break_paragraph(paragraph, measure, width, indent)
    return lines


def _break_paragraph(text: str, measure: Measure, width: float, indent: float) -> list[str]:
    lines = []
    start = 0
    room = width - indent
    while start < len(text):
        end = _line_end(text, start, measure, room)
        lines.append(text[start:end].rstrip(" "))
        start = end
        while start < len(text) and text[start] == " ":
            start += 1
        room = width
    return lines


def _line_end(text: str, start: int, measure: Measure, room: float) -> int:
    """Where the line that begins at `start` ends: at the last allowed break, or else before the overrun."""
    used = 0.0
    last_break = start
    for at in range(start, len(text)):
        if at > start and may_break(text[at - 1], text[at]):
            last_break = at
        used += measure.width(text[at])
        if used > room + _TOLERANCE and text[at] != " ":
            return last_break if last_break > start else max(at, start + 1)
    return len(text)


def balance(text: str, measure: Measure, width: float) -> list[str]:
    """The same number of lines as `break_lines`, with the text spread evenly over them: for titles."""
    lines = break_lines(text, measure, width)
    low, high = 0.0, width
    while high - low > measure.size / 4:
        middle = (low + high) / 2
        tried = break_lines(text, measure, middle)
        if len(tried) > len(lines):
            low = middle
        else:
            high, lines = middle, tried
    return lines
