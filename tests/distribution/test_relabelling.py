"""A lot or expiry that was read wrongly is corrected everywhere at once, by two people."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from catalogue.models import Recall
from distribution.models import DispensingLine, PlanLine, ShipmentLine
from inventory.models import Balance, Batch, Hold, Kind, Movement, RecallNotice, Side
from inventory.models.conversions import Relabelling
from inventory.services.expiry import hold_expired
from inventory.services.opening import open_boxes
from inventory.verification import verify
from reports.trace import trace
from tests.distribution.stock import stock
from tests.distribution.stories import approved, delivered, dispatched, drafted, only_line, statements
from tests.inventory.recalls import faults, raised, rows_written
from tests.inventory.stories import LATER, printed, stocked
from tests.plain_sql import Books
from tests.world import TODAY, Signed, World

TRUE_LOT = "2203057"
PAST = TODAY - datetime.timedelta(days=3)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def tables() -> dict[str, int]:
    lines = {"ShipmentLine": ShipmentLine.objects.count(), "PlanLine": PlanLine.objects.count()}
    return {**rows_written(), **lines, "Relabelling": Relabelling.objects.count()}


def the_batch() -> int:
    return Batch.objects.get(lot_number="2203051").pk


def proposed(world: World, batch: int, **fields: Any) -> Any:
    body = {"lot_number": TRUE_LOT, "reason": "末位看错", **fields}
    return world.signed("lead_pharmacist").post(f"batches/{batch}/relabel/", body)


def confirmed(world: World, batch: int, by: Signed | None = None, **fields: Any) -> Any:
    return (by or world.signed("pharmacist")).post(f"batches/{batch}/relabel/confirm/", fields)


def relabelled(world: World, batch: int, **fields: Any) -> dict[str, Any]:
    told = proposed(world, batch, **fields)
    assert told.status_code == 201, told.json()
    answer = confirmed(world, batch, world.signed("lead_pharmacist", name="another lead"))
    assert answer.status_code == 200, answer.json()
    assert verify(world.county.pk) == []
    return answer.json()


def standing(lot: str) -> dict[tuple[str, str], int]:
    rows = Balance.objects.filter(batch__lot_number=lot, quantity__gt=0).exclude(
        state__in=["donated", "converted"]
    )
    return {
        (row.account.place.code, row.state): row.quantity for row in rows.select_related("account__place")
    }


def test_every_unit_comes_under_its_true_label_in_its_place_and_state(world: World) -> None:
    shipment = dispatched(world, 100)
    batch = the_batch()
    stock(world, 30)
    stock(world, 7, place=world.centre)
    held = {"place": "P-522633-10", "batch": batch, "quantity": 4, "reason": "外观可疑"}
    world.signed("lead_pharmacist").post("holds/", held)
    before = standing("2203051")

    answer = relabelled(world, batch)

    assert standing("2203051") == {}
    assert standing(TRUE_LOT) == before
    assert answer["units"] == {"available": 33, "in_transit": 100, "held": 4}
    assert answer["shipment_lines"] == 1
    assert ShipmentLine.objects.get(shipment_id=shipment).batch.lot_number == TRUE_LOT


def test_nothing_moves_before_another_person_confirms(world: World) -> None:
    batch = stocked(world)
    assert proposed(world, batch).status_code == 201
    before = tables()

    own = confirmed(world, batch, world.signed("lead_pharmacist"))

    assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
    assert tables() == before
    assert standing("2203051") == {("P-522633-01", "available"): 20}
    assert confirmed(world, batch).status_code == 200


def test_reserved_goods_go_out_and_arrive_under_the_true_label(world: World) -> None:
    shipment = approved(world, 100)
    relabelled(world, the_batch())

    sent = world.signed("pharmacist").post(f"shipments/{shipment}/dispatch/")
    line = {"line": only_line(world, shipment), "accepted": 100}
    taken = world.signed("clinic", world.villages[0]).post(
        f"shipments/{shipment}/receive/", {"lines": [line]}
    )

    assert (sent.status_code, taken.status_code) == (200, 200)
    assert standing(TRUE_LOT) == {("P-522633-11", "available"): 100}
    assert verify(world.county.pk) == []


def test_draft_names_the_true_batch_and_is_a_new_version(world: World) -> None:
    plan = drafted(world, 100)

    answer = relabelled(world, the_batch())

    assert answer["plan_lines"] == 1
    assert PlanLine.objects.get().batch.lot_number == TRUE_LOT
    told = world.signed("allocator").get(f"plans/{plan['id']}/").json()
    assert told["version"] == plan["version"] + 1


def test_units_merge_into_a_batch_of_the_same_label(world: World) -> None:
    batch, true = stocked(world, 20), stocked(world, 5, lot_number=TRUE_LOT)

    assert relabelled(world, batch)["into"] == true

    assert standing(TRUE_LOT) == {("P-522633-01", "available"): 25}
    assert Batch.objects.count() == 2


def test_lines_of_one_shipment_merge_with_their_batches(world: World) -> None:
    shipment = approved(world, 100)
    batch = ShipmentLine.objects.get().batch
    true = stock(world, 9, lot=TRUE_LOT)
    line = ShipmentLine.objects.get()
    relabelled(world, batch.pk, lot_number="2203099")
    ShipmentLine.objects.create(county=world.county, shipment_id=shipment, batch=batch, promised=1)

    again = stock(world, 3)
    answer = relabelled(world, again.pk, lot_number="2203099")

    assert (answer["into"], answer["shipment_lines"]) == (ShipmentLine.objects.get().batch_id, 1)
    assert (ShipmentLine.objects.get().pk, ShipmentLine.objects.get().promised) == (line.pk, 101)
    assert true.pk != answer["into"]


def test_what_is_expired_by_its_true_label_is_held(world: World) -> None:
    shipment = approved(world, 60)
    stock(world, 8)

    relabelled(world, the_batch(), lot_number="", expiry=printed(PAST))

    batch = ShipmentLine.objects.get(shipment_id=shipment).batch
    assert batch.last_usable_day == PAST
    assert {hold.reason for hold in Hold.objects.filter(batch=batch)} == {"按更正后的标签已过有效期。"}
    assert standing("2203051") == {("P-522633-01", "held"): 68}
    (hold,) = world.signed("pharmacist").get("holds/", batch=batch.pk).json()["results"]
    assert hold["still_held"] == 68
    freed = world.signed("pharmacist").post(f"holds/{hold['id']}/release/", {"reason": "x"})
    assert freed.json()["code"] == "expired_stock"


def test_what_only_seemed_expired_can_be_released(world: World) -> None:
    batch = stock(world, 20, days=-1, since=TODAY - datetime.timedelta(days=9)).pk
    hold_expired(act=world.act(), most=100)

    relabelled(world, batch, lot_number="", expiry=printed(LATER))

    (hold,) = world.signed("pharmacist").get("holds/").json()["results"]
    assert (hold["still_held"], hold["reason"]) == (20, "曾按误读的标签作过期暂控。")
    freed = world.signed("pharmacist").post(f"holds/{hold['id']}/release/", {"reason": "标签已更正"})
    assert freed.status_code == 200, freed.json()
    assert standing("2203051") == {("P-522633-01", "available"): 20}


def test_what_is_recalled_by_its_true_label_is_held_and_the_places_are_told(world: World) -> None:
    shipment = dispatched(world, 60)
    stock(world, 8)
    stock(world, 5, place=world.centre, lot=TRUE_LOT)
    recall = raised(world, lot_number=TRUE_LOT)

    answer = relabelled(world, the_batch())

    assert standing(TRUE_LOT) == {
        ("P-522633-01", "held"): 8, ("P-522633-01", "in_transit"): 60, ("P-522633-10", "held"): 5,
    }  # fmt: skip
    told = RecallNotice.objects.filter(recall=recall["id"]).values_list("place__code", flat=True)
    assert sorted(told) == ["P-522633-01", "P-522633-10"]
    line = {"line": only_line(world, shipment), "accepted": 60}
    world.signed("clinic", world.villages[0]).post(f"shipments/{shipment}/receive/", {"lines": [line]})
    assert standing(TRUE_LOT)["P-522633-11", "held"] == 60
    assert answer["units"] == {"held": 8, "in_transit": 60}


def test_relabelling_is_no_way_out_of_a_recall(world: World) -> None:
    batch = stocked(world, 20)
    raised(world)

    relabelled(world, batch)

    assert standing(TRUE_LOT) == {("P-522633-01", "held"): 20}
    (old, new) = Hold.objects.order_by("id")
    assert (old.recall_id is None, new.recall_id) == (False, None)
    assert [row["still_held"] for row in world.signed("pharmacist").get("holds/").json()["results"]] == [
        20,
        0,
    ]
    freed = world.signed("pharmacist").post(f"holds/{new.pk}/release/", {"reason": "另一批号"})
    assert freed.status_code == 200, freed.json()
    assert standing(TRUE_LOT) == {("P-522633-01", "available"): 20}
    assert verify(world.county.pk) == []


def test_hold_goes_with_its_units_and_can_be_released(world: World) -> None:
    batch = stocked(world, 20)
    hold = {"place": "P-522633-01", "batch": batch, "quantity": 6, "reason": "外观可疑"}
    world.signed("pharmacist").post("holds/", hold)

    into = relabelled(world, batch)["into"]

    new, old = world.signed("pharmacist").get("holds/").json()["results"]
    assert (new["batch"], new["still_held"], new["reason"]) == (into, 6, "外观可疑")
    assert (old["batch"], old["still_held"]) == (batch, 0)
    answer = world.signed("pharmacist").post(f"holds/{new['id']}/release/", {"quantity": 2, "reason": "无碍"})
    assert answer.status_code == 200, answer.json()
    assert standing(TRUE_LOT) == {("P-522633-01", "available"): 16, ("P-522633-01", "held"): 4}


def test_trace_leads_from_the_true_batch_to_the_items_and_back(world: World) -> None:
    batch = stocked(world, 20)
    into = relabelled(world, batch)["into"]

    told = world.signed("pharmacist").get(f"batches/{into}/trace/").json()

    assert [source["quantity"] for source in told["sources"]] == [20]
    assert told["donors"] == 1
    code = told["sources"][0]["receipt_code"]
    assert trace(code)["items"][0]["batches"][0]["lot_number"] == "2203051"


def traced(world: World, batch: int) -> dict[str, Any]:
    """What a hand-out of this batch says of the donated items behind it."""
    return world.signed("lead_pharmacist").get(f"batches/{batch}/trace/").json()


def dispensed_batch() -> int:
    return DispensingLine.objects.latest("pk").batch_id


def test_hand_out_under_the_true_label_is_certain_both_ways(world: World) -> None:
    """One donor: from the receipt code to the hand-out after the correction, and from its line to the receipt."""
    delivered(world, 60)
    relabelled(world, the_batch())
    hand_out(world, TODAY)

    back = traced(world, dispensed_batch())
    [source] = back["sources"]
    [there] = trace(source["receipt_code"])["items"][0]["batches"]
    assert (back["donors"], source["quantity"]) == (1, 60)
    assert (there["donors"], there["hand_outs"]) == (1, None)  # of one person nobody is told
    assert [clinic["code"] for clinic in there["clinics"]] == ["P-522633-11"]
    first = Batch.objects.get(lot_number="2203051").pk
    stops = {stop["place"]: stop["hand_outs"] for stop in traced(world, first)["stops"]}
    assert stops["P-522633-11"] == 1


def test_hand_out_of_an_opened_box_is_pooled_both_ways_with_what_was_given_opened(world: World) -> None:
    """A gives a sealed box, B units of the same lot as an opened one; A's box is opened and something handed out."""
    sealed = stock(world, 20, place=world.villages[0], side=Side.CLINIC)
    opened = Batch.objects.create(
        county=world.county, medicine=world.ibuprofen, lot_number=sealed.lot_number,
        last_usable_day=sealed.last_usable_day, pack="opened",
    )  # fmt: skip
    books = Books(world)
    books.here = world.villages[0].pk
    item = books.accepted_item(5)
    decision = books.decision(item, opened.pk, 5)
    donated, shelf = (books.account(state, side="clinic") for state in ("donated", "available"))
    books.move("accept", donated, shelf, 5, opened.pk, decision_id=decision)
    open_boxes(act=world.act("clinic"), place=world.villages[0], batch=sealed, side="clinic", quantity=10)
    line = {"batch": opened.pk, "quantity": 6, "days_supply": 3}
    body = {"place": "P-522633-11", "dispensed_on": str(TODAY), "age_band": "65-79", "collected_by": "self"}
    given = world.signed("clinic", world.villages[0]).post("dispensings/", {**body, "lines": [line]})
    assert given.status_code == 201, given.json()

    back = traced(world, dispensed_batch())

    assert back["donors"] == 2
    assert sorted(source["quantity"] for source in back["sources"]) == [5, 20]
    [of_the_box] = [source for source in back["sources"] if source["quantity"] == 20]
    [there] = trace(of_the_box["receipt_code"])["items"][0]["batches"]
    assert (there["donors"], there["hand_outs"]) == (2, None)


def test_recall_of_the_true_lot_traces_what_was_handed_out_under_the_wrong_one(world: World) -> None:
    delivered(world, 60)
    hand_out(world, TODAY)
    relabelled(world, the_batch())
    recall = raised(world, lot_number=TRUE_LOT)["id"]

    told = world.signed("lead_pharmacist").get(f"recalls/{recall}/trace/").json()

    assert [(row["lot_number"], row["quantity"]) for row in told["hand_outs"]] == [("2203051", 6)]
    assert Recall.objects.get().pk == recall


def hand_out(world: World, day: datetime.date) -> Any:
    body = {
        "place": "P-522633-11", "dispensed_on": str(day), "age_band": "65-79", "collected_by": "self",
        "lines": [{"medicine": "M009a", "quantity": 6, "days_supply": 3}],
    }  # fmt: skip
    return world.signed("clinic", world.villages[0]).post("dispensings/", body)


def test_hand_out_is_not_taken_back_once_its_label_was_corrected(world: World) -> None:
    delivered(world, 60)
    given = hand_out(world, TODAY).json()["id"]
    relabelled(world, the_batch())
    before = tables()

    answer = world.signed("clinic", world.villages[0]).post(f"dispensings/{given}/reverse/")

    assert (answer.status_code, answer.json()["code"]) == (409, "relabelled_since")
    assert tables() == before


def test_hold_follows_goods_into_the_batch_that_a_hand_out_comes_back_to(world: World) -> None:
    clinic, lead = world.signed("clinic", world.villages[0]), world.signed("lead_pharmacist")
    stock(world, 6, place=world.villages[0], side=Side.CLINIC, lot=TRUE_LOT)
    given = hand_out(world, TODAY).json()["id"]
    wrong = stock(world, 4, place=world.villages[0], side=Side.CLINIC)
    lead.post("holds/", {"place": "P-522633-11", "batch": wrong.pk, "quantity": 4, "reason": "外观可疑"})
    relabelled(world, wrong.pk)

    answer = clinic.post(f"dispensings/{given}/reverse/")

    assert answer.status_code == 200, answer.json()
    assert standing(TRUE_LOT) == {("P-522633-11", "held"): 10}
    assert verify(world.county.pk) == []


def test_hand_out_of_yesterday_finds_goods_under_their_new_label(world: World) -> None:
    yesterday = TODAY - datetime.timedelta(days=1)
    batch = stock(world, 20, place=world.villages[0], side="clinic", since=yesterday)  # type: ignore[arg-type]
    relabelled(world, batch.pk)

    answer = hand_out(world, yesterday)

    assert answer.status_code == 201, answer.json()


REFUSED = {
    "nothing changed": ({"lot_number": "2203051"}, 422, [("", "same_label")]),
    "nothing named": ({"lot_number": None}, 422, [("", "same_label")]),
    "expiry unreadable": ({"expiry": "明年"}, 400, None),
    "no reason": ({"reason": ""}, 400, None),
    "unknown field": ({"pack": "opened"}, 400, [("/pack", "unknown_field")]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_proposal_refused(world: World, case: str) -> None:
    batch = stocked(world)
    fields, status, told = REFUSED[case]
    before = tables()

    answer = proposed(world, batch, **fields)

    assert answer.status_code == status, answer.json()
    assert told in (None, faults(answer))
    assert tables() == before


def test_one_proposal_waits_at_a_time_and_can_be_withdrawn(world: World) -> None:
    batch = stocked(world)
    proposed(world, batch)
    before = tables()

    second = proposed(world, batch, lot_number="2203058")

    assert (second.status_code, second.json()["code"]) == (409, "relabelling_open")
    assert tables() == before
    given_up = world.signed("pharmacist").post(f"batches/{batch}/relabel/withdraw/")
    assert given_up.json()["state"] == "withdrawn"
    late = confirmed(world, batch)
    assert (late.status_code, late.json()["code"]) == (409, "nothing_to_relabel")


def test_other_proposal_than_was_looked_at_is_not_confirmed(world: World) -> None:
    batch = stocked(world)
    number = proposed(world, batch).json()["id"]
    before = tables()

    answer = confirmed(world, batch, relabelling=number + 1)

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_relabel")
    assert tables() == before


def test_lot_under_inquiry_is_not_renamed(world: World) -> None:
    batch = stocked(world)
    report = {
        "place": "P-522633-01", "batch": batch, "happened_on": str(TODAY), "description": "皮疹",
    }  # fmt: skip
    assert world.signed("pharmacist").post("adverse-reactions/", report).status_code == 201
    proposed(world, batch)
    before = tables()

    answer = confirmed(world, batch)

    assert (answer.status_code, answer.json()["code"]) == (409, "under_inquiry")
    assert tables() == before
    assert Relabelling.objects.get().state == "proposed"


def test_only_the_lead_pharmacist_proposes_and_the_list_waits_for_others(world: World) -> None:
    batch = stocked(world)
    body = {"lot_number": TRUE_LOT, "reason": "末位看错"}
    assert world.signed("pharmacist").post(f"batches/{batch}/relabel/", body).status_code == 403
    proposed(world, batch)

    waiting = {
        duty["code"]: duty["count"] for duty in world.signed("pharmacist").get("todo/").json()["duties"]
    }
    mine = {
        duty["code"]: duty["count"] for duty in world.signed("lead_pharmacist").get("todo/").json()["duties"]
    }

    assert (waiting["labels"], mine["labels"]) == (1, 0)
    (row,) = world.signed("pharmacist").get("relabellings/", state="proposed").json()["results"]
    assert (row["lot_number"], row["true_lot_number"], row["last_usable_day"]) == (
        "2203051",
        TRUE_LOT,
        str(LATER),
    )


@pytest.mark.parametrize("deed", ["confirm", "list"])
def test_statements_do_not_grow(world: World, deed: str) -> None:
    def counted(lot: str, places: list[Any]) -> int:
        batches = [stock(world, 5, place=place, lot=lot) for place in places]
        world.signed("pharmacist").post(
            "holds/", {"place": "P-522633-01", "batch": batches[0].pk, "quantity": 2, "reason": "x"}
        )
        proposed(world, batches[0].pk, lot_number=lot + "9")
        by = world.signed("pharmacist")
        if deed == "confirm":
            return statements(lambda: confirmed(world, batches[0].pk, by))
        return statements(lambda: by.get("relabellings/"))

    few = counted("A1", [world.hospital])
    many = counted("B1", [world.hospital, world.centre, *world.villages])

    assert many == few


def test_all_movements_are_conversions_that_net_to_zero(world: World) -> None:
    batch = stocked(world, 20)
    into = relabelled(world, batch)["into"]

    moved = Movement.objects.filter(kind=Kind.CONVERT).values_list(
        "batch_id", "quantity", "to_account__state"
    )

    assert sorted(moved) == [(batch, 20, "converted"), (into, 20, "available")]
