"""What a clinic can look forward to: how long its stock of each medicine lasts, and what of it will expire unused.

Of a medicine that others stand in for, the stock, use and need of all of them count together (`supply.py`).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from catalogue.models import Medicine
from distribution.interchangeable import Basket
from distribution.known_needs import Need, in_units
from distribution.reading import Reading
from distribution.supply import Basis, ShelfLot, Supply
from organisation.models import Place


@dataclass(frozen=True)
class Outlook:
    """One medicine at one clinic, in its smallest units; `whole` is what of it and its stand-ins is there.

    How long stock lasts, what is used, needed, lacking and will expire follows from the whole, in this one's units.
    """

    place: Place
    medicine: Medicine
    basket: Basket
    own: Supply
    whole: Supply

    @property
    def group(self) -> str:
        """The codes of the medicines that stand in for each other, this one among them; empty where none does."""
        return self.basket.key if self.basket.is_group else ""

    @property
    def course(self) -> int:
        """Units by which the whole is counted."""
        return self.basket.course(self.medicine)

    @property
    def group_usable(self) -> int:
        return self.whole.usable * self.course

    @property
    def group_on_the_way(self) -> int:
        return self.whole.on_the_way * self.course

    @property
    def estimated_need(self) -> int | None:
        return self.own.known.estimated if self.own.known.profiled else None

    @cached_property
    def known_need(self) -> Need:
        """What a plan made today would take for the need, and from what."""
        need = self.whole.known_need
        return in_units(need, self.course) if self.basket.is_group else need

    @property
    def basis(self) -> Basis:
        return self.whole.basis

    @property
    def weekly_use(self) -> int | None:
        return None if self.whole.rate is None else self.whole.need(7) * self.course

    @property
    def days_of_stock(self) -> int | None:
        return self.whole.days_of_stock

    @property
    def below_reserve(self) -> bool:
        return self.whole.below_reserve

    @property
    def lacking(self) -> int:
        return self.whole.lacking * self.course

    @cached_property
    def wasted_lots(self) -> list[tuple[ShelfLot, int]]:
        """Lots of this medicine of which units will expire unused, with how many."""
        own = {lot.batch_id: lot for lot in self.own.lots}
        return [
            (own[lot.batch_id], wasted * self.course)
            for lot, wasted in self.whole.wasted_lots
            if lot.batch_id in own
        ]

    @property
    def expected_waste(self) -> int | None:
        return None if self.whole.rate is None else sum(units for _lot, units in self.wasted_lots)

    @property
    def waste_from(self) -> datetime.date | None:
        """The last usable day of the first units that will expire unused."""
        return next((lot.held.last_usable_day for lot, _units in self.wasted_lots), None)


def outlook_of(reading: Reading, place: int, medicine: Medicine) -> Outlook:
    """Of any clinic and medicine that was read, whether or not this clinic has it."""
    basket = reading.basket(medicine)
    own, whole = reading.supply(place, medicine), reading.whole(place, basket)
    return Outlook(reading.clinics[place], medicine, basket, own, whole)


def outlooks(reading: Reading) -> list[Outlook]:
    """Medicines that the clinics have, use, ask for or are sent, by the codes of place and medicine."""
    rows = [outlook_of(reading, place, reading.medicines[medicine]) for place, medicine in reading.pairs]
    return sorted(rows, key=lambda row: (row.place.code, row.medicine.code))


def clinic_outlook(
    county_id: str, places: QuerySet[Place], on: datetime.date, *, medicine: str = ""
) -> list[Outlook]:
    """The same of these clinics, of one medicine alone where its code is given. A constant number of statements."""
    rows = outlooks(Reading(county_id, places, on))
    return [row for row in rows if not medicine or row.medicine.code == medicine]


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
