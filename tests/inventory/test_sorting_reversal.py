"""Taking a decision back on its day, in both journals."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from core.errors import DomainError
from donations.models import CustodyEntry
from inventory.errors import NotToday
from inventory.models import Movement, SortingDecision
from inventory.services.sorting_reversal import reverse_sorting
from tests.inventory.stories import accept, book, counted, custody, doubt, reject, sort, stocked, written
from tests.world import TODAY, World


def reverse(world: World, decision: int, **body: Any) -> Any:
    return world.signed("pharmacist").post(f"sortings/{decision}/reverse/", body)


def decided(world: World, *decisions: dict[str, Any]) -> tuple[int, list[int]]:
    (item_id,) = counted(world)
    answer = sort(world.signed("pharmacist"), item_id, *decisions)
    assert answer.status_code == 201, answer.json()
    return item_id, [decision["id"] for decision in answer.json()["decisions"]]


def test_accepted_units_leave_the_stock_and_count_as_counted(world: World) -> None:
    item_id, (decision,) = decided(world, accept(20))

    answer = reverse(world, decision, reason="拿错了盒子")

    assert (answer.status_code, answer.json()) == (
        200,
        {"id": decision, "item": item_id, "state": "reversed"},
    )
    assert (custody(item_id), book()) == ({"counted": 20}, {})
    assert Movement.objects.get(kind="reversal").reverses == Movement.objects.get(kind="accept")
    assert CustodyEntry.objects.get(kind="reversed").note == "拿错了盒子"


@pytest.mark.parametrize("decision", [reject(20), doubt(20)])
def test_rejection_and_doubt_are_taken_back(world: World, decision: dict[str, Any]) -> None:
    item_id, (pk,) = decided(world, decision)

    answer = reverse(world, pk)

    assert answer.status_code == 200
    assert (custody(item_id), book()) == ({"counted": 20}, {})


def test_only_the_named_decision_is_taken_back(world: World) -> None:
    item_id, (first, second, third) = decided(world, accept(8), accept(8), reject(4))

    reverse(world, second)

    assert custody(item_id) == {"counted": 8, "accepted": 8, "in_bin": 4}
    shown = {
        row["id"]: row["reversed_on"]
        for row in world.signed("pharmacist").get("sortings/", item=item_id).json()["results"]
    }
    assert shown == {first: None, second: str(TODAY), third: None}


def test_item_is_sorted_again_after_a_reversal(world: World) -> None:
    item_id, (decision,) = decided(world, accept(20))
    reverse(world, decision)

    answer = sort(world.signed("pharmacist"), item_id, accept(20, lot_number="OTHER"))

    assert answer.status_code == 201
    assert custody(item_id) == {"accepted": 20}
    assert book()[("P-522633-01", "store", "available", "OTHER")] == 20


def refusal(world: World, answer: Any, before: dict[str, int]) -> tuple[int, str, bool]:
    return answer.status_code, answer.json()["code"], written() == before


def test_second_reversal_refused(world: World) -> None:
    _item, (decision,) = decided(world, accept(20))
    reverse(world, decision)
    before = written()

    answer = reverse(world, decision)

    assert refusal(world, answer, before) == (409, "already_reversed", True)


def test_units_that_were_held_have_moved_on(world: World) -> None:
    _item, (decision,) = decided(world, accept(20))
    batch = SortingDecision.objects.get().batch_id
    world.signed("pharmacist").post(
        "holds/", {"place": "P-522633-01", "batch": batch, "quantity": 1, "reason": "外观可疑"}
    )
    before = written()

    answer = reverse(world, decision)

    assert refusal(world, answer, before) == (409, "moved_on", True)


def test_pooled_units_of_others_can_stand_in(world: World) -> None:
    stocked(world)
    item_id, (decision,) = decided(world, accept(20))
    batch = SortingDecision.objects.latest("id").batch_id
    world.signed("pharmacist").post(
        "holds/", {"place": "P-522633-01", "batch": batch, "quantity": 20, "reason": "外观可疑"}
    )

    answer = reverse(world, decision)

    assert answer.status_code == 200
    assert custody(item_id) == {"counted": 20}


def test_doubt_that_was_settled_has_moved_on(world: World) -> None:
    item_id, (decision,) = decided(world, doubt(20))
    sort(world.signed("pharmacist", name="second"), item_id, accept(20))
    before = written()

    answer = reverse(world, decision)

    assert refusal(world, answer, before) == (409, "moved_on", True)


def test_doubt_that_stayed_moved_nothing(world: World) -> None:
    item_id, _first = decided(world, doubt(20))
    stayed = sort(world.signed("pharmacist", name="second"), item_id, doubt(20)).json()["decisions"][0]["id"]
    before = written()

    answer = reverse(world, stayed)

    assert refusal(world, answer, before) == (409, "nothing_to_reverse", True)


def test_decision_of_yesterday_stands(world: World) -> None:
    item_id, (decision,) = decided(world, accept(20))
    before = written()

    with pytest.raises(DomainError) as caught:
        reverse_sorting(
            act=world.act(on=TODAY + datetime.timedelta(days=1)),
            decision=SortingDecision.objects.get(pk=decision),
        )

    assert type(caught.value) is NotToday
    assert (written(), custody(item_id)) == (before, {"accepted": 20})
