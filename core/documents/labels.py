"""Labels for stock boxes and bags, one per small page or many on a sheet. Every one carries the slogan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.documents.blocks import Align, Block, LayoutError, Pen, Placed
from core.documents.fonts import Face, Typefaces
from core.documents.forms import SLOGAN, draw_qr
from core.documents.lines import Measure, break_lines

_PAD = 4.0
_LARGEST = 12.0
_SMALLEST = 5.0


@dataclass(frozen=True)
class Label:
    """What a label says: the medicine, lines below it (strength, lot, last day, place), a QR code or none."""

    title: str
    lines: Sequence[str] = ()
    qr: str = ""


@dataclass(frozen=True)
class LabelGrid:
    """Labels in `columns` × `rows` equal cells of the page; with more than one cell, rules to cut along.

    The type shrinks until all of a label is on it; LayoutError when even 5 pt is too large, for a label must
    not lose its lot or day.
    """

    labels: Sequence[Label]
    columns: int
    rows: int
    typefaces: Typefaces
    page_height: float

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        if not fresh:
            return None, self
        count = self.columns * self.rows
        across, down = width / self.columns, self.page_height / self.rows
        sized = [(label, self._size(label, across, down)) for label in self.labels[:count]]

        def draw(pen: Pen, x: float, top: float) -> None:
            for index, (label, size) in enumerate(sized):
                left, upper = x + index % self.columns * across, top - index // self.columns * down
                self._draw(pen, label, size, left, upper, across, down)

        rest = replace(self, labels=self.labels[count:]) if len(self.labels) > count else None
        return Placed(room, draw), rest

    def _size(self, label: Label, width: float, height: float) -> float:
        size = _LARGEST
        while size >= _SMALLEST:
            if self._fits(label, size, width, height):
                return size
            size -= 0.5
        raise LayoutError(f"label {label.title!r} does not fit {width:.0f} × {height:.0f} pt")

    def _fits(self, label: Label, size: float, width: float, height: float) -> bool:
        heads, lines = self._text(label, size, width, height)
        text = len(heads) * size * 1.6 + len(lines) * size * 1.25
        slogan = self._measure(Face.BOLD, size).width(SLOGAN)
        return text + size * 1.7 + 2 * _PAD <= height and slogan <= width - 2 * _PAD

    def _text(self, label: Label, size: float, width: float, height: float) -> tuple[list[str], list[str]]:
        """The lines of the title and of the rest, beside the QR code."""
        room = width - 2 * _PAD - (self._qr_side(width, height) + 2 * _PAD if label.qr else 0)
        bold, plain = self._measure(Face.BOLD, size * 1.3), self._measure(Face.SANS, size)
        heads = break_lines(bold.typeface.printable(label.title), bold, room)
        lines = [
            line for text in label.lines for line in break_lines(plain.typeface.printable(text), plain, room)
        ]
        return heads, lines

    def _measure(self, face: Face, size: float) -> Measure:
        return Measure(self.typefaces[face], size)

    @staticmethod
    def _qr_side(width: float, height: float) -> float:
        return min(width * 0.34, height * 0.55)

    def _draw(
        self, pen: Pen, label: Label, size: float, x: float, top: float, width: float, height: float
    ) -> None:
        heads, lines = self._text(label, size, width, height)
        bold = self._measure(Face.BOLD, size * 1.3)
        left, y = x + _PAD, top - _PAD
        pen.write_in(heads, bold, size * 1.6, Align.LEFT, left, y, width)
        y -= len(heads) * size * 1.6
        pen.write_in(lines, self._measure(Face.SANS, size), size * 1.25, Align.LEFT, left, y, width)
        if label.qr:
            side = self._qr_side(width, height)
            draw_qr(pen, label.qr, x + width - _PAD - side, top - _PAD, side)
        foot = top - height + _PAD + size * 1.7
        pen.rules([(left, foot, x + width - _PAD, foot)])
        slogan = self._measure(Face.BOLD, size)
        pen.write_in([SLOGAN], slogan, size * 1.7, Align.CENTRE, left, foot, width - 2 * _PAD)
        if self.columns * self.rows > 1:
            pen.canvas.setLineWidth(0.25)
            pen.canvas.rect(x, top - height, width, height)
