"""The ledger's one way in: `post(entries)`.

In the database, `ledger_post` locks the balances in key order before it inserts the movements, so that the order
of ids is the order of the book for every balance; what is available is judged under that lock, and short stock is
refused as a whole.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from core.commands import Act
from core.errors import Fault
from inventory.errors import ShortStock
from inventory.models import MAY_BE_NEGATIVE, Account, Kind, Side, State

UNBOUNDED = {state.value for state in MAY_BE_NEGATIVE}


@dataclass(frozen=True, order=True)
class Shelf:
    """An account by what it is: a place, a side, a state, and for promised goods the shipment or the kit."""

    place_id: int
    side: Side
    state: State
    shipment_id: int | None = None
    kit_id: int | None = None

    def key(self) -> tuple[int, str, str, int, int]:
        return self.place_id, str(self.side), str(self.state), self.shipment_id or 0, self.kit_id or 0

    def columns(self) -> tuple[int, str, str, int | None, int | None]:
        return self.place_id, self.side, self.state, self.shipment_id, self.kit_id


def shelf_of(account: Account) -> Shelf:
    """The same as an account that is written down already."""
    return Shelf(
        account.place_id,
        Side(account.side),
        State(account.state),
        account.shipment_id,
        account.kit_id,
    )


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


def post(entries: Sequence[Entry], *, act: Act) -> list[int]:
    """Write the movements with one INSERT, or refuse them all (ShortStock names every line that is short).

    One statement, whatever the number of entries. Entries of no quantity are left out. Answers the movements' ids.
    """
    entries = [entry for entry in entries if entry.quantity]
    if not entries:
        return []
    with connection.cursor() as cursor:
        cursor.execute(POST, _columns(entries, act))
        rows = cursor.fetchall()
    short = [(entries[number - 1], there) for number, movement, there in rows if movement is None]
    if short:
        raise ShortStock(faults=[_shortage(entry, there) for entry, there in short])
    return [movement for _number, movement, _there in rows]


def lock_balances(pairs: Collection[tuple[Shelf, int]], *, act: Act) -> dict[tuple[Shelf, int], int]:
    """The units of each (shelf, batch id), locked until the command ends: nothing comes or goes meanwhile.

    What is not there has none. Two statements, whatever the number of pairs; locked in the order of `post`. What else
    is read of the books under this lock is read by a later statement: this one began before it had the lock.
    """
    if not pairs:
        return {}
    open_book(act)
    shelves = sorted({shelf for shelf, _batch in pairs}, key=Shelf.key)
    number = {shelf: place for place, shelf in enumerate(shelves, start=1)}
    columns = zip(*(shelf.columns() for shelf in shelves), strict=True)
    wanted = zip(*((number[shelf], batch) for shelf, batch in pairs), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [act.county_id, *map(list, columns), act.county_id, *map(list, wanted)])
        return {(shelves[place - 1], batch): units for place, batch, units in cursor.fetchall()}


def last_number(county_id: str) -> int:
    """The last number that a row of the county was given; a movement posted to a locked balance gets a higher one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_county_number(%s)", [county_id])
        return int(cursor.fetchone()[0])


LOCK = """
SELECT array_position(known.ids, locked.account_id), locked.batch_id, locked.quantity
FROM ledger_accounts(%s, %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[]) AS known(ids),
    ledger_lock(%s, ARRAY(SELECT known.ids[place] FROM unnest(%s::integer[]) AS place), %s::bigint[]) AS locked
"""

POST = """
SELECT entry, movement, there FROM ledger_post(%s, %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[],
    %s::text[], %s::integer[], %s::integer[], %s::bigint[], %s::integer[], %s::text[], %s::text[], %s::bigint[],
    %s::text[], %s::bigint[], %s::bigint[], %s::date[], %s, %s, %s, %s)
ORDER BY entry
"""


def _columns(entries: Sequence[Entry], act: Act) -> list[Any]:
    """What `ledger_post` is told: the accounts in key order, then the entries, both column by column."""
    shelves = sorted({shelf for entry in entries for shelf in (entry.source, entry.target)}, key=Shelf.key)
    number = {shelf: place for place, shelf in enumerate(shelves, start=1)}
    accounts = zip(*(shelf.columns() for shelf in shelves), strict=True)
    rows = zip(
        *(
            (
                number[entry.source],
                number[entry.target],
                entry.batch_id,
                entry.quantity,
                entry.kind,
                entry.document_type,
                entry.document_id,
                entry.detail,
                entry.decision_id,
                entry.reverses_id,
                entry.business_day or act.on,
            )
            for entry in entries
        ),
        strict=True,
    )
    about = [act.actor_id or None, act.booked, act.at, act.command]
    return [act.county_id, *map(list, accounts), sorted(UNBOUNDED), *map(list, rows), *about]


def _shortage(entry: Entry, there: int) -> Fault:
    words = _("%(there)d in stock, %(wanted)d wanted.") % {"there": there, "wanted": entry.quantity}
    return Fault(entry.pointer, ShortStock.code, words)
