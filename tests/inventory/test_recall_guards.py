"""Recalled goods and the ends of a shipment, tried with plain SQL; and what stays possible under a recall."""

from __future__ import annotations

import pytest
from django.db import transaction

from inventory.verification import verify
from tests.inventory.breaches_of_recalls import breaks, notice, reaction, recall
from tests.plain_sql import TODAY, YESTERDAY, Breach, drop_guard, execute, insert, refused_by, value
from tests.shelves import Shelves


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_refused_by_its_guard(shelves: Shelves, breach: Breach) -> None:
    before = value("SELECT count(*) FROM inventory_movement")

    with refused_by(breach.guard):
        breach.attempt(shelves)

    assert value("SELECT count(*) FROM inventory_movement") == before


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_goes_in_without_its_guard(shelves: Shelves, breach: Breach) -> None:
    for guard in (breach.guard, *breach.behind):
        drop_guard(guard)

    assert breach.attempt(shelves)


def hold_under(s: Shelves, source: int, quantity: int) -> int:
    """A recall's own movement: promised goods too are held under the paper of the hold."""
    return s.move("hold", source, s.held, quantity, s.batch_a, document_type="hold", document_id=1)


ALLOWED = {
    "held from the shelf": lambda s: hold_under(s, s.available, 5),
    "held from a promise": lambda s: hold_under(s, s.reserved, 5),
    "received into hold": lambda s: s.move(
        "receive", s.on_road, s.account("held", place_id=s.centre, side="clinic"), 1, s.batch_a, **s.paper()
    ),
    "lost on the road": lambda s: s.move("lose", s.on_road, s.account("lost"), 1, s.batch_a, **s.paper()),
    "destroyed": lambda s: s.move("destroy", s.held, s.destroyed, 2, s.batch_a),
    "handed out before": lambda s: s.move(
        "dispense", s.held, s.dispensed, 2, s.batch_a, business_day=YESTERDAY
    ),
}


@pytest.mark.parametrize("deed", ALLOWED)
def test_recalled_goods_can_be(shelves: Shelves, deed: str) -> None:
    shelves.move("hold", shelves.available, shelves.held, 5, shelves.batch_a)
    recall(shelves, shelves.batch_a)

    assert ALLOWED[deed](shelves)


OTHERS = {
    "another lot": lambda s: recall(s, s.expired),
    "another place": lambda s: recall(s, s.batch_a, place_id=s.centre),
    "another medicine": lambda s: recall(s, s.batch_a, medicine_id=s.world.paracetamol.pk),
    "another county": lambda s: recall(s, s.batch_a, county_id=s.abroad.county),
}


@pytest.mark.parametrize("other", OTHERS)
def test_recall_of_something_else_is_in_nobodys_way(shelves: Shelves, other: str) -> None:
    OTHERS[other](shelves)

    assert shelves.move("dispense", shelves.available, shelves.dispensed, 1, shelves.batch_a)


def test_lifted_recall_is_in_nobodys_way(shelves: Shelves) -> None:
    pk = recall(shelves, shelves.batch_a)
    insert(
        "catalogue_recalllift", county_id=shelves.county, recall_id=pk, reason="误报", lifted_by=2, lifted_on=TODAY,
        command="00000000-0000-4000-8000-000000000003",
    )  # fmt: skip

    assert shelves.move("dispense", shelves.available, shelves.dispensed, 1, shelves.batch_a)


@pytest.mark.parametrize("statement", ["UPDATE {} SET county_id = county_id", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["inventory_recallnotice", "inventory_adversereaction"])
def test_what_a_recall_wrote_stays(shelves: Shelves, table: str, statement: str) -> None:
    notice(shelves)
    reaction(shelves)

    with transaction.atomic(), refused_by(f"{table}_append_only"):
        execute(statement.format(table))


def test_recalled_goods_on_a_shelf_are_found_by_the_check_of_the_books(shelves: Shelves) -> None:
    before = [each.check for each in verify(shelves.county)]

    recall(shelves, shelves.batch_a)

    found = verify(shelves.county)
    assert "recalled" not in before
    assert {each.figure for each in found if each.check == "recalled"} == {
        "store available", f"store reserved shipment {shelves.ours}", f"store reserved shipment {shelves.theirs}",
    }  # fmt: skip
