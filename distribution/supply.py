"""What a clinic has, uses and lacks: of one medicine in smallest units, of a group of stand-ins in whole courses.

Medicines that stand in for each other in the county (`interchangeable-medicines/`) are reckoned as plans share them
out: stock, requests and hand-outs of the group are added up in courses, estimates are of the same people, and less
than a course of a lot counts for nothing (distribution/group_drafting.py, distribution/known_needs.py).
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from django.db import models

from distribution.consumption import LEAST_DAYS, Held, Use, by_expiry, days_of_stock, waste_by_lot
from distribution.known_needs import Known, Need, in_courses, need_of
from distribution.place_needs import safety_of
from organisation.models import Policy


class Basis(models.TextChoices):
    """Where a clinic's daily use is known from."""

    LEARNED = "learned"
    ESTIMATED = "estimated"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ShelfLot:
    """Usable units of a batch on a clinic's shelf."""

    batch_id: int
    held: Held


@dataclass(frozen=True)
class Supply:
    """`lots` and `coming` can still be used; all figures are in one measure, units or courses."""

    on: datetime.date
    policy: Policy
    known: Known
    lots: Sequence[ShelfLot] = ()
    coming: Sequence[Held] = ()
    requested: int | None = None

    @property
    def use(self) -> Use:
        return self.known.use

    @cached_property
    def usable(self) -> int:
        return sum(lot.held.units for lot in self.lots)

    @cached_property
    def on_the_way(self) -> int:
        return sum(lot.units for lot in self.coming)

    @property
    def basis(self) -> Basis:
        if self.use.days >= LEAST_DAYS:
            return Basis.LEARNED
        return Basis.ESTIMATED if self.known.estimated else Basis.UNKNOWN

    @cached_property
    def rate(self) -> Fraction | None:
        """So much a day: learned, else estimated from who the clinic serves, else not known."""
        if self.basis is Basis.LEARNED:
            return self.use.rate
        return Fraction(self.known.estimated, self.policy.horizon_days) if self.known.estimated else None

    @property
    def known_need(self) -> Need:
        """What a plan made today would take for the need, and from what; it asks for a hand-out to learn from."""
        return need_of([self.known], self.policy.horizon_days, safety_of(self.policy))

    def need(self, days: int) -> int:
        """What is used in so many days, rounded up."""
        return math.ceil((self.rate or 0) * days)

    @property
    def days_of_stock(self) -> int | None:
        return days_of_stock(self.usable, self.rate)

    @property
    def below_reserve(self) -> bool:
        return self.usable + self.on_the_way < self.need(self.policy.reserve_days)

    @property
    def lacking(self) -> int:
        """What is lacking to cover the county's horizon, within what was asked for."""
        gap = max(self.need(self.policy.horizon_days) - self.usable - self.on_the_way, 0)
        return gap if self.requested is None else min(gap, self.requested)

    @cached_property
    def wasted_lots(self) -> list[tuple[ShelfLot, int]]:
        """Lots of which something will expire unused, the first to expire first, with how much."""
        if self.rate is None:
            return []
        held = by_expiry(lot.held for lot in self.lots)
        lots = sorted(self.lots, key=lambda lot: lot.held.last_usable_day or datetime.date.max)
        wasted = waste_by_lot(held, self.rate, self.on)
        return [(lot, units) for lot, units in zip(lots, wasted, strict=True) if units]


def in_group(members: Sequence[tuple[Supply, int]]) -> Supply:
    """What a clinic has and uses of a whole group in courses; of each member its supply and the units of a course."""
    first, _course = members[0]
    asked = [supply.requested // course for supply, course in members if supply.requested is not None]
    return Supply(
        first.on,
        first.policy,
        in_courses([(supply.known, course) for supply, course in members]),
        [
            ShelfLot(lot.batch_id, Held(lot.held.last_usable_day, lot.held.units // course))
            for supply, course in members
            for lot in supply.lots
        ],
        [
            Held(lot.last_usable_day, lot.units // course)
            for supply, course in members
            for lot in supply.coming
        ],
        sum(asked) if asked else None,
    )
