"""Several people at once: nothing is promised, sent, received or handed out twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from distribution.models import Plan, Shipment
from inventory.models import Side
from tests.cloned import cloned_db, together
from tests.distribution.stock import FIRST, HOSPITAL, book, hand_out, order, profile, stock
from tests.distribution.stories import approved, dispatched, only_line
from tests.world import Signed, World

__all__ = ["cloned_db"]
pytestmark = pytest.mark.usefixtures("cloned_db")


def outcomes(people: Sequence[Signed], route: str, bodies: Sequence[Any]) -> Counter[tuple[int, str]]:
    """All send at once; how often each (status, code of the refusal) was answered."""
    answers = together(
        [
            lambda person=person, body=body: person.post(route, body)
            for person, body in zip(people, bodies, strict=True)
        ]
    )
    return Counter((answer.status_code, answer.json().get("code", "")) for answer in answers)


def test_two_plans_for_the_same_stock_never_take_it_twice() -> None:
    world = World()
    stock(world, 60, lot="A")
    stock(world, 40, lot="B", days=300)
    profile(world, world.villages[0])
    allocator = world.signed("allocator")
    plans = [allocator.post("plans/", order()).json()["id"] for _n in range(4)]
    for plan in plans:
        allocator.post(f"plans/{plan}/submit/")
    approvers = [world.signed("approver", name=f"approver {n}") for n in range(4)]

    answers = together(
        [
            lambda person=person, plan=plan: person.post(f"plans/{plan}/approve/").status_code
            for person, plan in zip(approvers, plans, strict=True)
        ]
    )

    assert Counter(answers) == {200: 1, 409: 3}
    assert book(world) == {(HOSPITAL, "store", "donated"): -100, (HOSPITAL, "store", "reserved"): 100}
    assert Plan.objects.filter(state="approved").count() == Shipment.objects.count() == 1


def test_one_plan_is_approved_once() -> None:
    world = World()
    stock(world, 500)
    profile(world, world.villages[0], population=50)
    allocator = world.signed("allocator")
    plan = allocator.post("plans/", order()).json()["id"]
    allocator.post(f"plans/{plan}/submit/")
    approvers = [world.signed("approver", name=f"approver {n}") for n in range(4)]

    answers = outcomes(approvers, f"plans/{plan}/approve/", [{}] * 4)

    assert answers == {(200, ""): 1, (409, "wrong_plan_state"): 3}
    assert book(world)[HOSPITAL, "store", "reserved"] == 100


def test_hand_outs_at_once_empty_the_shelf_to_the_last_unit() -> None:
    """Hand-outs that planned with the same units would be refused although others stand beside them."""
    world = World()
    for lot, days in (("A", 100), ("B", 200), ("C", 300)):
        stock(world, 5, lot=lot, days=days, place=world.villages[0], side=Side.CLINIC)
    people = [world.signed("clinic", world.villages[0], name=f"clinic {n}") for n in range(8)]
    body = hand_out(lines=[{"medicine": "M009a", "quantity": 3, "days_supply": 3}])

    answers = outcomes(people, "dispensings/", [body] * 8)

    assert answers == {(201, ""): 5, (409, "short_stock"): 3}
    assert (FIRST, "clinic", "available") not in book(world)


def test_shipment_is_sent_once() -> None:
    world = World()
    shipment = approved(world)
    people = [world.signed("pharmacist", world.hospital, name=f"pharmacist {n}") for n in range(4)]

    answers = outcomes(people, f"shipments/{shipment}/dispatch/", [{}] * 4)

    assert answers == {(200, ""): 1, (409, "wrong_shipment_state"): 3}
    assert book(world)[HOSPITAL, "store", "in_transit"] == 100


def test_shipment_is_received_once() -> None:
    world = World()
    shipment = dispatched(world)
    body = {"lines": [{"line": only_line(world, shipment), "accepted": 100}]}
    people = [world.signed("clinic", world.villages[0], name=f"clinic {n}") for n in range(4)]

    answers = outcomes(people, f"shipments/{shipment}/receive/", [body] * 4)

    assert answers == {(200, ""): 1, (409, "wrong_shipment_state"): 3}
    assert book(world)[FIRST, "clinic", "available"] == 100
