"""Many writers at once on real connections: nothing is taken twice, and no waiting in a circle reaches a caller."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from core.commands import Act, Answer, Caller, Done, run_command
from inventory.errors import ShortStock
from inventory.ledger import Entry, Shelf, post
from inventory.models import Kind, Side, State
from tests.cloned import together
from tests.plain_sql import Books, drop_guard, execute, refused_by, value
from tests.world import World

CONNECTIONS, COMMANDS, STOCK = 40, 200, 100


class Pharmacy(Books):
    """A hospital's shelf with some units of two batches."""

    def __init__(self) -> None:
        super().__init__(World())
        self.batches = [self.batch(), self.batch()]
        for batch in self.batches:
            self.accept(STOCK, batch)
        self.act = self.world.act("pharmacist")

    def left(self, batch: int, state: str = "available") -> int:
        account = self.account(state)
        return value(
            "SELECT quantity FROM inventory_balance WHERE account_id = %s AND batch_id = %s", [account, batch]
        )

    def line(self, kind: Kind, source: State, target: State, batch: int, quantity: int = 1) -> Entry:
        here = (self.here, Side.STORE)
        # The detail keeps two batches apart in the rollup per day, which would queue them as well.
        return Entry(
            kind, batch, quantity, Shelf(*here, source), Shelf(*here, target), "test", detail=str(batch)
        )

    def brought(self, item: int) -> int:
        return self.entry("registered", "outside", "at_point", 5, item_id=item)

    def take_one(self) -> Done:
        post([self.line(Kind.DISPENSE, State.AVAILABLE, State.DISPENSED, self.batches[0])], act=self.act)
        return Done({})


@pytest.fixture
def pharmacy(cloned_db: str) -> Pharmacy:
    return Pharmacy()


def command(act: Act, work: Callable[[], Done]) -> Answer | ShortStock:
    try:
        return run_command(act=act, caller=Caller("POST race/", uuid.uuid4()), body={}, work=work)
    except ShortStock as refusal:
        return refusal


def ends_of(pharmacy: Pharmacy, work: Callable[[], Done]) -> Counter[str]:
    """How the commands end when they are spread over all connections and start together."""
    each = COMMANDS // CONNECTIONS

    def several() -> list[Any]:
        return [command(pharmacy.act, work) for _ in range(each)]

    ends = [end for results in together([several] * CONNECTIONS) for end in results]
    return Counter(type(end).__name__ for end in ends)


def test_hundred_units_taken_exactly_once_each(pharmacy: Pharmacy) -> None:
    ends = ends_of(pharmacy, pharmacy.take_one)

    assert ends == {"Answer": STOCK, "ShortStock": COMMANDS - STOCK}
    assert (pharmacy.left(pharmacy.batches[0]), pharmacy.left(pharmacy.batches[0], "dispensed")) == (0, STOCK)
    assert value("SELECT count(*) FROM core_auditentry WHERE result = 'refused'") == COMMANDS - STOCK


def test_hundred_units_overdrawn_by_check_then_write(pharmacy: Pharmacy) -> None:
    drop_guard("balance_never_negative")
    here, gone, batch = pharmacy.account("available"), pharmacy.account("dispensed"), pharmacy.batches[0]
    looked = threading.Barrier(CONNECTIONS)

    def look_then_take() -> Done:
        there = value(
            "SELECT quantity FROM inventory_balance WHERE account_id = %s AND batch_id = %s", [here, batch]
        )
        looked.wait(timeout=30)
        if there < 1:
            raise ShortStock
        pharmacy.move("dispense", here, gone, 1, batch)
        return Done({})

    ends = ends_of(pharmacy, look_then_take)

    assert ends["Answer"] > STOCK
    assert pharmacy.left(batch) == STOCK - ends["Answer"] < 0


def test_plain_writers_cannot_overdraw_either(pharmacy: Pharmacy) -> None:
    here, gone, batch = pharmacy.account("available"), pharmacy.account("dispensed"), pharmacy.batches[0]

    def take_unasked() -> Done:
        pharmacy.move("dispense", here, gone, 1, batch)
        return Done({})

    ends = ends_of(pharmacy, take_unasked)

    assert ends == {"Answer": STOCK, "ShortStock": COMMANDS - STOCK}
    assert pharmacy.left(batch) == 0


def opposite(pharmacy: Pharmacy, turn: int) -> Callable[[], Done]:
    """Both batches between the same two shelves, to and fro, named in turn in either order."""
    kind, source, target = (Kind.HOLD, State.AVAILABLE, State.HELD)
    if turn % 2:
        kind, source, target = Kind.RELEASE, State.HELD, State.AVAILABLE
    entries = [pharmacy.line(kind, source, target, batch) for batch in pharmacy.batches]
    if turn // 2 % 2:
        entries.reverse()

    def work() -> Done:
        post(entries, act=pharmacy.act)
        return Done({})

    return work


def test_opposing_movements_do_not_wait_in_a_circle(pharmacy: Pharmacy) -> None:
    for batch in pharmacy.batches:
        pharmacy.move("hold", pharmacy.account("available"), pharmacy.account("held"), 50, batch)
    before = value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")

    def several(first: int) -> list[Any]:
        return [command(pharmacy.act, opposite(pharmacy, turn)) for turn in range(first, first + 8)]

    ends = together([lambda first=n: several(first) for n in range(16)])
    execute("SELECT pg_stat_force_next_flush()")

    assert Counter(type(end).__name__ for results in ends for end in results) == {"Answer": 128}
    assert value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == before
    assert [pharmacy.left(batch, "held") for batch in pharmacy.batches] == [50, 50]


def test_opposing_commands_of_several_steps_are_repeated_unseen(pharmacy: Pharmacy) -> None:
    pharmacy.account("held")
    met = threading.Barrier(2)

    def twice(batches: list[int]) -> Callable[[], Done]:
        begun = []

        def work() -> Done:
            begun.append(1)
            execute("SET LOCAL deadlock_timeout = '20ms'")
            for step, batch in enumerate(batches):
                if step and len(begun) == 1:
                    met.wait(timeout=20)
                post([pharmacy.line(Kind.HOLD, State.AVAILABLE, State.HELD, batch)], act=pharmacy.act)
            return Done({"begun": len(begun)})

        return work

    works = [twice(pharmacy.batches), twice(pharmacy.batches[::-1])]
    ends = together([lambda work=work: command(pharmacy.act, work) for work in works])

    assert sorted(end.body for end in ends) == [b'{"begun": 1}', b'{"begun": 2}']
    assert [pharmacy.left(batch, "held") for batch in pharmacy.batches] == [2, 2]


def test_item_accepted_once_by_two_at_a_time(pharmacy: Pharmacy) -> None:
    item, batch = pharmacy.accepted_item(30), pharmacy.batches[0]
    decisions = [pharmacy.decision(item, batch, 20) for _ in range(2)]
    donated, shelf = pharmacy.account("donated"), pharmacy.account("available")

    def accept(decision: int) -> int:
        return pharmacy.move("accept", donated, shelf, 20, batch, decision_id=decision)

    ends = together([lambda decision=decision: accept(decision) for decision in decisions])

    assert sorted(type(end).__name__ for end in ends) == ["IntegrityError", "int"]
    assert pharmacy.left(batch) == STOCK + 20


WAITING = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def until_somebody_waits() -> None:
    for _ in range(2000):
        if value(WAITING):
            return
        time.sleep(0.01)
    raise AssertionError("nobody waited")


CLOSE = "UPDATE organisation_county SET closed_through = %s WHERE code = %s"


@pytest.mark.parametrize("journal", ["ledger", "custody"])
def test_closing_waits_for_the_writer_under_way(pharmacy: Pharmacy, journal: str) -> None:
    written, closing = threading.Event(), threading.Event()
    item = pharmacy.item(5)
    held, available = pharmacy.account("held"), pharmacy.account("available")
    day = pharmacy.act.on
    order: list[str] = []

    def write() -> int:
        with transaction.atomic():
            if journal == "ledger":
                row = pharmacy.move("hold", available, held, 1, pharmacy.batches[0])
            else:
                row = pharmacy.brought(item)
            written.set()
            assert closing.wait(timeout=20)
            until_somebody_waits()
            order.append("written")
        return row

    def close() -> None:
        assert written.wait(timeout=20)
        closing.set()
        execute(CLOSE, [day, pharmacy.county])
        order.append("closed")

    row, closed = together([write, close])

    assert isinstance(row, int)
    assert (closed, order) == (None, ["written", "closed"])
    with refused_by("booking_day_open"):
        pharmacy.move("hold", available, held, 1, pharmacy.batches[0])


def test_writer_waits_for_the_closing_under_way(pharmacy: Pharmacy) -> None:
    closed, held, available = threading.Event(), pharmacy.account("held"), pharmacy.account("available")

    def close() -> None:
        with transaction.atomic():
            execute(CLOSE, [pharmacy.act.on, pharmacy.county])
            closed.set()
            until_somebody_waits()

    def write() -> int:
        assert closed.wait(timeout=20)
        return pharmacy.move("hold", available, held, 1, pharmacy.batches[0])

    ends = together([close, write])

    assert [type(end).__name__ for end in ends] == ["NoneType", "IntegrityError"]
    assert pharmacy.left(pharmacy.batches[0]) == STOCK


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_entry_from_an_older_snapshot_refused(pharmacy: Pharmacy, level: str) -> None:
    held, available = pharmacy.account("held"), pharmacy.account("available")

    with refused_by("book_read_committed"):
        execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        pharmacy.move("hold", available, held, 1, pharmacy.batches[0])

    assert connection.is_usable()


def test_older_snapshot_would_write_into_a_closed_day(pharmacy: Pharmacy) -> None:
    held, available = pharmacy.account("held"), pharmacy.account("available")
    drop_guard("book_read_committed")

    with transaction.atomic():
        execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        value("SELECT count(*) FROM organisation_county")
        together([lambda: execute(CLOSE, [pharmacy.act.on, pharmacy.county])])
        row = pharmacy.move("hold", available, held, 1, pharmacy.batches[0])

    booked = value("SELECT booked_on FROM inventory_movement WHERE id = %s", [row])
    assert booked == value(
        "SELECT closed_through FROM organisation_county WHERE code = %s", [pharmacy.county]
    )
