"""Rows of the journals written with plain SQL, around the services: how tests try the database's own guards."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg.types.json import Jsonb

from core.commands import violated_guard
from inventory.checklist import WHOLE_CHECKLIST
from tests.world import TODAY, World

YESTERDAY = TODAY - datetime.timedelta(days=1)
LAST_WEEK = TODAY - datetime.timedelta(days=7)
LATER = TODAY + datetime.timedelta(days=400)
NOW = datetime.datetime.now(datetime.UTC)
ACTOR = 1
# Who sorts: the actor registered and counted.
ANOTHER = 2


def execute(statement: str, values: list[Any] | None = None) -> int:
    """Run one statement; the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def value(statement: str, values: list[Any] | None = None) -> Any:
    """The first column of the first row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
        return row and row[0]


def insert(table: str, **columns: Any) -> int:
    """Put one row into a table; its number."""
    marks = ", ".join(["%s"] * len(columns))
    return value(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) RETURNING id", list(columns.values())
    )


@contextmanager
def refused_by(guard: str) -> Iterator[None]:
    """The database refuses what happens inside, by the guard of this name; nothing of it stays."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    assert violated_guard(caught.value) == guard


def drop_guard(name: str) -> None:
    """Take one guard away until the transaction ends: a constraint, a unique index, or the rule of a trigger."""
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    table = value("SELECT conrelid::regclass::text FROM pg_constraint WHERE conname = %s", [name])
    if table:
        execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    elif value("SELECT 1 FROM pg_class WHERE relname = %s AND relkind = 'i'", [name]):
        execute(f'DROP INDEX "{name}"')
    else:
        _let_pass(name)


def _let_pass(rule: str) -> None:
    body = value("SELECT prosrc FROM pg_proc WHERE proname = 'refuse'")
    spared = body.replace("BEGIN", f"BEGIN IF rule = '{rule}' THEN RETURN; END IF;", 1)
    execute(
        "CREATE OR REPLACE FUNCTION refuse(rule text, why text) RETURNS void LANGUAGE plpgsql AS"
        f" $$ {spared} $$"
    )


@dataclass(frozen=True)
class Breach:
    """One way around the services: the guard that refuses it, and further guards that would refuse it too."""

    guard: str
    attempt: Callable[[Any], Any]
    behind: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.attempt.__name__}-{self.guard}"


class Breaches(list[Breach]):
    """A table of breaches, filled by decorating the attempts."""

    def __call__(self, guard: str, *behind: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def keep(attempt: Callable[..., Any]) -> Callable[..., Any]:
            self.append(Breach(guard, attempt, behind))
            return attempt

        return keep


class Books:
    """Both journals of a world's county, written row by row; every row may name any column to spoil it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.county = world.county.pk
        self.here = world.hospital.pk
        self.centre = world.centre.pk
        self.lines = 0

    def donation(self, **columns: Any) -> int:
        donor = columns.get("donor_id") or insert(
            "donations_donor", county_id=columns.get("county_id", self.county), kind="anonymous"
        )
        return insert(
            "donations_donation",
            **{
                "county_id": self.county,
                "campaign_id": self.world.campaign.pk,
                "place_id": self.here,
                "donor_id": donor,
                "receipt_code": uuid.uuid4().hex[:16],
                "received_on": TODAY,
                "booked_on": TODAY,
                "registered_by": ACTOR,
                "registered_at": NOW,
                "source_confirmed": True,
                "unfit": "return",
                **columns,
            },
        )

    def item(self, quantity: int, **columns: Any) -> int:
        self.lines += 1
        return insert(
            "donations_item",
            **{
                "county_id": self.county,
                "donation_id": columns.get("donation_id") or self.donation(),
                "line": self.lines,
                "medicine_id": self.world.ibuprofen.pk,
                "description": "",
                "specification": "",
                "manufacturer": "",
                "approval_number": "",
                "lot_number": "L1",
                "lot_state": "read",
                "expiry_raw": "",
                "expiry_precision": "day",
                "last_usable_day": LATER,
                "expiry_state": "read",
                "quantity": quantity,
                "opened": False,
                "container": "blister",
                "findings": Jsonb([]),
                "trace_codes": Jsonb([]),
                "barcode": "",
                "outcome": "accept",
                "reasons": Jsonb([]),
                **columns,
            },
        )

    def entry(self, kind: str, source: str, target: str, quantity: int, **columns: Any) -> int:
        return insert(
            "donations_custodyentry",
            **{
                "county_id": self.county,
                "kind": kind,
                "from_state": source,
                "to_state": target,
                "quantity": quantity,
                "reason": "miscounted" if kind in {"missing", "surplus"} else "",
                "note": "",
                "place_id": self.here,
                "actor": ACTOR,
                "business_day": TODAY,
                "booked_on": TODAY,
                "recorded_at": NOW,
                "command": uuid.uuid4(),
                **columns,
            },
        )

    def counted_item(self, quantity: int, **columns: Any) -> int:
        item = self.item(quantity, **columns)
        self.entry("registered", "outside", "at_point", quantity, item_id=item)
        self.entry("received", "at_point", "counted", quantity, item_id=item)
        return item

    def accepted_item(self, quantity: int) -> int:
        item = self.counted_item(quantity)
        self.entry("accepted", "counted", "accepted", quantity, item_id=item)
        return item

    def handover(self, **columns: Any) -> int:
        return insert(
            "donations_handover",
            **{
                "county_id": self.county,
                "from_place_id": self.here,
                "to_place_id": self.centre,
                "state": "open",
                "handed_over_on": TODAY,
                "handed_over_by": ACTOR,
                "carrier": "",
                "vehicle": "",
                "seal_number": "",
                "list_seal": "",
                "seal_note": "",
                "void_reason": "",
                **columns,
            },
        )

    def group(self, handover: int, **columns: Any) -> int:
        return insert(
            "donations_handovergroup",
            **{
                "county_id": self.county,
                "handover_id": handover,
                "medicine_id": self.world.ibuprofen.pk,
                "lot_number": "L1",
                "last_usable_day": LATER,
                "declared": 1,
                **columns,
            },
        )

    def batch(self, **columns: Any) -> int:
        return insert(
            "inventory_batch",
            **{
                "county_id": self.county,
                "medicine_id": self.world.ibuprofen.pk,
                "lot_number": uuid.uuid4().hex[:12],
                "last_usable_day": LATER,
                "pack": "sealed",
                **columns,
            },
        )

    def decision(self, item: int, batch: int | None, quantity: int, **columns: Any) -> int:
        return insert(
            "inventory_sortingdecision",
            **{
                "county_id": self.county,
                "item_id": item,
                "place_id": self.here,
                "outcome": "accept",
                "quantity": quantity,
                "batch_id": batch,
                "lot_number": "",
                "expiry_raw": "",
                "reason": "",
                "note": "",
                "checklist": Jsonb(WHOLE_CHECKLIST),
                "checklist_version": 1,
                "screening": Jsonb({}),
                "decided_by": ANOTHER,
                "decided_on": TODAY,
                "command": uuid.uuid4(),
                **columns,
            },
        )

    def account(self, state: str, shipment: int | None = None, **columns: Any) -> int:
        """The account of this state at the hospital's store; made where it is missing."""
        wanted = {
            "county_id": self.county,
            "place_id": self.here,
            "side": "store",
            "state": state,
            "shipment_id": shipment,
            **columns,
        }
        same = " AND ".join(f"{name} IS NOT DISTINCT FROM %s" for name in wanted)
        found = value(f"SELECT id FROM inventory_account WHERE {same}", list(wanted.values()))
        return found or insert("inventory_account", **wanted)

    def move(self, kind: str, source: int, target: int, quantity: int, batch: int, **columns: Any) -> int:
        return insert(
            "inventory_movement",
            **{
                "county_id": self.county,
                "batch_id": batch,
                "quantity": quantity,
                "from_account_id": source,
                "to_account_id": target,
                "kind": kind,
                "document_type": "test",
                "detail": "",
                "actor": ACTOR,
                "business_day": TODAY,
                "booked_on": TODAY,
                "recorded_at": NOW,
                "command": uuid.uuid4(),
                **columns,
            },
        )

    def accept(
        self, quantity: int, batch: int | None = None, state: str = "available", **columns: Any
    ) -> int:
        """Stock with all that must stand behind it: an item counted and accepted, a decision, a movement."""
        batch = batch or self.batch()
        decision = self.decision(self.accepted_item(quantity), batch, quantity)
        donated, shelf = self.account("donated"), self.account(state)
        return self.move("accept", donated, shelf, quantity, batch, decision_id=decision, **columns)

    def correction(self, batch: int, into: int, command: uuid.UUID) -> int:
        """A confirmed correction of a label, the paper behind a conversion of this command."""
        lot, day = (
            value(f"SELECT {name} FROM inventory_batch WHERE id = %s", [into])
            for name in ("lot_number", "last_usable_day")
        )
        pk = insert(
            "inventory_relabelling", county_id=self.county, batch_id=batch, lot_number=lot, expiry_raw="",
            last_usable_day=day, reason="看错", state="proposed", proposed_by=ACTOR, proposed_on=TODAY,
            command=uuid.uuid4(),
        )  # fmt: skip
        execute(
            "UPDATE inventory_relabelling SET state = 'confirmed', into_id = %s, ended_by = 2, ended_on = %s,"
            " ended_command = %s WHERE id = %s",
            [into, TODAY, command, pk],
        )
        return pk

    def opening(self, batch: int, into: int, quantity: int, command: uuid.UUID, **columns: Any) -> int:
        """Boxes opened in the hospital's store, the paper behind a conversion of this command."""
        return insert(
            "inventory_opening",
            **{
                "county_id": self.county,
                "place_id": self.here,
                "side": "store",
                "batch_id": batch,
                "into_id": into,
                "quantity": quantity,
                "opened_by": ACTOR,
                "opened_on": TODAY,
                "command": command,
                **columns,
            },
        )

    def shipment(self, **columns: Any) -> int:
        return insert(
            "distribution_shipment",
            **{
                "county_id": self.county,
                "from_place_id": self.here,
                "from_side": "store",
                "to_place_id": self.centre,
                "to_side": "clinic",
                "state": "reserved",
                "version": 1,
                **columns,
            },
        )
