"""Swaps between clinics: proposed where one will not use what another lacks, sent like any other shipment."""

from __future__ import annotations

import datetime
from typing import Any

from distribution.models import Shipment, ShipmentLine
from inventory.models import Batch, Movement, Side
from organisation.models import Place
from tests.cloned import cloned_db
from tests.distribution.stock import FIRST, SECOND, book, profile, stock
from tests.distribution.stories import statements
from tests.distribution.test_outlook import gave, shelf
from tests.world import TODAY, World

__all__ = ["cloned_db"]
DAY = datetime.timedelta(days=1)


def slow_and_lacking(world: World, units: int = 100, *, days: int = 40, people: int = 700) -> Batch:
    """The first village clinic hands out little of what expires soon; the second serves people and has nothing."""
    batch = shelf(world, units, days=days)
    gave(world, 1, 5)
    profile(world, world.villages[1], population=people)
    return batch


def proposals(
    world: World, role: str = "allocator", at: Place | None = None, /, **query: Any
) -> list[dict[str, Any]]:
    answer = world.signed(role, at).get("swaps/", **query)
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


def figures(world: World) -> list[int]:
    """What was allotted of each medicine up to today."""
    answer = world.signed("auditor").get("figures/", **{"from": str(TODAY - 30 * DAY), "to": str(TODAY)})
    return [row["allotted"] for row in answer.json()["medicines"]]


def move(batch: Batch, units: int, **fields: Any) -> dict[str, Any]:
    lines = [{"batch": batch.pk, "quantity": units}]
    return {"from_place": FIRST, "to_place": SECOND, "lines": lines, **fields}


def test_what_one_clinic_will_not_use_is_offered_to_one_that_lacks_it(world: World) -> None:
    batch = slow_and_lacking(world)

    (row,) = proposals(world)

    # One unit in 28 days leaves 98 of 99 after 39 days; 700 people need 1,400 in 14.
    names = ("from_place", "to_place", "medicine", "batch", "unused", "lacking", "quantity")
    assert [row[name] for name in names] == [FIRST, SECOND, "M009a", batch.pk, 98, 1400, 98]
    day = batch.last_usable_day
    assert (
        row["explanation"]
        == row["explanation_zh"]
        == (
            f"干团村卫生室的布洛芬片 0.1g（批号2203051，{day}到期）预计有98片到期前用不完；"
            "宰门村卫生室现有0片，缺1400片，建议调剂98片。"
        )
    )
    assert row["explanation_en"] == (
        f"干团村卫生室 will not use 98 of lot 2203051 of ibuprofen before {day}; "
        "宰门村卫生室 has 0 and lacks 1400: move 98."
    )


def test_nobody_gets_more_than_it_can_use_in_time_or_asked_for(world: World) -> None:
    # 15 people: 30 tablets in 14 days, of which sixty in a hundred are counted on for the days until a course ends.
    slow_and_lacking(world, people=15, days=9)
    (row,) = proposals(world)
    assert 0 < row["quantity"] < row["lacking"] == 30

    week = f"{TODAY}/{TODAY + 6 * DAY}"
    lines = [{"medicine": "M009a", "requested": 6}]
    world.signed("clinic").put("needs/", {"place": SECOND, "period": week, "lines": lines})

    assert [(row["lacking"], row["quantity"]) for row in proposals(world)] == [(6, 6)]


def test_clinics_share_what_is_spare_fairly_and_the_own_township_comes_first(world: World) -> None:
    slow_and_lacking(world)
    outside = Place.objects.create(
        county=world.county, code="P-522633-20", name="西山镇卫生院", kind="health_centre", hands_out=True
    )
    profile(world, outside, population=700)
    assert {row["to_place"]: row["quantity"] for row in proposals(world)} == {SECOND: 98}

    profile(world, world.centre, population=700)

    assert {row["to_place"]: row["quantity"] for row in proposals(world)} == {SECOND: 49, "P-522633-10": 49}


def test_nothing_is_proposed_where_nothing_is_spare_or_nobody_lacks(world: World) -> None:
    shelf(world, 100, days=400)
    gave(world, 1, 5)
    profile(world, world.villages[1])
    assert proposals(world) == []

    shelf(world, 20, days=3, lot="TOO LATE")

    assert proposals(world) == []


def test_accepted_swap_travels_and_is_counted_like_any_shipment(world: World) -> None:
    batch = slow_and_lacking(world)
    giver, taker = world.signed("clinic", world.villages[0]), world.signed("clinic", world.villages[1])
    allotted = figures(world)

    sent = giver.post("swaps/", move(batch, 90))

    assert (sent.status_code, sent.json()["status"]) == (201, "dispatched")
    assert [row["quantity"] for row in proposals(world)] == [8]
    line = {"line": ShipmentLine.objects.get().pk, "accepted": 89, "damaged": 1, "reason": "受潮"}
    taken = taker.post(f"shipments/{sent.json()['id']}/receive/", {"lines": [line]})
    assert taken.json()["status"] == "received"
    assert book(world) == {
        (FIRST, "clinic", "donated"): -100,
        (FIRST, "clinic", "available"): 9,
        (FIRST, "clinic", "dispensed"): 1,
        (SECOND, "clinic", "available"): 89,
        (SECOND, "clinic", "held"): 1,
    }
    kinds = Movement.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["accept", "dispense", "reserve", "dispatch", "receive", "receive"]
    assert figures(world) == allotted == [0]


def test_swap_is_refused_with_nothing_written(world: World) -> None:
    batch = slow_and_lacking(world)
    other = shelf(world, 50, days=300, lot="LATE")
    giver = world.signed("clinic", world.villages[0])
    before, shipments = book(world), Shipment.objects.count()

    refusals = [
        giver.post("swaps/", body).json()
        for body in (
            move(batch, 99),
            move(other, 1),
            move(batch, 6, from_place=SECOND, to_place=FIRST),
            move(batch, 6, to_place="P-522622-01"),
            move(batch, 6, to_place=FIRST),
            {**move(batch, 6), "lines": []},
            move(batch, 0),
        )
    ]

    assert [(refusal["code"], refusal["errors"][0]["pointer"]) for refusal in refusals] == [
        ("not_proposed", "/lines/0/quantity"),
        ("not_proposed", "/lines/0/quantity"),
        ("not_found", "/from_place"),
        ("not_found", "/to_place"),
        ("not_proposed", "/lines/0/quantity"),
        ("invalid", "/lines"),
        ("invalid", "/lines/0/quantity"),
    ]
    assert (book(world), Shipment.objects.count()) == (before, shipments)


def test_recalled_stock_is_neither_proposed_nor_sent(world: World) -> None:
    batch = slow_and_lacking(world)
    recall = {
        "medicine": "M009a",
        "lot_number": "2203051",
        "reason": "质量问题",
        "reference": "药监通告",
        "place": SECOND,
    }
    answer = world.signed("pharmacist", world.centre).post("recalls/", recall)
    assert answer.status_code == 201, answer.json()

    sent = world.signed("clinic", world.villages[0]).post("swaps/", move(batch, 6))

    assert proposals(world) == []
    assert (sent.status_code, sent.json()["code"]) == (409, "recalled")


def test_expired_and_held_stock_is_not_sent(world: World) -> None:
    batch = slow_and_lacking(world)
    old = stock(world, 50, place=world.villages[0], side=Side.CLINIC, lot="OLD", days=-1)
    sent = world.signed("clinic", world.villages[0]).post("swaps/", move(old, 6))
    assert sent.json()["code"] == "expired_meanwhile"

    hold = {"batch": batch.pk, "place": FIRST, "reason": "外观可疑"}
    assert world.signed("pharmacist", world.centre).post("holds/", hold).status_code == 201

    assert proposals(world) == []


def test_clinics_see_the_swaps_they_give_or_get(world: World) -> None:
    slow_and_lacking(world)
    assert [len(proposals(world, "clinic", place)) for place in world.villages] == [1, 1]
    assert proposals(world, "clinic", world.villages[0], place=FIRST) != []
    assert proposals(world, medicine="M001b") == []
    assert world.signed("allocator", foreign=True).get("swaps/").json()["results"] == []
    duties = {duty["code"]: duty for duty in world.signed("allocator").get("todo/").json()["duties"]}
    assert (duties["swaps"]["count"], duties["swaps"]["link"]) == (1, "/api/v1/swaps/")


def test_proposals_take_a_constant_number_of_statements(world: World) -> None:
    slow_and_lacking(world)
    allocator = world.signed("allocator")
    one = statements(lambda: allocator.get("swaps/"))
    shelf(world, 40, days=30, lot="ANOTHER")
    profile(world, world.centre)

    assert statements(lambda: allocator.get("swaps/")) == one
    assert len(proposals(world)) > 1
