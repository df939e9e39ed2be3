"""How a county plans is its own: horizon, safety, reserve, weights and tiers, with the defaults of the sources."""

from __future__ import annotations

from typing import Any

import pytest

from organisation.models import Policy
from organisation.policies_api import BOUNDS
from tests.plain_sql import drop_guard, execute, refused_by
from tests.world import World


def put(world: World, **figures: Any) -> Any:
    return world.signed("administrator").put("policies/", figures)


def test_defaults_are_those_of_the_sources(world: World) -> None:
    shown = world.signed("allocator").get("policies/").json()

    assert shown == {
        "horizon_days": 14, "safety_percent": 60, "safety_learned_percent": 80,
        "reserve_days": 7, "reservation_days": 7,
        "joint_administration": False, "second_factor": False, "second_person": "all", "public_live_figures": False,
        "public_needs": False, "public_clinic_stock": "off", "contact": "", "supervision_phone": "",
        "objection_days": 5, "answer_days": 7, "urgent_units": 500, "out_of_scope_soft": True,
        "weight_red": 6, "weight_yellow": 4, "weight_green": 2, "weight_pregnant": 4, "weight_fever_case": 2,
        "weight_child": 3, "tier_village_clinic": 0, "tier_health_centre": 0, "tier_hospital": 0,
        "band_minimum": 0, "band_buffer": 100, "idle_minutes": 30, "sign_in_hours": 12, "pins": False,
        "first_password_hours": 72, "password_days": 0, "password_composition": False, "identity_days": 1096,
        "bulletin_rhythm": "monthly", "report_cut_off": "17:00:00", "version": 1,
        "awaits_second_person": {},
    }  # fmt: skip


def test_what_is_set_stays_and_nothing_else_changes(world: World) -> None:
    assert put(world, horizon_days=7).json()["version"] == 2
    assert put(world, weight_red=8, version=2).json()["version"] == 3

    shown = world.signed("clinic").get("policies/").json()

    assert (shown["horizon_days"], shown["weight_red"], shown["safety_percent"]) == (7, 8, 60)
    assert world.signed("administrator", foreign=True).get("policies/").json()["horizon_days"] == 14
    assert (put(world, horizon_days=9, version=2).status_code, Policy.objects.get().horizon_days) == (409, 7)


@pytest.mark.parametrize("name", BOUNDS)
def test_figures_beyond_their_bounds_are_refused(world: World, name: str) -> None:
    least, most = BOUNDS[name]
    for value in (least - 1, most + 1, 1.5, "6", None):
        answer = put(world, **{name: value})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/{name}")
    assert Policy.objects.count() == 0
    assert [put(world, **{name: value}).status_code for value in (least, most)] == [200, 200]


@pytest.mark.parametrize(
    ("name", "guard", "value"),
    [
        ("public_clinic_stock", "policy_public_clinic_stock", "'houses'"),
        ("safety_learned_percent", "policy_safety_learned", 0),
        ("safety_learned_percent", "policy_safety_learned", 101),
        ("weight_child", "policy_weights", 201),
        ("tier_hospital", "policy_tiers", 10),
        ("reserve_days", "policy_reserve_days", 0),
        ("objection_days", "policy_objection_days", 0),
        ("answer_days", "policy_answer_days", 367),
        ("band_minimum", "policy_bands", 100),
        ("band_buffer", "policy_bands", 99),
    ],
)
def test_database_holds_the_same_bounds(world: World, name: str, guard: str, value: int | str) -> None:
    put(world, horizon_days=14)
    change = f"UPDATE organisation_policy SET {name} = {value}"

    with refused_by(guard):
        execute(change)
    drop_guard(guard)
    assert execute(change) == 1
