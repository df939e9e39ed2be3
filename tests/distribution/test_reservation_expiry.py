"""What an approved plan promised and nobody sent in time goes back to the shelf, once."""

from __future__ import annotations

import datetime
from typing import Any

from config import housekeeping
from config.housekeeping import keep_house
from core.models import AuditEntry
from distribution.models import Plan, Shipment
from distribution.services.approval import approve_plan, cancel_plan
from distribution.services.plans import PlanOrder, draft_plan, submit_plan
from distribution.services.reservations import expire_reservations
from distribution.services.shipments import Pick, dispatch_shipment
from inventory.models import Movement
from inventory.services.expiry import hold_expired
from organisation.models import Policy
from tests.cloned import cloned_db, together
from tests.distribution.stock import CENTRE, FIRST, HOSPITAL, SECOND, book, order, profile, stock
from tests.distribution.stories import approved, dispatched, statements
from tests.distribution.test_clinic_pages import page_of
from tests.plain_sql import drop_guard, execute, refused_by
from tests.world import TODAY, World

__all__ = ["cloned_db"]
DAY = datetime.timedelta(days=1)
LAST, AFTER = TODAY + 7 * DAY, TODAY + 8 * DAY


def keep(world: World, on: datetime.date) -> None:
    keep_house(world.county.pk, on)


def test_promise_lapses_after_its_days_and_the_plan_says_so(world: World) -> None:
    pk = approved(world)

    keep(world, LAST)
    assert book(world)[HOSPITAL, "store", "reserved"] == 100
    keep(world, AFTER)

    assert book(world) == {(HOSPITAL, "store", "donated"): -100, (HOSPITAL, "store", "available"): 100}
    shipment = Shipment.objects.get(pk=pk)
    assert (shipment.state, shipment.expired_on) == ("cancelled", AFTER)
    plan = world.signed("allocator").get(f"plans/{shipment.plan_id}/").json()
    names = ("status", "expired_shipments", "needs_recomputing")
    assert [plan[name] for name in names] == ["approved", 1, True]
    screen = page_of(world.person("allocator")).get(f"/plans/{shipment.plan_id}/").content.decode()
    assert "was not sent in time. Draft another for it." in screen
    shown = world.signed("pharmacist").get(f"shipments/{pk}/").json()
    assert (shown["status"], shown["expired_on"]) == ("cancelled", str(AFTER))
    sent = world.signed("pharmacist").post(f"shipments/{pk}/dispatch/")
    assert (sent.status_code, sent.json()["code"]) == (409, "wrong_shipment_state")


def test_second_run_finds_nothing(world: World) -> None:
    approved(world)
    keep(world, AFTER)
    before = Movement.objects.count()

    keep(world, AFTER)

    assert Movement.objects.count() == before
    told = AuditEntry.objects.filter(subject__startswith="reservations expired")
    assert [(entry.subject, entry.actor) for entry in told] == [("reservations expired: 1", None)]


def test_policy_says_how_long_a_promise_lasts(world: World) -> None:
    Policy.objects.create(county=world.county, reservation_days=2)
    approved(world)

    keep(world, TODAY + 2 * DAY)
    assert Shipment.objects.get().state == "reserved"
    keep(world, TODAY + 3 * DAY)
    assert Shipment.objects.get().state == "cancelled"


def test_what_was_sent_stays_on_the_road(world: World) -> None:
    dispatched(world)

    keep(world, TODAY + 100 * DAY)

    assert book(world)[HOSPITAL, "store", "in_transit"] == 100


def test_what_a_recall_took_stays_held(world: World) -> None:
    approved(world)
    notice = {
        "medicine": "M009a",
        "lot_number": "2203051",
        "reason": "溶出度不合格",
        "reference": "药监召回〔2022〕7号",
    }
    world.signed("lead_pharmacist").post("recalls/", notice)

    keep(world, AFTER)

    assert book(world)[HOSPITAL, "store", "held"] == 100
    assert Shipment.objects.get().state == "cancelled"


def test_rest_of_a_plan_can_be_given_up_once_a_part_lapsed(world: World) -> None:
    stock(world, 100)
    for clinic in world.villages:
        profile(world, clinic)
    allocator = world.signed("allocator")
    plan = allocator.post("plans/", order()).json()["id"]
    allocator.post(f"plans/{plan}/submit/")
    first, _second = world.signed("approver").post(f"plans/{plan}/approve/").json()["shipments"]
    Shipment.objects.filter(pk=first).update(state="cancelled", expired_on=TODAY)

    assert allocator.post(f"plans/{plan}/cancel/").json()["status"] == "cancelled"
    assert Plan.objects.get().state == "cancelled"


def test_statements_grow_with_portions_not_with_shipments(world: World, monkeypatch: Any) -> None:
    def promise(*clinics: Any) -> None:
        for place in clinics:
            stock(world, 100, lot=place.code)
        allocator = world.signed("allocator")
        plan = allocator.post("plans/", order()).json()["id"]
        allocator.post(f"plans/{plan}/submit/")
        world.signed("approver").post(f"plans/{plan}/approve/")

    profile(world, world.villages[0])
    promise(world.villages[0])
    one = statements(lambda: keep(world, AFTER))
    for place in (world.villages[1], world.centre):
        profile(world, place)
    promise(world.villages[1], world.centre)
    three = statements(lambda: keep(world, AFTER))

    assert Shipment.objects.filter(expired_on=AFTER).count() == 4
    assert {FIRST, SECOND, CENTRE} == set(Shipment.objects.values_list("to_place__code", flat=True))
    assert three == one
    monkeypatch.setattr(housekeeping, "SHIPMENTS", 1)
    promise()
    keep(world, AFTER)
    assert not Shipment.objects.filter(state="reserved").exists()


def test_two_runs_at_once_give_back_once(cloned_db: str) -> None:
    world = World()
    approved(world)

    together([lambda: keep(world, AFTER) for _run in range(3)])

    assert book(world) == {(HOSPITAL, "store", "donated"): -100, (HOSPITAL, "store", "available"): 100}
    assert Movement.objects.filter(kind="unreserve").count() == 1


def test_lapsing_and_sending_at_once_is_one_or_the_other(cloned_db: str) -> None:
    world = World()
    Policy.objects.create(county=world.county, reservation_days=1)
    pk = approved(world)
    Plan.objects.update(approved_on=TODAY - 2 * DAY)
    pharmacist = world.signed("pharmacist")

    _kept, sent = together(
        [lambda: keep(world, TODAY), lambda: pharmacist.post(f"shipments/{pk}/dispatch/").status_code]
    )

    keep(world, TODAY)
    state = "in_transit" if sent == 200 else "available"
    assert sent in {200, 409}
    assert book(world) == {(HOSPITAL, "store", "donated"): -100, (HOSPITAL, "store", state): 100}


def test_database_lets_only_unsent_promises_lapse(world: World) -> None:
    pk = dispatched(world)
    lapse = "UPDATE distribution_shipment SET expired_on = %s WHERE id = %s"
    with refused_by("shipment_expired_unsent"):
        execute(lapse, [TODAY, pk])

    drop_guard("shipment_expired_unsent")
    assert execute(lapse, [TODAY, pk]) == 1


# Promised goods that expire


def test_expired_goods_of_a_lapsed_promise_go_to_held_and_never_to_the_shelf(world: World) -> None:
    stock(world, 100, days=8)
    profile(world, world.villages[0])
    shipped(world)

    on = TODAY + 9 * DAY
    expire_reservations(act=world.act("allocator", on=on), most=10)

    assert book(world)[HOSPITAL, "store", "held"] == 100
    assert (HOSPITAL, "store", "available") not in book(world)


def test_cancelled_plan_gives_what_expired_to_held(world: World) -> None:
    stock(world, 100, days=8)
    profile(world, world.villages[0])
    shipped(world)

    cancel_plan(act=world.act("allocator", on=TODAY + 9 * DAY), plan=Plan.objects.get())

    assert book(world)[HOSPITAL, "store", "held"] == 100
    assert (HOSPITAL, "store", "available") not in book(world)


def test_plan_says_that_what_it_promised_has_expired(world: World) -> None:
    """Promised twenty days ago and good until yesterday: before and after the night job looked."""
    long_ago = TODAY - 20 * DAY
    stock(world, 100, days=-1, since=long_ago, booked=long_ago)
    stock(world, 40, lot="GOOD", since=long_ago, booked=long_ago)
    profile(world, world.villages[0])
    act = world.act("allocator", on=long_ago)
    plan = draft_plan(act=act, order=PlanOrder("clinics", [world.hospital], TODAY, TODAY + 13 * DAY))
    allocator = world.signed("allocator")

    def seen() -> tuple[int, bool]:
        told = allocator.get(f"plans/{plan.pk}/").json()
        return told["expired_lines"], told["needs_recomputing"]

    assert seen() == (1, True)
    submit_plan(act=act, plan=plan)
    approve_plan(act=world.act("approver", on=long_ago), plan=plan)
    assert seen() == (1, True)
    hold_expired(act=world.act(), most=10)
    assert seen() == (1, True)
    assert allocator.get("plans/").json()["results"][0]["needs_recomputing"] is True
    for shipment in Shipment.objects.all():
        picks = {line.pk: Pick(0, "已过期") for line in shipment.lines.filter(batch__lot_number="2203051")}
        dispatch_shipment(act=world.act("pharmacist"), shipment=shipment, picks=picks)
    assert seen() == (1, True)


def shipped(world: World) -> None:
    allocator = world.signed("allocator")
    plan = allocator.post("plans/", order()).json()["id"]
    allocator.post(f"plans/{plan}/submit/")
    assert world.signed("approver").post(f"plans/{plan}/approve/").status_code == 200
    assert book(world)[HOSPITAL, "store", "reserved"] == 100
