"""What every printed form shares: head with QR code, key and value pairs, signatures, the slogan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import segno

from core.documents.blocks import MM, Align, Block, LayoutError, Pen, Placed, TextStyle, drop
from core.documents.lines import Measure, balance, break_lines

SIGNATURES = ("制表人", "复核人", "负责人（签字）", "单位（盖章）", "日期")
SLOGAN = "捐赠药品 免费发放 严禁销售"

_NARROW = 100 * MM
_GAP = 6


def draw_qr(pen: Pen, content: str, x: float, top: float, side: float) -> None:
    """A QR code (ISO/IEC 18004, level M) of `side` points; the blank border is left to the caller."""
    matrix = segno.make(content, error="m", micro=False).matrix
    module = side / len(matrix)
    path = pen.canvas.beginPath()
    for down, row in enumerate(matrix, start=1):
        for across, dark in enumerate(row):
            if dark:
                path.rect(x + across * module, top - down * module, module, module)
    pen.canvas.drawPath(path, stroke=0, fill=1)


@dataclass(frozen=True)
class FormHead:
    """The form's name, its number, and a QR code: on the right of a page, under the name on a roll."""

    title: str
    number: str
    qr: str
    measure: Measure
    leading: float
    small: Measure
    small_leading: float

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        stacked = width < _NARROW
        side = 24 * MM if stacked else 20 * MM
        # Four modules of blank border, at the size of the smallest code (29 modules).
        aside = 0.0 if stacked or not self.qr else side * 1.15 + _GAP
        name = balance(self.measure.typeface.printable(self.title), self.measure, width - 2 * aside)
        number = break_lines(self.small.typeface.printable(self.number), self.small, width - 2 * aside)
        number = number if self.number else []
        text = len(name) * self.leading + len(number) * self.small_leading + _GAP
        height = text + (side * 1.15 if stacked and self.qr else 0)
        height = max(height, side + _GAP if self.qr else 0)

        def draw(pen: Pen, x: float, top: float) -> None:
            pen.write_in(name, self.measure, self.leading, Align.CENTRE, x, top, width)
            below = top - len(name) * self.leading
            pen.write_in(number, self.small, self.small_leading, Align.CENTRE, x, below, width)
            if self.qr and stacked:
                draw_qr(pen, self.qr, x + (width - side) / 2, top - text - side * 0.05, side)
            elif self.qr:
                draw_qr(pen, self.qr, x + width - side, top, side)

        return (Placed(height, draw), None) if height <= room else (None, self)


@dataclass(frozen=True)
class QrNote:
    """A QR code with lines of text to its right: what it leads to."""

    content: str
    text: str
    style: TextStyle
    side: float = 28 * MM

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        measure = self.style.plain
        beside = self.side * 1.15 + _GAP
        lines = break_lines(measure.typeface.printable(self.text), measure, width - beside)
        height = max(self.side * 1.15, len(lines) * self.style.leading)

        def draw(pen: Pen, x: float, top: float) -> None:
            draw_qr(pen, self.content, x, top - self.side * 0.05, self.side)
            pen.write_in(lines, measure, self.style.leading, Align.LEFT, x + beside, top, width - beside)

        return (Placed(height, draw), None) if height <= room else (None, self)


@dataclass(frozen=True)
class FieldRow:
    """Key and value pairs side by side, each `key：value` in its share of the width."""

    pairs: Sequence[tuple[str, str]]
    columns: int
    style: TextStyle

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        share = width / self.columns
        cells = [self.lines(pair, share - _GAP) for pair in self.pairs]
        height = max(map(len, cells)) * self.style.leading

        def draw(pen: Pen, x: float, top: float) -> None:
            for index, lines in enumerate(cells):
                at = x + index * share
                pen.write_in(lines, self.style.plain, self.style.leading, Align.LEFT, at, top, share - _GAP)

        return (Placed(height, draw), None) if height <= room else (None, self)

    def lines(self, pair: tuple[str, str], width: float) -> list[str]:
        measure = self.style.plain
        return break_lines(measure.typeface.printable(f"{pair[0]}：{pair[1]}"), measure, width)


@dataclass(frozen=True)
class Signatures:
    """The closing line of every form: a label with what is known, or a rule to sign on."""

    entries: Sequence[tuple[str, str]]
    style: TextStyle

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        across = 1 if width < _NARROW else 3
        share = width / across
        rows = [
            [
                self._entry(name, value, share - 2 * _GAP)
                for name, value in self.entries[start : start + across]
            ]
            for start in range(0, len(self.entries), across)
        ]
        heights = [(max(len(lines) for _, _, lines in row) + 0.9) * self.style.leading for row in rows]

        def draw(pen: Pen, x: float, top: float) -> None:
            for row, height in zip(rows, heights, strict=True):
                for index, entry in enumerate(row):
                    self._draw(
                        pen, entry, x + index * share, top - 0.9 * self.style.leading, share - 2 * _GAP
                    )
                top -= height

        return (Placed(sum(heights), draw), None) if sum(heights) <= room else (None, self)

    def _entry(self, name: str, value: str, width: float) -> tuple[str, float, list[str]]:
        """The label, where its value begins, and the lines of the value."""
        measure = self.style.plain
        label = measure.typeface.printable(f"{name}：")
        start = measure.width(label)
        if start + 2 * measure.size > width:
            raise LayoutError(f"no room to sign beside {name!r}")
        return label, start, break_lines(measure.typeface.printable(value), measure, width - start)

    def _draw(
        self, pen: Pen, entry: tuple[str, float, list[str]], x: float, top: float, width: float
    ) -> None:
        label, start, lines = entry
        measure, leading = self.style.plain, self.style.leading
        pen.write_in([label], measure, leading, Align.LEFT, x, top, width)
        pen.write_in(lines, measure, leading, Align.LEFT, x + start, top, width - start)
        if lines == [""]:
            y = top - drop(measure.size, leading) - 2
            pen.rules([(x + start, y, x + width, y)])


@dataclass(frozen=True)
class Slogan:
    """捐赠药品 免费发放 严禁销售, in a box."""

    measure: Measure

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        size = self.measure.size
        inner = min(width, self.measure.width(SLOGAN) + 2 * size)

        def draw(pen: Pen, x: float, top: float) -> None:
            pen.canvas.setLineWidth(0.8)
            pen.canvas.rect(x + (width - inner) / 2, top - size * 2.8, inner, size * 1.8)
            pen.write_in([SLOGAN], self.measure, size * 1.8, Align.CENTRE, x, top - size, width)

        return (Placed(size * 3, draw), None) if size * 3 <= room else (None, self)
