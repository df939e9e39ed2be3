"""Expired stock offered to every path that could use it, on a night on which no housekeeping has run.

The services refuse it, and so does the database, tried with plain SQL. What comes back by itself comes into hold:
from the road (below), a kit that is unpacked (test_kits), a promise that lapsed or was cancelled
(test_reservation_expiry), a loan (test_devices), a count (test_counts), under a corrected label (test_relabelling).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from core.commands import Act
from core.errors import DomainError
from distribution.models import AgeBand, Dispensing, Plan, PlanLine, Shipment, ShipmentLine
from distribution.services.approval import approve_plan
from distribution.services.dispensing import dispense
from distribution.services.hand_outs import HandOut, HandOutLine
from distribution.services.kits import hand_out_kit
from distribution.services.local_use import keep_for_local_use
from distribution.services.plans import PlanOrder, change_line, draft_plan, recompute_plan
from distribution.services.registers import Noted, enter_registers
from distribution.services.returns import send_back
from distribution.services.shipments import Arrival, dispatch_shipment, receive_shipment
from distribution.services.swaps import accept_swap
from distribution.services.urgent import Agreement, Wanted, issue_urgently
from inventory.models import Batch, Movement, Side, State
from inventory.models.kits import Kit
from inventory.services.confirming import confirm_sorting
from inventory.services.devices import Loan, begin_use
from inventory.services.holds import hold_stock, release_hold
from inventory.services.kits import Part, make_template, pack_kits
from inventory.services.labels import Wanted as LabelWanted
from inventory.services.labels import print_labels
from inventory.services.opening import open_boxes
from organisation.models import Policy
from tests.distribution.stock import FIRST, HOSPITAL, book, order, profile, stock
from tests.distribution.stories import approved, dispatched, drafted, submitted
from tests.inventory.stories import CHECKED, printed
from tests.inventory.test_confirming import left
from tests.inventory.test_devices import Clinic
from tests.plain_sql import drop_guard, insert, refused_by
from tests.world import TODAY, World, donation, item

YESTERDAY = TODAY - datetime.timedelta(days=1)
# Stock of the stories below may be used for 400 days; on this day it cannot.
LATER = TODAY + datetime.timedelta(days=401)


def later(world: World, role: str) -> Act:
    return world.act(role, on=LATER)


def sort_accept(world: World) -> Any:
    clerk, checker = world.signed("clerk"), world.signed("checker")
    expired = {**item(expiry=printed(YESTERDAY)), "expiry_state": "not_read", "expiry": ""}
    made = clerk.post("donations/", donation(items=[expired])).json()
    pk = made["items"][0]["id"]
    checker.post(f"donations/{made['id']}/count/", {"items": [{"item": pk, "counted": 20}]})
    accept = {
        "outcome": "accept", "quantity": 20, "medicine": "M009a", "lot_number": "2203051",
        "expiry": printed(YESTERDAY), "pack": "sealed", "checklist": CHECKED, "reason": "急用",
    }  # fmt: skip
    return world.signed("pharmacist").post("sortings/", {"item": pk, "decisions": [accept]})


def test_sorting_accepts_nothing_expired(world: World) -> None:
    answer = sort_accept(world)

    assert (answer.status_code, answer.json()["code"]) == (422, "screening_refuses")
    assert not Batch.objects.exists()


def test_plan_gives_nothing_expired(world: World) -> None:
    stock(world, 50, days=-1, lot="OLD")
    stock(world, 50, lot="NEW")
    profile(world, world.villages[0])

    plan = world.signed("allocator").post("plans/", order()).json()

    assert set(PlanLine.objects.values_list("batch__lot_number", flat=True)) == {"NEW"}
    assert [(left["reason"], left["quantity"]) for left in plan["leftovers"]] == [("expired", 50)]


def test_plan_of_nothing_but_expired_stock_has_no_line(world: World) -> None:
    stock(world, 50, days=-1)
    profile(world, world.villages[0])
    act = world.act("allocator")

    plan = draft_plan(act=act, order=PlanOrder("clinics", [world.hospital], TODAY, TODAY))

    assert not PlanLine.objects.filter(plan=plan).exists()


def test_plan_made_anew_gives_nothing_that_expired_meanwhile(world: World) -> None:
    plan = Plan.objects.get(pk=drafted(world)["id"])
    assert PlanLine.objects.filter(plan=plan).exists()

    recompute_plan(act=later(world, "allocator"), plan=plan)

    assert not PlanLine.objects.filter(plan=plan).exists()


def approve(world: World) -> None:
    plan = Plan.objects.get(pk=submitted(world))
    approve_plan(act=later(world, "approver"), plan=plan)


def dispatch(world: World) -> None:
    shipment = Shipment.objects.get(pk=approved(world))
    dispatch_shipment(act=later(world, "pharmacist"), shipment=shipment, picks={})


def local_use(world: World) -> None:
    batch = stock(world, 50, place=world.centre)
    act = later(world, "pharmacist")
    keep_for_local_use(act=act, place=world.centre, quantities={batch.pk: 5}, pointers={batch.pk: "/lines/0"})


def give_back(world: World) -> None:
    batch = stock(world, 50, place=world.villages[0], side=Side.CLINIC)
    send_back(
        act=later(world, "clinic"),
        place=world.villages[0],
        to_place=world.hospital,
        quantities={batch.pk: 5},
        pointers={batch.pk: "/lines/0"},
        reason="用不完",
    )


def release(world: World) -> None:
    batch = stock(world, 50)
    hold, _units = hold_stock(act=world.act(), place=world.hospital, batch=batch, reason="外观可疑")
    release_hold(act=later(world, "pharmacist"), hold=hold)


def hand_out(world: World, *, by_batch: bool, state: State = State.AVAILABLE) -> None:
    batch = stock(world, 50, place=world.villages[0], side=Side.CLINIC, state=state)
    line = (
        HandOutLine(6, 1, batch_id=batch.pk) if by_batch else HandOutLine(6, 1, medicine=batch.medicine.code)
    )
    given = HandOut(LATER, AgeBand.ADULT, "self", [line])
    dispense(act=later(world, "clinic"), place=world.villages[0], hand_out=given)


def urgent(world: World, *, by_batch: bool) -> None:
    batch = stock(world, 50)
    act = later(world, "pharmacist")
    named = {"batch_id": batch.pk} if by_batch else {"medicine_id": batch.medicine_id}
    agreement = Agreement("分管副局长", act.at, "多名老人同时发热")
    ends = {"from_place": world.hospital, "to_place": world.villages[0]}
    issue_urgently(act=act, wanted=[Wanted(5, **named)], agreement=agreement, **ends)


def register(world: World, *, by_batch: bool) -> None:
    """A page of a paper register, entered by the same rule as a single hand-out."""
    batch = stock(world, 50, place=world.villages[0], side=Side.CLINIC)
    named = {"batch_id": batch.pk} if by_batch else {"medicine": batch.medicine.code}
    given = HandOut(LATER, AgeBand.ADULT, "self", [HandOutLine(6, 1, **named)], register_ref="12")
    enter_registers(act=later(world, "clinic"), notes=[Noted(world.villages[0], given, "/hand_outs/0")])


def open_a_box(world: World) -> None:
    batch = stock(world, 50)
    open_boxes(act=later(world, "pharmacist"), place=world.hospital, batch=batch, side="store", quantity=5)


def bag(world: World) -> None:
    """The label of a bag says that what is in it may be taken."""
    sealed = stock(world, 50)
    opening = open_boxes(act=world.act(), place=world.hospital, batch=sealed, side="store", quantity=5)
    lines = [LabelWanted(opening.into_id, 1, 5, "一次一片")]
    print_labels(act=later(world, "pharmacist"), place=world.hospital, layout="bags", lines=lines)


def kit_of(world: World) -> tuple[Kit, Act]:
    """A kit packed today, and somebody of the clinic on a day when it has expired."""
    village = world.villages[0]
    stock(world, 50, place=village, side=Side.CLINIC)
    act = world.act("clinic")
    parts = [Part(world.ibuprofen.pk, 6, 3)]
    template = make_template(act=act, name="健康包", shelf_days=30, parts=parts)
    [kit] = pack_kits(act=act, place=village, template=template, number=1)
    return kit, later(world, "clinic")


def give_a_kit(world: World) -> None:
    kit, act = kit_of(world)
    hand_out_kit(act=act, kit=kit, hand_out=HandOut(LATER, AgeBand.ADULT, "self", []))


def pack_a_kit(world: World) -> None:
    kit, act = kit_of(world)
    pack_kits(act=act, place=kit.place, template=kit.template, number=1)


def use_a_device(world: World, loan: Loan | None = None) -> None:
    clinic = Clinic(world)
    begin_use(
        act=later(world, "clinic"),
        place=clinic.place,
        medicine=clinic.batch.medicine,
        batch=clinic.batch,
        loan=loan,
    )


def lend_any(world: World) -> None:
    clinic = Clinic(world)
    loan = Loan("2023-018", LATER)
    begin_use(act=later(world, "clinic"), place=clinic.place, medicine=clinic.batch.medicine, loan=loan)


def confirm_a_proposal(world: World) -> None:
    """What a pharmacist alone would have accepted, confirmed by another after its last day."""
    _item, [decision] = left(world)
    policy = Policy(county=world.county)
    confirm_sorting(act=later(world, "lead_pharmacist"), policy=policy, decision=decision)


def swap(world: World) -> None:
    """A clinic's stock that expired on the shelf; what is proposed to be moved is reckoned from stock in date."""
    batch = stock(world, 50, place=world.villages[0], side=Side.CLINIC)
    profile(world, world.villages[1])
    giver, taker = world.villages
    quantities, pointers = {batch.pk: 5}, {batch.pk: "/lines/0"}
    accept_swap(
        act=later(world, "clinic"), giver=giver, taker=taker, quantities=quantities, pointers=pointers
    )


def change_a_line(world: World) -> None:
    """A line of a draft that lies since before its batch expired is given one unit more."""
    plan = Plan.objects.get(pk=drafted(world)["id"])
    line = PlanLine.objects.get(plan=plan)
    PlanLine.objects.filter(pk=line.pk).update(quantity=50, reason="少给")
    change_line(act=later(world, "allocator"), plan=plan, line_id=line.pk, quantity=60, reason="多给")


PATHS: dict[str, tuple[Callable[[World], None], str]] = {
    "approve": (approve, "expired_meanwhile"),
    "dispatch": (dispatch, "expired_meanwhile"),
    "local use": (local_use, "expired_meanwhile"),
    "return": (give_back, "expired_meanwhile"),
    "swap": (swap, "expired_meanwhile"),
    "change a plan line": (change_a_line, "expired_meanwhile"),
    "urgent issue": (lambda world: urgent(world, by_batch=False), "short_stock"),
    "urgent issue of a batch": (lambda world: urgent(world, by_batch=True), "expired_meanwhile"),
    "register": (lambda world: register(world, by_batch=False), "expires_during_course"),
    "register of a batch": (lambda world: register(world, by_batch=True), "expires_during_course"),
    "open a box": (open_a_box, "expired_stock"),
    "pack a kit": (pack_a_kit, "short_stock"),
    "hand a kit out": (give_a_kit, "expires_during_course"),
    "label a bag": (bag, "expired_stock"),
    "keep a device in use": (use_a_device, "expired_stock"),
    "lend a device": (lambda world: use_a_device(world, Loan("2023-018", LATER)), "expired_stock"),
    "lend any device": (lend_any, "short_stock"),
    "confirm a proposal": (confirm_a_proposal, "screening_refuses"),
    "release": (release, "expired_stock"),
    "dispense": (lambda world: hand_out(world, by_batch=False), "expires_during_course"),
    "dispense a batch": (lambda world: hand_out(world, by_batch=True), "expires_during_course"),
    "dispense out of held": (lambda world: hand_out(world, by_batch=True, state=State.HELD), "short_stock"),
}


@pytest.mark.parametrize("path", PATHS)
def test_path_refuses_what_has_expired(world: World, path: str) -> None:
    deed, code = PATHS[path]

    with pytest.raises(DomainError) as refused, transaction.atomic():
        deed(world)

    assert refused.value.code == code
    assert not Movement.objects.filter(booked_on=LATER).exists()
    assert not Movement.objects.filter(document_type="housekeeping").exists()


def test_goods_that_expire_on_the_road_arrive_in_held(world: World) -> None:
    shipment = Shipment.objects.get(pk=dispatched(world))
    line = ShipmentLine.objects.get(shipment=shipment)

    receive_shipment(
        act=later(world, "clinic"), shipment=shipment, arrivals={line.pk: Arrival(line.picked or 0)}
    )

    assert (FIRST, "clinic", "available") not in book(world)
    assert book(world)[FIRST, "clinic", "held"] == 100
    assert (HOSPITAL, "store", "in_transit") not in book(world)


# Around the services


def plan_line(world: World) -> int:
    batch = stock(world, 50, days=-1)
    plan = insert(
        "distribution_plan", county_id=world.county.pk, level="clinics", from_places="[]", medicines="[]",
        period_start=TODAY, period_end=TODAY, horizon_days=14, state="draft", planned_by=1, planned_on=TODAY,
        cuts="[]", leftovers="[]", version=1, interchangeable="[]", bands="[]",
    )  # fmt: skip
    return insert(
        "distribution_planline", county_id=world.county.pk, plan_id=plan, from_place_id=world.hospital.pk,
        clinic_id=world.centre.pk, batch_id=batch.pk, quantity=5, drafted=5, reason="",
    )  # fmt: skip


def course(world: World) -> int:
    batch = stock(world, 50, days=1)
    given = Dispensing.objects.create(
        county=world.county, place=world.centre, dispensed_on=TODAY, booked_on=TODAY, age_band="15-64",
        collected_by="self", dispensed_by=1, recorded_at=datetime.datetime.now(datetime.UTC),
    )  # fmt: skip
    return insert(
        "distribution_dispensingline", county_id=world.county.pk, dispensing_id=given.pk, batch_id=batch.pk,
        quantity=3, days_supply=3, prescriber="", flagged="",
    )  # fmt: skip


GUARDS = {"plan_line_not_expired": plan_line, "dispensing_line_lasts": course}


@pytest.mark.parametrize("guard", GUARDS)
def test_database_refuses_what_has_expired(world: World, guard: str) -> None:
    with refused_by(guard):
        GUARDS[guard](world)


@pytest.mark.parametrize("guard", GUARDS)
def test_expired_goes_in_without_the_guard(world: World, guard: str) -> None:
    drop_guard(guard)

    assert GUARDS[guard](world)


def test_course_that_ends_on_the_last_day_goes_in(world: World) -> None:
    batch = stock(world, 50, days=2, place=world.villages[0], side=Side.CLINIC)
    given = HandOut(TODAY, AgeBand.ADULT, "self", [HandOutLine(6, 3, batch_id=batch.pk)])

    dispense(act=world.act("clinic"), place=world.villages[0], hand_out=given)

    assert book(world)[FIRST, "clinic", "available"] == 44
