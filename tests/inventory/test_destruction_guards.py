"""The guards of destructions, tried with plain SQL: refused by name, and let through once that guard is gone."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.plain_sql import Breach, Breaches, drop_guard, execute, insert, refused_by, value
from tests.shelves import Shelves
from tests.world import TODAY

breaks = Breaches()


def destruction(s: Shelves, **columns: Any) -> int:
    people = [s.world.person(role).pk for role in ("pharmacist", "checker")]
    return insert(
        "inventory_destruction",
        **{
            "county_id": s.county,
            "place_id": s.here,
            "method": "焚烧",
            "state": "proposed",
            "proposed_by_id": people[0],
            "proposed_on": TODAY,
            "witness_id": people[1],
            "reason": "",
            "command": uuid.uuid4(),
            **columns,
        },
    )


def line(s: Shelves, destruction_id: int, **columns: Any) -> int:
    return insert(
        "inventory_destructionline",
        **{
            "county_id": s.county,
            "destruction_id": destruction_id,
            "line": 1,
            "batch_id": s.batch_a,
            "side": "store",
            "quantity": 1,
            "reason": "",
            **columns,
        },
    )


def end(s: Shelves, pk: int, state: str, person: str | None) -> int:
    by = s.world.person(person).pk if person else None
    statement = "UPDATE inventory_destruction SET state = %s, ended_by_id = %s, ended_on = %s WHERE id = %s"
    return execute(statement, [state, by, TODAY, pk])


def hold(s: Shelves) -> int:
    return insert("inventory_hold", county_id=s.county, place_id=s.here, batch_id=s.batch_a, reason="受潮",
                  placed_by=1, placed_on=TODAY, command=uuid.uuid4(), arrived=0, arrived_side="")  # fmt: skip


def spent(s: Shelves, **columns: Any) -> int:
    usual = {"county_id": s.county, "side": "store", "quantity": 1, "document_type": "destruction", "document_id": 1,
             "command": uuid.uuid4()}  # fmt: skip
    return insert(
        "inventory_holdspent", **{**usual, "hold_id": columns.pop("hold_id", None) or hold(s), **columns}
    )


@breaks("destruction_witness_is_another")
def witness_is_who_proposes(s: Shelves) -> int:
    return destruction(s, witness_id=s.world.person("pharmacist").pk)


@breaks("destruction_witness_same_county")
def witness_of_another_county(s: Shelves) -> int:
    return destruction(s, witness_id=s.world.person("checker", foreign=True).pk)


@breaks("destruction_place_same_county")
def destruction_in_another_county(s: Shelves) -> int:
    return destruction(s, place_id=s.world.foreign_place.pk)


@breaks("destruction_has_method")
def destruction_without_method(s: Shelves) -> int:
    return destruction(s, method="")


@breaks("destruction_ended_by_whom")
def somebody_else_confirms(s: Shelves) -> int:
    return end(s, destruction(s), "confirmed", "pharmacist")


@breaks("destruction_ended_by_whom")
def nobody_confirms(s: Shelves) -> int:
    return end(s, destruction(s), "confirmed", None)


@breaks("destruction_ended_by_whom")
def destruction_of_an_unknown_state(s: Shelves) -> int:
    return destruction(s, state="burning")


@breaks("destruction_ends_once")
def confirmed_list_withdrawn(s: Shelves) -> int:
    pk = destruction(s)
    end(s, pk, "confirmed", "checker")
    return end(s, pk, "withdrawn", "checker")


@breaks("destruction_ends_once")
def witness_changed(s: Shelves) -> int:
    other = s.world.person("clerk").pk
    return execute("UPDATE inventory_destruction SET witness_id = %s WHERE id = %s", [other, destruction(s)])


@breaks("destruction_never_removed")
def list_removed(s: Shelves) -> int:
    return execute("DELETE FROM inventory_destruction WHERE id = %s", [destruction(s)])


@breaks("destruction_lines_when_proposed")
def line_added_to_an_ended_list(s: Shelves) -> int:
    pk = destruction(s)
    end(s, pk, "confirmed", "checker")
    return line(s, pk)


@breaks("destruction_of_batch_or_item")
def line_of_nothing(s: Shelves) -> int:
    return line(s, destruction(s), batch_id=None)


@breaks("destruction_of_batch_or_item")
def line_of_both(s: Shelves) -> int:
    return line(s, destruction(s), item_id=s.counted_item(5))


@breaks("destruction_quantity_range")
def line_of_no_units(s: Shelves) -> int:
    return line(s, destruction(s), quantity=0)


@breaks("destruction_line_once")
def two_lines_of_one_number(s: Shelves) -> int:
    pk = destruction(s)
    line(s, pk)
    return line(s, pk, batch_id=s.expired)


@breaks("destruction_batch_once")
def batch_listed_twice(s: Shelves) -> int:
    pk = destruction(s)
    line(s, pk)
    return line(s, pk, line=2)


@breaks("destruction_item_once")
def item_listed_twice(s: Shelves) -> int:
    pk, item = destruction(s), {"batch_id": None, "side": "", "item_id": s.counted_item(5)}
    line(s, pk, **item)
    return line(s, pk, line=2, **item)


@breaks("destruction_line_batch_same_county")
def line_of_a_foreign_batch(s: Shelves) -> int:
    return line(s, destruction(s), batch_id=s.abroad.batch_x)


@breaks("destruction_line_item_same_county")
def line_of_a_foreign_item(s: Shelves) -> int:
    return line(s, destruction(s), batch_id=None, side="", item_id=s.abroad.item_x)


@breaks("spent_quantity_range")
def hold_spent_by_nothing(s: Shelves) -> int:
    return spent(s, quantity=0)


@breaks("spent_hold_same_county")
def foreign_hold_spent(s: Shelves) -> int:
    return spent(s, hold_id=hold(s), county_id=s.abroad.county)


@breaks("inventory_destructionline_append_only")
def line_changed(s: Shelves) -> int:
    line(s, destruction(s))
    return execute("UPDATE inventory_destructionline SET quantity = 2")


@breaks("inventory_holdspent_append_only")
def spending_removed(s: Shelves) -> int:
    spent(s)
    return execute("DELETE FROM inventory_holdspent")


@pytest.fixture(scope="module", autouse=True)
def people(standing: Shelves) -> None:
    """Made before any test's savepoint, for the world remembers them after it."""
    for role in ("pharmacist", "checker", "clerk"):
        standing.world.person(role)
    standing.world.person("checker", foreign=True)


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_refused_by_its_guard(shelves: Shelves, breach: Breach) -> None:
    before = value("SELECT count(*) FROM inventory_destruction")

    with refused_by(breach.guard):
        breach.attempt(shelves)

    assert value("SELECT count(*) FROM inventory_destruction") == before


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_goes_in_without_its_guard(shelves: Shelves, breach: Breach) -> None:
    drop_guard(breach.guard)

    assert breach.attempt(shelves)
