import datetime

import pytest
from django.db import IntegrityError, transaction

from distribution.models import Plan, PlanLine, PlanShare, Shipment
from distribution.services.plans import PlanOrder, draft_plan
from inventory.models import Movement
from inventory.verification import verify
from organisation.models import Place
from tests.distribution.stock import CENTRE, FIRST, HOSPITAL, SECOND, book, hand_out, order, profile, stock
from tests.distribution.stories import drafted, statements, submitted
from tests.world import TODAY, World

DAY = datetime.timedelta(days=1)


def more_clinics(world: World, count: int, **figures: int) -> list[Place]:
    """Village clinics beside the two of the world, each with its people."""
    places = [
        world._place(
            f"P-522633-2{n:02}", f"村卫生室{n}", "village_clinic", hands_out=True, parent=world.centre
        )
        for n in range(count)
    ]
    for place in places:
        profile(world, place, **figures)
    return places


def test_plan_shares_short_stock_by_need_and_says_why(world: World) -> None:
    stock(world, 300)
    profile(world, world.villages[0], population=100)
    profile(world, world.villages[1], population=200)

    plan = world.signed("allocator").post("plans/", order()).json()

    rows = world.signed("allocator").get(f"plans/{plan['id']}/clinics/").json()["results"]
    assert [
        (row["clinic"], row["need"], row["allotted"], row["level_after"], row["limited_by"]) for row in rows
    ] == [
        (CENTRE, 0, 0, None, "no_profile"),
        (FIRST, 200, 100, 50, "stock"),
        (SECOND, 400, 200, 50, "stock"),
    ]
    assert rows[0]["explanation"] == "没有服务人群资料，无法估计需求量，本次不分配。"
    assert (
        rows[1]["explanation"]
        == "本次各点均补足至14天需求的50%；贵单位受库存数量限制。需求据服务人群资料估算。"
    )


def test_plan_leaves_what_nobody_needs_or_can_use(world: World) -> None:
    surplus = stock(world, 500, lot="LATE")
    expired = stock(world, 40, lot="OLD", days=-1)
    short = stock(world, 60, lot="SOON", days=2)
    profile(world, world.villages[0], population=100)

    plan = world.signed("allocator").post("plans/", order()).json()

    assert plan["totals"] == {"medicines": 1, "clinics": 1, "lines": 1, "quantity": 200}
    assert {(left["batch"], left["quantity"], left["reason"]) for left in plan["leftovers"]} == {
        (surplus.pk, 300, "surplus"),
        (expired.pk, 40, "expired"),
        (short.pk, 60, "unusable"),
    }


def test_plan_counts_what_clinics_have_and_what_is_on_the_way(world: World) -> None:
    for place in world.villages:
        profile(world, place, population=100)
    stock(world, 150, lot="A", place=world.villages[0], side="clinic")
    stock(world, 100, lot="B")
    allocator = world.signed("allocator")
    first = allocator.post("plans/", order()).json()["id"]
    allocator.post(f"plans/{first}/submit/")
    world.signed("approver").post(f"plans/{first}/approve/")
    stock(world, 1000, lot="C")

    second = allocator.post("plans/", order()).json()["id"]

    rows = allocator.get(f"plans/{second}/clinics/").json()["results"]
    assert [(row["clinic"], row["on_hand"], row["allotted"]) for row in rows if row["need"]] == [
        (FIRST, 150, 50),
        (SECOND, 100, 100),
    ]


def test_township_plan_gives_a_centre_the_needs_of_its_villages(world: World) -> None:
    stock(world, 10_000)
    for place in (world.centre, *world.villages):
        profile(world, place, population=100)
    world.signed("clinic").put(
        "needs/",
        {"place": FIRST, "period": order()["period"], "lines": [{"medicine": "M009a", "requested": 50}]},
    )

    plan = world.signed("allocator").post("plans/", order(level="townships")).json()

    (row,) = world.signed("allocator").get(f"plans/{plan['id']}/clinics/").json()["results"]
    assert (row["clinic"], row["need"], row["requested"], row["allotted"]) == (CENTRE, 600, 450, 450)
    assert row["limited_by"] == "request"


def test_plan_without_stock_is_refused(world: World) -> None:
    profile(world, world.villages[0])

    answer = world.signed("allocator").post("plans/", order())

    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_to_share")
    assert Plan.objects.count() == 0


def test_plan_for_a_medicine_out_of_stock_explains_each_share(world: World) -> None:
    profile(world, world.villages[0])

    plan = world.signed("allocator").post("plans/", order(medicines=["M001b"])).json()

    assert plan["totals"]["lines"] == 0
    rows = world.signed("allocator").get(f"plans/{plan['id']}/clinics/").json()["results"]
    assert {(row["clinic"], row["limited_by"]) for row in rows} == {
        (CENTRE, "no_profile"),
        (FIRST, "stock"),
        (SECOND, "no_profile"),
    }
    assert world.signed("allocator").post(f"plans/{plan['id']}/submit/").json()["code"] == "nothing_to_share"


@pytest.mark.parametrize(
    ("fields", "status", "pointer"),
    [
        ({"county": "522622"}, 404, "/county"),
        ({"from_places": ["P-522622-01"]}, 404, "/from_places/0"),
        ({"from_places": [HOSPITAL, "P-522633-11"]}, 422, "/from_places/1"),
        ({"from_places": []}, 400, "/from_places"),
        ({"medicines": ["M009a", "nothing"]}, 400, "/medicines/1"),
        ({"horizon_days": 0}, 400, "/horizon_days"),
        ({"level": "villages"}, 400, "/level"),
        ({"township": "522633999"}, 404, "/township"),
        ({"period": "2023-01-01/2022-01-01"}, 400, "/period"),
    ],
)
def test_plan_with_a_faulty_order_names_the_field(
    world: World, fields: dict[str, object], status: int, pointer: str
) -> None:
    stock(world, 10)

    answer = world.signed("allocator").post("plans/", order(**fields))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
    assert Plan.objects.count() == 0


def test_plan_beyond_what_can_be_shared_out_is_refused(world: World) -> None:
    stock(world, 10)
    crowd = dict.fromkeys(["tier_red", "tier_yellow", "tier_green", "pregnant", "current_fever_cases"], 10**6)
    crowd["population"] = 3 * 10**6
    for place in (world.centre, *world.villages):
        profile(world, place, **crowd)
    more_clinics(world, 8, **crowd)

    answer = world.signed("allocator").post("plans/", order(level="townships", horizon_days=366))

    assert (answer.status_code, answer.json()["code"]) == (422, "beyond_allocation")
    assert Plan.objects.count() == 0


def test_line_changed_with_a_reason_moves_its_share(world: World) -> None:
    plan = drafted(world)["id"]
    allocator = world.signed("allocator")
    (line,) = allocator.get(f"plans/{plan}/lines/").json()["results"]

    answer = allocator.patch(f"plans/{plan}/lines/{line['id']}/", {"quantity": 60, "reason": "道路中断"})

    assert (answer.json()["quantity"], answer.json()["drafted"], answer.json()["left_on_shelf"]) == (
        60,
        100,
        40,
    )
    (share,) = [row for row in allocator.get(f"plans/{plan}/clinics/").json()["results"] if row["need"]]
    assert (share["allotted"], share["drafted"]) == (60, 100)
    assert allocator.get(f"plans/{plan}/").json()["version"] == 2


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"quantity": 60}, 422, "reason_needed"),
        ({"quantity": 101, "reason": "x"}, 409, "short_stock"),
        ({"quantity": 60, "reason": "x", "version": 7}, 409, "stale"),
        ({"quantity": -1, "reason": "x"}, 400, "invalid"),
    ],
)
def test_line_change_is_refused(world: World, change: dict[str, object], status: int, code: str) -> None:
    plan = drafted(world)["id"]
    line = PlanLine.objects.get()

    answer = world.signed("allocator").patch(f"plans/{plan}/lines/{line.pk}/", change)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert PlanLine.objects.get().quantity == 100


def test_plan_handed_in_takes_no_more_changes(world: World) -> None:
    plan = submitted(world)
    line = PlanLine.objects.get()

    answer = world.signed("allocator").patch(f"plans/{plan}/lines/{line.pk}/", {"quantity": 6, "reason": "x"})

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_plan_state")


def test_plan_recomputed_follows_the_stock_and_forgets_changes(world: World) -> None:
    plan = submitted(world)
    stock(world, 30, lot="NEW")

    answer = world.signed("allocator").post(f"plans/{plan}/recompute/").json()

    assert (answer["status"], answer["totals"]["quantity"], answer["version"]) == ("draft", 130, 3)
    assert (PlanLine.objects.count(), PlanShare.objects.count()) == (2, 3)


def test_plan_is_approved_by_another_person_than_its_planner(world: World) -> None:
    world.grant(world.person("allocator"), "approver")
    plan = submitted(world)

    answer = world.signed("allocator").post(f"plans/{plan}/approve/")

    assert (answer.status_code, answer.json()["code"]) == (403, "second_person_needed")
    assert Shipment.objects.count() == 0


def test_plan_is_approved_by_another_person_than_who_changed_a_line(world: World) -> None:
    world.grant(world.person("approver"), "allocator")
    plan = drafted(world)["id"]
    line = PlanLine.objects.get()
    approver = world.signed("approver")
    approver.patch(f"plans/{plan}/lines/{line.pk}/", {"quantity": 6, "reason": "x"})
    world.signed("allocator").post(f"plans/{plan}/submit/")

    assert approver.post(f"plans/{plan}/approve/").json()["code"] == "second_person_needed"


def test_plan_approved_by_its_planner_is_refused_by_the_database(world: World) -> None:
    plan = Plan.objects.get(pk=submitted(world))

    with pytest.raises(IntegrityError, match="plan_approved_by_another"), transaction.atomic():
        Plan.objects.update(state="approved", approved_by=plan.planned_by, approved_on=TODAY)


def test_draft_cannot_be_approved(world: World) -> None:
    plan = drafted(world)["id"]

    assert world.signed("approver").post(f"plans/{plan}/approve/").json()["code"] == "wrong_plan_state"


def test_second_plan_for_the_same_stock_is_refused_line_by_line(world: World) -> None:
    first = submitted(world)
    allocator, approver = world.signed("allocator"), world.signed("approver")
    second = allocator.post("plans/", order()).json()["id"]
    allocator.post(f"plans/{second}/submit/")
    approver.post(f"plans/{first}/approve/")
    before = book(world)

    answer = approver.post(f"plans/{second}/approve/")

    line = PlanLine.objects.get(plan=second)
    assert (answer.status_code, answer.json()["code"]) == (409, "short_stock")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/lines/{line.pk}"]
    assert book(world) == before
    assert (Shipment.objects.count(), Plan.objects.get(pk=second).state) == (1, "submitted")


def test_plan_whose_stock_expired_meanwhile_is_refused(world: World) -> None:
    plan = submitted(world)
    old = stock(world, 100, lot="OLD", days=-1)
    PlanLine.objects.update(batch=old)

    answer = world.signed("approver").post(f"plans/{plan}/approve/")

    line = PlanLine.objects.get()
    assert (answer.status_code, answer.json()["code"]) == (409, "expired_meanwhile")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/lines/{line.pk}"]
    assert Movement.objects.filter(kind="reserve").count() == 0


def test_cancelled_plan_gives_back_what_it_reserved(world: World) -> None:
    plan = submitted(world)
    before = book(world)
    world.signed("approver").post(f"plans/{plan}/approve/")

    answer = world.signed("allocator").post(f"plans/{plan}/cancel/")

    assert answer.json()["status"] == "cancelled"
    assert book(world) == before
    assert Shipment.objects.get().state == "cancelled"
    assert Plan.objects.get().approved_by == world.person("approver").pk


def test_plan_of_which_something_left_cannot_be_cancelled(world: World) -> None:
    plan = submitted(world)
    (shipment,) = world.signed("approver").post(f"plans/{plan}/approve/").json()["shipments"]
    world.signed("pharmacist").post(f"shipments/{shipment}/dispatch/")

    assert world.signed("allocator").post(f"plans/{plan}/cancel/").json()["code"] == "wrong_plan_state"


def test_plans_of_a_township_are_all_its_allocator_reaches(world: World) -> None:
    county = drafted(world)["id"]
    own = world.signed("allocator", township=world.township)
    stock(world, 20, place=world.centre, lot="C")

    assert own.get(f"plans/{county}/").status_code == 404
    assert own.get("plans/").json()["results"] == []
    for fields, pointer in (
        ({"from_places": [CENTRE]}, "/township"),
        ({"from_places": [HOSPITAL], "township": world.township.pk}, "/from_places/0"),
    ):
        answer = own.post("plans/", order(**fields))
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (404, pointer)
    assert own.post("plans/", order(from_places=[CENTRE], township=world.township.pk)).status_code == 201


def test_plans_of_another_county_are_unknown(world: World) -> None:
    plan = submitted(world)
    allocator, approver = world.signed("allocator", foreign=True), world.signed("approver", foreign=True)

    assert [
        allocator.get(f"plans/{plan}/").status_code,
        allocator.get(f"plans/{plan}/lines/").status_code,
        allocator.get(f"plans/{plan}/clinics/").status_code,
        allocator.post(f"plans/{plan}/recompute/").status_code,
        approver.post(f"plans/{plan}/approve/").status_code,
    ] == [404] * 5


def costs(world: World, clinics: int) -> list[int]:
    """How many statements it takes to draft, draft anew, approve and cancel a plan that reaches so many clinics."""
    stock(world, 7 * clinics)
    stock(world, 7 * clinics, medicine=world.paracetamol)
    more_clinics(world, clinics)
    allocator, approver = world.signed("allocator"), world.signed("approver")
    drafting = statements(lambda: allocator.post("plans/", order()))
    plan = Plan.objects.get().pk
    assert PlanLine.objects.count() == 2 * clinics
    redrafting = statements(lambda: allocator.post(f"plans/{plan}/recompute/"))
    allocator.post(f"plans/{plan}/submit/")
    approving = statements(lambda: approver.post(f"plans/{plan}/approve/"))
    assert Shipment.objects.count() == clinics
    return [drafting, redrafting, approving, statements(lambda: approver.post(f"plans/{plan}/cancel/"))]


def test_plan_costs_the_same_statements_for_one_and_thirty_clinics(world: World) -> None:
    with transaction.atomic():
        one = costs(world, 1)
        transaction.set_rollback(True)
    world._people.clear()

    thirty = costs(world, 30)

    assert thirty == one
    assert max(one) < 45


def test_period_ends_belong_to_the_plan(world: World) -> None:
    """What was asked for a period that does not touch the plan's caps nothing."""
    stock(world, 100)
    profile(world, world.villages[0])
    later = TODAY + datetime.timedelta(days=30)
    world.signed("clinic").put(
        "needs/",
        {"place": FIRST, "period": f"{later}/{later}", "lines": [{"medicine": "M009a", "requested": 5}]},
    )

    plan = world.signed("allocator").post("plans/", order()).json()

    assert plan["totals"]["quantity"] == 100


# What changes under a plan


def test_line_that_expired_since_the_draft_can_only_be_taken_out(world: World) -> None:
    long_ago = TODAY - 20 * DAY
    stock(world, 100, days=-1, since=long_ago, booked=long_ago)
    profile(world, world.villages[0])
    drafting = world.act("allocator", on=long_ago)
    plan = draft_plan(act=drafting, order=PlanOrder("clinics", [world.hospital], TODAY, TODAY + 13 * DAY))
    (line,) = PlanLine.objects.filter(plan=plan)
    route, allocator = f"plans/{plan.pk}/lines/{line.pk}/", world.signed("allocator")

    for quantity in (line.quantity - 1, line.quantity):
        kept = allocator.patch(route, {"quantity": quantity, "reason": "近期用完"})
        assert (kept.status_code, kept.json()["code"]) == (409, "expired_meanwhile")
        assert kept.json()["errors"][0]["pointer"] == "/quantity"
    assert PlanLine.objects.get().quantity == line.drafted

    taken_out = allocator.patch(route, {"quantity": 0, "reason": "已过期"})

    assert taken_out.status_code == 200, taken_out.json()
    assert PlanLine.objects.get().quantity == 0


def kept_by_the_centre(world: World) -> int:
    """An approved plan of the centre's store that lets it keep 100 for its own clinic."""
    stock(world, 100, place=world.centre)
    profile(world, world.centre)
    allocator = world.signed("allocator")
    plan = allocator.post("plans/", order(from_places=[CENTRE])).json()["id"]
    allocator.post(f"plans/{plan}/submit/")
    world.signed("approver").post(f"plans/{plan}/approve/")
    assert book(world)[CENTRE, "clinic", "available"] == 100
    return plan


@pytest.mark.parametrize("stopped", ["recalls/", "holds/"])
def test_plan_is_cancelled_though_what_it_let_a_place_keep_was_stopped(world: World, stopped: str) -> None:
    plan = kept_by_the_centre(world)
    body = {"place": CENTRE, "reason": "药监部门通知"}
    if stopped == "recalls/":
        body = {"medicine": "M009a", "lot_number": "2203051", "reason": "药监部门通知", "reference": "1号"}
    assert world.signed("lead_pharmacist").post(stopped, body).status_code == 201

    answer = world.signed("allocator").post(f"plans/{plan}/cancel/")

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert book(world) == {(CENTRE, "store", "donated"): -100, (CENTRE, "clinic", "held"): 100}
    assert verify() == []


def test_plan_stands_once_something_it_let_a_place_keep_was_handed_out(world: World) -> None:
    plan = kept_by_the_centre(world)
    given = world.signed("clinic").post("dispensings/", hand_out(place=CENTRE))
    assert given.status_code == 201, given.json()
    world.signed("lead_pharmacist").post("holds/", {"place": CENTRE, "reason": "受潮"})

    answer = world.signed("allocator").post(f"plans/{plan}/cancel/")

    assert (answer.status_code, answer.json()["code"]) == (409, "short_stock")
    assert book(world)[CENTRE, "clinic", "held"] == 94
