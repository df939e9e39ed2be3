"""A bar chart: one level bar per label, its value at the end. Drawn here, so that every label has its fallback fonts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.documents.blocks import Align, Block, LayoutError, Pen, Placed, TextStyle
from core.documents.lines import break_lines

_LABELS = 0.3
_GAP = 4
_GREY = 0.45


@dataclass(frozen=True)
class BarChart:
    """Bars for `bars` (label, value ≥ 0), all on the scale of the largest value; `unit` follows each value.

    A long chart runs on over the next page.
    """

    bars: Sequence[tuple[str, int]]
    unit: str
    style: TextStyle
    most: int = 0

    def __post_init__(self) -> None:
        if any(value < 0 for _, value in self.bars):
            raise LayoutError("a bar chart shows no negative values")

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        labels = [self._label(label, width) for label, _ in self.bars]
        heights = [len(lines) * self.style.leading + _GAP for lines in labels]
        count, used = 0, 0.0
        while count < len(heights) and used + heights[count] <= room:
            used += heights[count]
            count += 1
        if count == 0 and self.bars:
            if fresh:
                raise LayoutError("a label of the chart fills the page")
            return None, self
        most = self.most or max((value for _, value in self.bars), default=0)

        def draw(pen: Pen, x: float, top: float) -> None:
            for index in range(count):
                self._bar(
                    pen, labels[index], self.bars[index][1] / (most or 1), self.bars[index][1], x, top, width
                )
                top -= heights[index]

        rest = replace(self, bars=self.bars[count:], most=most) if count < len(self.bars) else None
        return Placed(used, draw), rest

    def _label(self, label: str, width: float) -> list[str]:
        measure = self.style.plain
        return break_lines(measure.typeface.printable(label), measure, width * _LABELS - _GAP)

    def _bar(
        self, pen: Pen, label: list[str], share: float, value: int, x: float, top: float, width: float
    ) -> None:
        measure, leading = self.style.plain, self.style.leading
        height = len(label) * leading
        written = measure.typeface.printable(f"{value:,} {self.unit}".rstrip())
        axis = x + width * _LABELS
        longest = (
            width * (1 - _LABELS)
            - measure.width(measure.typeface.printable(f"{value:,} {self.unit}"))
            - 2 * _GAP
        )
        pen.write_in(label, measure, leading, Align.RIGHT, x, top, width * _LABELS - _GAP)
        pen.canvas.setFillGray(_GREY)
        pen.canvas.rect(
            axis, top - (height + leading) / 2 + 2, max(longest, 0) * share, leading - 4, stroke=0, fill=1
        )
        pen.canvas.setFillGray(0)
        at = axis + max(longest, 0) * share + _GAP
        pen.write_in([written], measure, leading, Align.LEFT, at, top - (height - leading) / 2, width)
        pen.rules([(axis, top + _GAP / 2, axis, top - height - _GAP / 2)])
