"""Exact totals: fill to one water level, and where an expiry day makes that impossible, split there.

A clinic can use at most C(k) grains of stock that expires by short day k. Totals can be shipped if and
only if, for every choice of one day per supply, the grains of all clinics above C(latest chosen day among
the supplies they accept) are no more than the stock that expires after the chosen days. With one supply
the choices are just the days. Where a common level breaks this, the most violated choice is tight in every
optimum, so the problem falls apart into the grains above it and those below it (the decomposition
algorithm for polymatroids: Groenevelt, Two algorithms for maximizing a separable concave function over a
polymatroid feasible region, EJOR 54, 1991).
"""

from dataclasses import dataclass

import numpy as np

from .levels import Ladder, Level, fill
from .tables import Ints


class Network:
    """Who accepts what, and how much of it expires after each short day.

    patterns: for each kind of clinic the supplies it accepts; pattern: kind of each clinic, shape (n,).
    limits: C(k), shape (K + 2, n): nothing, the short days, everything asked for.
    after: stock of each supply that expires after day k, shape (M, K + 2), from all of it to 0.
    A choice is a column of `choices`, shape (M, (K + 2) ** M): one day number per supply.
    """

    def __init__(
        self, patterns: tuple[tuple[int, ...], ...], pattern: Ints, limits: Ints, after: Ints
    ) -> None:
        supplies, days = after.shape
        self.patterns, self.pattern, self.limits, self.after = patterns, pattern, limits, after
        self.choices = np.indices((days,) * supplies).reshape(supplies, -1)
        self.stock: Ints = after[np.arange(supplies)[:, None], self.choices].sum(axis=0)
        self.latest: Ints = np.array([self.choices[list(accepted)].max(axis=0) for accepted in patterns])

    def thresholds(self, choice: int) -> Ints:
        """Grains of each clinic that stock expiring up to the chosen days may fill; shape (n,)."""
        if len(self.patterns) == 1:
            row: Ints = self.limits[self.latest[0, choice]]
            return row
        each: Ints = self.limits[self.latest[self.pattern, choice], np.arange(self.pattern.size)]
        return each

    def above(self, totals: Ints) -> Ints:
        """Grains above each limit by kind of clinic, shape (patterns, K + 2)."""
        over = np.maximum(totals - self.limits, 0)
        if len(self.patterns) == 1:
            each: Ints = over.sum(axis=1)[None, :]
            return each
        kinds = range(len(self.patterns))
        return np.stack([over[:, self.pattern == kind].sum(axis=1) for kind in kinds])

    def excess(self, above: Ints) -> Ints:
        """Grains by which each choice lacks later stock (negative: has to spare); shape of `stock`."""
        demand = -self.stock
        for kind, latest in enumerate(self.latest):
            demand += above[kind][latest]
        return demand


@dataclass(frozen=True)
class Segment:
    """Grains between two choices of days, filled up to one level (None: all of them)."""

    after: int
    until: int
    level: Level | None


def solve(network: Network, ladder: Ladder, bands: Ints) -> tuple[Ints, list[Segment]]:
    """The leximin totals in grains, shape (n,), and the segments they were filled in, lowest first.

    bands: where the ladder's rows of each clinic begin and end, shape (bands + 1, n).
    """
    totals = np.zeros_like(network.pattern)
    done: list[Segment] = []
    waiting = [(0, network.stock.size - 1)]
    while waiting:
        after, until = waiting.pop()
        low, high = network.thresholds(after), network.thresholds(until)
        supply = int(network.stock[after] - network.stock[until])
        filled, level = _fill_bands(ladder, bands, low, high, supply)
        worst = _most_violated(network, filled, after, until)
        if worst is None:
            totals += filled - low
            done.append(Segment(after, until, level))
        else:
            waiting += [(worst, until), (after, worst)]
    return totals, done


def _fill_bands(ladder: Ladder, bands: Ints, low: Ints, high: Ints, supply: int) -> tuple[Ints, Level | None]:
    if len(bands) == 2:
        return fill(ladder, low, high, supply)
    lows = np.clip(low, bands[:-1], bands[1:])
    highs = np.clip(high, bands[:-1], bands[1:])
    filled, level = fill(ladder, lows.ravel(), highs.ravel(), supply)
    return low + (filled.reshape(lows.shape) - lows).sum(axis=0), level


def _most_violated(network: Network, totals: Ints, after: int, until: int) -> int | None:
    """The choice between the two, each day no earlier and no later, that lacks most later stock."""
    excess = network.excess(network.above(totals)) + network.stock[until]
    first, last = network.choices[:, [after]], network.choices[:, [until]]
    within = ((network.choices >= first) & (network.choices <= last)).all(axis=0)
    excess[~within] = 0
    worst = int(excess.argmax())
    return worst if excess[worst] > 0 else None
