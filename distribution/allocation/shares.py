"""Fair totals of all clinics, none below a minimum course."""

from dataclasses import dataclass

import numpy as np

from .ladder import Rows, rows_of
from .levels import Ladder
from .market import Market
from .tables import ClinicTable, Flags, Ints, Policy
from .totals import Network, Segment, solve


@dataclass(frozen=True)
class Totals:
    """Totals in grains, shape (n,), and how they came about.

    dropped: clinics left out because no whole minimum course was to be had, shape (n,).
    """

    grains: Ints
    segments: list[Segment]
    rows: Rows
    network: Network
    dropped: Flags


def fair_totals(clinics: ClinicTable, policy: Policy, market: Market, limits: Ints, after: Ints) -> Totals:
    """Water-fill; as long as somebody ends between nothing and a minimum course, leave that clinic out and
    repeat.

    limits: C(k), shape (K + 2, n). after: stock of each supply after each day, shape (M, K + 2). Exact
    without a minimum course; with one, choosing who is left out is a knapsack, and the clinic last in line
    is left out.
    """
    course = -(-policy.min_course // policy.grain)
    caps = np.where(limits[-1] >= course, limits[-1], 0)
    while True:
        rows = rows_of(clinics, caps, policy)
        network = Network(market.patterns, market.pattern, np.minimum(limits, caps), after)
        grains, segments = solve(network, rows.ladder, rows.edges)
        last = _last_in_line(rows.ladder, (grains > 0) & (grains < course))
        if last is None:
            return Totals(grains, segments, rows, network, (limits[-1] > 0) & (caps == 0))
        caps = np.where(last & (grains < course), 0, caps)


def _last_in_line(ladder: Ladder, partial: Flags) -> Flags | None:
    """The partial course that is last in order, with everybody after it; None when there is no partial one.

    Whoever got nothing after it cannot gain a whole course from the few grains it gives back.
    """
    if not partial.any():
        return None
    clinics = np.arange(partial.size)
    rank = np.empty(partial.size, dtype=np.int64)
    for number, rows in enumerate(ladder.by_rank):
        rank[rows[rows < partial.size]] = number
    order = np.lexsort((ladder.tie[clinics], ladder.keys(clinics, np.ones_like(clinics)), rank))
    place = np.empty_like(order)
    place[order] = clinics
    behind: Flags = place >= place[partial].max()
    return behind
