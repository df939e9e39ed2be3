"""Levels of a plan as bars in inline SVG: what a clinic had, what it is given, and where its need is met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, LABELS, VALUES = 340, 112, 84
STEP, THICK = 26, 14
LETTERS = 8
# What stands beyond twice the need is cut off: the bar then only says "plenty".
MOST = 200


@dataclass(frozen=True)
class Level:
    """One clinic: its name, and per cent of its need before and after."""

    name: str
    before: int
    after: int


def _short(name: str) -> str:
    """At most eight characters; of a name that bears its township or code, this is kept."""
    if len(name) <= LETTERS:
        return name
    head, mark, home = name.partition("（")
    kept = f"{mark}{home}"[-(LETTERS - 3) :]
    return f"{head[: LETTERS - 1 - len(kept)]}…{kept}"


@dataclass(frozen=True)
class LevelChart:
    levels: Sequence[Level]

    @property
    def width(self) -> int:
        return WIDTH

    @property
    def height(self) -> int:
        return STEP * len(self.levels) + 6

    @property
    def need_x(self) -> int:
        return LABELS + self._long(100)

    @property
    def spoken(self) -> str:
        """The chart in words, for who cannot see it."""
        return "；".join(f"{level.name} {level.before}% → {level.after}%" for level in self.levels)

    def rows(self) -> list[dict[str, Any]]:
        """Of each clinic its words and where they and its bars stand."""
        return [
            {
                "name": _short(level.name),
                "value": f"{level.before}% → {level.after}%",
                "y": at * STEP + 6,
                "text_y": at * STEP + 18,
                "x": LABELS,
                "label_x": LABELS - 8,
                "room": self._long(self._most),
                "thick": THICK,
                "before": self._long(min(level.before, level.after)),
                "added_x": LABELS + self._long(min(level.before, level.after)),
                "added": self._long(level.after) - self._long(min(level.before, level.after)),
                "value_x": WIDTH - VALUES + 8,
            }
            for at, level in enumerate(self.levels)
        ]

    @property
    def _most(self) -> int:
        return min(MOST, max([100, *(level.after for level in self.levels)]))

    def _long(self, percent: int) -> int:
        return (WIDTH - LABELS - VALUES) * min(percent, self._most) // self._most
