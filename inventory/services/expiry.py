"""What has expired moves itself to held, every night."""

from __future__ import annotations

from django.db import connection

from core.commands import Act
from inventory.errors import ShortStock
from inventory.ledger import Entry, Shelf, post
from inventory.models import Balance, Kind, Side, State
from inventory.queries.stock import expired_stock

DETAIL, DOCUMENT = "expired", "housekeeping"


def hold_expired(*, act: Act, most: int) -> int:
    """Put what is past its last usable day to held where it stands, at most so many balances; says how many.

    On both sides of every place, promised goods included: the line of the shipment stays and shows that it is no
    longer all there, as after a recall, and its sender says so when picking. Safe to run twice at once: the second
    waits, and finds nothing left. A constant number of statements.
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
    account = balance.account
    side, shipment = Side(account.side), account.shipment_id
    return Entry(
        Kind.HOLD,
        balance.batch_id,
        balance.quantity,
        Shelf(account.place_id, side, State(account.state), shipment),
        Shelf(account.place_id, side, State.HELD),
        "shipment" if shipment else DOCUMENT,
        shipment,
        detail=DETAIL,
    )
