"""Swaps (余缺调剂): what one clinic will not use before it expires goes to clinics that lack it.

What a clinic will not use is its expected waste, lot by lot. It is shared out among the clinics that lack the
medicine as a plan shares out a store: fairly, first to expire first, and to each only what it can use in time. First
among the clinics of one township, then what is left over in the whole county. Nobody is proposed less than a course.
Nothing of it is kept: a proposal is a read of the books, and holds until they change.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from catalogue.models import Medicine
from distribution import drafting
from distribution.drafting import Rules, Want, draft_medicine
from distribution.known_needs import Need
from distribution.needs import course_units
from distribution.outlook import Basis, Outlook, Reading, ShelfLot
from distribution.place_needs import safety_of
from distribution.situation import WORKING_DAY_MINUTES
from inventory.models import Batch
from inventory.queries.recalls import recalled_batches
from organisation.models import Place

# Until what one clinic gives away is packed and on its way to another.
PACKING_DAYS = 1
ZH = (
    "{giver}的{medicine}(批号{lot},{day}到期)预计有{unused}{unit}到期前用不完;"
    "{taker}现有{there}{unit},缺{lacking}{unit},建议调剂{quantity}{unit}。"
)
EN = (
    "{giver} will not use {unused} of lot {lot} of {medicine} before {day}; {taker} has {there} and lacks {lacking}: "
    "move {quantity}."
)


@dataclass(frozen=True)
class Swap:
    """So many units of one lot from a clinic that will not use them to one that lacks them."""

    giver: Outlook
    taker: Outlook
    lot: ShelfLot
    batch: Batch
    unused: int
    quantity: int

    @property
    def medicine(self) -> Medicine:
        return self.giver.medicine

    @property
    def last_usable_day(self) -> datetime.date | None:
        return self.lot.held.last_usable_day

    @property
    def lacking(self) -> int:
        return lacking(self.taker)

    @property
    def sentence_zh(self) -> str:
        return self._said(ZH, str(self.medicine))

    @property
    def sentence_en(self) -> str:
        return self._said(EN, self.medicine.inn or str(self.medicine))

    def _said(self, words: str, medicine: str) -> str:
        return words.format(
            giver=self.giver.place.name,
            taker=self.taker.place.name,
            medicine=medicine,
            unit=self.medicine.smallest_unit,
            lot=self.batch.lot_number,
            day=self.last_usable_day,
            unused=self.unused,
            there=self.taker.usable + self.taker.on_the_way,
            lacking=self.lacking,
            quantity=self.quantity,
        )


@dataclass(frozen=True)
class Spare:
    """Units of a lot that its clinic will not use in time."""

    owner: Outlook
    lot: ShelfLot
    units: int


def lacking(row: Outlook) -> int:
    """Units that a clinic lacks to cover the county's horizon, within what it asked for."""
    gap = max(row.need(row.policy.horizon_days) - row.usable - row.on_the_way, 0)
    return gap if row.requested is None else min(gap, row.requested)


def swap_proposals(county_id: str, on: datetime.date) -> list[Swap]:
    """What the county's clinics could give each other today, by medicine, giver and taker.

    A constant number of statements. Lots under a recall, wherever it holds, are left out.
    """
    reading = Reading(county_id, Place.objects.filter(county_id=county_id), on)
    spares: dict[int, list[Spare]] = defaultdict(list)
    for row in reading.rows():
        spares[row.medicine.pk] += [Spare(row, lot, units) for lot, units in row.wasted_lots]
    numbers = [spare.lot.batch_id for of_one in spares.values() for spare in of_one]
    barred = {
        batch for of_place in recalled_batches(county_id, numbers).by_place.values() for batch in of_place
    }
    batches = Batch.objects.filter(county_id=county_id).in_bulk(numbers)
    found = [
        Swap(spare.owner, taker, spare.lot, batches[spare.lot.batch_id], spare.units, quantity)
        for medicine in sorted(spares, key=lambda pk: reading.medicines[pk].code)
        for spare, taker, quantity in _shared(
            reading, medicine, [spare for spare in spares[medicine] if spare.lot.batch_id not in barred]
        )
    ]
    return sorted(found, key=_order)


def _order(swap: Swap) -> tuple[str, str, str, int]:
    return swap.medicine.code, swap.giver.place.code, swap.taker.place.code, swap.batch.pk


def _shared(reading: Reading, medicine: int, spares: Sequence[Spare]) -> Iterable[tuple[Spare, Outlook, int]]:
    """Who gets how much of which spare lot: within each township, then what is left within the county."""
    if not spares:
        return
    givers = {spare.owner.place.pk for spare in spares}
    takers = [reading.outlook(place, medicine) for place in reading.clinics if place not in givers]
    round_ = _Round(reading, [row for row in takers if lacking(row)], spares)
    townships = {spare.owner.place.township_id for spare in spares} - {None}
    for township in [*sorted(map(str, townships)), None]:
        yield from round_.share_out(township)


class _Round:
    """The spare lots of one medicine, and what its takers still want while they are shared out."""

    def __init__(self, reading: Reading, takers: Sequence[Outlook], spares: Sequence[Spare]) -> None:
        self.takers = {row.place.code: row for row in takers}
        self.wants = {row.place.code: _want(reading, row) for row in takers}
        self.spares = {(spare.owner.place.code, spare.lot.batch_id): spare for spare in spares}
        self.left = {key: spare.units for key, spare in self.spares.items()}
        policy = reading.policy
        self.rules = Rules(reading.on, policy.horizon_days, *safety_of(policy))

    def share_out(self, township: str | None) -> Iterable[tuple[Spare, Outlook, int]]:
        """Among the places of a township, or of the whole county."""
        wants = [
            want
            for code, want in self.wants.items()
            if township is None or self.takers[code].place.township_id == township
        ]
        lots = [
            drafting.ShelfLot(place, batch, self.left[place, batch], spare.lot.held.last_usable_day)
            for (place, batch), spare in self.spares.items()
            if self.left[place, batch] and (township is None or spare.owner.place.township_id == township)
        ]
        if not wants or not lots:
            return
        medicine = next(iter(self.spares.values())).owner.medicine
        course = course_units(medicine.smallest_unit)
        for line in draft_medicine(medicine.code, wants, lots, self.rules, course=course).lines:
            spare = self.spares[line.place, line.batch_id]
            self.left[line.place, line.batch_id] -= line.quantity
            self._got(line.clinic, spare, line.quantity)
            yield spare, self.takers[line.clinic], line.quantity

    def _got(self, clinic: str, spare: Spare, units: int) -> None:
        want = self.wants[clinic]
        own = (*want.own_stock, (spare.lot.held.last_usable_day, units))
        cap = want.requested if want.requested is None else max(want.requested - units, 0)
        self.wants[clinic] = replace(want, own_stock=own, requested=cap)


def _want(reading: Reading, row: Outlook) -> Want:
    need, safety = row.need(row.policy.horizon_days), safety_of(row.policy)
    held = [*(lot.held for lot in row.lots), *row.coming]
    travel = -(-reading.travel_minutes.get(row.place.pk, 0) // WORKING_DAY_MINUTES)
    return Want(
        clinic=row.place.code,
        need=need,
        profiled=True,
        known=Need(need, row.rate, safety.learned if row.basis is Basis.LEARNED else safety.estimated),
        requested=row.requested,
        own_stock=tuple((lot.last_usable_day, lot.units) for lot in held),
        transit_days=PACKING_DAYS + travel,
    )


def concerning(
    swaps: Iterable[Swap], places: QuerySet[Place], *, place: str = "", medicine: str = ""
) -> list[Swap]:
    """Swaps that these places give or get; of one place or medicine alone where named by code."""
    here = set(places.values_list("pk", flat=True))
    return [
        swap
        for swap in swaps
        if {swap.giver.place.pk, swap.taker.place.pk} & here
        and place in {"", swap.giver.place.code, swap.taker.place.code}
        and medicine in {"", swap.medicine.code}
    ]


def most_of(swaps: Iterable[Swap], giver: Place, taker: Place) -> Mapping[int, int]:
    """Units by batch that are proposed from one place to another."""
    return {
        swap.batch.pk: swap.quantity
        for swap in swaps
        if (swap.giver.place.pk, swap.taker.place.pk) == (giver.pk, taker.pk)
    }
