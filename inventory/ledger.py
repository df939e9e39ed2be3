"""The ledger's one way in: `post(entries)`.

Balances are locked in key order before the movements are inserted, so that the order of ids is the order of the
book for every balance; what is available is judged under that lock, and short stock is refused as a whole.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from core.commands import Act
from core.errors import Fault
from inventory.errors import ShortStock
from inventory.models import MAY_BE_NEGATIVE, Kind, Movement, Side, State

UNBOUNDED = {state.value for state in MAY_BE_NEGATIVE}


@dataclass(frozen=True, order=True)
class Shelf:
    """An account by what it is: a place, a side, a state, and for promised or travelling goods the shipment."""

    place_id: int
    side: Side
    state: State
    shipment_id: int | None = None

    def key(self) -> tuple[int, str, str, int]:
        return self.place_id, str(self.side), str(self.state), self.shipment_id or 0


@dataclass(frozen=True)
class Entry:
    """A movement to be written. `pointer` says where in the request it comes from, for the refusal's words.

    `business_day` is the day of the deed where it was another than the day of the entry; a late fact is booked
    today all the same.
    """

    kind: Kind
    batch_id: int
    quantity: int
    source: Shelf
    target: Shelf
    document_type: str
    document_id: int | None = None
    detail: str = ""
    decision_id: int | None = None
    reverses_id: int | None = None
    pointer: str = ""
    business_day: datetime.date | None = None


def open_book(act: Act) -> None:
    """Take the county's book as a writer, beside other writers, until the command ends.

    Whoever locks balances before `post` does takes it first: who has the book alone (a recall, a closing of days)
    would else wait for those balances while their holder waits for the book.
    """
    _book("pg_advisory_xact_lock_shared", act)


def close_book(act: Act) -> None:
    """Take the county's book alone: what is read from here on stays so until the command ends."""
    _book("pg_advisory_xact_lock", act)


def _book(lock: str, act: Act) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtextextended('book ' || %s, 0))", [act.county_id])


def post(entries: Sequence[Entry], *, act: Act) -> list[Movement]:
    """Write the movements with one INSERT, or refuse them all (ShortStock names every line that is short).

    Four statements, whatever the number of entries. Entries of no quantity are left out.
    """
    entries = [entry for entry in entries if entry.quantity]
    if not entries:
        return []
    open_book(act)
    accounts = _accounts(
        act.county_id, {shelf for entry in entries for shelf in (entry.source, entry.target)}
    )
    _judge(entries, accounts, _locked_balances(act.county_id, entries, accounts))
    return Movement.objects.bulk_create(_movement(entry, accounts, act) for entry in entries)


def _accounts(county_id: str, shelves: set[Shelf]) -> dict[Shelf, int]:
    """The ids of the accounts, made where they are missing."""
    ordered = sorted(shelves, key=Shelf.key)
    columns = [
        list(column)
        for column in zip(*((s.place_id, s.side, s.state, s.shipment_id) for s in ordered), strict=True)
    ]
    found = _find_or_make(county_id, columns)
    if len(found) < len(ordered):  # another command made one at the same moment
        found = _find_or_make(county_id, columns)
    return {shelf: found[shelf.key()] for shelf in ordered}


def _find_or_make(county_id: str, columns: list[list[object]]) -> dict[tuple[int, str, str, int], int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH wanted AS (
                SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[])
                    AS w(place_id, side, state, shipment_id)
            ), made AS (
                INSERT INTO inventory_account (county_id, place_id, side, state, shipment_id)
                SELECT %s, w.place_id, w.side, w.state, w.shipment_id FROM wanted w
                WHERE NOT EXISTS (
                    SELECT 1 FROM inventory_account a WHERE a.county_id = %s AND a.place_id = w.place_id
                    AND a.side = w.side AND a.state = w.state AND a.shipment_id IS NOT DISTINCT FROM w.shipment_id)
                ON CONFLICT DO NOTHING
                RETURNING id, place_id, side, state, shipment_id
            )
            SELECT id, place_id, side, state, shipment_id FROM made
            UNION ALL
            SELECT a.id, a.place_id, a.side, a.state, a.shipment_id FROM inventory_account a JOIN wanted w
                ON a.county_id = %s AND a.place_id = w.place_id AND a.side = w.side AND a.state = w.state
                AND a.shipment_id IS NOT DISTINCT FROM w.shipment_id
            """,
            [*columns, county_id, county_id, county_id],
        )
        return {
            (place, side, state, shipment or 0): pk for pk, place, side, state, shipment in cursor.fetchall()
        }


def _locked_balances(
    county_id: str, entries: Sequence[Entry], accounts: dict[Shelf, int]
) -> dict[tuple[int, int], int]:
    pairs = sorted({(accounts[shelf], e.batch_id) for e in entries for shelf in (e.source, e.target)})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, batch_id, quantity FROM ledger_lock(%s, %s::bigint[], %s::bigint[])",
            [county_id, [account for account, _batch in pairs], [batch for _account, batch in pairs]],
        )
        return {(account, batch): quantity for account, batch, quantity in cursor.fetchall()}


def _judge(
    entries: Sequence[Entry], accounts: dict[Shelf, int], balances: dict[tuple[int, int], int]
) -> None:
    """Refuse the whole if any balance would end below zero, naming every entry that draws on it."""
    after = defaultdict(int, balances)
    for entry in entries:
        after[accounts[entry.source], entry.batch_id] -= entry.quantity
        after[accounts[entry.target], entry.batch_id] += entry.quantity
    faults = [
        Fault(
            entry.pointer,
            ShortStock.code,
            _("%(there)d in stock, %(wanted)d wanted.")
            % {"there": balances.get((accounts[entry.source], entry.batch_id), 0), "wanted": entry.quantity},
        )
        for entry in entries
        if entry.source.state not in UNBOUNDED and after[accounts[entry.source], entry.batch_id] < 0
    ]
    if faults:
        raise ShortStock(faults=faults)


def _movement(entry: Entry, accounts: dict[Shelf, int], act: Act) -> Movement:
    return Movement(
        county_id=act.county_id,
        batch_id=entry.batch_id,
        quantity=entry.quantity,
        from_account_id=accounts[entry.source],
        to_account_id=accounts[entry.target],
        kind=entry.kind,
        document_type=entry.document_type,
        document_id=entry.document_id,
        detail=entry.detail,
        decision_id=entry.decision_id,
        reverses_id=entry.reverses_id,
        actor=act.actor_id or None,
        business_day=entry.business_day or act.on,
        booked_on=act.booked,
        recorded_at=act.at,
        command=act.command,
    )
