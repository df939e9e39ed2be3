"""折合盒数(约): what of different medicines may be added up, by the usual size of each one's box.

Pure. The sizes stand in the content (`packs`), so that a reader can compute the same. A sum is rounded to whole
boxes once, half up; medicines without a known size are no part of it and are counted apart. Where there is something,
but of no known size at all, there is no sum: unknown is not nothing, and stands as “—”.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from reports.files.words import BOXED, BOXES, BOXES_NOTE, KINDS, KINDS_COUNTED, KINDS_NOTE, UNKNOWN

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
    ) -> dict[str, int | None]:
        """The rows added up by `key`; None where a key has something, but nothing of a known size."""
        parts: defaultdict[str, Fraction] = defaultdict(Fraction)
        known: set[str] = set()
        unknown: set[str] = set()
        for row in rows:
            name, quantity = key(row), units(row)
            weight = self._weight(row["medicine"], quantity)
            parts[name] += weight or 0
            if quantity:
                (unknown if weight is None else known).add(name)
        return {name: None if name in unknown - known else _rounded(part) for name, part in parts.items()}

    def boxes(self, medicine: str | None, units: int) -> int | None:
        """One medicine's units in boxes; None where the size of a box is not known."""
        size = self.packs.get(medicine or "")
        return None if size is None else _rounded(Fraction(units, size))

    def unknown(self, rows: Iterable[Row], units: Callable[[Row], int]) -> int:
        """How many medicines among the rows have something to show, but no known size of a box."""
        return len(
            {row["medicine"] for row in rows if units(row) and not self.packs.get(row["medicine"] or "")}
        )

    def _weight(self, medicine: str | None, units: int) -> Fraction | None:
        if not self.packs:
            return Fraction(units > 0)
        size = self.packs.get(medicine or "")
        return Fraction(units, size) if size else None


def shown(boxes: int | None) -> int | str:
    """A number of boxes as it is printed; what is not known is not nothing."""
    return UNKNOWN if boxes is None else boxes


def _rounded(boxes: Fraction) -> int:
    return int(boxes + Fraction(1, 2)) if boxes >= 0 else -int(-boxes + Fraction(1, 2))
