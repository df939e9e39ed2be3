"""What a clinic can look forward to: how long its stock of each medicine lasts, and what of it will expire unused.

Read in a constant number of statements, of which none grows with the age of the books.
"""

from __future__ import annotations

import datetime
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db import models
from django.db.models import QuerySet

from catalogue.models import Medicine
from distribution.consumption import (
    WINDOW_DAYS,
    Held,
    Use,
    days_of_stock,
    days_with_stock,
    waste_by_lot,
    window,
)
from distribution.known_needs import Known, Need, need_of
from distribution.learning import HERE, ON_SHELF, Pair, handed_out_at, moved_at
from distribution.models import ClinicProfile
from distribution.needs import People, estimated_need, formula
from distribution.place_needs import people_of, safety_of, weights_of
from distribution.shifts import Added, counted_days, crowd, days_words, shifts_touching
from distribution.situation import goods_coming, requests_for
from inventory.models import Balance, Side, State
from organisation.models import Place, Policy
from organisation.queries import policy_of


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
class Outlook:
    """One medicine at one clinic. `coming` and `lots` are units that can still be used."""

    place: Place
    medicine: Medicine
    on: datetime.date
    policy: Policy
    lots: Sequence[ShelfLot]
    coming: Sequence[Held]
    use: Use
    people: People | None
    requested: int | None
    # The days of the horizon, weighed by the people who are there on them.
    counted_days: Fraction
    added: Sequence[Added] = ()
    days_with_stock: frozenset[datetime.date] = frozenset()
    crowd: Fraction = Fraction(1)

    @property
    def usable(self) -> int:
        return sum(lot.held.units for lot in self.lots)

    @property
    def on_the_way(self) -> int:
        return sum(lot.units for lot in self.coming)

    @property
    def estimated_need(self) -> int | None:
        return None if self.people is None else estimated_need(self.people, **self._estimate)

    @property
    def estimate(self) -> str:
        """The estimated need in figures."""
        return (
            ""
            if self.people is None
            else formula(self.people, **self._estimate, days=days_words(self.policy.horizon_days, self.added))
        )

    @property
    def _estimate(self) -> dict[str, Any]:
        return {
            "paediatric": self.medicine.paediatric,
            "smallest_unit": self.medicine.smallest_unit,
            "horizon_days": self.counted_days,
            "weights": weights_of(self.policy),
        }

    @property
    def known_need(self) -> Need:
        """What a plan made today would take for the need, and from what; it asks for a hand-out to learn from."""
        known = Known(
            self.estimated_need or 0,
            self.estimate,
            self.people is not None,
            self.use,
            self.days_with_stock,
            self.crowd,
        )
        return need_of([known], self.policy.horizon_days, safety_of(self.policy))

    @property
    def basis(self) -> Basis:
        if self.use.rate is not None:
            return Basis.LEARNED
        return Basis.ESTIMATED if self.estimated_need else Basis.UNKNOWN

    @property
    def rate(self) -> Fraction | None:
        """Units a day: learned, else estimated from who the clinic serves, else not known."""
        if self.use.rate is not None:
            return self.use.rate
        need = self.estimated_need
        return Fraction(need, self.policy.horizon_days) if need else None

    def need(self, days: int) -> int:
        """Units used in so many days, rounded up."""
        return math.ceil((self.rate or 0) * days)

    @property
    def weekly_use(self) -> int | None:
        return None if self.rate is None else self.need(7)

    @property
    def days_of_stock(self) -> int | None:
        return days_of_stock(self.usable, self.rate)

    @property
    def below_reserve(self) -> bool:
        return self.usable + self.on_the_way < self.need(self.policy.reserve_days)

    @property
    def wasted_lots(self) -> list[tuple[ShelfLot, int]]:
        """Lots of which units will expire unused, with how many."""
        if self.rate is None:
            return []
        lots = sorted(self.lots, key=lambda lot: lot.held.last_usable_day or datetime.date.max)
        units = waste_by_lot([lot.held for lot in lots], self.rate, self.on)
        return [(lot, wasted) for lot, wasted in zip(lots, units, strict=True) if wasted]

    @property
    def expected_waste(self) -> int | None:
        return None if self.rate is None else sum(units for _lot, units in self.wasted_lots)

    @property
    def waste_from(self) -> datetime.date | None:
        """The last usable day of the first units that will expire unused."""
        return next((lot.held.last_usable_day for lot, _units in self.wasted_lots), None)


def clinic_outlook(
    county_id: str, places: QuerySet[Place], on: datetime.date, *, medicine: str = ""
) -> list[Outlook]:
    """Medicines that these clinics have, use, ask for or are sent, by the codes of place and medicine."""
    reading = Reading(county_id, places, on)
    return [row for row in reading.rows() if not medicine or row.medicine.code == medicine]


class Reading:
    """What the books say of the shelves of some clinics, read once for all questions."""

    def __init__(self, county_id: str, places: QuerySet[Place], on: datetime.date) -> None:
        self.on, self.policy = on, policy_of(county_id)
        self.clinics = {place.pk: place for place in places.filter(hands_out=True, active=True)}
        clinics = list(self.clinics)
        self.standing: dict[Pair, int] = defaultdict(int)
        self.lots: dict[Pair, list[ShelfLot]] = defaultdict(list)
        self._read_shelves(county_id, clinics)
        self.coming: dict[Pair, list[Held]] = defaultdict(list)
        for place, medicine, day, units in goods_coming(county_id, clinics, Side.CLINIC):
            if day is None or day >= on:
                self.coming[place, medicine].append(Held(day, units))
        first, last = window(on)
        self.moved = moved_at(county_id, clinics, first)
        self.handed_out = handed_out_at(county_id, clinics, (first, last))
        self.requests = requests_for(clinics, on, on)
        profiles = list(ClinicProfile.objects.filter(place__in=clinics))
        self.people = {profile.place_id: people_of(profile) for profile in profiles}
        self.travel_minutes = {profile.place_id: profile.travel_minutes for profile in profiles}
        served = list(self.clinics.values())
        horizon = self.policy.horizon_days
        self.added = shifts_touching(county_id, served, on, horizon)
        before = shifts_touching(county_id, served, first, WINDOW_DAYS)
        # Once for each clinic, not for each of its medicines.
        self.counted = {place: counted_days(horizon, self.added.get(place, ())) for place in clinics}
        self.crowds = {
            place: crowd(horizon, self.added.get(place, ()), before.get(place, ())) for place in clinics
        }
        pairs = {*self.lots, *self.coming, *self.handed_out, *self.requests}
        self.medicines = Medicine.objects.in_bulk({pk for _place, pk in pairs})
        self.pairs = pairs

    def rows(self) -> list[Outlook]:
        """Medicines that the clinics have, use, ask for or are sent, by the codes of place and medicine."""
        rows = [self.outlook(place, medicine) for place, medicine in self.pairs]
        return sorted(rows, key=lambda row: (row.place.code, row.medicine.code))

    def outlook(self, place: int, medicine: int) -> Outlook:
        """Of any clinic and any medicine that one of them has, whether or not this one has it."""
        pair = place, medicine
        return Outlook(
            place=self.clinics[place],
            medicine=self.medicines[medicine],
            on=self.on,
            policy=self.policy,
            lots=self.lots.get(pair, []),
            coming=self.coming.get(pair, []),
            use=Use(sum(self.handed_out.get(pair, {}).values()), len(days := self._days_of(pair))),
            days_with_stock=days,
            people=self.people.get(place),
            requested=self.requests.get(pair),
            counted_days=self.counted[place],
            added=self.added.get(place, ()),
            crowd=self.crowds[place],
        )

    def _read_shelves(self, county_id: str, clinics: Sequence[int]) -> None:
        shelves = Balance.objects.filter(
            county_id=county_id,
            account__place__in=clinics,
            account__side=Side.CLINIC,
            state__in=ON_SHELF,
            quantity__gt=0,
        ).order_by("batch__last_usable_day", "batch_id")
        found = shelves.values_list(*HERE, "batch_id", "batch__last_usable_day", "quantity", "state")
        for place, medicine, batch, day, units, state in found:
            self.standing[place, medicine] += units
            if state == State.AVAILABLE and (day is None or day >= self.on):
                self.lots[place, medicine].append(ShelfLot(batch, Held(day, units)))

    def _days_of(self, pair: Pair) -> frozenset[datetime.date]:
        return days_with_stock(
            self.on, self.standing.get(pair, 0), self.moved.get(pair, {}), self.handed_out.get(pair, {})
        )


# By what a reader may choose rows.
CHOICES: Mapping[str, Callable[[Outlook], bool]] = {
    "below_reserve": lambda row: row.below_reserve,
    "wasting": lambda row: bool(row.expected_waste),
}


def chosen(rows: Iterable[Outlook], **wanted: bool | None) -> list[Outlook]:
    """Rows of which each named choice is as wanted; None: either way."""
    return [
        row
        for row in rows
        if all(want is None or CHOICES[name](row) is want for name, want in wanted.items())
    ]
