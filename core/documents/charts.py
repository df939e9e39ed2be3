"""A bar chart: one level bar per label, its value at the end; every label has its fallback fonts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from core.documents.blocks import Align, Block, LayoutError, Pen, Placed, TextStyle
from core.documents.lines import break_lines

_LABELS = 0.3
_GAP = 4
_GREY = 0.45
# A chart does not begin with fewer bars at the foot of a page, nor end with fewer at the head of the next.
_LEAST_BARS = 3


@dataclass(frozen=True)
class BarChart:
    """Bars for `bars` (label, value ≥ 0), all on one scale; `unit` follows each value.

    A chart no higher than `whole` points stands on one page; a longer one runs on over the next, on the same scale,
    `scale` points for one.
    """

    bars: Sequence[tuple[str, int]]
    unit: str
    style: TextStyle
    scale: float | None = None
    whole: float = 0

    def __post_init__(self) -> None:
        if any(value < 0 for _, value in self.bars):
            raise LayoutError("a bar chart shows no negative values")

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        labels = [self._label(label, width) for label, _ in self.bars]
        heights = [len(lines) * self.style.leading + _GAP for lines in labels]
        count = sum(end <= room for end in accumulate(heights))
        begins = self.scale is None and not fresh
        least = len(self.bars) if sum(heights) <= self.whole else min(_LEAST_BARS, len(self.bars))
        if self.bars and count < (least if begins else 1):
            return None, self
        if 0 < len(self.bars) - count < _LEAST_BARS < count:
            count = len(self.bars) - _LEAST_BARS
        scale = self._scale(width) if self.scale is None else self.scale

        def draw(pen: Pen, x: float, top: float) -> None:
            for label, (_, value), height in zip(
                labels[:count], self.bars[:count], heights[:count], strict=True
            ):
                pen.write_in(
                    label, self.style.plain, self.style.leading, Align.RIGHT, x, top, width * _LABELS - _GAP
                )
                self._bar(pen, value, value * scale, x + width * _LABELS, top, height)
                top -= height

        rest = replace(self, bars=self.bars[count:], scale=scale) if count < len(self.bars) else None
        return Placed(sum(heights[:count]), draw), rest

    def _label(self, label: str, width: float) -> list[str]:
        measure = self.style.plain
        return break_lines(measure.typeface.printable(label), measure, width * _LABELS - _GAP)

    def _value(self, value: int) -> str:
        return self.style.plain.typeface.printable(f"{value} {self.unit}".rstrip()).replace("\n", " ")

    def _scale(self, width: float) -> float:
        """Points for one, so that the longest bar and the widest value both stay within `width`."""
        widest = max((self.style.plain.width(self._value(value)) for _, value in self.bars), default=0.0)
        longest = width * (1 - _LABELS) - widest - 2 * _GAP
        if longest <= 0:
            raise LayoutError("the values of the chart leave no room for its bars")
        return longest / max(1, *(value for _, value in self.bars)) if self.bars else 0.0

    def _bar(self, pen: Pen, value: int, length: float, axis: float, top: float, height: float) -> None:
        """One bar from `axis` to the right, as thick as a line, in the middle of `height`."""
        leading = self.style.leading
        upper = top - (height - _GAP - leading) / 2
        pen.canvas.setFillGray(_GREY)
        pen.canvas.rect(axis, upper - leading + 2, length, leading - 4, stroke=0, fill=1)
        pen.canvas.setFillGray(0)
        at = axis + length + _GAP
        pen.write_in([self._value(value)], self.style.plain, leading, Align.LEFT, at, upper, 0)
        pen.rules([(axis, top + _GAP / 2, axis, top - height + _GAP / 2)])
