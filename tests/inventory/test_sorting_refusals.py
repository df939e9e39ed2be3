"""Every way a decision can be refused: the code, the pointer, and nothing written."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalogue.models import Medicine, Product
from catalogue.recalls import OpenRecalls
from donations.models import Item
from inventory.errors import ScreeningRefuses
from inventory.judgement import DecisionDraft, Grounds, judge_decision
from inventory.models import SortingDecision
from inventory.queries.sorting import items_standing_at
from organisation.models import Place, Policy
from tests.inventory.stories import (
    CHECKED,
    LATER,
    accept,
    counted,
    custody,
    doubt,
    medicine,
    printed,
    reject,
    sort,
    written,
)
from tests.plain_sql import drop_guard, refused_by
from tests.world import TODAY, World, donation
from tests.world import item as brought

YESTERDAY = TODAY - datetime.timedelta(days=1)


def refused(answer: Any) -> tuple[int, str, list[tuple[str, str]]]:
    body = answer.json()
    return answer.status_code, body["code"], [(e["pointer"], e["code"]) for e in body["errors"]]


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (accept(medicine=None), (400, "invalid", [("/decisions/0/medicine", "required")])),
        (accept(pack=""), (400, "invalid", [("/decisions/0/pack", "required")])),
        (accept(medicine="M999"), (400, "invalid", [("/decisions/0/medicine", "unknown_medicine")])),
        (accept(product=4711), (400, "invalid", [("/decisions/0/product", "unknown_product")])),
        (accept(lot_number=""), (422, "label_not_read", [("/decisions/0/lot_number", "label_not_read")])),
        (
            accept(lot_number="\u200b"),
            (422, "label_not_read", [("/decisions/0/lot_number", "label_not_read")]),
        ),
        (accept(expiry=""), (422, "label_not_read", [("/decisions/0/expiry", "label_not_read")])),
        (accept(lot_number="㎎" * 40), (400, "invalid", [("/decisions/0/lot_number", "too_long")])),
        (
            accept(lot_number="", expiry=""),
            (
                422,
                "label_not_read",
                [("/decisions/0/lot_number", "label_not_read"), ("/decisions/0/expiry", "label_not_read")],
            ),
        ),
        (accept(expiry="2023年13月"), (400, "invalid", [("/decisions/0/expiry", "impossible_date")])),
        (
            accept(expiry=printed(YESTERDAY)),
            (422, "screening_refuses", [("/decisions/0/outcome", "expired")]),
        ),
        (
            accept(expiry=printed(YESTERDAY), reason="患者急需"),
            (422, "screening_refuses", [("/decisions/0/outcome", "expired")]),
        ),
        (
            accept(findings=["damaged"], reason="外盒轻微破损"),
            (422, "screening_refuses", [("/decisions/0/outcome", "damaged")]),
        ),
        (
            accept(pack="opened", container="bottle", reason="瓶装已开"),
            (422, "screening_refuses", [("/decisions/0/outcome", "opened_multidose")]),
        ),
        (
            accept(pack="opened", container="loose", reason="散片"),
            (422, "screening_refuses", [("/decisions/0/outcome", "bare_units")]),
        ),
        (
            accept(expiry=printed(TODAY + datetime.timedelta(days=10))),
            (422, "reason_needed", [("/decisions/0/reason", "reason_needed")]),
        ),
        (reject(reason=""), (422, "reason_needed", [("/decisions/0/reason", "reason_needed")])),
        (doubt(reason=""), (422, "reason_needed", [("/decisions/0/reason", "reason_needed")])),
        (
            accept(checklist={**CHECKED, "storage": False}),
            (422, "checklist_incomplete", [("/decisions/0/checklist/storage", "checklist_incomplete")]),
        ),
        (
            accept(checklist=None),
            (
                422,
                "checklist_incomplete",
                [(f"/decisions/0/checklist/{point}", "checklist_incomplete") for point in CHECKED],
            ),
        ),
        (
            reject(reason="expired", expiry=printed(TODAY)),
            (422, "reason_contradicted", [("/decisions/0/reason", "reason_contradicted")]),
        ),
        (
            reject(reason="expired", expiry="看不清"),
            (422, "reason_contradicted", [("/decisions/0/reason", "reason_contradicted")]),
        ),
        (
            doubt(reason="short_life", expiry=f"{LATER:%Y}"),
            (422, "reason_contradicted", [("/decisions/0/reason", "reason_contradicted")]),
        ),
        (
            reject(reason="expired"),
            (422, "reason_contradicted", [("/decisions/0/reason", "reason_contradicted")]),
        ),
        (
            doubt(reason="expired", expiry=printed(LATER)),
            (422, "reason_contradicted", [("/decisions/0/reason", "reason_contradicted")]),
        ),
        (
            reject(reason="short_life", expiry=printed(TODAY + datetime.timedelta(days=30))),
            (422, "reason_contradicted", [("/decisions/0/reason", "reason_contradicted")]),
        ),
        (accept(19), (422, "decisions_do_not_add_up", [("/decisions", "decisions_do_not_add_up")])),
        (accept(21), (422, "decisions_do_not_add_up", [("/decisions", "decisions_do_not_add_up")])),
        (accept(0), (400, "invalid", [("/decisions/0/quantity", "min_value")])),
        (accept(-20), (400, "invalid", [("/decisions/0/quantity", "min_value")])),
        (accept(20.5), (400, "invalid", [("/decisions/0/quantity", "not_whole")])),
        (accept(10**12), (400, "invalid", [("/decisions/0/quantity", "max_value")])),
        (
            accept(checklist={**CHECKED, "smell": True}),
            (400, "invalid", [("/decisions/0/checklist/smell", "unknown_field")]),
        ),
        (
            accept(checklist={**CHECKED, "label": "yes"}),
            (400, "invalid", [("/decisions/0/checklist/label", "not_boolean")]),
        ),
        (accept(findings=["smells"]), (400, "invalid", [("/decisions/0/findings/0", "invalid_choice")])),
        ({**accept(), "outcome": "maybe"}, (400, "invalid", [("/decisions/0/outcome", "invalid_choice")])),
    ],
)
def test_decision_refused_and_nothing_written(
    world: World, decision: dict[str, Any], expected: tuple[int, str, list[tuple[str, str]]]
) -> None:
    (item_id,) = counted(world)
    before = written()

    answer = sort(world.signed("pharmacist"), item_id, decision)

    assert refused(answer) == expected
    assert (written(), custody(item_id)) == (before, {"counted": 20})


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"special_control": "psychotropic"}, "special_control"),
        ({"dosage_form": "注射剂", "strength": "1ml"}, "injection"),
        ({"storage": "2~8℃冷藏"}, "cold_chain"),
        ({"donation_default": "refuse"}, "catalogue_refuses"),
        ({"strength": ""}, "strength_not_read"),
    ],
)
def test_refused_medicine_cannot_be_accepted_by_the_lead_pharmacist_either(
    world: World, fields: dict[str, Any], reason: str
) -> None:
    usual = {"generic_name": "某药", "category": "cough", "strength": "10mg", "smallest_unit": "片"}
    medicine("X001", **{**usual, **fields})
    (item_id,) = counted(world)
    before = written()

    answer = sort(world.signed("lead_pharmacist"), item_id, accept(medicine="X001", reason="我负责"))

    assert refused(answer) == (422, "screening_refuses", [("/decisions/0/outcome", reason)])
    assert written() == before


def test_out_of_scope_and_pharmacist_review_need_words_only(world: World) -> None:
    medicine("X002", category="cough", strength="1g", donation_default="out_of_scope")
    first, second = counted(world), counted(world)

    silent = sort(world.signed("pharmacist"), first[0], accept(medicine="X002"))
    said = sort(world.signed("pharmacist"), second[0], accept(medicine="X002", reason="县医院需要"))

    assert (silent.json()["code"], said.status_code) == ("reason_needed", 201)


def test_source_nobody_confirmed_is_refused_at_the_table(world: World) -> None:
    ids = counted(world)
    (item,) = items_standing_at(world.county.pk, Place.objects.all(), ids).values()
    item.donation.source_confirmed = False
    draft = DecisionDraft(
        "accept", 20, world.ibuprofen, None, "2203051", printed(LATER), "sealed", checklist=CHECKED
    )

    with pytest.raises(ScreeningRefuses) as caught:
        judge_decision(item, draft, Grounds(Policy(county=world.county), TODAY, OpenRecalls()))

    assert [fault.code for fault in caught.value.faults] == ["source_unknown"]


def test_product_of_another_medicine_refused(world: World) -> None:
    product = Product.objects.create(medicine=Medicine.objects.get(code="M001b"), brand="必理通")
    (item_id,) = counted(world)
    before = written()

    answer = sort(world.signed("pharmacist"), item_id, accept(product=product.pk))

    assert refused(answer) == (400, "invalid", [("/decisions/0/product", "other_medicine")])
    assert written() == before


def test_every_decision_at_fault_is_named(world: World) -> None:
    (item_id,) = counted(world)

    answer = sort(world.signed("pharmacist"), item_id, accept(10, lot_number=""), reject(5, ""), doubt(5))

    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [
        ("/decisions/0/lot_number", "label_not_read"),
        ("/decisions/1/reason", "reason_needed"),
    ]


def test_item_already_sorted_refused(world: World) -> None:
    (item_id,) = counted(world)
    sort(world.signed("pharmacist"), item_id, accept(20))
    before = written()

    answer = sort(world.signed("pharmacist", name="second"), item_id, accept(20))

    assert refused(answer) == (409, "not_to_sort", [("/item", "not_to_sort")])
    assert written() == before


def test_page_that_meant_counted_units_does_not_touch_those_in_doubt(world: World) -> None:
    (item_id,) = counted(world)
    sort(world.signed("pharmacist"), item_id, doubt(20))

    answer = sort(world.signed("pharmacist", name="second"), item_id, accept(20), state="counted")

    assert refused(answer) == (409, "not_to_sort", [("/item", "not_to_sort")])
    assert custody(item_id) == {"in_doubt": 20}


def test_item_not_yet_counted_refused(world: World) -> None:
    registered = world.signed("clerk").post("donations/", donation()).json()
    item_id = registered["items"][0]["id"]
    before = written()

    answer = sort(world.signed("pharmacist"), item_id, accept(20))

    assert refused(answer) == (409, "not_to_sort", [("/item", "not_to_sort")])
    assert (written(), custody(item_id)) == (before, {"at_point": 20})


def test_item_refused_at_the_counter_cannot_be_sorted(world: World) -> None:
    body = donation(items=[brought(findings=["damaged"])], unfit="destroy")
    item_id = world.signed("clerk").post("donations/", body).json()["items"][0]["id"]

    answer = sort(world.signed("pharmacist"), item_id, accept(20))

    assert refused(answer) == (409, "not_to_sort", [("/item", "not_to_sort")])
    assert custody(item_id) == {"in_bin": 20}


def registered_and_counted_alone(world: World) -> int:
    """A pharmacist registers at the office, a clerk carries it over, the pharmacist counts what arrives."""
    both = world.person("pharmacist")
    if not both.grants.filter(place=world.office).exists():
        world.grant(both, "pharmacist", world.office)
    registered = world.signed("pharmacist").post("donations/", donation(place="P-522633-02")).json()
    handover = (
        world.signed("clerk", world.office)
        .post(
            "handovers/",
            {"from_place": "P-522633-02", "to_place": "P-522633-01", "donations": [registered["id"]]},
        )
        .json()["id"]
    )
    item_id = registered["items"][0]["id"]
    lines = {"items": [{"item": item_id, "counted": 20}]}
    assert world.signed("pharmacist").post(f"handovers/{handover}/receive/", lines).status_code == 200
    return int(item_id)


@pytest.mark.parametrize("decision", [accept(20), reject(20)])
def test_who_registered_and_counted_alone_cannot_decide(world: World, decision: dict[str, Any]) -> None:
    item_id = registered_and_counted_alone(world)
    before = written()

    answer = sort(world.signed("pharmacist"), item_id, decision)

    assert refused(answer) == (403, "second_person_needed", [("/item", "second_person_needed")])
    assert written() == before


def test_who_registered_and_counted_alone_may_leave_it_in_doubt_for_another(world: World) -> None:
    item_id = registered_and_counted_alone(world)

    alone = sort(world.signed("pharmacist"), item_id, doubt(20, "等另一名药师"))
    other = sort(world.signed("pharmacist", name="second"), item_id, accept(20))

    assert (alone.status_code, other.status_code) == (201, 201)
    assert custody(item_id) == {"accepted": 20}


def test_place_that_no_longer_sorts_refused(world: World) -> None:
    (item_id,) = counted(world)
    world.hospital.sorts = False
    world.hospital.save(update_fields=["sorts"])
    before = written()

    answer = sort(world.signed("pharmacist"), item_id, accept(20))

    assert refused(answer) == (422, "not_a_pharmacy", [("/item", "not_a_pharmacy")])
    assert written() == before


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({}, "one_or_many", None),
        ({"item": 1}, "required", "/decisions"),
        ({"decisions": [accept()]}, "required", "/item"),
        ({"item": 1, "decisions": []}, "empty", "/decisions"),
        ({"item": 0, "decisions": [accept()]}, "min_value", "/item"),
        ({"item": "1; DROP TABLE", "decisions": [accept()]}, "invalid", "/item"),
        ({"sortings": []}, "empty", "/sortings"),
        ({"sortings": [{"item": 1, "decisions": [accept()]}], "item": 1}, "one_or_many", None),
        ({"item": 1, "decisions": "all"}, "not_a_list", "/decisions"),
        (
            {"state": "in_doubt", "sortings": [{"item": 1, "decisions": [accept()]}]},
            "unknown_field",
            "/state",
        ),
    ],
)
def test_body_of_another_shape_refused(
    world: World, body: dict[str, Any], code: str, pointer: str | None
) -> None:
    answer = world.signed("pharmacist").post("sortings/", body)

    assert answer.status_code == 400
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == (
        [(pointer, code)] if pointer else []
    )


def test_reason_that_the_expiry_contradicts_says_until_when_it_is_usable(world: World) -> None:
    """By the county's month policy: a month's label is usable to its end, or ends with the month before."""
    (item_id,) = counted(world)
    month = f"有效期至{TODAY:%Y年%m月}"
    pharmacist = world.signed("pharmacist")

    inclusive = sort(pharmacist, item_id, reject(reason="expired", expiry=month))
    Policy.objects.update_or_create(county=world.county, defaults={"month_policy": "conservative"})
    conservative = sort(pharmacist, item_id, reject(reason="expired", expiry=month))

    last = (TODAY.replace(day=1) + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)
    assert (inclusive.status_code, str(last) in inclusive.json()["errors"][0]["message"]) == (422, True)
    assert conservative.status_code == 201
    assert custody(item_id) == {"in_bin": 20}


@pytest.mark.parametrize(
    "decision",
    [
        reject(reason="expired", expiry=printed(YESTERDAY)),
        reject(reason="short_life", expiry=printed(TODAY + datetime.timedelta(days=29))),
        reject(reason="expiry_not_printed", expiry="模糊"),
    ],
)
def test_reason_that_the_expiry_bears_out_or_cannot_judge_is_taken(
    world: World, decision: dict[str, Any]
) -> None:
    (item_id,) = counted(world)

    assert sort(world.signed("pharmacist"), item_id, decision).status_code == 201


def test_expiry_that_nobody_could_read_contradicts_nothing_and_one_that_was_read_says_what_to_choose(
    world: World,
) -> None:
    """The day that was registered stands against words that cannot be read; without one nothing is certain."""
    read, unread = counted(world, brought(), brought(expiry="", expiry_state="not_read"))
    pharmacist = world.signed("pharmacist")
    decision = reject(reason="expired", expiry="模糊")

    (fault,) = sort(pharmacist, read, decision).json()["errors"]

    last_day = Item.objects.get(pk=read).last_usable_day
    assert str(last_day) in fault["message"]
    assert "无有效期或无法辨认" in fault["message"]
    assert sort(pharmacist, unread, decision).status_code == 201


def test_goods_in_date_are_not_written_down_as_expired(world: World) -> None:
    (item_id,) = counted(world)
    sort(world.signed("pharmacist"), item_id, reject(reason="expired", expiry=printed(YESTERDAY)))
    decision = SortingDecision.objects.get()
    decision.pk, decision._state.adding, decision.custody_id = None, True, None
    decision.last_usable_day = decision.decided_on

    with refused_by("decision_expired_is_past"):
        decision.save()
    drop_guard("decision_expired_is_past")
    decision.save()


def test_box_that_nobody_knew_is_accepted_only_under_a_name_and_its_own_unit(world: World) -> None:
    box = {"medicine": None, "barcode": "(01)06900000000083(17)290531(10)22AB(21)S1", "lot_number": "22AB"}
    unnamed = {**brought(**box), "description": "ロキソニン錠", "unit": "片"}
    by_box = {**unnamed, "unit": "盒", "quantity": 1}
    first, second = counted(world, unnamed, by_box)
    pharmacist = world.signed("pharmacist")
    queue = {row["item"]: row for row in pharmacist.get("sorting-queue/").json()["results"]}
    before = written()

    nameless = sort(pharmacist, first, accept(20, medicine=None, reason="看过"))
    boxes = sort(pharmacist, second, accept(1))

    assert (queue[first]["medicine"], queue[first]["barcode"], queue[first]["name"]) == (
        None,
        box["barcode"],
        "ロキソニン錠",
    )
    assert queue[first]["screening"]["reasons"][0]["code"] == "unidentified"
    assert refused(nameless) == (400, "invalid", [("/decisions/0/medicine", "required")])
    assert refused(boxes) == (400, "invalid", [("/decisions/0/medicine", "other_unit")])
    assert written() == before
    named = sort(pharmacist, first, accept(20))
    assert named.status_code == 201, named.json()
    assert custody(first) == {"accepted": 20}


@pytest.mark.parametrize(
    ("fields", "guard"),
    [
        ({"checklist": {**CHECKED, "label": False}}, "decision_checklist_whole"),
        ({"checklist": {}}, "decision_checklist_whole"),
        ({"screening": {"outcome": "refuse", "reasons": []}}, "decision_screening_obeyed"),
        ({"batch_id": None}, "decision_batch_iff_accepted"),
        ({"custody_id": "again"}, "decision_of_one_custody_entry"),
    ],
)
def test_database_refuses_what_went_around_the_service(
    world: World, fields: dict[str, Any], guard: str
) -> None:
    (item_id,) = counted(world)
    sort(world.signed("pharmacist"), item_id, accept(20))
    decision = SortingDecision.objects.get()
    decision.pk, decision._state.adding = None, True
    again = decision.custody_id
    decision.custody_id = None
    for name, value in fields.items():
        setattr(decision, name, again if value == "again" else value)

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        decision.save(force_insert=True)

    assert caught.value.__cause__.diag.constraint_name == guard
    assert Item.objects.get(pk=item_id).decisions.count() == 1
