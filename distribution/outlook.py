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
from django.db.models import QuerySet, Sum

from catalogue.models import Medicine
from distribution.consumption import (
    Held,
    Moved,
    Use,
    days_of_stock,
    learned_use,
    waste_by_lot,
    window,
)
from distribution.models import ClinicProfile, DispensingLine
from distribution.needs import People, estimated_need, formula
from distribution.shifts import Added, counted_days, days_words, shifts_touching
from distribution.situation import goods_coming, people_of, requests_for, weights_of
from inventory.models import Balance, Side, State, StockDay
from organisation.models import Place, Policy
from organisation.queries import policy_of

# A place and a medicine, by their ids.
Pair = tuple[int, int]
# What is packed in kits can be handed out too.
ON_SHELF = (State.AVAILABLE, State.RESERVED)
HERE = ("account__place_id", "batch__medicine_id")


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
    added: Sequence[Added] = ()

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
            "horizon_days": counted_days(self.policy.horizon_days, self.added),
            "weights": weights_of(self.policy),
        }

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
        self.moved = _moved(county_id, clinics, first)
        self.handed_out = _handed_out(county_id, clinics, (first, last))
        self.requests = requests_for(clinics, on, on)
        profiles = list(ClinicProfile.objects.filter(place__in=clinics))
        self.people = {profile.place_id: people_of(profile) for profile in profiles}
        self.travel_minutes = {profile.place_id: profile.travel_minutes for profile in profiles}
        served = list(self.clinics.values())
        self.added = shifts_touching(county_id, served, on, self.policy.horizon_days)
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
            use=self._use_of(pair),
            people=self.people.get(place),
            requested=self.requests.get(pair),
            added=self.added.get(place, ()),
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

    def _use_of(self, pair: Pair) -> Use:
        return learned_use(
            self.on, self.standing.get(pair, 0), self.moved.get(pair, {}), self.handed_out.get(pair, {})
        )


def _moved(county_id: str, clinics: Sequence[int], first: datetime.date) -> Mapping[Pair, Moved]:
    """Units that came onto and left each shelf, by day of the books."""
    days = StockDay.objects.filter(county_id=county_id, booked_on__gte=first).order_by()
    moved: dict[Pair, dict[datetime.date, tuple[int, int]]] = defaultdict(dict)
    for index, end in enumerate(("to", "from")):
        here = {f"{end}_place__in": clinics, f"{end}_side": Side.CLINIC, f"{end}_state__in": ON_SHELF}
        rows = days.filter(**here).values_list(f"{end}_place_id", "medicine_id", "booked_on")
        for place, medicine, day, units in rows.annotate(units=Sum("quantity")):
            both = list(moved[place, medicine].get(day, (0, 0)))
            both[index] = units
            moved[place, medicine][day] = (both[0], both[1])
    return moved


def _handed_out(
    county_id: str, clinics: Sequence[int], days: tuple[datetime.date, datetime.date]
) -> Mapping[Pair, Mapping[datetime.date, int]]:
    """Units handed out and not taken back, by the day of the hand-out."""
    lines = DispensingLine.objects.filter(
        county_id=county_id,
        dispensing__county_id=county_id,
        dispensing__place__in=clinics,
        dispensing__dispensed_on__range=days,
        dispensing__reversed_by__isnull=True,
    ).order_by()
    rows = lines.values_list("dispensing__place_id", "batch__medicine_id", "dispensing__dispensed_on")
    found: dict[Pair, dict[datetime.date, int]] = defaultdict(dict)
    for place, medicine, day, units in rows.annotate(units=Sum("quantity")):
        found[place, medicine][day] = units
    return found


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
