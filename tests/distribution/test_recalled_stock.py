"""Recalled stock offered to every path that could use it, and refused by each; what is on the road is held.

What comes back of it by itself comes into hold: from a kit that is unpacked (test_kits), from a loan (test_devices),
found at a count (test_counts), under a corrected label (test_relabelling), after a promise lapsed
(test_reservation_expiry).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from distribution.models import DispensingLine, Plan
from inventory.models import Hold, RecallNotice, Side
from inventory.verification import verify
from tests.distribution.stock import FIRST, HOSPITAL, SECOND, book, hand_out, order, profile, stock
from tests.distribution.stories import approved, delivered, dispatched, drafted, only_line, submitted
from tests.distribution.test_urgent_issues import wanted
from tests.inventory.recalls import LOT, faults, lifted, raised, rows_written, usable_units
from tests.inventory.stories import accept, counted, sort
from tests.inventory.test_confirming import confirm, elsewhere, left
from tests.inventory.test_devices import LOAN, Clinic
from tests.world import TODAY, World

DAY = datetime.timedelta(days=1)
YESTERDAY = TODAY - DAY


def clinic(world: World) -> Any:
    return world.signed("clinic", world.villages[0])


# Each path is given recalled goods by a county that was ready to use them a moment before.


def plan_line(world: World) -> tuple[Callable[[], Any], int]:
    pk = submitted(world)
    raised(world)
    return lambda: world.signed("approver").post(f"plans/{pk}/approve/"), 409


def to_send(world: World) -> tuple[Callable[[], Any], int]:
    pk = approved(world)
    raised(world)
    return lambda: world.signed("pharmacist").post(f"shipments/{pk}/dispatch/"), 409


def to_hand_out(world: World) -> tuple[Callable[[], Any], int]:
    delivered(world)
    batch = raised_at(world)
    line = {"batch": batch, "quantity": 6, "days_supply": 3}
    return lambda: clinic(world).post("dispensings/", hand_out(lines=[line])), 409


def to_keep(world: World) -> tuple[Callable[[], Any], int]:
    batch = stock(world, 20, place=world.centre)
    raised(world)
    body = {"place": "P-522633-10", "lines": [{"batch": batch.pk, "quantity": 5}]}
    return lambda: world.signed("pharmacist", world.centre).post("local-uses/", body), 409


def to_send_back(world: World) -> tuple[Callable[[], Any], int]:
    delivered(world)
    batch = raised_at(world)
    body = {
        "place": FIRST,
        "to_place": HOSPITAL,
        "lines": [{"batch": batch, "quantity": 5}],
        "reason": "余缺",
    }
    return lambda: clinic(world).post("returns/", body), 409


def to_release(world: World) -> tuple[Callable[[], Any], int]:
    batch = stock(world, 20)
    pharmacist = world.signed("pharmacist")
    pk = pharmacist.post("holds/", {"place": HOSPITAL, "batch": batch.pk, "reason": "外观可疑"}).json()["id"]
    raised(world)
    return lambda: pharmacist.post(f"holds/{pk}/release/"), 409


def to_sort(world: World) -> tuple[Callable[[], Any], int]:
    (item_id,) = counted(world)
    raised(world)
    return lambda: sort(world.signed("pharmacist"), item_id, accept(20), state="in_doubt"), 422


def to_share_out_by_hand(world: World) -> tuple[Callable[[], Any], int]:
    plan = drafted(world)["id"]
    (line,) = world.signed("allocator").get(f"plans/{plan}/lines/").json()["results"]
    raised(world)
    change = {"quantity": line["quantity"] + 1, "reason": "多给"}
    return lambda: world.signed("allocator").patch(f"plans/{plan}/lines/{line['id']}/", change), 409


def to_send_urgently(world: World, **named: Any) -> tuple[Callable[[], Any], int]:
    batch = stock(world, 20)
    raised(world)
    body = wanted(lines=[{"quantity": 5, **(named or {"batch": batch.pk})}])
    return lambda: world.signed("pharmacist").post("urgent-issues/", body), 409


def to_send_urgently_by_medicine(world: World) -> tuple[Callable[[], Any], int]:
    return to_send_urgently(world, medicine="M009a")


def to_enter_a_register(world: World) -> tuple[Callable[[], Any], int]:
    """A page of today; goods that were given before the recall may be entered (below)."""
    delivered(world)
    line = {"batch": raised_at(world), "quantity": 6, "days_supply": 3}
    page = {"hand_outs": [hand_out(register_ref="12", lines=[line])]}
    return lambda: clinic(world).post("dispensing-registers/", page), 409


def to_hand_out_by_medicine(world: World) -> tuple[Callable[[], Any], int]:
    delivered(world)
    raised(world)
    return lambda: clinic(world).post("dispensings/", hand_out()), 409


def to_swap(world: World) -> tuple[Callable[[], Any], int]:
    """What one village clinic has is offered to the other, which lacks it."""
    delivered(world)
    profile(world, world.villages[1])
    lines = [{"batch": raised_at(world), "quantity": 5}]
    body = {"from_place": FIRST, "to_place": SECOND, "lines": lines}
    return lambda: clinic(world).post("swaps/", body), 409


def to_open(world: World) -> tuple[Callable[[], Any], int]:
    batch = stock(world, 20)
    raised(world)
    body = {"place": HOSPITAL, "side": "store", "quantity": 5}
    return lambda: world.signed("pharmacist").post(f"batches/{batch.pk}/open/", body), 409


def to_bag(world: World) -> tuple[Callable[[], Any], int]:
    """The label of a bag says that what is in it may be taken."""
    sealed, pharmacist = stock(world, 20), world.signed("pharmacist")
    body = {"place": HOSPITAL, "side": "store", "quantity": 5}
    opened = pharmacist.post(f"batches/{sealed.pk}/open/", body).json()["batch"]
    raised(world)
    lines = [{"batch": opened, "copies": 1, "quantity": 5, "usage": "一次一片"}]
    return lambda: pharmacist.post("labels/", {"place": HOSPITAL, "layout": "bags", "lines": lines}), 409


def kit_template(world: World) -> int:
    line = {"medicine": "M009a", "quantity": 6, "days_supply": 3}
    body = {"name": "健康包", "shelf_days": 0, "lines": [line]}
    return world.signed("lead_pharmacist").post("kit-templates/", body).json()["id"]


def to_pack(world: World) -> tuple[Callable[[], Any], int]:
    delivered(world)
    body = {"place": FIRST, "template": kit_template(world), "number": 1}
    raised(world)
    return lambda: clinic(world).post("kits/", body), 409


def to_give_a_kit(world: World) -> tuple[Callable[[], Any], int]:
    delivered(world)
    body = {"place": FIRST, "template": kit_template(world), "number": 1}
    [kit] = clinic(world).post("kits/", body).json()["kits"]
    raised(world)
    to = {"dispensed_on": str(TODAY), "age_band": "65-79", "collected_by": "self"}
    return lambda: clinic(world).post(f"kits/{kit['id']}/dispense/", to), 409


def to_use(world: World, **fields: Any) -> tuple[Callable[[], Any], int]:
    """One oximeter of a batch that is recalled, kept in use at the clinic or lent."""
    device = Clinic(world).batch
    raised(world, medicine="M187")
    body = {"place": FIRST, "kind": "kept", "batch": device.pk, **fields}
    return lambda: clinic(world).post("device-uses/", body), 409


def to_lend(world: World) -> tuple[Callable[[], Any], int]:
    return to_use(world, kind="lent", **LOAN)


def to_confirm(world: World) -> tuple[Callable[[], Any], int]:
    """What a pharmacist alone would have accepted, confirmed by another after the recall."""
    _item, [decision] = left(world)
    raised(world)
    return lambda: confirm(elsewhere(world), decision), 422


def to_recompute(world: World) -> tuple[Callable[[], Any], int]:
    """A draft of nothing else is made anew."""
    plan = drafted(world)["id"]
    raised(world)
    return lambda: world.signed("allocator").post(f"plans/{plan}/recompute/"), 422


def raised_at(world: World) -> int:
    raised(world)
    return Hold.objects.filter(place=world.villages[0]).get().batch_id


PATHS = [
    plan_line, to_send, to_hand_out, to_keep, to_send_back, to_release, to_sort, to_share_out_by_hand,
    to_send_urgently, to_send_urgently_by_medicine, to_enter_a_register, to_hand_out_by_medicine, to_open, to_bag,
    to_swap, to_pack, to_give_a_kit, to_use, to_lend, to_confirm, to_recompute,
]  # fmt: skip
# What a path may say of goods that it cannot use; where nothing else is there, that nothing is.
CODES = {"recalled", "short_stock", "not_on_the_shelf", "kit_unfit", "nothing_to_share"}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_recalled_stock_is_refused_by_every_path(world: World, path: Callable[[World], Any]) -> None:
    use, status = path(world)
    before, books = rows_written(), book(world)

    answer = use()

    assert answer.status_code == status
    assert {code for _pointer, code in faults(answer)} <= CODES
    assert (rows_written(), book(world), usable_units()) == (before, books, 0)
    assert verify(world.county.pk) == []


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        (to_keep, "/lines/0/batch"),
        (to_send_back, "/lines/0/batch"),
        (to_swap, "/lines/0/batch"),
        (to_share_out_by_hand, "/quantity"),
        (to_hand_out, "/lines/0/batch"),
        (to_send_urgently, "/lines/0/batch"),
        (to_enter_a_register, "/hand_outs/0/lines/0/batch"),
    ],
)
def test_refusal_names_the_line(world: World, path: Callable[[World], Any], pointer: str) -> None:
    use, _status = path(world)

    assert faults(use()) == [(pointer, "recalled")]


def test_draft_takes_nothing_recalled(world: World) -> None:
    stock(world, 100)
    profile(world, world.villages[0])
    raised(world)

    answer = world.signed("allocator").post("plans/", order())

    assert (answer.status_code, answer.json()["code"], Plan.objects.count()) == (422, "nothing_to_share", 0)


def test_medicine_is_handed_out_from_another_lot(world: World) -> None:
    stock(world, 20, place=world.villages[0], side=Side.CLINIC, days=30)
    good = stock(world, 20, place=world.villages[0], side=Side.CLINIC, lot="9999")
    raised(world)

    answer = clinic(world).post("dispensings/", hand_out())

    assert [line["batch"] for line in answer.json()["lines"]] == [good.pk]


# Plans and promises


def test_reservation_is_held_and_the_plan_shows_it(world: World) -> None:
    shipment = approved(world)
    allocator = world.signed("allocator")
    plan = Plan.objects.get().pk
    before = allocator.get(f"plans/{plan}/").json()

    raised(world)

    after = allocator.get(f"plans/{plan}/").json()
    assert [(seen["recalled_lines"], seen["needs_recomputing"]) for seen in (before, after)] == [
        (0, False), (1, True),
    ]  # fmt: skip
    assert book(world)[HOSPITAL, "store", "held"] == 100
    (line,) = world.signed("pharmacist").get(f"shipments/{shipment}/").json()["lines"]
    assert line["recalled"] is True


def test_draft_that_used_it_shows_as_needing_recomputing_until_it_is(world: World) -> None:
    stock(world, 100, lot="9999", days=300)
    plan = drafted(world)["id"]
    allocator = world.signed("allocator")

    raised(world)
    listed = allocator.get("plans/").json()["results"][0]
    lines = {
        row["lot_number"]: row["recalled"] for row in allocator.get(f"plans/{plan}/lines/").json()["results"]
    }
    allocator.post(f"plans/{plan}/recompute/")

    assert (listed["needs_recomputing"], lines) == (True, {"9999": False, LOT: True})
    assert allocator.get("plans/").json()["results"][0]["needs_recomputing"] is False


def test_packer_takes_the_recalled_line_out(world: World) -> None:
    shipment = approved(world)
    line = only_line(world, shipment)
    raised(world)
    pharmacist = world.signed("pharmacist")

    refused = pharmacist.post(f"shipments/{shipment}/dispatch/")
    done = pharmacist.post(
        f"shipments/{shipment}/dispatch/", {"lines": [{"line": line, "picked": 0, "reason": "召回"}]}
    )

    assert faults(refused) == [(f"/lines/{line}", "recalled")]
    assert (done.status_code, done.json()["status"]) == (200, "cancelled")


def test_plan_is_cancelled_after_a_recall_took_its_goods(world: World) -> None:
    approved(world)
    raised(world)

    answer = world.signed("allocator").post(f"plans/{Plan.objects.get().pk}/cancel/")

    assert (answer.status_code, book(world)[HOSPITAL, "store", "held"]) == (200, 100)


# On the road


def receive(world: World, shipment: int, **counts: Any) -> Any:
    line = {"line": only_line(world, shipment), "accepted": 100, **counts}
    return clinic(world).post(f"shipments/{shipment}/receive/", {"lines": [line]})


def test_goods_on_the_road_arrive_in_hold(world: World) -> None:
    shipment = dispatched(world)
    pk = raised(world)["id"]
    (shown,) = clinic(world).get(f"shipments/{shipment}/").json()["lines"]

    answer = receive(world, shipment)

    assert (shown["recalled"], answer.status_code) == (True, 200)
    assert book(world)[FIRST, "clinic", "held"] == 100
    hold = Hold.objects.get(place=world.villages[0])
    assert (hold.recall_id, hold.arrived, hold.arrived_side) == (pk, 100, "clinic")
    assert RecallNotice.objects.filter(recall=pk, place=world.villages[0]).count() == 1
    assert verify(world.county.pk) == []


def test_what_arrived_in_hold_is_released_with_the_recall(world: World) -> None:
    shipment = dispatched(world)
    pk = raised(world)["id"]
    receive(world, shipment, accepted=97, damaged=3, reason="受潮")

    released = lifted(world, pk)["released"]

    assert released == 97
    assert (book(world)[FIRST, "clinic", "available"], book(world)[FIRST, "clinic", "held"]) == (97, 3)


def test_receiver_that_recalled_for_itself_holds_what_arrives(world: World) -> None:
    shipment = dispatched(world)
    raised(world, place=FIRST, standing=True)

    receive(world, shipment)

    assert book(world)[FIRST, "clinic", "held"] == 100


# Hand-outs


def test_hand_out_before_the_recall_is_entered_late_and_flagged(world: World) -> None:
    stock(world, 20, place=world.villages[0], side=Side.CLINIC, since=YESTERDAY)
    raised(world)

    answer = clinic(world).post("dispensings/", hand_out(dispensed_on=str(YESTERDAY)))

    assert answer.status_code == 201
    assert DispensingLine.objects.get().flagged == "held_since"
    assert book(world)[FIRST, "clinic", "held"] == 14


def handed_out_late(world: World) -> tuple[int, int]:
    """Six of twenty units that a hold put aside today were handed out yesterday: the hold and the hand-out."""
    batch = stock(world, 20, place=world.villages[0], side=Side.CLINIC, since=YESTERDAY)
    body = {"place": FIRST, "batch": batch.pk, "reason": "外观可疑"}
    hold = world.signed("lead_pharmacist").post("holds/", body).json()["id"]
    given = clinic(world).post("dispensings/", hand_out(dispensed_on=str(YESTERDAY)))
    assert given.status_code == 201
    return hold, given.json()["id"]


def test_what_was_handed_out_late_is_held_no_longer(world: World) -> None:
    hold, _given = handed_out_late(world)

    released = world.signed("lead_pharmacist").post(f"holds/{hold}/release/")

    assert (released.status_code, released.json()["lines"]) == (200, [{"side": "clinic", "quantity": 14}])
    assert book(world)[FIRST, "clinic", "available"] == 14


def test_late_hand_out_taken_back_is_held_again(world: World) -> None:
    hold, given = handed_out_late(world)

    clinic(world).post(f"dispensings/{given}/reverse/")

    lead = world.signed("lead_pharmacist")
    (row,) = lead.get("holds/").json()["results"]
    assert (row["still_held"], book(world)[FIRST, "clinic", "held"]) == (20, 20)
    assert lead.post(f"holds/{hold}/release/").json()["lines"] == [{"side": "clinic", "quantity": 20}]


def test_register_entered_late_counts_against_the_hold(world: World) -> None:
    batch = stock(world, 20, place=world.villages[0], side=Side.CLINIC, since=YESTERDAY)
    lead = world.signed("lead_pharmacist")
    lead.post("holds/", {"place": FIRST, "batch": batch.pk, "reason": "外观可疑"})
    page = [hand_out(dispensed_on=str(YESTERDAY), register_ref=str(n)) for n in (1, 2)]

    answer = clinic(world).post("dispensing-registers/", {"hand_outs": page})

    assert answer.status_code == 201, answer.json()
    assert [row["still_held"] for row in lead.get("holds/").json()["results"]] == [8]


def test_hand_out_taken_back_comes_into_hold_when_recalled(world: World) -> None:
    stock(world, 20, place=world.villages[0], side=Side.CLINIC)
    pk = clinic(world).post("dispensings/", hand_out()).json()["id"]
    recall = raised(world)["id"]

    answer = clinic(world).post(f"dispensings/{pk}/reverse/")

    assert (answer.status_code, book(world).get((FIRST, "clinic", "available"), 0)) == (200, 0)
    assert book(world)[FIRST, "clinic", "held"] == 20
    assert lifted(world, recall)["released"] == 20


def test_hand_out_taken_back_comes_into_hold_when_held_since(world: World) -> None:
    batch = stock(world, 20, place=world.villages[0], side=Side.CLINIC)
    pk = clinic(world).post("dispensings/", hand_out()).json()["id"]
    body = {"place": FIRST, "batch": batch.pk, "reason": "外观可疑"}
    assert world.signed("lead_pharmacist").post("holds/", body).status_code == 201

    clinic(world).post(f"dispensings/{pk}/reverse/")

    assert book(world)[FIRST, "clinic", "held"] == 20


@pytest.mark.parametrize("earlier", [True, False])
def test_hand_out_taken_back_returns_to_the_shelf_otherwise(world: World, earlier: bool) -> None:
    batch = stock(world, 20, place=world.villages[0], side=Side.CLINIC)
    lead = world.signed("lead_pharmacist")
    body = {"place": FIRST, "batch": batch.pk, "quantity": 4, "reason": "外观可疑"}
    if earlier:
        lead.post("holds/", body)
    pk = clinic(world).post("dispensings/", hand_out()).json()["id"]
    if not earlier:
        hold = lead.post("holds/", body).json()["id"]
        lead.post(f"holds/{hold}/release/")

    clinic(world).post(f"dispensings/{pk}/reverse/")

    assert book(world)[FIRST, "clinic", "available"] == (16 if earlier else 20)


# The trace


def test_trace_names_items_and_hand_outs_without_anybodys_name(world: World) -> None:
    stock(world, 20, place=world.villages[0], side=Side.CLINIC)
    given = hand_out(register_ref="12", lines=[{"medicine": "M009a", "quantity": 6, "days_supply": 3}])
    pk = clinic(world).post("dispensings/", given).json()["id"]
    taken_back = clinic(world).post("dispensings/", hand_out()).json()["id"]
    clinic(world).post(f"dispensings/{taken_back}/reverse/")
    recall = raised(world)["id"]

    trace = world.signed("lead_pharmacist").get(f"recalls/{recall}/trace/").json()

    assert [(source["sorted_at"], source["quantity"]) for source in trace["sources"]] == [(FIRST, 20)]
    assert [(row["place"], row["units"]) for row in trace["places"]] == [
        (FIRST, {"held": 14, "dispensed": 6})
    ]
    (row,) = trace["hand_outs"]
    assert row == {
        "place": FIRST, "dispensing": pk, "dispensed_on": str(TODAY), "age_band": "65-79", "recipients": 1,
        "register_ref": "12", "batch": row["batch"], "lot_number": LOT, "quantity": 6, "late": True,
    }  # fmt: skip


def test_trace_tells_other_places_in_sums(world: World) -> None:
    for place in world.villages:
        stock(world, 20, place=place, side=Side.CLINIC)
        world.signed("clinic", place).post("dispensings/", hand_out(place=place.code))
    recall = raised(world)["id"]

    trace = clinic(world).get(f"recalls/{recall}/trace/").json()

    assert {row["place"] for row in trace["hand_outs"]} == {FIRST}
    assert (trace["elsewhere_handed_out"], trace["elsewhere_accepted"]) == (6, 20)
    assert world.signed("lead_pharmacist", foreign=True).get(f"recalls/{recall}/trace/").status_code == 404


def statements(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert work().status_code in {200, 201}
    return len(captured)


def test_trace_costs_the_same_however_far_it_went(world: World) -> None:
    lead = world.signed("lead_pharmacist")
    stock(world, 20, place=world.villages[0], side=Side.CLINIC)
    clinic(world).post("dispensings/", hand_out())
    one = raised(world)["id"]
    few = statements(lambda: lead.get(f"recalls/{one}/trace/"))
    for place in world.villages:
        for days in (100, 200):
            stock(world, 20, place=place, side=Side.CLINIC, lot="9999", days=days)
        for _turn in range(3):
            world.signed("clinic", place).post("dispensings/", hand_out(place=place.code))
    many = raised(world, lot_number="9999")["id"]

    assert statements(lambda: lead.get(f"recalls/{many}/trace/")) == few


def cost_of_receiving(world: World, *lots: str) -> int:
    """The statements in which a clinic receives a shipment of these lots, all of them recalled on the road."""
    for lot in lots:
        stock(world, 30, lot=lot)
    plan = world.signed("allocator").post("plans/", order()).json()["id"]
    world.signed("allocator").post(f"plans/{plan}/submit/")
    (shipment,) = world.signed("approver").post(f"plans/{plan}/approve/").json()["shipments"]
    world.signed("pharmacist").post(f"shipments/{shipment}/dispatch/")
    for lot in lots:
        raised(world, lot_number=lot)
    receiver = clinic(world)
    lines = receiver.get(f"shipments/{shipment}/").json()["lines"]
    counts = [{"line": line["id"], "accepted": line["picked"]} for line in lines]
    assert len(lines) == len(lots)
    return statements(lambda: receiver.post(f"shipments/{shipment}/receive/", {"lines": counts}))


def test_receiving_recalled_lots_costs_the_same_for_one_and_three(world: World) -> None:
    profile(world, world.villages[0])

    one, three = cost_of_receiving(world, "A"), cost_of_receiving(world, "B", "C", "D")

    assert one == three
