"""Holding goods that must not be used for the time being, and releasing them again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalogue.models import Recall
from core.commands import Act
from core.errors import Fault
from inventory.errors import ExpiredStock, HoldReleased, Recalled, ShortStock
from inventory.ledger import Entry, Shelf, open_book, post, shelf_of
from inventory.models import Balance, Batch, Hold, HoldRelease, Kind, Side, State
from inventory.queries.holds import DOCUMENT, held_by
from inventory.queries.recalls import recalled_batches
from inventory.services.device_ends import lock_kept, put_aside_kept
from organisation.models import Place

SIDES = [Side.STORE, Side.CLINIC]


def hold_stock(
    *, act: Act, place: Place, batch: Batch, reason: str, quantity: int | None = None, side: str | None = None
) -> tuple[Hold, dict[str, int]]:
    """Put units of a batch at a place aside: all that are available, or so many; of one side, or of both.

    Of both sides, the store's units go first, and last the devices that the clinic keeps in use. Answers the units
    held by side. Refused as a whole where fewer are there (ShortStock).
    """
    open_book(act)
    lock_kept(act, [place.pk], [batch.pk])
    available, kept = _locked_available(place, batch, [side] if side else SIDES)
    there = sum(available.values()) + kept
    wanted = there if quantity is None else quantity
    if not wanted or wanted > there:
        words = _("%(there)d in stock, %(wanted)d wanted.") % {"there": there, "wanted": wanted}
        raise ShortStock(faults=[Fault("/quantity", ShortStock.code, words)])
    hold = new_hold(act, place.pk, batch.pk, reason)
    hold.save()
    drawn = _drawn(available, wanted)
    in_use = wanted - sum(drawn.values())
    put_aside_kept(act, {(place.pk, batch.pk): in_use}, reason)
    post([*_entries(hold, Kind.HOLD, drawn), _out_of_use(hold, in_use)], act=act)
    drawn[str(Side.CLINIC)] += in_use
    return hold, drawn


def hold_everything(
    *, act: Act, places: QuerySet[Place], reason: str, batch: Batch | None = None, promised: bool = True
) -> tuple[list[Hold], Counter[str]]:
    """Put all stock of these places aside, or all of one batch there: available, in kits, kept in use, and, unless
    `promised` is false, promised to shipments.

    One hold per place and batch, so that each can be released by itself. Answers the holds and their units by side;
    refused where there is nothing to hold. The number of statements does not depend on how much there is.
    """
    open_book(act)
    lock_kept(act, places.values_list("pk", flat=True), [batch.pk] if batch else None)
    rows = (
        Balance.objects.select_for_update(of=("self",))
        .filter(county_id=act.county_id, account__place__in=places)
        .filter(state__in=[State.AVAILABLE, State.RESERVED, State.HELD, State.IN_USE])
    )
    if batch:
        rows = rows.filter(batch=batch)
    locked = rows.select_related("account").order_by("account_id", "batch_id")
    usable = [row for row in locked if row.state != State.HELD and row.quantity]
    if not promised:
        usable = [row for row in usable if row.account.shipment_id is None]
    if not usable:
        raise ShortStock
    units: Counter[str] = Counter()
    for row in usable:
        units[row.account.side] += row.quantity
    return hold_balances(act=act, balances=usable, reason=reason), units


def hold_balances(
    *, act: Act, balances: Sequence[Balance], reason: str, recall: Recall | None = None
) -> list[Hold]:
    """Put all of these balances aside (they come with their accounts), one hold per place and batch."""
    keys = sorted({(row.account.place_id, row.batch_id) for row in balances})
    made = Hold.objects.bulk_create(new_hold(act, *key, reason, recall) for key in keys)
    holds = dict(zip(keys, made, strict=True))
    kept = {
        (row.account.place_id, row.batch_id): row.quantity for row in balances if row.state == State.IN_USE
    }
    put_aside_kept(act, kept, reason)
    post(
        [
            Entry(
                Kind.HOLD,
                row.batch_id,
                row.quantity,
                shelf_of(row.account),
                Shelf(row.account.place_id, Side(row.account.side), State.HELD),
                DOCUMENT,
                holds[row.account.place_id, row.batch_id].pk,
            )
            for row in balances
        ],
        act=act,
    )
    return made


def release_hold(*, act: Act, hold: Hold, reason: str = "", quantity: int | None = None) -> dict[str, int]:
    """Make what a hold holds available again, or so many units of it; what is expired or recalled stays held.

    Answers the units released by side.
    """
    hold = Hold.objects.select_for_update(of=("self",)).select_related("batch", "place").get(pk=hold.pk)
    open_book(act)
    last_day = hold.batch.last_usable_day
    if last_day is not None and last_day < act.on:
        raise ExpiredStock
    if hold.batch_id in recalled_batches(act.county_id, [hold.batch_id]).at(hold.place_id):
        raise Recalled
    held = held_by([hold])[hold.pk]
    there = sum(held.values())
    wanted = there if quantity is None else quantity
    if not wanted or wanted > there:
        raise HoldReleased(pointer="/quantity")
    drawn = _drawn(held, wanted)
    release_units(act=act, holds=[hold], units={hold.pk: drawn}, reason=reason)
    return drawn


def release_units(
    *, act: Act, holds: Iterable[Hold], units: Mapping[int, Mapping[str, int]], reason: str
) -> None:
    """Write down that these units by side, named by the number of their hold, are held no longer."""
    freed = [hold for hold in holds if any(units.get(hold.pk, {}).values())]
    HoldRelease.objects.bulk_create(
        HoldRelease(
            county_id=act.county_id,
            hold=hold,
            reason=reason,
            released_by=act.actor_id,
            released_on=act.on,
            command=act.command,
        )
        for hold in freed
    )
    post([entry for hold in freed for entry in _entries(hold, Kind.RELEASE, units[hold.pk])], act=act)


def new_hold(act: Act, place_id: int, batch_id: int, reason: str, recall: Recall | None = None) -> Hold:
    """A hold that is not yet written down."""
    return Hold(
        county_id=act.county_id,
        place_id=place_id,
        batch_id=batch_id,
        reason=reason,
        recall=recall,
        placed_by=act.actor_id,
        placed_on=act.on,
        command=act.command,
    )


def _locked_available(place: Place, batch: Batch, sides: Iterable[str]) -> tuple[dict[str, int], int]:
    """Units available by side, and those in use; the held balances are locked with them, in the order of `post`."""
    rows = (
        Balance.objects.select_for_update(of=("self",))
        .filter(
            batch=batch,
            account__place=place,
            account__side__in=list(sides),
            state__in=[State.AVAILABLE, State.HELD, State.IN_USE],
        )
        .order_by("account_id")
        .values_list("account__side", "state", "quantity")
    )
    found = list(rows)
    available = {side: quantity for side, state, quantity in found if state == State.AVAILABLE}
    return available, sum(quantity for _side, state, quantity in found if state == State.IN_USE)


def _drawn(there: Mapping[str, int], wanted: int) -> dict[str, int]:
    """So many units, from the store first."""
    drawn = {}
    for side in SIDES:
        drawn[str(side)] = min(wanted, there.get(side, 0))
        wanted -= drawn[str(side)]
    return drawn


def _out_of_use(hold: Hold, units: int) -> Entry:
    in_use, held = (Shelf(hold.place_id, Side.CLINIC, state) for state in (State.IN_USE, State.HELD))
    return Entry(Kind.HOLD, hold.batch_id, units, in_use, held, DOCUMENT, hold.pk, pointer="/quantity")


def _entries(hold: Hold, kind: Kind, units: Mapping[str, int]) -> list[Entry]:
    source, target = State.AVAILABLE, State.HELD
    if kind == Kind.RELEASE:
        source, target = target, source
    return [
        Entry(
            kind,
            hold.batch_id,
            quantity,
            Shelf(hold.place_id, Side(side), source),
            Shelf(hold.place_id, Side(side), target),
            DOCUMENT,
            hold.pk,
            pointer="/quantity",
        )
        for side, quantity in units.items()
    ]
