"""Counting while others write, on real connections: nothing is booked twice, and no movement falls between."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import transaction

from distribution.models import Shipment
from inventory.ledger import Entry, Shelf, last_number, lock_balances, post
from inventory.models import Kind, Movement, Side, State
from inventory.models.counts import CountLine
from inventory.queries.counts import promised_here
from tests.cloned import together
from tests.inventory.counting import finished, of, record, started, units
from tests.inventory.stories import stocked
from tests.world import Signed, World

STOCK = 100


@pytest.fixture
def world(cloned_db: str) -> World:
    return World()


def take(world: World, batch: int, quantity: int = 1) -> int:
    here = (world.hospital.pk, Side.STORE)
    entry = Entry(Kind.HOLD, batch, quantity, Shelf(*here, State.AVAILABLE), Shelf(*here, State.HELD), "test")
    with transaction.atomic():  # as every command does: locked, then numbered
        return post([entry], act=world.act())[0]


def reserved(world: World, batch: int, quantity: int) -> int:
    """A shipment for which so many units of the batch are promised."""
    shipment = Shipment.objects.create(
        county=world.county,
        from_place=world.hospital,
        to_place=world.centre,
        from_side=Side.STORE,
        to_side=Side.CLINIC,
    )
    put(world, batch, quantity, Kind.RESERVE, shipment.pk)
    return shipment.pk


def put(world: World, batch: int, quantity: int, kind: Kind, shipment: int) -> int:
    """Promise units to a shipment, or send what was promised to it."""
    here = (world.hospital.pk, Side.STORE)
    shelves = [Shelf(*here, State.AVAILABLE), Shelf(*here, State.RESERVED, shipment)]
    if kind == Kind.DISPATCH:
        shelves = [shelves[1], Shelf(*here, State.IN_TRANSIT, shipment)]
    return post([Entry(kind, batch, quantity, *shelves, "shipment", shipment)], act=world.act())[0]


def test_every_movement_stands_before_a_line_or_after_it(world: World) -> None:
    batch = stocked(world, STOCK)
    pk = started(world.signed("checker"))
    counters = [Signed(world.person("checker")) for _ in range(4)]
    world.person("pharmacist")

    def several() -> list[Any]:
        return [take(world, batch) for _ in range(8)]

    def count(signed: Signed) -> list[int]:
        return [record(signed, pk, of(batch, 50)).status_code for _ in range(3)]

    ends = together([several] * 6 + [lambda s=s: count(s) for s in counters])

    assert [end for end in ends if isinstance(end, Exception)] == []
    moved = list(Movement.objects.filter(kind="hold", batch=batch))
    lines = list(CountLine.objects.all())
    assert (len(moved), len(lines), units(batch)) == (48, 12, STOCK - 48)
    for line in lines:
        before = [m for m in moved if m.pk <= line.position and m.recorded_at <= line.counted_at]
        assert line.book == STOCK - sum(m.quantity for m in before)


@pytest.mark.parametrize("locked", [True, False])
def test_number_and_balance_agree_only_under_the_lock(world: World, locked: bool) -> None:
    batch = stocked(world, STOCK)
    shelf = Shelf(world.hospital.pk, Side.STORE, State.AVAILABLE)
    world.person("pharmacist")
    taken, read, told = threading.Event(), threading.Event(), []

    def mover() -> int:
        with transaction.atomic():
            number = take(world, batch, 6)
            taken.set()
            read.wait(timeout=1 if locked else 20)
        return number

    def counter() -> None:
        assert taken.wait(timeout=20)
        with transaction.atomic():
            if locked:
                lock_balances({(shelf, batch)}, act=world.act())
            told.append((last_number(world.county.pk), units(batch)))
        read.set()

    number, _none = together([mover, counter])

    ((position, book),) = told
    assert (number <= position, book) == (True, STOCK - 6 if locked else STOCK)


@pytest.mark.parametrize("promised", [True, False])
def test_promised_goods_stand_still_while_a_line_is_written(world: World, promised: bool) -> None:
    batch = stocked(world, STOCK)
    shipment = reserved(world, batch, 30)
    shelves = [Shelf(world.hospital.pk, Side.STORE, state) for state in (State.AVAILABLE, State.HELD)]
    world.person("pharmacist")
    sent, read, told = threading.Event(), threading.Event(), []

    def sender() -> int:
        with transaction.atomic():
            number = put(world, batch, 30, Kind.DISPATCH, shipment)
            sent.set()
            read.wait(timeout=1 if promised else 20)
        return number

    def counter() -> None:
        assert sent.wait(timeout=20)
        with transaction.atomic():
            also = promised_here(world.hospital, [batch]) if promised else set()
            lock_balances({(shelf, batch) for shelf in shelves} | also, act=world.act())
            told.append((last_number(world.county.pk), units(batch, "reserved")))
        read.set()

    number, _none = together([sender, counter])

    ((position, book),) = told
    assert (number <= position, book) == (True, 0 if promised else 30)


def test_hand_out_waits_for_an_approval_and_both_are_booked(world: World) -> None:
    batch = stocked(world, STOCK)
    pk = finished(world.signed("checker"), of(batch, STOCK - 3))
    approver = Signed(world.person("pharmacist"))

    ends = together(
        [lambda: approver.post(f"counts/{pk}/approve/").status_code, *[lambda: take(world, batch, 5)] * 5]
    )

    assert [end for end in ends if isinstance(end, Exception)] == []
    assert (units(batch), units(batch, "held"), units(batch, "adjusted")) == (STOCK - 28, 25, 3)
