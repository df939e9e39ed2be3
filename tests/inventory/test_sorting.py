"""Decisions at the sorting table, through the API: both journals after each."""

from __future__ import annotations

import datetime
import uuid

import pytest

from inventory.checklist import CHECKLIST_VERSION
from inventory.models import Batch, Movement, SortingDecision
from organisation.models import Policy
from tests.inventory.stories import (
    CHECKED,
    LATER,
    accept,
    book,
    counted,
    custody,
    doubt,
    medicine,
    printed,
    reject,
    sort,
    stocked,
)
from tests.world import TODAY, World, donation, item

HOSPITAL = "P-522633-01"


def test_item_accepted_whole_becomes_stock_of_the_store(world: World) -> None:
    (item_id,) = counted(world)
    before = custody(item_id)

    answer = sort(world.signed("pharmacist"), item_id, accept(20))

    assert before == {"counted": 20}
    assert answer.status_code == 201
    decision = SortingDecision.objects.get()
    assert answer.json() == {
        "item": item_id,
        "decisions": [
            {"id": decision.pk, "outcome": "accept", "quantity": 20, "batch": decision.batch_id, "reason": ""}
        ],
    }
    assert custody(item_id) == {"accepted": 20}
    assert book() == {
        (HOSPITAL, "store", "available", "2203051"): 20,
        (HOSPITAL, "store", "donated", "2203051"): -20,
    }


def test_decision_keeps_checklist_screening_and_words(world: World) -> None:
    (item_id,) = counted(world)

    sort(world.signed("pharmacist"), item_id, accept(20))

    decision = SortingDecision.objects.get()
    assert (decision.checklist, decision.checklist_version) == (CHECKED, CHECKLIST_VERSION)
    assert decision.screening == {"outcome": "accept", "reasons": []}
    assert (decision.expiry_raw, decision.last_usable_day) == (printed(LATER), LATER)
    assert decision.decided_by == world.person("pharmacist").pk
    movement = Movement.objects.get()
    assert (movement.decision_id, movement.document_type, movement.document_id) == (
        decision.pk,
        "sorting",
        decision.pk,
    )


def test_item_split_into_accept_reject_and_doubt(world: World) -> None:
    (item_id,) = counted(world, item(quantity=44, opened=True))

    answer = sort(
        world.signed("pharmacist"),
        item_id,
        accept(20),
        accept(12, pack="opened"),
        reject(8, "damaged"),
        doubt(4),
    )

    assert answer.status_code == 201
    assert [d["outcome"] for d in answer.json()["decisions"]] == ["accept", "accept", "reject", "hold"]
    assert custody(item_id) == {"accepted": 32, "in_bin": 8, "in_doubt": 4}
    assert sorted(Movement.objects.values_list("batch__pack", "quantity")) == [("opened", 12), ("sealed", 20)]


def test_rejection_in_own_words_is_counted_under_other(world: World) -> None:
    (item_id,) = counted(world)

    sort(world.signed("pharmacist"), item_id, reject(20, "盒内说明书被水泡过"))

    decision = SortingDecision.objects.get()
    assert (decision.reason, decision.note) == ("other", "盒内说明书被水泡过")
    assert decision.custody.reason == "other"


def test_rejected_units_need_no_lot_and_no_expiry(world: World) -> None:
    (item_id,) = counted(world, item(lot_number="", lot_state="not_read", expiry="", expiry_state="not_read"))

    answer = sort(
        world.signed("pharmacist"), item_id, reject(20, "expiry_not_printed", expiry="看不清", lot_number="")
    )

    assert answer.status_code == 201
    assert custody(item_id) == {"in_bin": 20}
    assert SortingDecision.objects.get().last_usable_day is None


def test_pack_is_told_of_what_was_accepted_and_null_of_what_was_not(world: World) -> None:
    (item_id,) = counted(world, item(quantity=20))
    pharmacist = world.signed("pharmacist")

    sort(pharmacist, item_id, accept(12, pack="opened", checklist=CHECKED), reject(5), doubt(3))

    rows = pharmacist.get("sortings/").json()["results"]
    assert {(row["outcome"], row["quantity"], row["pack"]) for row in rows} == {
        ("accept", 12, "opened"), ("reject", 5, None), ("hold", 3, None),
    }  # fmt: skip


def test_label_read_at_the_table_completes_what_the_counter_left_open(world: World) -> None:
    (item_id,) = counted(world, item(lot_number="", lot_state="not_read", expiry="", expiry_state="not_read"))

    answer = sort(world.signed("pharmacist"), item_id, accept(20, lot_number="A77", expiry="2099年5月"))

    assert answer.status_code == 201
    batch = Batch.objects.get()
    assert (batch.lot_number, batch.last_usable_day) == ("A77", datetime.date(2099, 5, 31))


def test_month_is_read_by_the_countys_policy(world: World) -> None:
    Policy.objects.create(county=world.county, month_policy="conservative")
    (item_id,) = counted(world)

    sort(world.signed("pharmacist"), item_id, accept(20, expiry="2099年5月"))

    assert Batch.objects.get().last_usable_day == datetime.date(2099, 4, 30)


def test_same_label_makes_the_same_batch_however_it_is_typed(world: World) -> None:
    first = stocked(world, lot_number="ab-12 3")

    second = stocked(world, lot_number=" ＡＢ-123")

    assert first == second
    assert book()[(HOSPITAL, "store", "available", "AB-123")] == 40


def test_other_pack_or_day_makes_another_batch(world: World) -> None:
    batches = {
        stocked(world),
        stocked(world, pack="opened", container="blister"),
        stocked(world, expiry=printed(LATER + datetime.timedelta(days=1))),
    }

    assert len(batches) == 3


def test_reusable_device_needs_neither_lot_nor_expiry(world: World) -> None:
    medicine("D001", requires_lot=False, requires_expiry=False)
    (item_id,) = counted(
        world,
        item(
            medicine="D001",
            lot_number="",
            lot_state="not_read",
            expiry="",
            expiry_state="not_read",
            quantity=2,
        ),
    )

    answer = sort(world.signed("pharmacist"), item_id, accept(2, medicine="D001", lot_number="", expiry=""))

    assert answer.status_code == 201
    batch = Batch.objects.get()
    assert (batch.lot_number, batch.last_usable_day) == ("", None)


def test_unidentified_item_is_named_at_the_table(world: World) -> None:
    (item_id,) = counted(world, item(medicine=None, description="一板白色药片", unit="片"))

    answer = sort(world.signed("pharmacist"), item_id, accept(20, medicine="M001b"))

    assert answer.status_code == 201
    assert Batch.objects.get().medicine == world.paracetamol


def test_short_life_accepted_with_a_pharmacists_reason(world: World) -> None:
    soon = TODAY + datetime.timedelta(days=10)
    (item_id,) = counted(world, item(expiry=printed(soon)))

    answer = sort(world.signed("pharmacist"), item_id, accept(20, expiry=printed(soon), reason="本周内急用"))

    assert answer.status_code == 201
    decision = SortingDecision.objects.get()
    assert (decision.reason, decision.note) == ("short_life", "本周内急用")
    assert [reason["code"] for reason in decision.screening["reasons"]] == ["short_life"]
    assert custody(item_id) == {"accepted": 20}


def test_last_usable_day_itself_can_still_be_accepted(world: World) -> None:
    (item_id,) = counted(world, item(expiry=printed(TODAY)))

    answer = sort(world.signed("pharmacist"), item_id, accept(20, expiry=printed(TODAY), reason="当日使用"))

    assert answer.status_code == 201


def test_doubt_is_settled_by_another_pharmacist(world: World) -> None:
    (item_id,) = counted(world)
    sort(world.signed("pharmacist"), item_id, doubt(20))
    in_doubt = (custody(item_id), book())

    answer = sort(world.signed("pharmacist", name="second"), item_id, accept(15), reject(5, "label_altered"))

    assert in_doubt == ({"in_doubt": 20}, {})
    assert answer.status_code == 201
    assert custody(item_id) == {"accepted": 15, "in_bin": 5}
    assert book()[(HOSPITAL, "store", "available", "2203051")] == 15


def test_part_of_a_doubt_may_stay(world: World) -> None:
    (item_id,) = counted(world)
    sort(world.signed("pharmacist"), item_id, doubt(20))

    answer = sort(world.signed("pharmacist", name="second"), item_id, accept(15), doubt(5, "等厂家答复"))

    assert answer.status_code == 201
    assert custody(item_id) == {"accepted": 15, "in_doubt": 5}
    assert SortingDecision.objects.get(outcome="hold", quantity=5).custody is None


def test_pharmacist_who_registered_sorts_what_a_checker_counted(world: World) -> None:
    pharmacist = world.signed("pharmacist")
    (item_id,) = counted(world, clerk=pharmacist)

    answer = sort(pharmacist, item_id, accept(20))

    assert answer.status_code == 201
    assert custody(item_id) == {"accepted": 20}


def test_handed_over_item_is_sorted_where_it_arrived(world: World) -> None:
    clerk, pharmacist = world.signed("clerk", world.office), world.signed("pharmacist", world.hospital)
    registered = clerk.post("donations/", donation(place="P-522633-02")).json()
    item_id = registered["items"][0]["id"]
    handover = clerk.post(
        "handovers/",
        {"from_place": "P-522633-02", "to_place": HOSPITAL, "donations": [registered["id"]]},
    ).json()["id"]
    world.signed("checker").post(
        f"handovers/{handover}/receive/",
        {"items": [{"item": item_id, "counted": 21, "reason": "miscounted"}]},
    )
    received = custody(item_id)

    answer = sort(pharmacist, item_id, accept(21))

    assert received == {"counted": 21}
    assert answer.status_code == 201
    assert book()[(HOSPITAL, "store", "available", "2203051")] == 21


def test_health_centre_sorts_into_its_own_store(world: World) -> None:
    stocked(world, place=world.centre)

    assert book()[("P-522633-10", "store", "available", "2203051")] == 20


def test_repeated_key_sorts_once(world: World) -> None:
    (item_id,) = counted(world)
    pharmacist, key = world.signed("pharmacist"), uuid.uuid4()
    body = {"item": item_id, "decisions": [accept(20)]}

    first = pharmacist.post("sortings/", body, key=key)
    second = pharmacist.post("sortings/", body, key=key)

    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert SortingDecision.objects.count() == 1


@pytest.mark.parametrize(("container", "refusal"), [("blister", []), ("", ["opened_multidose"])])
def test_box_that_was_taken_in_whole_is_judged_as_the_pharmacist_finds_it(
    world: World, container: str, refusal: list[str]
) -> None:
    """Blisters of an opened box may be given; where nobody said what the units lie in, an opened pack may not."""
    (item_id,) = counted(world, item(opened=False, container=container))

    answer = sort(world.signed("pharmacist"), item_id, accept(20, pack="opened"))

    kept = world.signed("pharmacist").get("sortings/").json()["results"]
    assert [each["code"] for each in answer.json().get("errors", [])] == refusal
    assert [(each["pack"], each["taken_in_opened"], each["screening"]["reasons"]) for each in kept] == (
        [] if refusal else [("opened", False, [])]
    )
