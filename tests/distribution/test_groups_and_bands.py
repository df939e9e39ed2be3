"""Plans that share interchangeable medicines out together, meet needs in bands, and know which pharmacy is near."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core.models import AuditEntry
from distribution.interchangeable import groups_of
from distribution.models import Plan, PlanLine
from inventory.models import Side
from organisation.models import Place, Policy
from tests.distribution.stock import CENTRE, FIRST, HOSPITAL, PERIOD, SECOND, order, profile, stock
from tests.distribution.stories import statements
from tests.distribution.test_clinic_pages import key_in, page_of
from tests.plain_sql import drop_guard, insert, refused_by
from tests.world import TODAY, World

GROUP = [["M001b", "M009a"]]
# Thirty people need sixty tablets in 14 days: ten courses.
TEN_COURSES = {"population": 30}


def drafted(world: World, **fields: Any) -> int:
    answer = world.signed("allocator").post("plans/", order(**fields))
    assert answer.status_code == 201, answer.json()
    return answer.json()["id"]


def shares(world: World, plan: int, clinic: str) -> dict[str, dict[str, Any]]:
    rows = world.signed("allocator").get(f"plans/{plan}/clinics/", clinic=clinic).json()["results"]
    return {row["medicine"]: row for row in rows}


def given(world: World, plan: int) -> dict[tuple[str, str], int]:
    rows = world.signed("allocator").get(f"plans/{plan}/lines/").json()["results"]
    return {(row["clinic"], row["medicine"]): row["quantity"] for row in rows}


def both_in_stock(world: World, units: int = 60) -> None:
    stock(world, units)
    stock(world, units, medicine=world.paracetamol)


def test_group_is_shared_out_by_courses(world: World) -> None:
    both_in_stock(world)
    for village in world.villages:
        profile(world, village, **TEN_COURSES)

    plan = drafted(world, interchangeable=GROUP)

    assert sum(given(world, plan).values()) == 120
    for code in (FIRST, SECOND):
        rows = shares(world, plan, code)
        assert sum(row["allotted"] for row in rows.values()) == 60
        assert {(row["group"], row["need"], row["level_after"]) for row in rows.values()} == {
            ("M001b+M009a", 60, 100)
        }
    told = shares(world, plan, FIRST)["M009a"]["explanation_zh"]
    assert "本品与对乙酰氨基酚片可互换，需求和库存按疗程合并计算。" in told
    published = world.signed("auditor").get(f"plans/{plan}/").json()["cuts"]["medicines"]["M001b+M009a"]
    assert published["units_of_a_course"] == {"M001b": 6, "M009a": 6}


def test_each_medicine_by_itself_without_a_group(world: World) -> None:
    both_in_stock(world)
    profile(world, world.villages[0], **TEN_COURSES)

    plan = drafted(world)

    rows = shares(world, plan, FIRST)
    assert {code: (row["group"], row["allotted"]) for code, row in rows.items()} == {
        "M001b": ("", 60), "M009a": ("", 60),
    }  # fmt: skip


def test_stand_in_that_a_clinic_has_counts_as_had(world: World) -> None:
    both_in_stock(world, 30)
    stock(world, 60, medicine=world.paracetamol, place=world.villages[0], side=Side.CLINIC, lot="OWN")
    for village in world.villages:
        profile(world, village, **TEN_COURSES)

    plan = drafted(world, interchangeable=GROUP)

    assert {clinic for clinic, _medicine in given(world, plan)} == {SECOND}
    assert {row["level_before"] for row in shares(world, plan, FIRST).values()} == {100}


def test_what_was_asked_for_is_sent_before_its_stand_in_and_the_request_caps(world: World) -> None:
    both_in_stock(world)
    profile(world, world.villages[0], **TEN_COURSES)
    world.signed("clinic", world.villages[0]).put(
        "needs/", {"place": FIRST, "period": PERIOD, "lines": [{"medicine": "M001b", "requested": 20}]}
    )

    plan = drafted(world, interchangeable=GROUP)

    # Twenty tablets are three whole courses.
    assert given(world, plan) == {(FIRST, "M001b"): 18}


def test_less_than_a_course_of_a_lot_stays(world: World) -> None:
    stock(world, 64)
    profile(world, world.villages[0], population=100)

    answer = world.signed("allocator").post("plans/", order(interchangeable=GROUP)).json()

    assert given(world, answer["id"]) == {(FIRST, "M009a"): 60}
    assert [(left["quantity"], left["reason"]) for left in answer["leftovers"]] == [(4, "remainder")]


MALFORMED: list[tuple[dict[str, Any], str, str]] = [
    ({"interchangeable": [["M009a"]]}, "min_length", "/interchangeable/0"),
    ({"interchangeable": [["M009a", "M001b", "X1", "X2", "X3"]]}, "max_length", "/interchangeable/0"),
    ({"interchangeable": [["M009a", "M999"]]}, "unknown_medicine", "/interchangeable/0/1"),
    ({"interchangeable": [["M009a", "M009a"]]}, "named_twice", "/interchangeable/0/1"),
    ({"interchangeable": GROUP, "medicines": ["M009a"]}, "not_planned", "/interchangeable/0/0"),
    ({"interchangeable": [["M009a", "P001"]]}, "mixed_ages", "/interchangeable/0"),
    ({"interchangeable": "M009a"}, "not_a_list", "/interchangeable"),
    ({"bands": [100, 20]}, "bands_not_rising", "/bands"),
    ({"bands": [20, 130]}, "bands_not_rising", "/bands"),
    ({"bands": [100, 100]}, "bands_not_rising", "/bands"),
    ({"bands": [0, 100]}, "min_value", "/bands/0"),
    ({"bands": [100, 1001]}, "max_value", "/bands/1"),
    ({"bands": [20.5, 100]}, "not_whole", "/bands/0"),
]


@pytest.mark.parametrize(("fields", "code", "pointer"), MALFORMED)
def test_malformed_refused(world: World, fields: dict[str, Any], code: str, pointer: str) -> None:
    child = world._medicine("P001", "布洛芬混悬液", "100ml:2g", "ibuprofen")
    child.paediatric = True
    child.save(update_fields=["paediatric"])

    answer = world.signed("allocator").post("plans/", order(**fields))

    assert answer.status_code == 400
    assert (code, pointer) in {(error["code"], error["pointer"]) for error in answer.json()["errors"]}
    assert Plan.objects.count() == 0


def test_bands_meet_an_emergency_minimum_of_every_tier_first(world: World) -> None:
    Policy.objects.create(county=world.county, tier_health_centre=1)
    stock(world, 60)
    for place in (world.centre, world.villages[0]):
        profile(world, place, **TEN_COURSES)

    strict, banded = drafted(world), drafted(world, bands=[20, 100])

    assert given(world, strict) == {(FIRST, "M009a"): 60}
    assert given(world, banded) == {(FIRST, "M009a"): 48, (CENTRE, "M009a"): 12}
    told = shares(world, banded, CENTRE)["M009a"]
    assert told["explanation_zh"].endswith("需求按20%、100%分档依次补足，贵单位已补足至20%档。")
    assert told["explanation_en"].endswith("each for everybody before the next; you have reached 20%.")


def test_buffer_is_filled_once_needs_are_met(world: World) -> None:
    stock(world, 100)
    profile(world, world.villages[0], **TEN_COURSES)

    assert given(world, drafted(world)) == {(FIRST, "M009a"): 60}
    assert given(world, drafted(world, bands=[100, 130])) == {(FIRST, "M009a"): 78}


def test_recomputed_plan_keeps_groups_and_bands(world: World) -> None:
    both_in_stock(world)
    profile(world, world.villages[0], **TEN_COURSES)
    plan = drafted(world, interchangeable=GROUP, bands=[20, 100])
    before = given(world, plan)

    answer = world.signed("allocator").post(f"plans/{plan}/recompute/").json()

    assert (answer["interchangeable"], answer["bands"]) == (GROUP, [20, 100])
    assert given(world, plan) == before


def set_groups(world: World, *groups: list[str], role: str = "administrator") -> Any:
    return world.signed(role).put("interchangeable-medicines/", {"groups": list(groups)})


def test_plan_takes_the_countys_groups_and_bands_unless_it_names_its_own(world: World) -> None:
    both_in_stock(world)
    profile(world, world.villages[0], **TEN_COURSES)
    assert set_groups(world, ["M009a", "M001b"]).status_code == 200
    bands = world.signed("administrator").put("policies/", {"band_minimum": 20, "band_buffer": 130})
    assert bands.status_code == 200

    plans = [
        drafted(world, **fields)
        for fields in ({}, {"interchangeable": [], "bands": []}, {"medicines": ["M009a"]})
    ]

    rows = world.signed("auditor").get("plans/").json()["results"]
    kept = {row["id"]: (row["interchangeable"], row["bands"]) for row in rows}
    assert [kept[plan] for plan in plans] == [(GROUP, [20, 100, 130]), ([], []), ([], [20, 100, 130])]
    assert shares(world, plans[0], FIRST)["M009a"]["group"] == "M001b+M009a"
    assert set_groups(world).status_code == 200
    world.signed("allocator").post(f"plans/{plans[0]}/recompute/")
    assert Plan.objects.get(pk=plans[0]).interchangeable == GROUP


def test_groups_are_dated_listed_and_in_the_audit_log(world: World) -> None:
    set_groups(world, ["M009a", "M001b"], role="lead_pharmacist")

    rows = world.signed("allocator").get("interchangeable-medicines/").json()["results"]

    lead = world.person("lead_pharmacist").pk
    assert [(row["group_number"], row["medicine"], row["set_by"], row["set_on"]) for row in rows] == [
        (1, "M009a", lead, str(TODAY)), (1, "M001b", lead, str(TODAY)),
    ]  # fmt: skip
    entry = AuditEntry.objects.filter(action__contains="interchangeable").get()
    assert (entry.actor, entry.subject) == (lead, "interchangeable M009a+M001b")
    assert world.signed("administrator", foreign=True).get("interchangeable-medicines/").json()["count"] == 0
    assert set_groups(world, role="allocator").status_code == 403


BAD_GROUPS = [
    ([["M009a"]], "min_length", "/groups/0"),
    ([["M009a", "M999"]], "unknown_medicine", "/groups/0/1"),
    ([["M001b", "M009a"], ["M009a", "P001"]], "named_twice", "/groups/1/0"),
    ([["M009a", "P001"]], "mixed_ages", "/groups/0"),
]


@pytest.mark.parametrize(("groups", "code", "pointer"), BAD_GROUPS)
def test_bad_groups_leave_those_there_were(world: World, groups: Any, code: str, pointer: str) -> None:
    child = world._medicine("P001", "布洛芬混悬液", "100ml:2g", "ibuprofen")
    child.paediatric = True
    child.save(update_fields=["paediatric"])
    set_groups(world, *GROUP)

    answer = set_groups(world, *groups)

    assert answer.status_code == 400
    assert (code, pointer) in {(error["code"], error["pointer"]) for error in answer.json()["errors"]}
    assert groups_of(world.county.pk) == GROUP


BREACHES = {
    "interchangeable_in_one_group": {"group_number": 2, "position": 1},
    "interchangeable_place_once": {"medicine": "M001b"},
    "interchangeable_few": {"medicine": "M001b", "position": 5},
}


@pytest.mark.parametrize("guard", BREACHES)
def test_breach_refused_by_its_guard_and_goes_in_without_it(world: World, guard: str) -> None:
    def attempt(**fields: Any) -> int:
        whole = {"medicine": "M009a", "group_number": 1, "position": 1, **fields}
        medicine = {"M009a": world.ibuprofen, "M001b": world.paracetamol}[whole.pop("medicine")]
        return insert(
            "distribution_interchangeablemedicine", county_id=world.county.pk, medicine_id=medicine.pk,
            set_by=1, set_on=TODAY, **whole,
        )  # fmt: skip

    attempt()
    with refused_by(guard):
        attempt(**BREACHES[guard])
    drop_guard(guard)

    assert attempt(**BREACHES[guard])


def test_groups_are_set_on_a_screen_and_the_plans_page_shows_them(world: World) -> None:
    administrator, address = page_of(world.person("administrator")), "/interchangeable-medicines/set/"
    ibuprofen, paracetamol = "布洛芬片 0.1g (M009a)", "对乙酰氨基酚片 0.5g (M001b)"
    form = {"key": key_in(administrator.get(address)), "/groups/1/0": ibuprofen}

    alone = administrator.post(address, {**form, "/groups/1/1": "M404"})
    done = administrator.post(address, {**form, "/groups/1/2": paracetamol})

    assert alone.status_code == 400
    assert re.search(r'name="/groups/1/1" value="M404"[^>]*aria-invalid', alone.content.decode())
    assert done["Location"] == "/interchangeable-medicines/"
    assert groups_of(world.county.pk) == GROUP
    assert "布洛芬片 0.1g" in administrator.get("/interchangeable-medicines/").content.decode()
    both_in_stock(world)
    profile(world, world.villages[0], **TEN_COURSES)
    allocator = page_of(world.person("allocator"))
    assert "对乙酰氨基酚片 0.5g / 布洛芬片 0.1g" in allocator.get("/plans/new/").content.decode()
    shown = allocator.get(f"/plans/{drafted(world)}/").content.decode()
    assert "对乙酰氨基酚片 0.5g / 布洛芬片 0.1g" in shown
    assert "Shared out together with" in shown


def test_clinics_of_a_group_cost_as_much_for_three_as_for_one(world: World) -> None:
    both_in_stock(world)
    costs = []
    for place in (world.centre, *world.villages):
        profile(world, place, **TEN_COURSES)
        plan = drafted(world, interchangeable=GROUP)
        costs.append(statements(lambda plan=plan: world.signed("allocator").get(f"plans/{plan}/clinics/")))

    assert costs[2] == costs[0]


def elsewhere(world: World) -> Place:
    """A village clinic of another township."""
    world.township = world._division("522633101", "洛香镇", world.county)
    centre = world._place("P-522633-30", "洛香镇卫生院", "health_centre", sorts=True, hands_out=True)
    return world._place("P-522633-31", "岑扛村卫生室", "village_clinic", hands_out=True, parent=centre)


def test_own_township_supplies_first_and_then_the_county_seat(world: World) -> None:
    near, far = world.villages[0], elsewhere(world)
    stock(world, 60)
    stock(world, 60, place=world.centre)
    for place in (near, far):
        profile(world, place, **TEN_COURSES)

    drafted(world, from_places=[HOSPITAL, CENTRE])

    lines = {(line.from_place.code, line.clinic.code): line.quantity for line in PlanLine.objects.all()}
    assert lines == {(CENTRE, near.code): 60, (HOSPITAL, far.code): 60}


def test_of_other_townships_the_nearer_one_supplies_first(world: World) -> None:
    """Nothing in the own township or the county seat: the shorter way to the seat, through which the roads lead."""
    near = world.villages[0]
    elsewhere(world)
    beyond = world._place("P-522633-09", "西山镇卫生院", "health_centre", sorts=True, hands_out=True)
    beyond.township = world._division("522633102", "西山镇", world.county)
    beyond.save(update_fields=["township"])
    closer = Place.objects.get(code="P-522633-30")
    for place, minutes in ((closer, 40), (beyond, 90)):
        profile(world, place, population=0, travel_minutes=minutes)
        stock(world, 60, place=place)
    profile(world, near, **TEN_COURSES)

    drafted(world, from_places=[beyond.code, closer.code])

    assert [(line.from_place.code, line.clinic.code) for line in PlanLine.objects.all()] == [
        (closer.code, near.code)
    ]
