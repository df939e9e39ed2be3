"""Raising, acknowledging and lifting recalls, and suspected adverse reactions."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.models import Product, Recall
from core.models import AuditEntry
from inventory.ledger import Entry, Shelf, post
from inventory.models import Hold, Kind, RecallNotice, Side, State
from tests.distribution.stock import stock
from tests.inventory.recalls import (
    CENTRE,
    HOSPITAL,
    LOT,
    faults,
    lifted,
    order,
    raised,
    rows_written,
    usable_units,
)
from tests.inventory.stories import accept, book, counted, custody, doubt, sort
from tests.world import TODAY, World, item


def units(place: str = HOSPITAL) -> dict[tuple[str, str, str], int]:
    """What stands at a place, by side, state and lot; what was donated left out."""
    return {
        (side, state, lot): n for (code, side, state, lot), n in book().items() if code == place and n > 0
    }


def test_every_unit_of_the_lot_is_held_in_every_place(world: World) -> None:
    stock(world, 20)
    stock(world, 30, place=world.centre, days=200)
    stock(world, 5, place=world.villages[0], side=Side.CLINIC)
    stock(world, 7, lot="9999")

    answer = raised(world)

    assert units() == {("store", "held", LOT): 20, ("store", "available", "9999"): 7}
    assert units(CENTRE) == {("store", "held", LOT): 30}
    assert units("P-522633-11") == {("clinic", "held", LOT): 5}
    reach = answer["reach"]
    assert (reach["batches"], reach["places"], reach["units"]["available"], reach["known"]) == (
        2,
        3,
        55,
        True,
    )
    assert sorted(Hold.objects.values_list("place__code", "recall_id")) == [
        (HOSPITAL, answer["id"]), (CENTRE, answer["id"]), ("P-522633-11", answer["id"]),
    ]  # fmt: skip
    assert (
        AuditEntry.objects.filter(action="POST api/v1/recalls/", subject=f"recall {answer['id']}").count()
        == 1
    )


def test_lot_that_grows_when_it_is_compared_is_taken(world: World) -> None:
    lot = "㍿" * 40

    raised(world, lot_number=lot, standing=True)

    assert Recall.objects.get().lot_key == "株式会社" * 40


@pytest.mark.parametrize("lot", ["2203-051", " 2203 051", "２２０３０５１"])
def test_lot_is_found_however_it_is_spelt(world: World, lot: str) -> None:
    stock(world, 20)

    raised(world, lot_number=lot)

    assert usable_units() == 0


def test_recall_of_every_lot_holds_the_medicine(world: World) -> None:
    stock(world, 20)
    stock(world, 7, lot="9999")
    stock(world, 9, medicine=world.paracetamol, lot="1111")

    raised(world, lot_number=None)

    assert [usable_units(lot) for lot in (LOT, "9999", "1111")] == [0, 0, 9]


def test_recall_of_a_product_holds_it_and_what_names_no_product(world: World) -> None:
    theirs, other = (
        Product.objects.create(medicine=world.ibuprofen, brand=brand) for brand in ("芬必得", "美林")
    )
    for product, quantity in ((theirs, 20), (other, 7), (None, 5)):
        (item_id,) = counted(world, item(quantity=quantity))
        decision = accept(quantity, product=product and product.pk)
        assert sort(world.signed("pharmacist"), item_id, decision).status_code == 201

    raised(world, medicine=None, product=theirs.pk)

    assert usable_units() == 7


def test_pharmacist_recalls_at_own_place_only(world: World) -> None:
    stock(world, 20)
    stock(world, 30, place=world.centre)
    pharmacist = world.signed("pharmacist")

    here = pharmacist.post("recalls/", order(place=HOSPITAL))

    assert here.status_code == 201
    assert (units(), units(CENTRE)) == ({("store", "held", LOT): 20}, {("store", "available", LOT): 30})


@pytest.mark.parametrize(
    ("fields", "status", "code", "pointer"),
    [
        ({}, 403, "not_allowed", "/place"),
        ({"place": CENTRE}, 404, "not_found", "/place"),
        ({"place": "P-522622-01"}, 404, "not_found", "/place"),
    ],
)
def test_pharmacist_cannot_recall_elsewhere(
    world: World, fields: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    stock(world, 20)
    before = rows_written()

    answer = world.signed("pharmacist").post("recalls/", order(**fields))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (answer.json()["errors"][0]["pointer"], rows_written()) == (pointer, before)


@pytest.mark.parametrize(
    ("fields", "status", "code", "pointer"),
    [
        ({"lot_number": "NOBODY"}, 422, "unknown_lot", "/lot_number"),
        ({"lot_number": "--"}, 400, "lot_unreadable", "/lot_number"),
        ({"lot_number": ""}, 400, "blank", "/lot_number"),
        ({"medicine": "M999"}, 400, "unknown_medicine", "/medicine"),
        ({"medicine": None, "product": 99}, 400, "unknown_product", "/product"),
        ({"medicine": None}, 400, "medicine_or_product", "/medicine"),
        ({"product": 1}, 400, "medicine_or_product", "/medicine"),
        ({"reason": ""}, 400, "blank", "/reason"),
        ({"reason": "错" * 201}, 400, "too_long", "/reason"),
        ({"standing": "yes"}, 400, "not_boolean", "/standing"),
        ({"everything": True}, 400, "unknown_field", "/everything"),
    ],
)
def test_recall_of_another_shape_refused(
    world: World, fields: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    stock(world, 20)
    before = rows_written()

    answer = world.signed("lead_pharmacist").post("recalls/", order(**fields))

    assert answer.status_code == status
    assert faults(answer) == [(pointer, code)]
    assert (rows_written(), usable_units()) == (before, 20)


def test_lot_must_be_named_or_left_out_knowingly(world: World) -> None:
    body = order()
    del body["lot_number"]

    answer = world.signed("lead_pharmacist").post("recalls/", body)

    assert faults(answer) == [("/lot_number", "required")]


def test_standing_recall_of_an_unknown_lot_reaches_nothing_yet(world: World) -> None:
    answer = raised(world, lot_number="NOBODY", standing=True)

    assert {name: answer["reach"][name] for name in ("batches", "places", "items", "known")} == {
        "batches": 0, "places": 0, "items": 0, "known": False,
    }  # fmt: skip
    assert RecallNotice.objects.count() == 0


def test_same_recall_twice_refused(world: World) -> None:
    stock(world, 20)
    raised(world)
    before = rows_written()

    answer = world.signed("lead_pharmacist").post("recalls/", order(lot_number="2203-051"))

    assert (answer.status_code, answer.json()["code"], rows_written()) == (409, "already_recalled", before)


def test_counted_items_of_the_lot_or_of_no_read_lot_are_put_in_doubt(world: World) -> None:
    mine, unread, other = counted(
        world, item(lot_number="2203-051"), item(lot_number="", lot_state="not_read"), item(lot_number="9999")
    )

    answer = raised(world)

    assert [custody(pk) for pk in (mine, unread, other)] == [
        {"in_doubt": 20},
        {"in_doubt": 20},
        {"counted": 20},
    ]
    assert (answer["reach"]["items"], answer["reach"]["item_units"]) == (2, 40)


def test_reach_is_told_before_anything_is_done(world: World) -> None:
    stock(world, 20)
    counted(world, item(quantity=8))
    before = rows_written()
    lead = world.signed("lead_pharmacist")

    told = lead.get("recalls/reach/", medicine="M009a", lot_number="2203-051").json()

    assert (told["units"]["available"], told["item_units"], told["known"]) == (20, 8, True)
    assert lead.get("recalls/reach/", medicine="M009a", lot_number="X").json()["known"] is False
    assert rows_written() == before


# Items: held is in doubt


def test_single_item_is_held_and_released_at_the_sorting_table(world: World) -> None:
    (item_id,) = counted(world)
    pharmacist = world.signed("pharmacist")

    held = sort(pharmacist, item_id, doubt(20, reason="外观可疑"))
    standing = custody(item_id)
    released = sort(pharmacist, item_id, accept(20), state="in_doubt")

    assert (held.status_code, standing) == (201, {"in_doubt": 20})
    assert (released.status_code, custody(item_id)) == (201, {"accepted": 20})


# Acknowledging


def test_places_that_have_or_had_the_lot_must_acknowledge(world: World) -> None:
    stock(world, 20)
    stock(world, 5, place=world.villages[0], side=Side.CLINIC)
    stock(world, 7, place=world.centre, lot="9999")
    pk = raised(world)["id"]
    clinic = world.signed("clinic", world.villages[0])
    waiting = [row["id"] for row in clinic.get("recalls/", unacknowledged="true").json()["results"]]

    answer = clinic.post(f"recalls/{pk}/acknowledge/", {"place": "P-522633-11", "note": "已停用"})

    assert (waiting, answer.status_code) == ([pk], 200)
    assert clinic.get("recalls/", unacknowledged="true").json()["results"] == []
    shown = world.signed("lead_pharmacist").get(f"recalls/{pk}/").json()
    assert (shown["places"], shown["acknowledged"]) == (2, 1)
    assert [(n["place"], n["acknowledged_on"], n["units"]) for n in shown["notices"]] == [
        (HOSPITAL, None, {"held": 20}),
        ("P-522633-11", str(TODAY), {"held": 5}),
    ]


def test_nothing_is_acknowledged_twice_or_for_others(world: World) -> None:
    stock(world, 20)
    pk = raised(world)["id"]
    pharmacist = world.signed("pharmacist")
    pharmacist.post(f"recalls/{pk}/acknowledge/", {"place": HOSPITAL})
    before = rows_written()

    answers = [
        pharmacist.post(f"recalls/{pk}/acknowledge/", {"place": HOSPITAL}),
        world.signed("pharmacist", world.centre).post(f"recalls/{pk}/acknowledge/", {"place": CENTRE}),
        world.signed("pharmacist", world.centre).post(f"recalls/{pk}/acknowledge/", {"place": HOSPITAL}),
        world.signed("pharmacist", foreign=True).post(f"recalls/{pk}/acknowledge/", {"place": HOSPITAL}),
    ]

    assert [(a.status_code, a.json()["code"]) for a in answers] == [
        (409, "nothing_to_acknowledge"), (409, "nothing_to_acknowledge"), (404, "not_found"), (404, "not_found"),
    ]  # fmt: skip
    assert rows_written() == before


def duties(world: World, role: str, place: Any = None) -> dict[str, int]:
    return {row["code"]: row["count"] for row in world.signed(role, place).get("todo/").json()["duties"]}


def test_to_do_lists_carry_what_waits(world: World) -> None:
    batch = stock(world, 20)
    stock(world, 5, place=world.villages[0], side=Side.CLINIC, lot="9999")
    raised(world)
    raised(world, lot_number="9999", place="P-522633-11")
    world.signed("pharmacist").post("adverse-reactions/", reaction(batch.pk))

    lead, pharmacist = duties(world, "lead_pharmacist"), duties(world, "pharmacist")

    assert (lead["recalls"], lead["reactions"], lead["local_recalls"]) == (3, 0, 1)
    assert pharmacist["recalls"] == 2
    assert duties(world, "clinic", world.villages[0])["recalls"] == 1


# Lifting


def test_lifted_recall_gives_back_what_it_held(world: World) -> None:
    stock(world, 20)
    stock(world, 5, place=world.villages[0], side=Side.CLINIC)
    pk = raised(world)["id"]

    answer = lifted(world, pk)

    assert answer == {"id": pk, "released": 25}
    assert (units(), units("P-522633-11")) == (
        {("store", "available", LOT): 20},
        {("clinic", "available", LOT): 5},
    )
    shown = world.signed("pharmacist").get(f"recalls/{pk}/").json()
    assert (shown["lifted_on"], shown["lift_reason"]) == (str(TODAY), "批号录入有误")


def test_recall_is_lifted_by_another_lead_with_a_reason_and_once(world: World) -> None:
    stock(world, 20)
    pk = raised(world)["id"]
    other = world.signed("lead_pharmacist", name="another lead")
    before = rows_written()

    refused = [
        world.signed("lead_pharmacist").post(f"recalls/{pk}/lift/", {"reason": "误报"}),
        world.signed("pharmacist").post(f"recalls/{pk}/lift/", {"reason": "误报"}),
        other.post(f"recalls/{pk}/lift/", {"reason": ""}),
        world.signed("lead_pharmacist", foreign=True).post(f"recalls/{pk}/lift/", {"reason": "误报"}),
    ]
    same = rows_written()
    lifted(world, pk)
    again = other.post(f"recalls/{pk}/lift/", {"reason": "误报"})

    assert [(a.status_code, faults(a)[0][1]) for a in [*refused, again]] == [
        (403, "second_person_needed"), (403, "not_allowed"), (400, "blank"), (404, "not_found"),
        (409, "recall_over"),
    ]  # fmt: skip
    assert same == before


def test_lifting_releases_nothing_that_has_another_reason_to_be_held(world: World) -> None:
    batch = stock(world, 20)
    world.signed("pharmacist").post(
        "holds/", {"place": HOSPITAL, "batch": batch.pk, "quantity": 6, "reason": "外观可疑"}
    )
    pk = raised(world)["id"]

    answer = lifted(world, pk)

    assert answer["released"] == 14
    assert units() == {("store", "available", LOT): 14, ("store", "held", LOT): 6}


def test_lifting_one_of_two_recalls_releases_nothing(world: World) -> None:
    stock(world, 20)
    first, second = raised(world)["id"], raised(world, lot_number=None)["id"]

    answers = [lifted(world, first), lifted(world, second)]

    assert [answer["released"] for answer in answers] == [0, 20]
    assert usable_units() == 20


def test_lifting_gives_back_no_more_than_is_left(world: World) -> None:
    batch = stock(world, 20)
    pk = raised(world)["id"]
    held, gone = (Shelf(world.hospital.pk, Side.STORE, state) for state in (State.HELD, State.DESTROYED))
    post([Entry(Kind.DESTROY, batch.pk, 15, held, gone, "test")], act=world.act())

    assert lifted(world, pk)["released"] == 5
    assert units()[("store", "available", LOT)] == 5


def test_released_by_hand_only_after_the_recall_is_over(world: World) -> None:
    stock(world, 20)
    raised(world)
    hold = Hold.objects.get()
    before = rows_written()

    answer = world.signed("pharmacist").post(f"holds/{hold.pk}/release/")

    assert (answer.status_code, answer.json()["code"], rows_written()) == (409, "recalled", before)


# Adverse reactions


def reaction(batch_id: int, **fields: Any) -> dict[str, Any]:
    return {
        "place": HOSPITAL,
        "batch": batch_id,
        "happened_on": str(TODAY),
        "description": "服药后皮疹",
        "register_ref": "12",
        **fields,
    }


def test_suspected_reaction_stops_the_lot_and_alerts_the_lead(world: World) -> None:
    batch = stock(world, 20)
    stock(world, 5, place=world.villages[0], side=Side.CLINIC)
    clinic = world.signed("clinic", world.villages[0])

    answer = clinic.post("adverse-reactions/", reaction(batch.pk, place="P-522633-11"))

    assert answer.status_code == 201
    assert (usable_units(), Recall.objects.get().kind) == (0, "reaction")
    assert duties(world, "lead_pharmacist")["reactions"] == 1
    (shown,) = clinic.get("adverse-reactions/").json()["results"]
    assert (shown["lot_number"], shown["register_ref"], shown["recall"]) == (
        LOT,
        "12",
        answer.json()["recall"],
    )
    assert "皮疹" not in str(world.signed("clerk").get("recalls/").json())


def test_reaction_to_a_lot_that_names_nothing_stops_the_medicine(world: World) -> None:
    batch = stock(world, 20, lot="--")
    stock(world, 7)

    answer = world.signed("pharmacist").post("adverse-reactions/", reaction(batch.pk))

    assert (answer.status_code, usable_units("--"), usable_units()) == (201, 0, 0)


def test_second_report_joins_the_first_inquiry(world: World) -> None:
    batch = stock(world, 20)
    pharmacist = world.signed("pharmacist")

    first, second = (pharmacist.post("adverse-reactions/", reaction(batch.pk)).json() for _ in range(2))

    assert first["recall"] == second["recall"]
    assert Recall.objects.count() == 1


def test_inquiry_ends_in_a_recall_or_in_a_release(world: World) -> None:
    batch = stock(world, 20)
    pk = world.signed("pharmacist").post("adverse-reactions/", reaction(batch.pk)).json()["recall"]

    raised(world)
    judged = duties(world, "lead_pharmacist")["reactions"]
    lifted(world, pk)

    assert (judged, usable_units()) == (0, 0)


@pytest.mark.parametrize(
    ("fields", "status", "pointer"),
    [
        ({"happened_on": str(TODAY + datetime.timedelta(days=1))}, 422, "/happened_on"),
        ({"happened_on": "someday"}, 400, "/happened_on"),
        ({"description": ""}, 400, "/description"),
        ({"batch": 999_999}, 404, "/batch"),
        ({"place": CENTRE}, 404, "/place"),
        ({"name": "张三"}, 400, "/name"),
    ],
)
def test_reaction_of_another_shape_refused(
    world: World, fields: dict[str, Any], status: int, pointer: str
) -> None:
    batch = stock(world, 20)
    before = rows_written()

    answer = world.signed("pharmacist").post("adverse-reactions/", reaction(batch.pk, **fields))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
    assert (rows_written(), usable_units()) == (before, 20)


# Holding by place and by batch


def test_all_stock_of_a_place_is_held_at_once(world: World) -> None:
    stock(world, 20)
    stock(world, 7, lot="9999")

    answer = world.signed("pharmacist").post("holds/", {"place": HOSPITAL, "reason": "库房进水"})

    assert (answer.status_code, answer.json()) == (201, {"holds": 2, "units": 27})
    assert units() == {("store", "held", LOT): 20, ("store", "held", "9999"): 7}


def test_batch_is_held_at_all_places_of_ones_own(world: World) -> None:
    batch = stock(world, 20)
    stock(world, 30, place=world.centre)

    mine = world.signed("pharmacist", world.centre).post("holds/", {"batch": batch.pk, "reason": "外观可疑"})
    then = units()
    all_of_it = world.signed("lead_pharmacist").post("holds/", {"batch": batch.pk, "reason": "外观可疑"})

    assert (mine.json(), all_of_it.json()) == ({"holds": 1, "units": 30}, {"holds": 1, "units": 20})
    assert then == {("store", "available", LOT): 20}


@pytest.mark.parametrize(
    ("fields", "status", "errors"),
    [
        ({}, 400, [("/place", "place_or_batch")]),
        ({"place": HOSPITAL, "quantity": 3}, 400, [("/quantity", "one_batch_one_place")]),
        ({"place": CENTRE}, 404, [("/place", "not_found")]),
        ({"batch": 999_999}, 404, [("/batch", "not_found")]),
    ],
)
def test_wide_hold_of_another_shape_refused(
    world: World, fields: dict[str, Any], status: int, errors: list[tuple[str, str]]
) -> None:
    stock(world, 20)
    before = rows_written()

    answer = world.signed("pharmacist").post("holds/", {"reason": "外观可疑", **fields})

    assert answer.status_code == status
    assert faults(answer) == errors
    assert rows_written() == before


# Statements


def statements(work: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert work().status_code in {200, 201}
    return len(captured)


def test_recall_costs_the_same_however_much_it_reaches(world: World) -> None:
    lead = world.signed("lead_pharmacist")
    stock(world, 20)
    counted(world)
    few = statements(lambda: lead.post("recalls/", order()))
    for place, days in [
        (p, d) for p in (world.hospital, world.centre, *world.villages) for d in (100, 200, 300)
    ]:
        stock(world, 5, place=place, days=days, lot="9999")
    counted(world, *(item(lot_number="9999") for _ in range(4)))

    many = statements(lambda: lead.post("recalls/", order(lot_number="9999")))

    assert many == few


def test_lifting_costs_the_same_however_much_it_held(world: World) -> None:
    other = world.signed("lead_pharmacist", name="another lead")
    stock(world, 20)
    for place, days in [
        (p, d) for p in (world.hospital, world.centre, *world.villages) for d in (100, 200, 300)
    ]:
        stock(world, 5, place=place, days=days, lot="9999")
    one, many = raised(world)["id"], raised(world, lot_number="9999")["id"]

    few = statements(lambda: other.post(f"recalls/{one}/lift/", {"reason": "误报"}))

    assert statements(lambda: other.post(f"recalls/{many}/lift/", {"reason": "误报"})) == few


@pytest.mark.parametrize("route", ["recalls/", "adverse-reactions/", "recalls/{pk}/", "holds/"])
def test_lists_cost_the_same_for_one_and_three(world: World, route: str) -> None:
    lead = world.signed("lead_pharmacist")

    def more(lot: str) -> int:
        batch = stock(world, 5, lot=lot)
        stock(world, 5, place=world.centre, lot=lot)
        world.signed("pharmacist").post("adverse-reactions/", reaction(batch.pk))
        return int(raised(world, lot_number=lot)["id"])

    first = route.format(pk=more("A1"))
    one = statements(lambda: lead.get(first))
    later = [more(lot) for lot in ("B2", "C3")]

    assert statements(lambda: lead.get(route.format(pk=later[-1]))) == one
