"""Which lots make up each total: first expired, first out, in few lines.

Any way of splitting what expires first leaves the rest feasible, as long as nobody gets more than it can
use by then; so each class of days is poured out in turn.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .routing import Routing
from .tables import Ints
from .totals import Network


@dataclass(frozen=True)
class Shelf:
    """Lots by pile and class of days (1 = first short day, last = everything later), in grains.

    place: class of each lot. order: lots by (pile, class, day, table order). starts: where each pile and
    class begins in `order`. supply: the network's supply each pile belongs to, -1 = nobody accepts it.
    """

    grains: Ints
    place: Ints
    order: Ints
    starts: Ints
    supply: tuple[int, ...]
    classes: int

    def lots(self, pile: int, place: int) -> Ints:
        """The lots of one pile and class, those that expire first in front."""
        cell = pile * self.classes + place - 1
        return self.order[self.starts[cell] : self.starts[cell + 1]]

    def stock(self, supplies: int) -> Ints:
        """Grains by supply and class, shape (supplies, classes)."""
        ends = np.concatenate(([0], np.cumsum(self.grains[self.order])))
        cells = np.diff(ends[self.starts]).reshape(-1, self.classes)
        stock = np.zeros((supplies, self.classes), dtype=np.int64)
        for pile, supply in enumerate(self.supply):
            if supply >= 0:
                stock[supply] += cells[pile]
        return stock


def arrange(grains: Ints, day: Ints, pile: Ints, short: Ints, supply: tuple[int, ...]) -> Shelf:
    """Sort lots by pile and class; `short` are the rising short days."""
    classes = len(short) + 1
    place = np.searchsorted(short, day) + 1
    order = np.lexsort((day, pile))
    cell = pile[order] * classes + place[order] - 1
    starts = np.searchsorted(cell, np.arange(len(supply) * classes + 1))
    return Shelf(grains, place, order, starts, supply, classes)


@dataclass(frozen=True)
class Shipping:
    """Lines (row, lot, grains), each shape (lines,), and what clinics have by the end of each class.

    given: grains of classes 1..k, shape (K + 2, n).
    """

    row: Ints
    lot: Ints
    grains: Ints
    given: Ints


class Pouring:
    """One shipment being put together; `ship` is the way in."""

    def __init__(self, network: Network, totals: Ints, shelf: Shelf, choice: Ints, kinds: int) -> None:
        self.network, self.totals, self.shelf = network, totals, shelf
        self.routing = Routing(network, totals, shelf.stock(len(network.after)))
        self.left = shelf.grains.copy()
        self.given = np.zeros_like(network.limits)
        self.alike = [choice == kind for kind in range(kinds)]
        self.lines: list[tuple[Ints, Ints, Ints]] = []

    def serve(self, place: int, kind: int, pile: int, room: Ints) -> None:
        """Give clinics of one kind what they have room for from one pile's class; lowers `room`."""
        lots, stock = self._stock(pile, place)
        supply = self.shelf.supply[pile]
        if supply < 0 or not lots.size:
            return
        rows = np.flatnonzero(room if len(self.alike) == 1 else room * self.alike[kind])
        if not rows.size:
            return
        accepts, wanted = int(self.network.pattern[rows[0]]), room[rows]
        amount = min(int(wanted.sum()), int(stock.sum()), self.routing.headroom(supply, accepts, place))
        if not amount:
            return
        self.routing.send(supply, accepts, place, amount)
        if amount < wanted.sum() and place < self.shelf.classes:
            completed = self.given[place][rows] == self.totals[rows]
            order = np.lexsort((-wanted, ~completed))
            rows, wanted = rows[order], wanted[order]
        row, lot, grains = pour(rows, wanted, lots, stock, amount)
        np.subtract.at(room, row, grains)
        np.subtract.at(self.left, lot, grains)
        self.lines.append((row, lot, grains))

    def _stock(self, pile: int, place: int) -> tuple[Ints, Ints]:
        """Lots of one pile and class that are not used up, and what is left of them."""
        lots = self.shelf.lots(pile, place)
        stock = self.left[lots]
        there = stock > 0
        return lots[there], stock[there]


def ship(
    network: Network, totals: Ints, shelf: Shelf, choice: Ints, choices: tuple[tuple[int, ...], ...]
) -> Shipping:
    """Pour every class of days into the totals, each clinic from the piles it likes best as far as they go.

    choice, choices: as in `ClinicTable`.
    """
    pouring = Pouring(network, totals, shelf, choice, len(choices))
    for place in range(1, shelf.classes + 1):
        room = np.minimum(network.limits[place], totals) - pouring.given[place - 1]
        pouring.given[place] = pouring.given[place - 1] + room
        for kind, pile in _preferences(choices):
            pouring.serve(place, kind, pile, room)
        pouring.given[place] -= room
    none = np.zeros(0, dtype=np.int64)
    row, lot, grains = (
        np.concatenate((none, *(line[column] for line in pouring.lines))) for column in range(3)
    )
    return Shipping(row, lot, grains, pouring.given)


def _preferences(choices: tuple[tuple[int, ...], ...]) -> Iterator[tuple[int, int]]:
    """(kind of clinic, pile): everybody's first choice, then everybody's second, and so on."""
    for nth in range(max(map(len, choices), default=0)):
        for kind, piles in enumerate(choices):
            if nth < len(piles):
                yield kind, piles[nth]


def pour(rows: Ints, room: Ints, lots: Ints, stock: Ints, amount: int) -> tuple[Ints, Ints, Ints]:
    """Lay `amount` grains of lots end to end against rooms end to end: one (row, lot, grains) per overlap.

    All rooms and stocks are positive and both add up to at least `amount`.
    """
    row_ends, lot_ends = room.cumsum(), stock.cumsum()
    row_ends = row_ends[: int(row_ends.searchsorted(amount)) + 1]
    lot_ends = lot_ends[: int(lot_ends.searchsorted(amount)) + 1]
    row_ends[-1] = lot_ends[-1] = amount
    ends = row_ends
    if lot_ends.size > 1:
        ends = np.concatenate((row_ends, lot_ends[:-1]))
        ends.sort(kind="stable")
    grains = ends.copy()
    grains[1:] -= ends[:-1]
    if lot_ends.size > 1:
        ends, grains = ends[grains > 0], grains[grains > 0]
    return rows[row_ends.searchsorted(ends)], lots[lot_ends.searchsorted(ends)], grains
