"""Handing medicines out, free of charge, and taking a hand-out back on the day of its entry."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from catalogue.expiry import is_usable
from catalogue.models import Medicine, Recall
from catalogue.queries import medicines_by_code
from core.commands import Act
from core.errors import Fault, Invalid
from core.inserts import insert_linked
from distribution.errors import (
    BeforeCampaign,
    ExpiresDuringCourse,
    HandsNothingOut,
    PrescriberNeeded,
    TooLateToReverse,
)
from distribution.hand_out_limits import LimitRule, limit_of
from distribution.models import Dispensing, DispensingLine
from distribution.services.limits import check_limits
from donations.errors import FutureDay
from donations.models import Campaign
from inventory.errors import AlreadyReversed, Recalled, RelabelledSince, ShortStock
from inventory.ledger import Entry, Shelf, open_book, post
from inventory.models import Balance, Batch, Hold, Kind, Movement, Side, State
from inventory.models_conversions import Relabelling
from inventory.models_kits import Kit
from inventory.queries.conversions import batches_after
from inventory.queries.holds import DOCUMENT
from inventory.queries.recalls import batches_held_since, recalled_batches
from inventory.services.expiry import off_the_shelf
from inventory.services.kits import end_kit
from inventory.services.recalls import hold_returned
from inventory.services.spending import spend_by_paper
from organisation.models import Place

FROM_HELD, OVER_LIMIT = "held_since", "over_limit"


@dataclass(frozen=True)
class HandOutLine:
    """What one hand-out gives of a medicine, by its code (first to expire goes first), or of one named batch."""

    quantity: int
    days_supply: int
    medicine: str = ""
    batch_id: int | None = None
    prescriber: str = ""
    pointer: str = ""


@dataclass(frozen=True)
class HandOut:
    """One hand-out: its day, whom it reached without naming anybody, and its lines.

    `by_centre`: entered by the health centre that covers the place, so that it tells of what has been given.
    `kit_id`: the health kit that it is.
    """

    dispensed_on: datetime.date
    age_band: str
    collected_by: str
    lines: Sequence[HandOutLine]
    recipients: int = 1
    marks: Sequence[str] = ()
    register_ref: str = ""
    entered_for: bool = False
    by_centre: bool = False
    kit_id: int | None = None


@dataclass
class Drawer:
    """Units of one batch that may still be handed out; `state` is where they stand, `limit` the county's own."""

    batch: Batch
    state: State
    left: int
    limit: LimitRule | None = None

    def lasts(self, on: datetime.date, days_supply: int) -> bool:
        day, needed = self.batch.last_usable_day, self.batch.medicine.requires_expiry
        return is_usable(day, on, days_supply, requires_expiry=needed)


@dataclass(frozen=True)
class Taken:
    line: HandOutLine
    drawer: Drawer
    quantity: int


def dispense(*, act: Act, place: Place, hand_out: HandOut) -> tuple[Dispensing, list[DispensingLine]]:
    """Hand medicines out of the place's clinic side, what expires first going first.

    No batch may expire before the course ends, counted from the day of the hand-out even when it is entered
    later. A hand-out dated before its goods were held is booked out of held and flagged: the books cannot refuse
    what was given. One that a health centre enters for its village clinic is flagged where it gave more than the
    county lets it; at the counter that is refused. Refused as a
    whole, each line by its pointer.
    """
    check_place_and_day(act, place, hand_out)
    open_book(act)
    taken = take_from_shelf(act, place, hand_out)
    dispensing, lines = write_hand_out(act, place, hand_out, taken)
    book_hand_outs(act, place, [(dispensing, row) for row in taken])
    return dispensing, lines


def check_place_and_day(act: Act, place: Place, hand_out: HandOut) -> None:
    """Medicines are handed out where that is done, in a campaign and not in time to come."""
    if not place.hands_out or not place.active:
        raise HandsNothingOut(pointer="/place")
    if hand_out.dispensed_on > act.on:
        raise FutureDay(pointer="/dispensed_on")
    campaigns = Campaign.objects.filter(county_id=act.county_id, starts_on__lte=hand_out.dispensed_on)
    if not campaigns.exists():
        raise BeforeCampaign(pointer="/dispensed_on")


def book_hand_outs(act: Act, place: Place, given: Sequence[tuple[Dispensing, Taken]]) -> None:
    """Post what was given; what was held only after it was given counts against the holds of its batch."""
    late = [
        (("dispensing", dispensing.pk), (row.drawer.batch.pk, str(Side.CLINIC)), row.quantity)
        for dispensing, row in given
        if row.drawer.state == State.HELD
    ]
    spend_by_paper(act=act, place=place, taken=late)
    post([entry_of(dispensing, row) for dispensing, row in given], act=act)


def take_from_shelf(act: Act, place: Place, hand_out: HandOut) -> list[Taken]:
    """Which units each line is given, under the lock of their balances; refused as a whole, line by line."""
    _check_recalled(act, place, hand_out)
    drawers = _drawers(act, place, hand_out)
    check_prescribers(hand_out, drawers)
    return _take(hand_out, drawers)


def reverse_dispensing(*, act: Act, dispensing: Dispensing) -> Dispensing:
    """Take a hand-out back as if it had not been; on the day of its entry only.

    What was recalled or held in the meantime comes back into hold; refused once its label was corrected. What was
    in a kit comes back without it.
    """
    dispensing = (
        Dispensing.objects.select_for_update(of=("self",)).select_related("place").get(pk=dispensing.pk)
    )
    open_book(act)
    if dispensing.reversed_by is not None:
        raise AlreadyReversed
    if dispensing.booked_on != act.booked:
        raise TooLateToReverse
    _check_labels(dispensing)
    movements = list(
        Movement.objects.filter(
            county_id=act.county_id, document_type="dispensing", document_id=dispensing.pk, kind=Kind.DISPENSE
        ).select_related("from_account")
    )
    back = [_reversal(dispensing, movement) for movement in movements]
    held = _held_again(act, dispensing, movements)
    again = {entry.batch_id for entry in held}
    loose = off_the_shelf([entry for entry in back if entry.batch_id not in again], act=act)
    post([*(entry for entry in back if entry.batch_id in again), *loose, *held], act=act)
    dispensing.reversed_by, dispensing.reversed_at = act.actor_id, act.at
    dispensing.save(update_fields=["reversed_by", "reversed_at"])
    if dispensing.kit_id is not None:
        end_kit(act, dispensing.kit_id, Kit.State.UNPACKED)
    return dispensing


def _check_labels(dispensing: Dispensing) -> None:
    """A reversal puts the same batch back: goods under a label that was found wrong do not come back to the shelf."""
    batches = DispensingLine.objects.filter(dispensing=dispensing).values("batch")
    confirmed = Relabelling.objects.filter(batch__in=batches, state=Relabelling.State.CONFIRMED)
    if confirmed.filter(ended_on__gte=dispensing.booked_on).exists():
        raise RelabelledSince


def _held_again(act: Act, dispensing: Dispensing, movements: Sequence[Movement]) -> list[Entry]:
    """What must not lie on the shelf when it comes back: recalled, or put on hold here after it was handed out."""
    shelf = [movement for movement in movements if movement.from_account.state == State.AVAILABLE]
    wanted = {movement.batch_id: movement.pk for movement in shelf}
    blocked = batches_held_since(act.county_id, dispensing.place_id, wanted)
    holds = hold_returned(act=act, place=dispensing.place, batches=blocked)
    here = dispensing.place_id, Side.CLINIC
    return [
        Entry(
            Kind.HOLD,
            movement.batch_id,
            movement.quantity,
            Shelf(*here, State.AVAILABLE),
            Shelf(*here, State.HELD),
            DOCUMENT,
            holds[movement.batch_id],
        )
        for movement in shelf
        if movement.batch_id in holds
    ]


def _check_recalled(act: Act, place: Place, hand_out: HandOut) -> None:
    """Refuse batches named in spite of a recall; a hand-out before its day is only entered late."""
    named = {line.batch_id for line in hand_out.lines if line.batch_id}
    if not named:
        return
    recalled = recalled_batches(act.county_id, named).at(place.pk)
    since = dict(Recall.objects.filter(pk__in=recalled.values()).values_list("pk", "raised_on"))
    faults = [
        Fault(f"{line.pointer}/batch", Recalled.code, Recalled.message)
        for line in hand_out.lines
        if line.batch_id in recalled and since[recalled[line.batch_id]] <= hand_out.dispensed_on
    ]
    if faults:
        raise Recalled(faults=faults)


def _drawers(act: Act, place: Place, hand_out: HandOut) -> list[Drawer]:
    """What may be taken, in the order in which it is: available by expiry, then what was held only later.

    The available balances are locked, so that two hand-outs at once do not plan with the same units; of a batch that
    is named the others of its medicine too, for a limit counts all of them.
    """
    medicines = {line.medicine for line in hand_out.lines if line.medicine}
    batches = {line.batch_id for line in hand_out.lines if line.batch_id}
    rows = (
        Balance.objects.select_for_update(of=("self",))
        .filter(
            county_id=act.county_id,
            account__place=place,
            account__side=Side.CLINIC,
            state__in=[State.AVAILABLE, State.HELD],
            quantity__gt=0,
        )
        .filter(Q(batch__medicine__in=_of(batches)) | Q(batch__medicine__code__in=medicines))
        .select_related("batch__medicine")
        .annotate(limit=limit_of(act.county_id, "batch__medicine"))
        .order_by("account_id", "batch_id")
    )
    if hand_out.dispensed_on < act.on:
        _lock_holds(place, batches, medicines)
        there = _there_by(act, place, hand_out.dispensed_on)
        rows = rows.filter(batch__in=batches_after(there))
    later = _held_later(act, place, hand_out) if hand_out.dispensed_on < act.on else {}
    drawers = [Drawer(row.batch, State(row.state), _most(row, later), _limit(row)) for row in rows]
    return sorted(drawers, key=_first_to_expire)


def _of(batches: Collection[int]) -> QuerySet[Batch, int]:
    return Batch.objects.filter(pk__in=batches).values_list("medicine_id", flat=True)


def _limit(row: Any) -> LimitRule | None:
    return LimitRule(row.batch.medicine_id, **row.limit) if row.limit else None


def _lock_holds(place: Place, batches: Collection[int], medicines: Collection[str]) -> None:
    """Before the balances, as a release does: a hand-out entered late may take what is held."""
    holds = Hold.objects.select_for_update(of=("self",)).filter(place=place).order_by("id")
    list(holds.filter(Q(batch__in=batches) | Q(batch__medicine__code__in=medicines)).values_list("pk"))


def _there_by(act: Act, place: Place, day: datetime.date) -> QuerySet[Movement, int]:
    """Batches that had reached this clinic by a day, under whatever label: nothing is handed out before it came."""
    return Movement.objects.filter(
        county_id=act.county_id,
        business_day__lte=day,
        to_account__place=place,
        to_account__side=Side.CLINIC,
        to_account__state=State.AVAILABLE,
    ).values_list("batch_id", flat=True)


def _first_to_expire(drawer: Drawer) -> tuple[bool, datetime.date, int]:
    day = drawer.batch.last_usable_day or datetime.date.max
    return drawer.state == State.HELD, day, drawer.batch.pk


def _most(row: Balance, later: Mapping[int, int]) -> int:
    return row.quantity if row.state == State.AVAILABLE else min(row.quantity, later.get(row.batch_id, 0))


def _held_later(act: Act, place: Place, hand_out: HandOut) -> dict[int, int]:
    """Units by batch that were put on hold at this clinic after the day of the hand-out."""
    holds = Movement.objects.filter(
        county_id=act.county_id,
        kind=Kind.HOLD,
        business_day__gt=hand_out.dispensed_on,
        to_account__place=place,
        to_account__side=Side.CLINIC,
        to_account__state=State.HELD,
    )
    return dict(holds.values_list("batch_id").annotate(units=Sum("quantity")).order_by())


def check_prescribers(hand_out: HandOut, drawers: Sequence[Drawer]) -> None:
    """Whoever hands out a medicine by prescription says who prescribed it."""
    of_batch = {drawer.batch.pk: drawer.batch.medicine for drawer in drawers}
    by_code = _medicines(hand_out, drawers)
    faults = []
    for line in hand_out.lines:
        medicine = by_code[line.medicine] if line.medicine else of_batch.get(line.batch_id or 0)
        if medicine and medicine.by_prescription and not line.prescriber:
            faults.append(
                Fault(f"{line.pointer}/prescriber", PrescriberNeeded.code, PrescriberNeeded.message)
            )
    if faults:
        raise PrescriberNeeded(faults=faults)


def _medicines(hand_out: HandOut, drawers: Sequence[Drawer]) -> dict[str, Medicine]:
    """The medicines that the lines name: at hand with what is in the drawers, else looked up."""
    medicines = {drawer.batch.medicine.code: drawer.batch.medicine for drawer in drawers}
    named = {line.medicine for line in hand_out.lines if line.medicine}
    if others := named - medicines.keys():
        medicines |= medicines_by_code(others)
    unknown = [
        Fault(f"{line.pointer}/medicine", "unknown_medicine", _("The catalogue does not know this."))
        for line in hand_out.lines
        if line.medicine and line.medicine not in medicines
    ]
    if unknown:
        raise Invalid(faults=unknown)
    return medicines


def _take(hand_out: HandOut, drawers: Sequence[Drawer]) -> list[Taken]:
    taken: list[Taken] = []
    short: list[Fault] = []
    expiring: list[Fault] = []
    for line in hand_out.lines:
        mine = [drawer for drawer in drawers if _fits(line, drawer)]
        there = sum(drawer.left for drawer in mine)
        lasting = [drawer for drawer in mine if drawer.lasts(hand_out.dispensed_on, line.days_supply)]
        if there < line.quantity:
            message = _("%(there)d in stock, %(wanted)d wanted.") % {"there": there, "wanted": line.quantity}
            short.append(Fault(f"{line.pointer}/quantity", ShortStock.code, message))
        elif sum(drawer.left for drawer in lasting) < line.quantity:
            expiring.append(
                Fault(f"{line.pointer}/days_supply", ExpiresDuringCourse.code, ExpiresDuringCourse.message)
            )
        else:
            taken += _draw(line, lasting)
    if short:
        raise ShortStock(faults=[*short, *expiring])
    if expiring:
        raise ExpiresDuringCourse(faults=expiring)
    return taken


def _fits(line: HandOutLine, drawer: Drawer) -> bool:
    if line.batch_id is not None:
        return drawer.batch.pk == line.batch_id
    return drawer.batch.medicine.code == line.medicine


def _draw(line: HandOutLine, drawers: Sequence[Drawer]) -> list[Taken]:
    wanted, taken = line.quantity, []
    for drawer in drawers:
        units = min(wanted, drawer.left)
        if units:
            drawer.left, wanted = drawer.left - units, wanted - units
            taken.append(Taken(line, drawer, units))
    return taken


def write_hand_out(
    act: Act, place: Place, hand_out: HandOut, taken: Sequence[Taken]
) -> tuple[Dispensing, list[DispensingLine]]:
    """Write a hand-out and its lines, within the county's limits; asked under the lock of the balances."""
    over = {medicine for _key, medicine in check_limits(act, place, [(hand_out, taken)])}
    dispensing = row_of(act, place, hand_out)
    lines = [line_of(dispensing, row, over) for row in taken]
    insert_linked([dispensing], lines, "dispensing")
    return dispensing, lines


def row_of(act: Act, place: Place, hand_out: HandOut) -> Dispensing:
    """The hand-out as it is to be written."""
    return Dispensing(
        county_id=act.county_id,
        place=place,
        dispensed_on=hand_out.dispensed_on,
        booked_on=act.booked,
        recipients=hand_out.recipients,
        age_band=hand_out.age_band,
        marks=list(hand_out.marks),
        register_ref=hand_out.register_ref,
        collected_by=hand_out.collected_by,
        entered_for=hand_out.entered_for,
        kit_id=hand_out.kit_id,
        dispensed_by=act.actor_id,
        recorded_at=act.at,
    )


def line_of(dispensing: Dispensing, row: Taken, over: Collection[int]) -> DispensingLine:
    """A line as it is to be written; `over` are the medicines of which the hand-out gives too much."""
    marks = {
        FROM_HELD: row.drawer.state == State.HELD,
        OVER_LIMIT: row.drawer.batch.medicine_id in over,
    }
    return DispensingLine(
        county_id=dispensing.county_id,
        dispensing=dispensing,
        batch=row.drawer.batch,
        quantity=row.quantity,
        days_supply=row.line.days_supply,
        prescriber=row.line.prescriber,
        flagged=",".join(mark for mark, due in marks.items() if due),
    )


def entry_of(dispensing: Dispensing, row: Taken) -> Entry:
    return Entry(
        Kind.DISPENSE,
        row.drawer.batch.pk,
        row.quantity,
        Shelf(dispensing.place_id, Side.CLINIC, row.drawer.state),
        Shelf(dispensing.place_id, Side.CLINIC, State.DISPENSED),
        "dispensing",
        dispensing.pk,
        detail=dispensing.age_band,
        pointer=f"{row.line.pointer}/quantity",
        business_day=dispensing.dispensed_on,
    )


def _reversal(dispensing: Dispensing, movement: Movement) -> Entry:
    return Entry(
        Kind.REVERSAL,
        movement.batch_id,
        movement.quantity,
        Shelf(dispensing.place_id, Side.CLINIC, State.DISPENSED),
        Shelf(dispensing.place_id, Side.CLINIC, State(movement.from_account.state)),
        "dispensing",
        dispensing.pk,
        detail=dispensing.age_band,
        reverses_id=movement.pk,
        business_day=dispensing.dispensed_on,
    )
