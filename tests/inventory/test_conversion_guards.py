"""Corrections of labels and opened boxes, tried with plain SQL; and what a paper allows."""

from __future__ import annotations

import uuid

import pytest
from django.db import transaction

from inventory.verification import verify
from tests.inventory.breaches_of_conversions import breaks, convert, proposal, sealed_and_opened, true_batch
from tests.inventory.breaches_of_recalls import recall
from tests.plain_sql import Breach, drop_guard, execute, refused_by, value
from tests.shelves import Shelves

ROWS = "SELECT (SELECT count(*) FROM inventory_movement) + (SELECT count(*) FROM inventory_relabelling)"


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_refused_by_its_guard(shelves: Shelves, breach: Breach) -> None:
    before = value(ROWS)

    with refused_by(breach.guard):
        breach.attempt(shelves)

    assert value(ROWS) == before


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_goes_in_without_its_guard(shelves: Shelves, breach: Breach) -> None:
    for guard in (breach.guard, *breach.behind):
        drop_guard(guard)

    assert breach.attempt(shelves)


def test_correction_converts_on_the_shelf_on_the_road_and_in_hold(shelves: Shelves) -> None:
    s, command = shelves, uuid.uuid4()
    into = true_batch(s)
    s.move("hold", s.available, s.held, 5, s.batch_a)
    s.correction(s.batch_a, into, command)

    for account in (s.available, s.held, s.reserved, s.on_road):
        assert convert(s, into, command, account=account)

    assert "conversions" not in {each.check for each in verify(s.county)}


def test_recalled_label_is_taken_on_on_the_road_only(shelves: Shelves) -> None:
    s, command = shelves, uuid.uuid4()
    into = true_batch(s)
    s.correction(s.batch_a, into, command)
    recall(s, into)

    assert convert(s, into, command, account=s.on_road)
    for account in (s.available, s.reserved):
        with refused_by("movement_not_recalled"):
            convert(s, into, command, account=account)


def test_opened_box_takes_the_place_of_the_sealed_one(shelves: Shelves) -> None:
    s, command = shelves, uuid.uuid4()
    into = sealed_and_opened(s)
    s.opening(s.batch_a, into, 3, command)

    assert convert(s, into, command)


def test_batches_are_told_along_every_step(shelves: Shelves) -> None:
    s = shelves
    first, last = sealed_and_opened(s), s.batch(pack="opened", lot_number="T9")
    s.opening(s.batch_a, first, 3, uuid.uuid4())
    s.correction(first, last, uuid.uuid4())

    before = value("SELECT array_agg(b ORDER BY b) FROM batches_before(%s::bigint[]) b", [[last]])
    after = value("SELECT array_agg(b ORDER BY b) FROM batches_after(%s::bigint[]) b", [[s.batch_a]])

    assert before == after == [s.batch_a, first, last]


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize(
    ("table", "guard"),
    [
        ("inventory_relabelling", "relabelling_ended_once"),
        ("inventory_opening", "inventory_opening_append_only"),
    ],
)
def test_papers_stay(shelves: Shelves, table: str, guard: str, statement: str) -> None:
    proposal(shelves)
    shelves.opening(shelves.batch_a, sealed_and_opened(shelves), 3, uuid.uuid4())

    with transaction.atomic(), refused_by(guard):
        execute(statement.format(table))
