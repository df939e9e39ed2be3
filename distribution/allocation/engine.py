"""The whole allocation on number columns: limits, totals, lots, boxes."""

from dataclasses import dataclass

import numpy as np

from .boxes import Boxes, snap
from .lots import Shelf, Shipping, arrange, ship
from .market import Market, match
from .model import AllocationInputError
from .shares import Totals, fair_totals
from .tables import NEVER, ClinicTable, Ints, LotTable, Policy
from .usability import Usability, short_days

MAX_CHOICES = 1_000_000
"""Most combinations of one short day per supply, (short days + 2) ** supplies."""


@dataclass(frozen=True)
class Plan:
    """Everything decided about one medicine, in grains and row numbers.

    wanted: caps by need and request, shape (n,). short: short days, rising.
    """

    wanted: Ints
    totals: Totals
    lines: Shipping
    short: Ints
    market: Market
    usability: Usability
    shelf: Shelf
    boxes_opened: int


def allocate_tables(clinics: ClinicTable, lots: LotTable, policy: Policy) -> Plan:
    """Share out one medicine (or group); the columns must be as `tables` says and fit `MAX_QUANTITY`.

    Raises AllocationInputError (too_many_supplies) when clinics differ in too many ways in what they accept.
    """
    wanted = _wanted(clinics, policy)
    grains = np.where(lots.day >= policy.today, lots.quantity // policy.grain, 0)
    market = match(clinics, lots.pile, grains, wanted > 0)
    usability = Usability(clinics, policy.today, policy.grain)
    days = np.unique(lots.day[(grains > 0) & (lots.day < NEVER)])
    short, limits = short_days(usability, np.where(market.served, wanted, 0), days)
    shelf = arrange(grains, lots.day, lots.pile, short, market.supply)
    totals = fair_totals(clinics, policy, market, limits, _stock_after(shelf))
    lines = ship(totals.network, totals.grains, shelf, clinics.choice, clinics.choices)
    box = np.where(lots.box % policy.grain == 0, lots.box // policy.grain, 0)
    boxes = Boxes(shelf.place, grains, box)
    if policy.tolerance_percent:
        lines = snap(lines, totals.network.limits, boxes, *_allowance(clinics, policy, totals.grains))
    return Plan(wanted, totals, lines, short, market, usability, shelf, boxes.opened(lines))


def _wanted(clinics: ClinicTable, policy: Policy) -> Ints:
    ceiling = clinics.need * policy.bands[-1] // 100 - clinics.on_hand
    wanted: Ints = np.maximum(np.minimum(clinics.limit, ceiling) // policy.grain, 0)
    return wanted


def _stock_after(shelf: Shelf) -> Ints:
    """Stock of each supply expiring after each short day, shape (supplies, short days + 2)."""
    stock = shelf.stock(max(max(shelf.supply, default=0), 0) + 1)
    supplies, classes = stock.shape
    if (classes + 1) ** supplies > MAX_CHOICES:
        raise AllocationInputError(
            "too_many_supplies",
            "lots",
            f"{supplies} supplies that clinics accept differently, with {classes - 1} short days, are too "
            "many to solve exactly; let more clinics accept the same ones, or merge expiry days",
        )
    after = np.zeros((supplies, classes + 1), dtype=np.int64)
    after[:, :-1] = np.cumsum(stock[:, ::-1], axis=1)[:, ::-1]
    return after


def _allowance(clinics: ClinicTable, policy: Policy, totals: Ints) -> tuple[Ints, Ints]:
    """Grains a share may lose and gain so that boxes stay sealed; nobody is pushed below a minimum course."""
    tolerance = clinics.need * policy.tolerance_percent // 100 // policy.grain
    course = -(-policy.min_course // policy.grain)
    return np.minimum(tolerance, np.maximum(totals - course, 0)), np.where(totals > 0, tolerance, 0)
