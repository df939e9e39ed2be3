"""折合盒数(约): what of different medicines may be added up, by the usual size of each one's box.

Pure. The sizes stand in the content (`packs`), so that a reader can compute the same. A sum is rounded to whole
boxes once, half up; medicines without a known size are no part of it and are counted apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from reports.files.words import BOXED, BOXES, BOXES_NOTE, KINDS, KINDS_COUNTED, KINDS_NOTE

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Weights:
    """How rows of different medicines are added: in boxes, or where no size is known at all by counting kinds."""

    packs: Mapping[str, int]

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Weights:
        return cls(content.get("packs", {}))

    @property
    def unit(self) -> str:
        return BOXES if self.packs else KINDS

    @property
    def word(self) -> str:
        return BOXED if self.packs else KINDS_COUNTED

    @property
    def note(self) -> str:
        """What a reader has to know of the sums before adding them up."""
        return BOXES_NOTE if self.packs else KINDS_NOTE

    def sums(
        self, rows: Iterable[Row], key: Callable[[Row], str], units: Callable[[Row], int]
    ) -> dict[str, int]:
        """The rows added up by `key`; a key whose rows have no known size stands with 0."""
        parts: defaultdict[str, Fraction] = defaultdict(Fraction)
        for row in rows:
            parts[key(row)] += self._weight(row["medicine"], units(row))
        return {name: _rounded(part) for name, part in parts.items()}

    def boxes(self, medicine: str | None, units: int) -> int | None:
        """One medicine's units in boxes; None where the size of a box is not known."""
        size = self.packs.get(medicine or "")
        return None if size is None else _rounded(Fraction(units, size))

    def unknown(self, rows: Iterable[Row], units: Callable[[Row], int]) -> int:
        """How many medicines among the rows have something to show, but no known size of a box."""
        return len(
            {row["medicine"] for row in rows if units(row) and not self.packs.get(row["medicine"] or "")}
        )

    def _weight(self, medicine: str | None, units: int) -> Fraction:
        if not self.packs:
            return Fraction(units > 0)
        size = self.packs.get(medicine or "")
        return Fraction(units, size) if size else Fraction(0)


def _rounded(boxes: Fraction) -> int:
    return int(boxes + Fraction(1, 2)) if boxes >= 0 else -int(-boxes + Fraction(1, 2))
