"""What has expired moves itself to held, every night."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from core.commands import Act
from inventory.errors import ShortStock
from inventory.ledger import Entry, Shelf, post, shelf_of
from inventory.models import Balance, Batch, Kind, State
from inventory.models.kits import DOCUMENT as KIT
from inventory.queries.stock import expired_stock

DETAIL, DOCUMENT = "expired", "housekeeping"


def hold_expired(*, act: Act, most: int) -> int:
    """Put what is past its last usable day to held where it stands, at most so many balances; says how many.

    On both sides of every place, promised goods included: the line of the shipment stays and shows that it is no
    longer all there, as after a recall, and its sender says so when picking; a health kit is unfit from
    then on. Safe to run twice at once: the second waits, and finds nothing left. A constant number of statements.
    """
    _wait_for_turn(act.county_id)
    while expired := list(expired_stock(act.county_id, act.on)[:most]):
        try:
            return len(post([_held(balance) for balance in expired], act=act))
        except ShortStock:
            # Somebody took some of it (for a hand-out of an earlier day) between the reading and the locking. What
            # was read is locked by now, so the next reading holds.
            continue
    return 0


def _wait_for_turn(county_id: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('expiry ' || %s, 0))", [county_id])


def _held(balance: Balance) -> Entry:
    source = shelf_of(balance.account)
    owner: tuple[str, int | None] = (DOCUMENT, None)
    if source.shipment_id:
        owner = "shipment", source.shipment_id
    if source.kit_id:
        owner = KIT, source.kit_id
    target = Shelf(source.place_id, source.side, State.HELD)
    return Entry(Kind.HOLD, balance.batch_id, balance.quantity, source, target, *owner, detail=DETAIL)


def off_the_shelf(entries: Sequence[Entry], *, act: Act) -> list[Entry]:
    """The same entries, and behind them what puts to held of them that comes to a shelf past its last usable day.

    What was promised or handed out may expire before it comes back, and the shelf takes nothing expired.
    """
    back = [entry for entry in entries if entry.target.state == State.AVAILABLE]
    expired = set(
        Batch.objects.filter(
            pk__in={entry.batch_id for entry in back}, last_usable_day__lt=act.on
        ).values_list("pk", flat=True)
    )
    holding = [
        Entry(
            Kind.HOLD,
            entry.batch_id,
            entry.quantity,
            entry.target,
            Shelf(entry.target.place_id, entry.target.side, State.HELD),
            DOCUMENT,
            detail=DETAIL,
        )
        for entry in back
        if entry.batch_id in expired
    ]
    return [*entries, *holding]
