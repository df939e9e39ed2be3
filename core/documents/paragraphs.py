"""Running text: one paragraph, split between pages line by line."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.documents.blocks import Align, Block, Pen, Placed, drop
from core.documents.lines import Measure, balance, break_lines

# A line that lacks more than this share of its width is left ragged: stretching would tear it apart.
_MOST_STRETCH = 0.12


@dataclass(frozen=True)
class Paragraph:
    """A printable text without line ends.

    `indent` is in characters and for the first line; `justify` stretches all lines but the last to the full
    width; `keep` is the height in points that must be free below, so that a heading is not left alone.
    """

    text: str
    measure: Measure
    leading: float
    align: Align = Align.LEFT
    indent: float = 0
    justify: bool = False
    balanced: bool = False
    keep: float = 0
    lines: tuple[str, ...] = ()

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        lines = self.lines or self._broken(width)
        count = min(len(lines), int((room + 0.01) // self.leading))
        if count < len(lines) and not fresh and (count < 2 or self.keep):
            return None, self
        if count == 0 or (not fresh and room < len(lines) * self.leading + self.keep and self.keep):
            return None, self
        here, later = lines[:count], lines[count:]
        placed = Placed(
            count * self.leading, lambda pen, x, top: self._draw(pen, x, top, width, here, not later)
        )
        return placed, replace(self, lines=later, indent=0) if later else None

    def _broken(self, width: float) -> tuple[str, ...]:
        if self.balanced:
            return tuple(balance(self.text, self.measure, width))
        return tuple(break_lines(self.text, self.measure, width, self._indent_width()))

    def _indent_width(self) -> float:
        return self.indent * (self.measure.size + self.measure.spacing)

    def _draw(self, pen: Pen, x: float, top: float, width: float, lines: tuple[str, ...], ends: bool) -> None:
        baseline = top - drop(self.measure.size, self.leading)
        indent = self._indent_width()
        for number, line in enumerate(lines, start=1):
            room = width - indent
            spare = room - self.measure.width(line)
            last = ends and number == len(lines)
            stretch = 0.0 if last or not self.justify else _stretch(spare, room, line)
            pen.write(line, self.measure, x + indent + spare * self.align.value, baseline, stretch)
            baseline -= self.leading
            indent = 0


def _stretch(spare: float, room: float, line: str) -> float:
    return max(spare, 0) / (len(line) - 1) if len(line) > 1 and spare < room * _MOST_STRETCH else 0.0
