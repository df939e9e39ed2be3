"""Integer water level: keep the units with the smallest keys, as many as there is supply.

Unit u of a row has the key (rank, floor(10^9 (start + step (u - 1)) / divisor), tie, u): strict ranks first,
then the level the clinic stands at before this unit, then the tie order. With start = stock on hand and
step = grain this is Adams' divisor rule in units of need (Balinski and Young, Fair Representation, 1982).
"""

from dataclasses import dataclass

import numpy as np

from .tables import PARTS, Flags, Ints

ENUMERATE = 256
"""Candidate units that are sorted one by one rather than searched by level."""


@dataclass(frozen=True)
class Ladder:
    """Rows of units, int64 of shape (rows,); several rows (bands) may belong to one clinic.

    by_rank: the rows of each rank, most urgent first. flat: rows (a minimum course) all of whose units carry
    the key of unit 1; None when there are none.
    """

    by_rank: tuple[Ints, ...]
    start: Ints
    step: int
    divisor: Ints
    tie: Ints
    flat: Flags | None = None

    def of_rank(self, rank: int) -> "Ladder":
        """The rows of one rank; the ladder itself when it has no other."""
        if len(self.by_rank) == 1:
            return self
        rows = self.by_rank[rank]
        flat = None if self.flat is None else self.flat[rows]
        return Ladder((rows,), self.start[rows], self.step, self.divisor[rows], self.tie[rows], flat)

    def keys(self, rows: Ints | slice, units: Ints) -> Ints:
        """Levels of the given units in billionths."""
        above = self.step * (units - 1)
        if self.flat is not None:
            above[self.flat[rows]] = 0
        return PARTS * (self.start[rows] + above) // self.divisor[rows]

    def count(self, level: int, low: Ints, high: Ints) -> Ints:
        """Units up to `level` among those above `low` and up to `high`, plus `low`."""
        units = (level + 1) * self.divisor - 1
        units //= PARTS
        units -= self.start
        if self.flat is not None:
            units[self.flat & (units >= 0)] = np.iinfo(np.int64).max - 1
        if self.step != 1:
            units //= self.step
        units += 1
        np.maximum(units, low, out=units)
        return np.minimum(units, high, out=units)


@dataclass(frozen=True)
class Level:
    """The last unit admitted: its rank and level, its row and number. Level -1: no unit of this rank."""

    rank: int
    level: int
    row: int = -1
    unit: int = 0


def fill(ladder: Ladder, low: Ints, high: Ints, supply: int) -> tuple[Ints, Level | None]:
    """Keep the `supply` smallest units among those above `low` and up to `high` of each row.

    Returns how far each row is filled, `low` included, and the last unit admitted (None: all are).
    """
    if supply >= int(high.sum() - low.sum()):
        return high, None
    if len(ladder.by_rank) == 1:
        return _fill_rank(ladder, 0, low, high, supply)
    filled, rank = low.copy(), 0
    while supply >= (room := int((high - low)[ladder.by_rank[rank]].sum())):
        rows = ladder.by_rank[rank]
        filled[rows] = high[rows]
        supply, rank = supply - room, rank + 1
    rows = ladder.by_rank[rank]
    filled[rows], last = _fill_rank(ladder.of_rank(rank), rank, low[rows], high[rows], supply)
    return filled, Level(rank, last.level, int(rows[last.row]), last.unit) if last.unit else last


def _fill_rank(ladder: Ladder, rank: int, low: Ints, high: Ints, supply: int) -> tuple[Ints, Level]:
    if not supply:
        return low, Level(rank, -1)
    bottom, top, few, many, exact = _search(ladder, low, high, supply)
    if exact:
        return few, _last(ladder, rank, low, few)
    missing = supply - int((few - low).sum())
    if top - bottom == 1:
        return _fill_ties(ladder, rank, top, few, many, missing)
    return _fill_one_by_one(ladder, rank, few, many, missing)


def _search(ladder: Ladder, low: Ints, high: Ints, supply: int) -> tuple[int, int, Ints, Ints, bool]:
    """Levels (bottom, top] around the last unit, what they admit, and whether the lower already fits.

    Interpolates, and halves whenever interpolation did not: few steps as a rule, 2 log2 at worst.
    """
    base = int(low.sum())
    bottom, below, few = -1, 0, low
    open_rows = np.flatnonzero(high > low)
    top, above, many = int(ladder.keys(open_rows, high[open_rows]).max()), int(high.sum()) - base, high
    halve = False
    while top - bottom > 1 and above - below > ENUMERATE:
        span = top - bottom
        step = span // 2 if halve else span * (supply - below) // (above - below)
        middle = bottom + min(max(step, 1), span - 1)
        units = ladder.count(middle, low, high)
        admitted = int(units.sum()) - base
        if admitted == supply:
            return middle, middle, units, units, True
        if admitted < supply:
            bottom, below, few = middle, admitted, units
        else:
            top, above, many = middle, admitted, units
        halve = 2 * (top - bottom) > span
    return bottom, top, few, many, False


def _last(ladder: Ladder, rank: int, low: Ints, filled: Ints) -> Level:
    rows = np.flatnonzero(filled > low)
    keys = ladder.keys(rows, filled[rows])
    level = int(keys.max())
    ties = rows[keys == level]
    row = int(ties[ladder.tie[ties].argmax()])
    return Level(rank, level, row, int(filled[row]))


def _fill_ties(
    ladder: Ladder, rank: int, level: int, few: Ints, many: Ints, missing: int
) -> tuple[Ints, Level]:
    """All candidates stand at one level: hand them out in tie order, row by row."""
    rows = np.flatnonzero(many > few)
    rows = rows[np.argsort(ladder.tie[rows])]
    ends = np.cumsum((many - few)[rows])
    place = int(np.searchsorted(ends, missing))
    filled = few.copy()
    filled[rows[: place + 1]] = many[rows[: place + 1]]
    filled[rows[place]] -= int(ends[place]) - missing
    return filled, Level(rank, level, int(rows[place]), int(filled[rows[place]]))


def _fill_one_by_one(ladder: Ladder, rank: int, few: Ints, many: Ints, missing: int) -> tuple[Ints, Level]:
    open_rows = np.flatnonzero(many > few)
    counts = (many - few)[open_rows]
    rows = np.repeat(open_rows, counts)
    units = few[rows] + 1 + np.arange(rows.size) - np.repeat(np.cumsum(counts) - counts, counts)
    keys = ladder.keys(rows, units)
    chosen = np.lexsort((ladder.tie[rows], keys))[:missing]
    filled = few.copy()
    np.add.at(filled, rows[chosen], 1)
    last = chosen[-1]
    return filled, Level(rank, int(keys[last]), int(rows[last]), int(units[last]))
