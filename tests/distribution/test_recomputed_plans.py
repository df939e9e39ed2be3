"""From what a plan publishes, and from nothing else, anyone reckons every share again."""

from __future__ import annotations

import datetime
from collections import defaultdict
from fractions import Fraction
from typing import Any

from rest_framework.test import APIClient

from distribution.allocation import Clinic, Cut, Mark, Options, recompute_share
from distribution.models import Plan
from inventory.models import Side
from organisation.models import Place, Policy
from tests.distribution.stock import FIRST, HOSPITAL, PERIOD, SECOND, order, profile, stock
from tests.distribution.test_outlook import gave, shelf
from tests.distribution.test_plans import more_clinics
from tests.world import World

DAY = datetime.date.fromisoformat


def cut_of(published: dict[str, Any]) -> Cut:
    mark = published["mark"]
    return Cut(
        tuple(frozenset((medicine, place) for medicine, place in supply) for supply in published["supplies"]),
        tuple(map(DAY, published["after"])),
        tuple(map(DAY, published["until"])),
        mark and Mark(**mark),
    )


def clinic_of(row: dict[str, Any], course: int, requested: int | None) -> Clinic:
    """Of a group all figures are those of the group in units of this medicine, `course` of them a course."""
    rate = None
    if row["rate_units"] is not None:
        rate = Fraction(row["rate_units"], row["rate_days"] * course)
    return Clinic(
        key=row["clinic"],
        need=row["need"] // course,
        daily_rate=rate,
        safety_percent=row["safety_percent"],
        on_hand=row["on_hand"] // course,
        requested=requested,
        own_stock=tuple((DAY(own["last_usable_day"]), own["quantity"] // course) for own in row["own_stock"]),
        transit_days=row["transit_days"],
        course_days=3,
        tier=row["tier"],
    )


def recomputed(plan: dict[str, Any], rows: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
    """Of each medicine or group what each clinic gets, in units or in courses."""
    rules = plan["cuts"]["rules"]
    by_key: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_key[row["group"] or row["medicine"], row["clinic"]].append(row)
    found = {}
    for (key, clinic), members in by_key.items():
        of_key = plan["cuts"]["medicines"][key]
        courses = of_key.get("units_of_a_course") or {key: 1}
        asked = [
            row["requested"] // courses[row["medicine"]] for row in members if row["requested"] is not None
        ]
        options = Options(
            DAY(rules["today"]),
            rules["horizon_days"],
            rules["safety_percent"],
            min_course=of_key["min_course"],
            bands=tuple(rules["bands"]),
        )
        first = members[0]
        found[key, clinic] = recompute_share(
            [cut_of(cut) for cut in of_key["cuts"]],
            clinic_of(first, courses[first["medicine"]], sum(asked) if asked else None),
            options,
            [clinic] if first["limited_by"] == "no_course" else [],
        )
    return found


def drafted(plan: dict[str, Any], rows: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
    """The same as the plan says it."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        key = row["group"] or row["medicine"]
        course = plan["cuts"]["medicines"][key].get("units_of_a_course", {}).get(row["medicine"], 1)
        found[key, row["clinic"]] += row["drafted"] // course
    return dict(found)


def published(world: World, **fields: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What whoever has no account reads of a plan."""
    allocator, approver = world.signed("allocator"), world.signed("approver")
    plan = allocator.post("plans/", order(**fields))
    assert plan.status_code == 201, plan.json()
    pk = plan.json()["id"]
    assert allocator.post(f"plans/{pk}/submit/").status_code == 200
    assert approver.post(f"plans/{pk}/approve/").status_code == 200
    assert approver.post(f"plans/{pk}/publish/").status_code == 200
    told = Plan.objects.get(pk=pk).public_number
    reader = APIClient()
    read = f"/api/v1/public/plans/{told}/"
    rows = reader.get(f"{read}clinics/", {"page_size": 60}).json()["results"]
    return reader.get(read).json(), rows


def county(world: World) -> list[Place]:
    """Clinics of different needs, stocks, ways, requests and hand-outs."""
    Policy.objects.create(county=world.county, band_minimum=20, tier_village_clinic=0, tier_health_centre=1)
    profile(world, world.villages[0], population=70, travel_minutes=500)
    profile(world, world.villages[1], population=350)
    profile(world, world.centre, population=140, travel_minutes=60)
    others = more_clinics(world, 3, population=90)
    shelf(world, 60, ago=12)
    for days_ago in range(7, 0, -1):
        gave(world, 4, days_ago)
    stock(world, 25, place=world.villages[1], side=Side.CLINIC, days=12, lot="OWN")
    stock(world, 9, place=others[0], side=Side.CLINIC, days=30, lot="OWN")
    lines = [{"medicine": "M009a", "requested": 30}]
    body = {"place": SECOND, "period": PERIOD, "lines": lines}
    assert world.signed("clinic", world.villages[1]).put("needs/", body).status_code == 200
    for units, days, lot in ((400, 9, "SOON"), (70, 14, "NEXT"), (40, 300, "LATE")):
        stock(world, units, days=days, lot=lot)
    return others


def test_every_share_of_a_published_plan_is_recomputed(world: World) -> None:
    county(world)
    stock(world, 50, days=9, medicine=world.paracetamol, lot="SOON")
    stock(world, 7, medicine=world.paracetamol, lot="FEW")

    plan, rows = published(world, from_places=[HOSPITAL])

    assert recomputed(plan, rows) == drafted(plan, rows)
    assert {row["limited_by"] for row in rows} >= {"request", "stock"}
    assert len(plan["cuts"]["medicines"]["M009a"]["cuts"]) > 1
    (first,) = (row for row in rows if (row["clinic"], row["medicine"]) == (FIRST, "M009a"))
    assert (first["transit_days"], first["need_basis"], len(first["own_stock"])) == (2, "learned", 1)


def test_every_share_of_a_group_is_recomputed(world: World) -> None:
    county(world)
    stock(world, 50, days=9, medicine=world.paracetamol, lot="SOON")
    stock(
        world, 31, medicine=world.paracetamol, place=world.villages[1], side=Side.CLINIC, days=20, lot="OWN"
    )

    plan, rows = published(world, interchangeable=[["M001b", "M009a"]])

    assert recomputed(plan, rows) == drafted(plan, rows)
    assert sum(drafted(plan, rows).values()) > 20
