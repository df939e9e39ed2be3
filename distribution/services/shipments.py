"""Goods on the road: picked and sent by one person, counted on arrival by another."""

from __future__ import annotations

import datetime
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from catalogue.expiry import is_usable
from core.commands import Act
from core.errors import Fault, NotFound
from core.inserts import update_rows
from distribution.errors import (
    BeforeDispatch,
    ExpiredMeanwhile,
    MoreThanPromised,
    NotTheWholeShipment,
    ReasonNeeded,
    ReceiptDoesNotAddUp,
    SecondPersonNeeded,
    WrongShipmentState,
)
from distribution.models import Shipment, ShipmentLine
from distribution.services.approval import giving_back, usable
from donations.errors import FutureDay
from inventory.errors import Recalled
from inventory.ledger import Entry, Shelf, open_book, post
from inventory.models import Balance, Kind, Side, State
from inventory.queries.recalls import recalled_batches
from inventory.services.expiry import off_the_shelf
from inventory.services.recalls import RECALLED, hold_arrivals

EXPIRED = "expired"


@dataclass(frozen=True)
class Pick:
    """What was taken off the shelf for one line; less than promised needs a reason."""

    picked: int
    reason: str = ""
    pointer: str = ""


@dataclass(frozen=True)
class Arrival:
    """What arrived of one line; the three add up to what was sent, a difference needs a reason."""

    accepted: int
    damaged: int = 0
    missing: int = 0
    reason: str = ""
    pointer: str = ""


def dispatch_shipment(*, act: Act, shipment: Shipment, picks: Mapping[int, Pick]) -> Shipment:
    """Send what was picked; lines not named go as promised, what was not picked returns to the shelf.

    Refused whole if a line has expired, or is no longer all there because a recall or a hold took it: then its pick
    must say so, and whoever packs takes it out. A shipment of which nothing was picked is cancelled.
    """
    shipment = _locked(shipment, Shipment.State.RESERVED)
    open_book(act)
    lines = _lines(shipment)
    _check_known(lines, picks)
    chosen = {
        line.pk: picks.get(line.pk) or Pick(line.promised, pointer=f"/lines/{line.pk}") for line in lines
    }
    _check_picks(act, lines, chosen)
    _check_recalled(act, lines, chosen, shipment.from_place_id)
    for line in lines:
        line.picked, line.pick_reason = chosen[line.pk].picked, chosen[line.pk].reason
    post(off_the_shelf(_leaving(shipment, lines, chosen), act=act), act=act)
    update_rows(lines, ["picked", "pick_reason"])
    shipment.state = Shipment.State.CANCELLED
    if any(line.picked for line in lines):
        shipment.state = Shipment.State.DISPATCHED
        shipment.dispatched_by, shipment.dispatched_on = act.actor_id, act.on
    shipment.version += 1
    shipment.save(update_fields=["state", "dispatched_by", "dispatched_on", "version"])
    return shipment


def receive_shipment(
    *,
    act: Act,
    shipment: Shipment,
    arrivals: Mapping[int, Arrival],
    received_on: datetime.date | None = None,
) -> Shipment:
    """Take a shipment in by counting every line of it, by somebody else than who sent it.

    What has expired on arrival, is damaged or recalled is held; the books cannot refuse what has arrived. What is
    missing is lost on the road. A receipt signed on paper is entered later with its own day, `received_on`: what
    was handed out from that day on can then be entered too.
    """
    shipment = _locked(shipment, Shipment.State.DISPATCHED)
    day = received_on or act.on
    _check_day(act, shipment, day)
    open_book(act)
    if shipment.dispatched_by == act.actor_id:
        raise SecondPersonNeeded
    lines = [line for line in _lines(shipment) if line.picked]
    _check_known(lines, arrivals)
    _check_arrivals(lines, arrivals)
    _note_arrivals(lines, arrivals)
    _book_arrivals(act, shipment, lines, day)
    update_rows(lines, ["accepted", "damaged", "missing", "receipt_reason"])
    shipment.state, shipment.received_by, shipment.received_on = Shipment.State.RECEIVED, act.actor_id, day
    shipment.version += 1
    shipment.save(update_fields=["state", "received_by", "received_on", "version"])
    return shipment


def _locked(shipment: Shipment, state: Shipment.State) -> Shipment:
    current = Shipment.objects.select_for_update(of=("self",)).select_related("to_place").get(pk=shipment.pk)
    if current.state != state:
        raise WrongShipmentState
    return current


def _check_day(act: Act, shipment: Shipment, day: datetime.date) -> None:
    if day > act.on:
        raise FutureDay(pointer="/received_on")
    if shipment.dispatched_on and day < shipment.dispatched_on:
        raise BeforeDispatch(pointer="/received_on")


def _lines(shipment: Shipment) -> list[ShipmentLine]:
    return list(
        ShipmentLine.objects.filter(shipment=shipment).select_related("batch__medicine").order_by("id")
    )


def _check_known(lines: Sequence[ShipmentLine], given: Mapping[int, Pick] | Mapping[int, Arrival]) -> None:
    known = {line.pk for line in lines}
    faults = [
        Fault(f"{word.pointer}/line", NotFound.code, NotFound.message)
        for pk, word in given.items()
        if pk not in known
    ]
    if faults:
        raise NotFound(faults=faults)


def _check_picks(act: Act, lines: Sequence[ShipmentLine], picks: Mapping[int, Pick]) -> None:
    for line in lines:
        pick = picks[line.pk]
        if pick.picked > line.promised:
            raise MoreThanPromised(pointer=f"{pick.pointer}/picked")
        if pick.picked < line.promised and not pick.reason:
            raise ReasonNeeded(pointer=f"{pick.pointer}/reason")
    faults = [
        Fault(picks[line.pk].pointer, ExpiredMeanwhile.code, ExpiredMeanwhile.message)
        for line in lines
        if picks[line.pk].picked and not usable(line.batch, act)
    ]
    if faults:
        raise ExpiredMeanwhile(faults=faults)


def _check_recalled(
    act: Act, lines: Sequence[ShipmentLine], picks: Mapping[int, Pick], place_id: int
) -> None:
    recalled = recalled_batches(act.county_id, [line.batch_id for line in lines]).at(place_id)
    faults = [
        Fault(picks[line.pk].pointer, Recalled.code, Recalled.message)
        for line in lines
        if picks[line.pk].picked and line.batch_id in recalled
    ]
    if faults:
        raise Recalled(faults=faults)


def _reserved(shipment: Shipment) -> dict[int, int]:
    rows = Balance.objects.filter(state=State.RESERVED, account__shipment_id=shipment.pk)
    return dict(rows.values_list("batch_id", "quantity"))


def _leaving(shipment: Shipment, lines: Sequence[ShipmentLine], picks: Mapping[int, Pick]) -> list[Entry]:
    """What was picked goes on the road, the rest of what is still reserved back to the shelf."""
    reserved = _reserved(shipment)
    entries = []
    for line in lines:
        pick = picks[line.pk]
        entries.append(_sending(shipment, line, pick))
        if (rest := reserved.get(line.batch_id, 0) - pick.picked) > 0:
            entries.append(giving_back(shipment, line.batch_id, rest))
    return entries


def _sending(shipment: Shipment, line: ShipmentLine, pick: Pick) -> Entry:
    place, side = shipment.from_place_id, Side(shipment.from_side)
    return Entry(
        Kind.DISPATCH,
        line.batch_id,
        pick.picked,
        Shelf(place, side, State.RESERVED, shipment.pk),
        Shelf(place, side, State.IN_TRANSIT, shipment.pk),
        "shipment",
        shipment.pk,
        pointer=pick.pointer,
    )


def _check_arrivals(lines: Sequence[ShipmentLine], arrivals: Mapping[int, Arrival]) -> None:
    if len(arrivals) < len(lines):
        raise NotTheWholeShipment(pointer="/lines")
    for line in lines:
        arrival = arrivals[line.pk]
        if arrival.accepted + arrival.damaged + arrival.missing != line.picked:
            raise ReceiptDoesNotAddUp(pointer=arrival.pointer)
        if (arrival.damaged or arrival.missing) and not arrival.reason:
            raise ReasonNeeded(pointer=f"{arrival.pointer}/reason")


def _note_arrivals(lines: Sequence[ShipmentLine], arrivals: Mapping[int, Arrival]) -> None:
    for line in lines:
        arrival = arrivals[line.pk]
        line.accepted, line.damaged, line.missing = arrival.accepted, arrival.damaged, arrival.missing
        line.receipt_reason = arrival.reason


def _book_arrivals(act: Act, shipment: Shipment, lines: Sequence[ShipmentLine], day: datetime.date) -> None:
    recalled = recalled_batches(act.county_id, [line.batch_id for line in lines]).at(shipment.to_place_id)
    caught = {line.batch_id: _caught(line, recalled, day) for line in lines}
    post(
        [entry for line in lines for entry in _arriving(shipment, line, caught[line.batch_id], day)], act=act
    )
    held = {
        line.batch_id: line.accepted for line in lines if caught[line.batch_id] == RECALLED and line.accepted
    }
    hold_arrivals(act=act, place=shipment.to_place, side=shipment.to_side, batches=held)


def _caught(line: ShipmentLine, recalled: Container[int], day: datetime.date) -> str:
    """Why units that arrived whole cannot be used; empty if they can."""
    needed = line.batch.medicine.requires_expiry
    if not is_usable(line.batch.last_usable_day, day, requires_expiry=needed):
        return EXPIRED
    return RECALLED if line.batch_id in recalled else ""


def _arriving(shipment: Shipment, line: ShipmentLine, caught: str, day: datetime.date) -> list[Entry]:
    road = Shelf(shipment.from_place_id, Side(shipment.from_side), State.IN_TRANSIT, shipment.pk)
    lost = Shelf(shipment.from_place_id, Side(shipment.from_side), State.LOST)
    shelf = Shelf(shipment.to_place_id, Side(shipment.to_side), State.AVAILABLE)
    held = Shelf(shipment.to_place_id, Side(shipment.to_side), State.HELD)
    steps = [
        (Kind.RECEIVE, line.accepted, held if caught else shelf, caught),
        (Kind.RECEIVE, line.damaged, held, "damaged"),
        (Kind.LOSE, line.missing, lost, "missing"),
    ]
    return [
        Entry(
            kind,
            line.batch_id,
            units or 0,
            road,
            target,
            "shipment",
            shipment.pk,
            detail=detail,
            business_day=day,
        )
        for kind, units, target, detail in steps
    ]
