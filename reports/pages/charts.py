"""Bars as inline SVG: what a template needs to draw them, all lengths worked out beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

from core.language import in_language

WIDTH = 360
LABELS, VALUES = 116, 60
STEP, THICK = 24, 14
# Letters that a label has room for; a Chinese character takes the room of two.
ROOM = 16


@dataclass(frozen=True)
class Chart:
    """One level bar per (name, value ≥ 0), all on one scale, in a picture `WIDTH` units wide.

    `mark` tells it from the page's other charts."""

    mark: str
    title: str
    unit: str
    bars: Sequence[tuple[str, int]]

    @property
    def height(self) -> int:
        return STEP * len(self.bars)

    @property
    def width(self) -> int:
        return WIDTH

    @property
    def spoken(self) -> str:
        """The chart in words, for who cannot see it."""
        return in_language("；", "; ").join(f"{name} {value:,}" for name, value in self.bars)

    def rows(self) -> list[dict[str, Any]]:
        """Of each bar its words and where they and it stand."""
        room = WIDTH - LABELS - VALUES
        most = max((value for _name, value in self.bars), default=0) or 1
        return [
            {
                "name": _short(name),
                "value": f"{value:,}",
                "label_x": LABELS - 6,
                "text_y": at * STEP + 16,
                "x": LABELS,
                "y": at * STEP + (STEP - THICK) // 2,
                "length": max(1, room * value // most),
                "thick": THICK,
                "value_x": LABELS + max(1, room * value // most) + 5,
            }
            for at, (name, value) in enumerate(self.bars)
        ]


def _short(name: str) -> str:
    """As much of a name as there is room for: eight Chinese characters, or twice as many letters."""
    widths = [2 if east_asian_width(character) in "WF" else 1 for character in name]
    if sum(widths) <= ROOM:
        return name
    fits = next(at for at in range(len(name)) if sum(widths[: at + 1]) > ROOM - 1)
    return f"{name[:fits]}…"
