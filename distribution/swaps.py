"""Swaps (余缺调剂): what one clinic will not use before it expires goes to clinics that lack it.

What a clinic will not use is its expected waste, lot by lot. It is shared out among the clinics that lack the
medicine as a plan shares out a store: fairly, first to expire first, and to each only what it can use in time. First
among the clinics of one township, then what is left over in the whole county. Nobody is proposed less than a course.
Who has enough of what stands in for a medicine does not lack it; stand-ins are shared out together, by courses.
Nothing of it is kept: a proposal is a read of the books, and holds until they change.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from catalogue.models import Medicine
from distribution import drafting
from distribution.consumption import is_foreseen
from distribution.drafting import DraftLine, Rules, Want, draft_medicine
from distribution.group_drafting import Member, draft_group
from distribution.interchangeable import Basket
from distribution.known_needs import Need
from distribution.needs import course_units
from distribution.outlook import Outlook, outlook_of
from distribution.place_needs import safety_of
from distribution.reading import Reading
from distribution.situation import WORKING_DAY_MINUTES
from distribution.supply import Basis, ShelfLot
from inventory.models import Batch
from inventory.queries.recalls import recalled_batches
from organisation.models import Place

# Until what one clinic gives away is packed and on its way to another.
PACKING_DAYS = 1
ZH = (
    "{giver}的{medicine}（批号{lot}，{day}到期）预计有{unused}{unit}到期前用不完；"
    "{taker}现有{there}{unit}，缺{lacking}{unit}，建议调剂{quantity}{unit}。"
)
EN = (
    "{giver} will not use {unused} of lot {lot} of {medicine} before {day}; {taker} has {there} and lacks {lacking}: "
    "move {quantity}."
)
TOGETHER = ("本品与可互换药品按疗程合并计算。", " What stands in for it counts with it, by courses.")


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
        return self.taker.lacking

    @property
    def sentence_zh(self) -> str:
        return self._said(ZH, str(self.medicine)) + (TOGETHER[0] if self.taker.group else "")

    @property
    def sentence_en(self) -> str:
        return self._said(EN, self.medicine.inn or str(self.medicine)) + (
            TOGETHER[1] if self.taker.group else ""
        )

    def _said(self, words: str, medicine: str) -> str:
        return words.format(
            giver=self.giver.place.name,
            taker=self.taker.place.name,
            medicine=medicine,
            unit=self.medicine.smallest_unit,
            lot=self.batch.lot_number,
            day=self.last_usable_day,
            unused=self.unused,
            there=self.taker.group_usable + self.taker.group_on_the_way,
            lacking=self.lacking,
            quantity=self.quantity,
        )


@dataclass(frozen=True)
class Spare:
    """Units of a lot that its clinic will not use in time."""

    owner: Outlook
    lot: ShelfLot
    units: int


def swap_proposals(
    county_id: str,
    on: datetime.date,
    *,
    medicines: Collection[str] = (),
    among: Collection[int] | None = None,
) -> list[Swap]:
    """What the county's clinics could give each other today, by medicine, giver and taker.

    `medicines`, by code, and `among`, places by id: what concerns none of them need not be worked out. A constant
    number of statements. Lots under a recall, wherever it holds, are left out.
    """
    reading = Reading(county_id, Place.objects.filter(county_id=county_id), on)
    spares = _spares(reading)
    numbers = [spare.lot.batch_id for of_one in spares.values() for spare in of_one]
    barred = {
        batch for of_place in recalled_batches(county_id, numbers).by_place.values() for batch in of_place
    }
    batches = Batch.objects.filter(county_id=county_id).in_bulk(numbers)
    found = []
    for basket, of_one in spares.items():
        if medicines and not any(member.code in medicines for member in basket.members):
            continue
        usable = [spare for spare in of_one if spare.lot.batch_id not in barred]
        for spare, taker, quantity in _shared(reading, basket, usable, among):
            batch = batches[spare.lot.batch_id]
            to = outlook_of(reading, taker, spare.owner.medicine)
            found.append(Swap(spare.owner, to, spare.lot, batch, spare.units, quantity))
    return sorted(found, key=_order)


def _spares(reading: Reading) -> Mapping[Basket, list[Spare]]:
    """What clinics will not use, by what is shared out together."""
    spares: dict[Basket, list[Spare]] = defaultdict(list)
    for (place, medicine), lots in reading.lots.items():
        if not any(is_foreseen(lot.held, reading.on) for lot in lots):
            continue
        row = outlook_of(reading, place, reading.medicines[medicine])
        for lot, units in row.wasted_lots:
            spares[row.basket].append(Spare(row, lot, units))
    return spares


def _order(swap: Swap) -> tuple[str, str, str, int]:
    return swap.medicine.code, swap.giver.place.code, swap.taker.place.code, swap.batch.pk


def _shared(
    reading: Reading, basket: Basket, spares: Sequence[Spare], among: Collection[int] | None
) -> Iterable[tuple[Spare, int, int]]:
    """Who, by id, gets how much of which spare lot: within each township, then what is left within the county."""
    givers = {spare.owner.place.pk for spare in spares}
    takers = [place for place in reading.clinics if place not in givers]
    lacking = [place for place in takers if reading.whole(place, basket).lacking] if spares else []
    if not lacking or (among is not None and not {*givers, *lacking}.intersection(among)):
        return
    round_ = _Round(reading, basket, [reading.clinics[place] for place in lacking], spares)
    townships = {spare.owner.place.township_id for spare in spares} - {None}
    for township in [*sorted(map(str, townships)), None]:
        yield from round_.share_out(township)


class _Round:
    """The spare lots of one basket, and what its takers still want of each member while they are shared out."""

    def __init__(
        self, reading: Reading, basket: Basket, takers: Sequence[Place], spares: Sequence[Spare]
    ) -> None:
        self.reading, self.basket = reading, basket
        self.takers = {place.code: place for place in takers}
        self.wants = {
            (place.code, member.code): _want(reading, place, member)
            for place in takers
            for member in basket.members
        }
        self.needs = {place.code: _need(reading, place, basket) for place in takers}
        self.spares = {(spare.owner.place.code, spare.lot.batch_id): spare for spare in spares}
        self.left = {key: spare.units for key, spare in self.spares.items()}
        policy = reading.policy
        self.rules = Rules(reading.on, policy.horizon_days, *safety_of(policy))

    def share_out(self, township: str | None) -> Iterable[tuple[Spare, int, int]]:
        """Among the places of a township, or of the whole county."""
        clinics = [
            code for code, place in self.takers.items() if township is None or place.township_id == township
        ]
        lots: dict[str, list[drafting.ShelfLot]] = defaultdict(list)
        for (place, batch), spare in self.spares.items():
            here = township is None or spare.owner.place.township_id == township
            if here and self.left[place, batch]:
                day = spare.lot.held.last_usable_day
                lot = drafting.ShelfLot(place, batch, self.left[place, batch], day)
                lots[spare.owner.medicine.code].append(lot)
        if not clinics or not lots:
            return
        for line in self._drafted(clinics, lots):
            spare = self.spares[line.place, line.batch_id]
            self.left[line.place, line.batch_id] -= line.quantity
            self._got(line.clinic, spare, line.quantity)
            yield spare, self.takers[line.clinic].pk, line.quantity

    def _drafted(
        self, clinics: Sequence[str], lots: Mapping[str, list[drafting.ShelfLot]]
    ) -> Sequence[DraftLine]:
        """Shared out as a plan would."""
        wants = {
            member.code: [self.wants[code, member.code] for code in clinics] for member in self.basket.members
        }
        if self.basket.is_group:
            members = [
                Member(each.code, each.generic_name, self.basket.course(each)) for each in self.basket.members
            ]
            needs = [self.needs[code] for code in clinics]
            return draft_group(members, wants, lots, self.rules, needs).lines
        (medicine,) = self.basket.members
        alone = [
            replace(want, need=need.need, known=need)
            for want in wants[medicine.code]
            for need in [self.needs[want.clinic]]
        ]
        course = course_units(medicine.smallest_unit)
        return draft_medicine(medicine.code, alone, lots[medicine.code], self.rules, course=course).lines

    def _got(self, clinic: str, spare: Spare, units: int) -> None:
        """What a clinic gets is had from now on, and no longer asked for: of this medicine, then of its stand-ins."""
        given = spare.owner.medicine
        key, day = (clinic, given.code), spare.lot.held.last_usable_day
        self.wants[key] = replace(self.wants[key], own_stock=(*self.wants[key].own_stock, (day, units)))
        left = units // self.basket.course(given)
        for member in sorted(self.basket.members, key=lambda each: each.pk != given.pk):
            want, course = self.wants[clinic, member.code], self.basket.course(member)
            if want.requested is not None:
                met = min(left, want.requested // course)
                left -= met
                self.wants[clinic, member.code] = replace(want, requested=want.requested - met * course)


def _want(reading: Reading, place: Place, medicine: Medicine) -> Want:
    """What a clinic has and asks for of a medicine; its need is that of the basket."""
    supply = reading.supply(place.pk, medicine)
    held = [*(lot.held for lot in supply.lots), *supply.coming]
    travel = -(-reading.travel_minutes.get(place.pk, 0) // WORKING_DAY_MINUTES)
    return Want(
        clinic=place.code,
        need=0,
        profiled=True,
        requested=supply.requested,
        own_stock=tuple((lot.last_usable_day, lot.units) for lot in held),
        transit_days=PACKING_DAYS + travel,
    )


def _need(reading: Reading, place: Place, basket: Basket) -> Need:
    """What a clinic uses over the horizon, in the measure of the basket."""
    whole, safety = reading.whole(place.pk, basket), safety_of(reading.policy)
    part = safety.learned if whole.basis is Basis.LEARNED else safety.estimated
    return Need(whole.need(reading.policy.horizon_days), whole.rate, part)


def swaps_of(
    county_id: str, places: QuerySet[Place], on: datetime.date, *, place: str = "", medicine: str = ""
) -> list[Swap]:
    """Swaps that these places give or get; of one place or medicine alone where named by code."""
    here = {row.pk for row in places if place in {"", row.code}}
    swaps = swap_proposals(county_id, on, medicines={medicine} if medicine else (), among=here)
    return [
        swap
        for swap in swaps
        if {swap.giver.place.pk, swap.taker.place.pk} & here and medicine in {"", swap.medicine.code}
    ]


def most_of(swaps: Iterable[Swap], giver: Place, taker: Place) -> Mapping[int, int]:
    """Units by batch that are proposed from one place to another."""
    return {
        swap.batch.pk: swap.quantity
        for swap in swaps
        if (swap.giver.place.pk, swap.taker.place.pk) == (giver.pk, taker.pk)
    }
