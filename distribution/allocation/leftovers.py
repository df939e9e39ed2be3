"""Stock that stays: expired, beyond use, not needed, or less than a grain."""

import numpy as np

from .engine import Plan
from .model import Unused
from .tables import NEVER, ClinicTable, Ints, LotTable, Policy


def leftovers(
    plan: Plan, clinics: ClinicTable, lots: LotTable, policy: Policy
) -> list[tuple[int, int, Unused]]:
    """(lot, units, reason) of everything not shipped, by lot; units of one lot may fall under several
    reasons.

    `unusable` is what even all clinics together, at the use that may be counted on, would not use up in time
    on top of what they get now.
    """
    left = plan.shelf.grains.copy()
    np.subtract.at(left, plan.lines.lot, plan.lines.grains)
    usable = _usable(plan, clinics, lots, left)
    found: list[tuple[int, int, Unused]] = []
    for lot in range(lots.day.size):
        if lots.day[lot] < policy.today:
            found.append((lot, int(lots.quantity[lot]), Unused.EXPIRED))
            continue
        found.append((lot, int(left[lot] - usable[lot]) * policy.grain, Unused.UNUSABLE))
        found.append((lot, int(usable[lot]) * policy.grain, Unused.SURPLUS))
        found.append((lot, int(lots.quantity[lot] % policy.grain), Unused.REMAINDER))
    return [entry for entry in found if entry[1]]


def _usable(plan: Plan, clinics: ClinicTable, lots: LotTable, left: Ints) -> Ints:
    """Grains of each lot's rest that some clinic could still use in time, earliest lots first."""
    usable = np.where(lots.day == NEVER, left, 0)
    dated = np.flatnonzero((left > 0) & (lots.day < NEVER))
    if not dated.size:
        return usable
    days = np.unique(lots.day[dated])
    room = _room(plan, lots, days)
    members = [clinics.choice == kind for kind in range(len(clinics.choices))]
    rooms = np.array([room[:, member].sum(axis=1) for member in members])
    taken = np.zeros(len(members), dtype=np.int64)
    for lot in dated[np.argsort(lots.day[dated], kind="stable")]:
        place = int(np.searchsorted(days, lots.day[lot]))
        for kind, piles in enumerate(clinics.choices):
            if lots.pile[lot] in piles:
                grains = min(int(left[lot] - usable[lot]), int(rooms[kind, place] - taken[kind]))
                usable[lot] += grains
                taken[kind] += grains
    return usable


def _room(plan: Plan, lots: LotTable, days: Ints) -> Ints:
    """Grains expiring by each day that each clinic could use beyond its lines, shape (days, n)."""
    given = np.zeros((len(days) + 1, plan.wanted.size), dtype=np.int64)
    np.add.at(given, (np.searchsorted(days, lots.day[plan.lines.lot]), plan.lines.row), plan.lines.grains)
    room = np.array([plan.usability.before(int(day)) for day in days]) - np.cumsum(given, axis=0)[:-1]
    return np.maximum(np.minimum.accumulate(room[::-1])[::-1], 0)
