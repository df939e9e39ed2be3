"""Levels of a plan as bars in inline SVG: what a clinic had, what it is given, and where its need is met.

Where little is shared out among many, the bars are drawn on a scale of its own, or before and after would look alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, LABELS, VALUES = 340, 112, 96
STEP, THICK = 26, 14
LETTERS = 8
# Per cent of the need at which the bars may end: the least that holds them all. What stands beyond twice the need is
# cut off: the bar then only says "plenty".
ENDS = (1, 2, 5, 10, 25, 50, 100, 150, 200)
WHOLE_FROM = 10


@dataclass(frozen=True)
class Level:
    """One clinic: its name, and per cent of its need before and after."""

    name: str
    before: float
    after: float

    @property
    def words(self) -> str:
        return f"{percent(self.before)} → {percent(self.after)}"


def percent(level: float) -> str:
    """Whole per cent, rounded down; below ten with the first digit behind the point, below one with the second."""
    if level >= WHOLE_FROM or level == int(level):
        return f"{int(level)}%"
    digits = 1 if level >= 1 else 2
    shown = int(level * 10**digits) / 10**digits
    return f"{shown:.{digits}f}%" if shown else "<0.01%"


def levels_of(share: Mapping[str, Any]) -> tuple[float, float]:
    """The levels of a clinic's share as finely as its units tell them; of a group of medicines in whole per cent."""
    need, before = share["need"], share["on_hand"]
    if not need or share["group"]:
        return share["level_before"], share["level_after"]
    return 100 * before / need, 100 * (before + share["allotted"]) / need


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
    def ends_at(self) -> int:
        """Where the bars end, in per cent of the need."""
        most = max(level.after for level in self.levels)
        return next((end for end in ENDS if end >= most), ENDS[-1])

    @property
    def need_x(self) -> int | None:
        """Where the need is met; None where no bar comes near it."""
        return LABELS + self._long(100) if self.ends_at >= 100 else None

    @property
    def spoken(self) -> str:
        """The chart in words, for who cannot see it."""
        return "；".join(f"{level.name} {level.words}" for level in self.levels)

    def rows(self) -> list[dict[str, Any]]:
        """Of each clinic its words and where they and its bars stand."""
        return [
            {
                "name": _short(level.name),
                "value": level.words,
                "y": at * STEP + 6,
                "text_y": at * STEP + 18,
                "x": LABELS,
                "label_x": LABELS - 8,
                "room": self._long(self.ends_at),
                "thick": THICK,
                "before": self._long(min(level.before, level.after)),
                "added_x": LABELS + self._long(min(level.before, level.after)),
                "added": self._long(level.after) - self._long(min(level.before, level.after)),
                "value_x": WIDTH - VALUES + 8,
            }
            for at, level in enumerate(self.levels)
        ]

    def _long(self, level: float) -> int:
        return int((WIDTH - LABELS - VALUES) * min(level, self.ends_at) / self.ends_at)
