"""Keep sealed boxes sealed: move cuts inside a lot to the nearest box edge, within everybody's tolerance."""

from dataclasses import dataclass

import numpy as np

from .lots import Shipping
from .tables import Ints


@dataclass(frozen=True)
class Boxes:
    """Class, grains and grains per sealed box (0 = loose) of each lot; a lot's loose grains go out first."""

    place: Ints
    stock: Ints
    size: Ints

    def past_edge(self, lot: Ints, end: Ints) -> Ints:
        """Grains by which a cut `end` grains into a lot lies past the last box edge; 0 = opens no box."""
        size = np.maximum(self.size[lot], 1)
        past: Ints = np.maximum(end - self.stock[lot] % size, 0) % size
        return past

    def opened(self, shipping: Shipping) -> int:
        """How many boxes the lines break."""
        lot, ends, _ = _by_lot(shipping)
        past = self.past_edge(lot, ends)
        broken = past > 0
        lot, box = lot[broken], (ends - past)[broken]
        another = (np.diff(lot, prepend=-1) != 0) | (np.diff(box, prepend=-1) != 0)
        return int(np.count_nonzero(another))


def _by_lot(shipping: Shipping) -> tuple[Ints, Ints, Ints]:
    """Lots in rising order, where each line ends within its lot, and the lines' order."""
    order = np.argsort(shipping.lot, kind="stable")
    lot, ends = shipping.lot[order], np.cumsum(shipping.grains[order])
    first = np.flatnonzero(np.diff(lot, prepend=-1))
    before = np.repeat(ends[first] - shipping.grains[order][first], np.diff(first, append=lot.size))
    return lot, ends - before, order


def snap(shipping: Shipping, limits: Ints, boxes: Boxes, may_lose: Ints, may_gain: Ints) -> Shipping:
    """The same shipment with fewer boxes opened; what leaves each lot stays the same.

    A cut is where one clinic's part of a lot ends and the next one's begins. It moves to a box edge if both
    clinics can bear it: each allowance is split evenly over the cuts that draw on it, so that all moves
    together stay within it.

    limits: C(k), shape (K + 2, n). may_lose, may_gain: grains a clinic's total may shrink or grow by.
    """
    lot, ends, order = _by_lot(shipping)
    row, grains = shipping.row[order], shipping.grains[order]
    past = boxes.past_edge(lot, ends)
    cut = np.flatnonzero((lot[1:] == lot[:-1]) & (past[:-1] > 0))
    down = past[cut]
    up = boxes.size[lot[cut]] - down
    lose, gain = _allowances(shipping, limits, row, grains, cut, boxes.place[lot], may_lose, may_gain)
    can_rise = (up <= gain[cut]) & (up <= lose[cut + 1])
    can_fall = (down <= lose[cut]) & (down <= gain[cut + 1])
    rise = can_rise & ((up <= down) | ~can_fall)
    shift = np.where(rise, up, np.where(can_fall, -down, 0))
    grains[cut] += shift
    grains[cut + 1] -= shift
    given = np.zeros_like(shipping.given)
    np.add.at(given, (boxes.place[lot], row), grains)
    kept = grains > 0
    return Shipping(row[kept], lot[kept], grains[kept], np.cumsum(given, axis=0))


def _allowances(
    shipping: Shipping,
    limits: Ints,
    row: Ints,
    grains: Ints,
    cut: Ints,
    place: Ints,
    may_lose: Ints,
    may_gain: Ints,
) -> tuple[Ints, Ints]:
    """Grains each line may lose and gain at one cut, shape (lines,)."""
    ends_of_line = np.zeros_like(row)
    ends_of_line[cut] = 1
    ends_of_line[cut + 1] += 1
    cuts = np.zeros_like(may_lose)
    np.add.at(cuts, row, ends_of_line)
    cuts = np.maximum(cuts, 1)[row]
    room = np.minimum.accumulate((limits - shipping.given)[::-1])[::-1]
    lose = np.minimum(may_lose[row] // cuts, grains // np.maximum(ends_of_line, 1))
    gain = np.minimum(may_gain[row], room[place, row]) // cuts
    return lose, gain
