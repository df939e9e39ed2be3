"""Counting a place: started, counted line by line without sight of the books, finished, abandoned.

Goods keep moving meanwhile. Each line therefore keeps what the books had at its own moment; what moves afterwards
changes neither. Promised goods stand on the shelf until they are sent, so a counter counts them with the rest: the
spot `shelf` is what is available and what is reserved, the spot `held` what was put aside.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.models import Medicine
from core.commands import Act
from core.days import local_day
from core.errors import Fault
from donations.intake import ItemDraft, expiry_of_draft
from inventory.errors import CountUnderWay, KnownBatch, MomentOutsideCount, NotAtThisStage, NothingCounted
from inventory.ledger import Shelf, last_number, lock_balances, open_book
from inventory.models import INSIDE, Balance, Side, State
from inventory.models.counts import CountLine, Spot, StockCount
from inventory.queries.counts import books_at, promised_here
from organisation.models import Place, Policy

SPOT_STATES = {Spot.SHELF: State.AVAILABLE, Spot.HELD: State.HELD}
UNDER_WAY = [StockCount.State.OPEN, StockCount.State.FINISHED]


@dataclass(frozen=True)
class Label:
    """What stands on units that the books do not know here: what could be read, and nothing made up."""

    medicine: Medicine | None
    description: str
    lot_number: str
    expiry: str
    pack: str
    container: str


@dataclass(frozen=True)
class Counted:
    """Units counted of a batch at a spot, or of a label. `at` is the moment of counting, None for this one.

    `pointer` says where in the request it stands.
    """

    pointer: str
    counted: int
    batch_id: int | None = None
    side: str = ""
    spot: str = ""
    label: Label | None = None
    at: datetime.datetime | None = None


def start_count(*, act: Act, place: Place) -> StockCount:
    """Begin to count a place; one count at a time."""
    if StockCount.objects.filter(place=place, state__in=UNDER_WAY).exists():
        raise CountUnderWay(pointer="/place")
    return StockCount.objects.create(
        county_id=act.county_id,
        place=place,
        started_by_id=act.actor_id,
        started_on=act.on,
        started_at=act.at,
        position=last_number(act.county_id),
    )


def record_lines(*, act: Act, policy: Policy, count: StockCount, lines: Sequence[Counted]) -> list[CountLine]:
    """Write down what was counted, each line with what the books had at its moment; the last word of a batch counts.

    The balances of the batches are locked while the books are read, so that what is posted afterwards has a higher
    number than the line keeps. The number of statements does not depend on the number of lines.
    """
    open_book(act)
    count = locked_count(count, StockCount.State.OPEN)
    _check_moments(act, count, lines)
    _check_unknown(count.place, lines, days := _days(policy, lines))
    known = [line for line in lines if line.batch_id]
    _hold_still(act, count.place, known)
    position, zone = last_number(act.county_id), count.place.county.time_zone
    rows = [_row(act, count, line, position, zone, days.get(line.pointer)) for line in lines]
    of_batches = [row for row in rows if row.batch_id]
    if of_batches:
        books = books_at(count.place, of_batches, since=count.position)
        for row, book in zip(of_batches, books, strict=True):
            row.book = book
    return CountLine.objects.bulk_create(rows)


def _hold_still(act: Act, place: Place, lines: Sequence[Counted]) -> None:
    """Lock all that a counter can see of these batches: nothing comes to the place or leaves it meanwhile.

    What is promised lies on the shelf too, and leaves it without touching what is available. No promise is made while
    the available units are locked, so a second look finds those that were made while this waited for the lock.
    """
    batches = {line.batch_id or 0 for line in lines}
    promised = promised_here(place, batches) if batches else set()
    seen = {
        (Shelf(place.pk, Side(line.side), SPOT_STATES[spot]), line.batch_id or 0)
        for line in lines
        for spot in Spot
    }
    lock_balances(seen | promised, act=act)
    if batches:
        lock_balances(promised_here(place, batches) - promised, act=act)


def finish_count(*, act: Act, count: StockCount) -> StockCount:
    """Lay a count before a second person; what was not counted is not zero, it stays as it is."""
    count = locked_count(count, StockCount.State.OPEN)
    if not CountLine.objects.filter(count=count).exists():
        raise NothingCounted
    count.state, count.finished_by_id, count.finished_on = StockCount.State.FINISHED, act.actor_id, act.on
    count.save(update_fields=["state", "finished_by", "finished_on"])
    return count


def reopen_count(*, act: Act, count: StockCount) -> StockCount:
    """Go on counting what was finished, to count some lines again."""
    count = locked_count(count, StockCount.State.FINISHED)
    count.state, count.finished_by, count.finished_on = StockCount.State.OPEN, None, None
    count.save(update_fields=["state", "finished_by", "finished_on"])
    return count


def abandon_count(*, act: Act, count: StockCount, reason: str) -> StockCount:
    """End a count without any consequence for the books."""
    count = locked_count(count, *UNDER_WAY)
    count.state, count.reason = StockCount.State.ABANDONED, reason
    count.ended_by_id, count.ended_on = act.actor_id, act.on
    count.save(update_fields=["state", "reason", "ended_by", "ended_on"])
    return count


def locked_count(count: StockCount, *states: str) -> StockCount:
    """The count as it stands now, locked; refused where it is in none of these states."""
    row = StockCount.objects.select_for_update(of=("self",)).select_related("place__county").get(pk=count.pk)
    if row.state not in states:
        raise NotAtThisStage
    return row


def _check_moments(act: Act, count: StockCount, lines: Sequence[Counted]) -> None:
    faults = [
        Fault(f"{line.pointer}/counted_at", MomentOutsideCount.code, MomentOutsideCount.message)
        for line in lines
        if line.at and not count.started_at <= line.at <= act.at
    ]
    if faults:
        raise MomentOutsideCount(faults=faults)


def _days(policy: Policy, lines: Sequence[Counted]) -> dict[str, Any]:
    """The expiry of each unknown label as read, by pointer; refused where it cannot be read."""
    return {
        line.pointer: expiry_of_draft(draft_of(line.label, line.counted), policy, line.pointer)
        for line in lines
        if line.label
    }


def draft_of(label: Label, quantity: int) -> ItemDraft:
    """A label as it is registered when its units turn out to be a donation."""
    return ItemDraft(
        quantity=quantity,
        medicine=label.medicine,
        description=label.description,
        lot_number=label.lot_number,
        lot_state="read" if label.lot_number else "not_read",
        expiry=label.expiry,
        expiry_state="read" if label.expiry else "not_read",
        opened=label.pack == "opened",
        container=label.container,
    )


def _check_unknown(place: Place, lines: Sequence[Counted], days: Mapping[str, Any]) -> None:
    """A batch that the books have here is counted as such: else it would stand there and be donated once more."""
    labels = {
        line.pointer: (line.label.medicine.pk, line.label.lot_number)
        for line in lines
        if line.label and line.label.medicine and line.label.lot_number
    }
    rows = Balance.objects.filter(
        county_id=place.county_id,
        account__place=place,
        state__in=[*INSIDE, State.ADJUSTED],
        quantity__gt=0,
        batch__medicine__in={medicine for medicine, _lot in labels.values()},
        batch__lot_number__in={lot for _medicine, lot in labels.values()},
    )
    here = set(rows.values_list("batch__medicine_id", "batch__lot_number", "batch__last_usable_day"))
    faults = [
        Fault(f"{pointer}/lot_number", KnownBatch.code, KnownBatch.message)
        for pointer, label in labels.items()
        if any(label == row[:2] and (days[pointer] is None or days[pointer].last_usable_day == row[2])
               for row in here)
    ]  # fmt: skip
    if faults:
        raise KnownBatch(faults=faults)


def _row(act: Act, count: StockCount, line: Counted, position: int, zone: str, expiry: Any) -> CountLine:
    row = CountLine(
        county_id=act.county_id,
        count=count,
        batch_id=line.batch_id,
        side=line.side,
        spot=line.spot,
        counted=line.counted,
        book=0,
        position=position,
        counted_at=line.at or act.at,
        counted_on=local_day(zone, line.at) if line.at else act.on,
        counted_by_id=act.actor_id,
        command=act.command,
    )
    if line.label:
        label = line.label
        row.medicine, row.description, row.lot_number = label.medicine, label.description, label.lot_number
        row.expiry_raw, row.pack, row.container = label.expiry, label.pack, label.container
        row.last_usable_day = expiry.last_usable_day if expiry else None
    return row
