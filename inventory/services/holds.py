"""Holding goods that must not be used for the time being, and releasing them again."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from core.commands import Act
from core.errors import Fault
from inventory.errors import ExpiredStock, HoldReleased, ShortStock
from inventory.ledger import Entry, Shelf, post
from inventory.models import Balance, Batch, Hold, HoldRelease, Kind, Side, State
from inventory.queries.holds import DOCUMENT, held_by
from organisation.models import Place

SIDES = [Side.STORE, Side.CLINIC]


def hold_stock(
    *, act: Act, place: Place, batch: Batch, reason: str, quantity: int | None = None, side: str | None = None
) -> tuple[Hold, dict[str, int]]:
    """Put units of a batch at a place aside: all that are available, or so many; of one side, or of both.

    Of both sides, the store's units go first. Answers the units held by side. Refused as a whole where fewer
    are available (ShortStock).
    """
    available = _locked_available(place, batch, [side] if side else SIDES)
    there = sum(available.values())
    wanted = there if quantity is None else quantity
    if not wanted or wanted > there:
        words = _("%(there)d in stock, %(wanted)d wanted.") % {"there": there, "wanted": wanted}
        raise ShortStock(faults=[Fault("/quantity", ShortStock.code, words)])
    hold = Hold.objects.create(
        county_id=act.county_id,
        place=place,
        batch=batch,
        reason=reason,
        placed_by=act.actor_id,
        placed_on=act.on,
        command=act.command,
    )
    drawn = _drawn(available, wanted)
    post(_entries(hold, Kind.HOLD, drawn), act=act)
    return hold, drawn


def release_hold(*, act: Act, hold: Hold, reason: str = "", quantity: int | None = None) -> dict[str, int]:
    """Make what a hold holds available again, or so many units of it; expired goods stay held.

    Answers the units released by side.
    """
    hold = Hold.objects.select_for_update(of=("self",)).select_related("batch", "place").get(pk=hold.pk)
    last_day = hold.batch.last_usable_day
    if last_day is not None and last_day < act.on:
        raise ExpiredStock
    held = held_by(hold)
    there = sum(held.values())
    wanted = there if quantity is None else quantity
    if not wanted or wanted > there:
        raise HoldReleased(pointer="/quantity")
    HoldRelease.objects.create(
        county_id=act.county_id,
        hold=hold,
        reason=reason,
        released_by=act.actor_id,
        released_on=act.on,
        command=act.command,
    )
    drawn = _drawn(held, wanted)
    post(_entries(hold, Kind.RELEASE, drawn), act=act)
    return drawn


def _locked_available(place: Place, batch: Batch, sides: Iterable[str]) -> dict[str, int]:
    """Units available by side; the held balances are locked with them, in the order of `post`."""
    rows = (
        Balance.objects.select_for_update(of=("self",))
        .filter(
            batch=batch,
            account__place=place,
            account__side__in=list(sides),
            state__in=[State.AVAILABLE, State.HELD],
        )
        .order_by("account_id")
        .values_list("account__side", "state", "quantity")
    )
    return {side: quantity for side, state, quantity in rows if state == State.AVAILABLE}


def _drawn(there: dict[str, int], wanted: int) -> dict[str, int]:
    """So many units, from the store first."""
    drawn = {}
    for side in SIDES:
        drawn[str(side)] = min(wanted, there.get(side, 0))
        wanted -= drawn[str(side)]
    return drawn


def _entries(hold: Hold, kind: Kind, drawn: dict[str, int]) -> list[Entry]:
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
        for side, quantity in drawn.items()
    ]
