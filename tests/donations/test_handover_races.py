"""Handovers at the same moment: real threads, real transactions."""

from __future__ import annotations

from functools import partial
from typing import Any

from donations.models import CustodyEntry, Handover
from tests.cloned import cloned_db, together
from tests.donations.holdings import standing
from tests.plain_sql import drop_guard
from tests.world import World, donation

__all__ = ["cloned_db"]


def outcomes(answers: list[Any]) -> list[tuple[int, str]]:
    return sorted((answer.status_code, answer.json().get("code", "")) for answer in answers)


def sending(world: World, made: dict[str, Any], clerks: int) -> list[Any]:
    body = {"from_place": world.office.code, "to_place": world.hospital.code, "donations": [made["id"]]}
    signed = [world.signed("clerk", world.office, name=f"clerk {n}") for n in range(clerks)]
    return [partial(each.post, "handovers/", body) for each in signed]


def given(world: World) -> dict[str, Any]:
    return world.signed("clerk", world.office).post("donations/", donation(place=world.office.code)).json()


def test_donation_sent_by_many_at_once_is_on_one_list(cloned_db: str) -> None:
    world = World()
    made = given(world)

    answers = together(sending(world, made, 5))

    codes = outcomes(answers)
    assert codes[0] == (201, "")
    assert set(codes[1:]) <= {(409, "in_open_handover"), (409, "not_at_point")}
    assert (len(codes), Handover.objects.count()) == (5, 1)
    assert standing(made["items"][0]["id"]) == {"on_the_way": 20}


def test_without_the_constraint_the_holdings_still_keep_it_on_one_list(cloned_db: str) -> None:
    world = World()
    made = given(world)
    drop_guard("donation_in_one_open_handover")

    codes = outcomes(together(sending(world, made, 5)))

    assert codes == [(201, "")] + [(409, "not_at_point")] * 4
    assert standing(made["items"][0]["id"]) == {"on_the_way": 20}


def test_handover_received_and_voided_at_once_ends_one_way(cloned_db: str) -> None:
    world = World()
    made = given(world)
    pk = sending(world, made, 1)[0]().json()["id"]
    line = {"items": [{"item": made["items"][0]["id"], "counted": 20}]}
    clerk, pharmacist = world.signed("clerk", world.office), world.signed("pharmacist")

    answers = together(
        [
            partial(clerk.post, f"handovers/{pk}/void/", {"reason": "车辆未到"}),
            partial(pharmacist.post, f"handovers/{pk}/receive/", line),
        ]
    )

    assert outcomes(answers) == [(200, ""), (409, "handover_closed")]
    ended = Handover.objects.get().state
    where = {"voided": {"at_point": 20}, "received": {"counted": 20}}
    assert standing(made["items"][0]["id"]) == where[ended]
    assert CustodyEntry.objects.filter(handover=pk).count() == 2
