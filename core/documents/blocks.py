"""What a page is made of: blocks that know how much of them fits, and the pen that draws them.

Lengths are points (1/72 inch). `x`, `top` is a block's upper left corner; y grows upwards as in PDF.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from reportlab.pdfgen.canvas import Canvas

from core.documents.lines import Measure

MM = 72 / 25.4
# Noto, SimSun and FangSong put 0.88 of the em above the base line.
ASCENT = 0.88
# Between the rules of a cell and its text.
PADDING_X = 2.5
PADDING_Y = 2.5


class LayoutError(ValueError):
    """Content that no page of the chosen style can hold, or that contradicts itself."""


class Align(Enum):
    LEFT = 0.0
    CENTRE = 0.5
    RIGHT = 1.0


class Pen:
    """Writes text and rules onto one page of a canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self._text = canvas.beginText()
        self._font: tuple[str, float] = ("", 0)
        self._spacing = 0.0

    def write(self, text: str, measure: Measure, x: float, baseline: float, stretch: float = 0) -> None:
        """One printable line from `x`; `stretch` adds to the measure's spacing after each character."""
        if not text:
            return
        spacing = measure.spacing + stretch
        if spacing != self._spacing:
            self._text.setCharSpace(spacing)
            self._spacing = spacing
        self._text.setTextOrigin(x, baseline)
        for name, piece in measure.typeface.runs(text):
            if (name, measure.size) != self._font:
                self._text.setFont(name, measure.size)
                self._font = (name, measure.size)
            self._text.textOut(piece)

    def write_in(
        self,
        lines: list[str],
        measure: Measure,
        leading: float,
        align: Align,
        x: float,
        top: float,
        width: float,
    ) -> None:
        """Lines under each other, aligned within `width`."""
        baseline = top - drop(measure.size, leading)
        for line in lines:
            spare = 0.0 if align is Align.LEFT else (width - measure.width(line)) * align.value
            self.write(line, measure, x + spare, baseline)
            baseline -= leading

    def rules(self, lines: list[tuple[float, float, float, float]], thickness: float = 0.5) -> None:
        """Straight lines (x1, y1, x2, y2)."""
        self.canvas.setLineWidth(thickness)
        self.canvas.lines(lines)

    def finish(self) -> None:
        self.canvas.drawText(self._text)


def drop(size: float, leading: float) -> float:
    """From the top of a line of height `leading` to its base line; the characters stand in its middle."""
    return (leading - size) / 2 + ASCENT * size


@dataclass(frozen=True)
class Placed:
    """A part of a block that has found its page: `draw(pen, x, top)`."""

    height: float
    draw: Callable[[Pen, float, float], None]


class Block(Protocol):
    """Anything that can stand on a page."""

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        """What of the block stands in `width` × `room`, and the rest for the next page.

        None for the first: nothing fits here. `fresh` says that the page is still empty, so that the next one
        would not hold more.
        """


@dataclass(frozen=True)
class Space:
    """Empty height; it vanishes at the head of a page."""

    height: float

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        return Placed(0 if fresh else min(self.height, room), lambda pen, x, top: None), None


@dataclass(frozen=True)
class PageBreak:
    """What follows begins a new page."""

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        return (Placed(0, lambda pen, x, top: None), None) if fresh else (None, self)


@dataclass(frozen=True)
class TextStyle:
    """How text is set in a form: two faces of one size, line height in points."""

    plain: Measure
    bold: Measure
    leading: float
