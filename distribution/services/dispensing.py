"""Handing medicines out, free of charge."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.commands import Act
from core.inserts import insert_linked
from distribution.errors import (
    BeforeCampaign,
    HandsNothingOut,
)
from distribution.models import Dispensing, DispensingLine
from distribution.services.hand_outs import HandOut, Taken
from distribution.services.limits import check_limits
from distribution.services.taking import take_from_shelf
from donations.errors import FutureDay
from donations.models import Campaign
from inventory.ledger import Entry, Shelf, open_book, post
from inventory.models import Kind, Side, State
from inventory.services.spending import spend_by_paper
from organisation.models import Place

FROM_HELD, OVER_LIMIT = "held_since", "over_limit"


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
