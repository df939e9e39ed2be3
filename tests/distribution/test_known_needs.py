"""What a plan takes for the need: learned from hand-outs where enough is recorded, else estimated; it says which."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from distribution.allocation import MAX_QUANTITY
from distribution.consumption import Use
from distribution.known_needs import Known, Safety, in_courses, need_of
from distribution.models import Plan, PlanShare
from distribution.shifts import Added, crowd
from tests.distribution.stock import CENTRE, FIRST, SECOND, order, profile, stock
from tests.distribution.stories import statements
from tests.distribution.test_clinic_pages import page_of
from tests.distribution.test_outlook import gave, outlook, shelf
from tests.plain_sql import drop_guard, execute, refused_by
from tests.world import TODAY, World

DAY = datetime.timedelta(days=1)
SAFETY = Safety(60, 80)
FORMULA = "(…) × 6 × 14 ÷ 42 = 140"


def known(units: int = 0, days: int = 0, **fields: Any) -> Known:
    dates = frozenset(TODAY - (n + 1) * DAY for n in range(days))
    return Known(**{"estimated": 140, "formula": FORMULA, "profiled": True, "use": Use(units, days), "dates": dates,
                    **fields})  # fmt: skip


NOBODY: dict[str, Any] = {"estimated": 0, "formula": "", "profiled": False}


@pytest.mark.parametrize(
    ("place", "need", "rate", "safety", "basis", "formula"),
    [
        (known(), 140, None, 60, "estimated", FORMULA),
        (known(40, 6), 140, None, 60, "estimated", FORMULA),
        (known(40, 7), 80, Fraction(40, 7), 80, "learned", "40 ÷ 7 × 14 = 80"),
        (known(1, 28), 1, Fraction(1, 28), 80, "learned", "1 ÷ 28 × 14 = 1"),
        (known(0, 28), 140, None, 60, "estimated", FORMULA),
        (known(40, 7, **NOBODY), 80, Fraction(40, 7), 80, "learned", "40 ÷ 7 × 14 = 80"),
        (known(40, 6, **NOBODY), 0, None, 60, "unknown", ""),
        (known(40, 7, crowd=Fraction(3, 2)), 120, Fraction(60, 7), 80, "learned", "40 ÷ 7 × 14 × 3/2 = 120"),
        (known(40, 7, crowd=Fraction(0)), 140, None, 60, "estimated", FORMULA),
    ],
)
def test_learned_from_seven_days_with_stock_on_else_estimated(
    place: Known, need: int, rate: Fraction | None, safety: int, basis: str, formula: str
) -> None:
    found = need_of([place], 14, SAFETY)

    assert (found.need, found.daily_rate, found.safety_percent) == (need, rate, safety)
    assert (found.basis, found.formula) == (basis, formula)


def test_centre_needs_and_uses_what_its_villages_do() -> None:
    found = need_of([known(20, 10), known(), known(**NOBODY)], 14, SAFETY)

    # 2 a day of which 80 % count, and 10 a day of which 60 % do: 63 % of 12 a day, rounded down.
    assert (found.need, found.daily_rate, found.safety_percent) == (168, 12, 63)
    assert (found.basis, found.places, found.learned, found.days) == ("mixed", 2, 1, 10)
    assert found.formula == "28 + 140 = 168"
    assert found.words == (
        "需求据2个机构中1个近28天有货各日的实际发放推算，其余据服务人群资料估算。",
        " Need is learned from the hand-outs of 1 of 2 places, else estimated from who is served.",
    )
    assert need_of([known(), known()], 14, SAFETY).daily_rate is None


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(7, 28)), min_size=2, max_size=40))
def test_rate_of_many_places_stays_a_fraction_the_engine_takes(uses: list[tuple[int, int]]) -> None:
    found = need_of([known(units, days, **NOBODY) for units, days in uses], 14, SAFETY)

    exact = sum((Fraction(units, days) for units, days in uses), Fraction(0))
    rate = found.daily_rate or Fraction(0)
    assert exact - Fraction(1, 1000) < rate <= exact
    assert max(rate.numerator, rate.denominator) <= MAX_QUANTITY
    assert exact == 0 or found.safety_percent == 80


def test_stand_ins_are_learned_together_on_days_with_any_of_them() -> None:
    early, late = {TODAY - n * DAY for n in range(11, 21)}, {TODAY - n * DAY for n in range(1, 13)}
    one = known(30, 10, dates=frozenset(early))
    other = known(4, 12, dates=frozenset(late), estimated=40)

    both = in_courses([(one, 6), (other, 1)])

    assert (both.use, both.estimated) == (Use(9, 20), 40)
    assert in_courses([(known(), 6)]).formula == f"{FORMULA}; ⌈140 ÷ 6⌉ = 24"


@pytest.mark.parametrize(
    ("ahead", "before", "more"),
    [(0, 0, 1), (14, 0, Fraction(3, 2)), (14, 28, 1), (0, 28, Fraction(2, 3)), (7, 14, 1)],
)
def test_who_came_for_a_time_is_neither_missed_nor_counted_twice(
    ahead: int, before: int, more: Fraction
) -> None:
    half = Fraction(1, 2)

    assert crowd(14, [Added(half, ahead, "50%")], [Added(half, before, "50%")]) == more
    assert crowd(14, [], [Added(Fraction(-1), 28, "-100%")]) == 0


def one_learned_one_estimated(world: World) -> None:
    """The first village gave 40 in the ten days it had any, and has none; the second is estimated alike."""
    shelf(world, 40, ago=20)
    for days_ago in (20, 18, 15, 11):
        gave(world, 10, days_ago)
    for place in world.villages:
        profile(world, place, population=28)


def shares(world: World, *, plan: int | None = None, **fields: Any) -> dict[str, dict[str, Any]]:
    allocator = world.signed("allocator")
    plan = plan or allocator.post("plans/", order(**fields)).json()["id"]
    rows = allocator.get(f"plans/{plan}/clinics/").json()["results"]
    return {row["clinic"]: row for row in rows if row["medicine"] == "M009a"}


KEPT = ("need", "need_basis", "need_formula", "learned_days", "rate_units", "rate_days", "safety_percent")


def test_plan_takes_what_was_learned_and_says_so(world: World) -> None:
    one_learned_one_estimated(world)
    profile(world, world.centre, population=28)
    stock(world, 500)

    rows = shares(world)

    estimate = "(3×0 + 2×0 + 1×28 + 2×0 + 1×0) × 6 × 14 ÷ 42 = 56"
    assert [tuple(rows[code][name] for name in KEPT) for code in (FIRST, SECOND)] == [
        (56, "learned", "40 ÷ 10 × 14 = 56", 10, 4, 1, 80),
        (56, "estimated", estimate, 0, None, None, 60),
    ]
    assert rows[FIRST]["explanation_zh"].endswith("贵单位需求已补足。需求据近28天中有货的10天实际发放推算。")
    assert rows[FIRST]["explanation_en"].endswith(
        " Need is learned from the hand-outs on 10 days with stock of the last 28."
    )
    assert rows[SECOND]["explanation_en"].endswith(" Need is estimated from who is served.")
    (seen,) = outlook(world, place=FIRST)
    assert [seen[name] for name in ("need", "need_basis", "need_formula")] == [
        56,
        "learned",
        "40 ÷ 10 × 14 = 56",
    ]


def test_published_plan_says_from_what_the_need_is_known(world: World) -> None:
    one_learned_one_estimated(world)
    stock(world, 60)
    allocator, approver = world.signed("allocator"), world.signed("approver")
    plan = allocator.post("plans/", order()).json()["id"]
    first = shares(world, plan=plan)
    assert allocator.post(f"plans/{plan}/recompute/").status_code == 200
    assert shares(world, plan=plan) == first
    allocator.post(f"plans/{plan}/submit/")
    approver.post(f"plans/{plan}/approve/")
    assert approver.post(f"plans/{plan}/publish/").status_code == 200
    told = Plan.objects.get(pk=plan).public_number

    (row,) = world.signed("auditor").get(f"public/plans/{told}/clinics/", clinic=FIRST).json()["results"]

    assert row["explanation_zh"].endswith("受库存数量限制。需求据近28天中有货的10天实际发放推算。")
    assert [row[name] for name in ("rate_units", "rate_days", "safety_percent")] == [4, 1, 80]
    workbench = page_of(world.person("allocator")).get(f"/plans/{plan}/").content.decode()
    assert "Need is learned from the hand-outs on 10 days with stock of the last 28." in workbench
    assert "40 ÷ 10 × 14 = 56" in workbench
    public = Client().get(f"/shares/{told}/").content.decode()
    assert "需求据近28天中有货的10天实际发放推算。" in public


def test_plan_below_the_threshold_is_estimated(world: World) -> None:
    shelf(world, 40, ago=6)
    gave(world, 40, 1)
    profile(world, world.villages[0], population=28)
    stock(world, 500)

    row = shares(world)[FIRST]

    assert (row["need"], row["need_basis"], row["safety_percent"]) == (56, "estimated", 60)


def test_counts_on_more_of_what_was_learned(world: World) -> None:
    """Of a lot that leaves ten days to use it at 4 a day: 80 % where it was learned, 60 % where it is estimated."""
    one_learned_one_estimated(world)
    stock(world, 500, days=13)

    found = [shares(world)]
    world.signed("administrator").put("policies/", {"safety_percent": 25, "safety_learned_percent": 50})
    found.append(shares(world))

    assert [[rows[code]["allotted"] for code in (FIRST, SECOND)] for rows in found] == [[32, 24], [20, 10]]
    assert {rows[FIRST]["limited_by"] for rows in found} == {"expiry"}


@pytest.mark.parametrize(
    ("asked", "first", "second"), [(None, 30, 30), (10**6, 30, 30), (30, 30, 30), (6, 6, 54)]
)
def test_request_caps_a_learned_need_and_never_weighs(
    world: World, asked: int | None, first: int, second: int
) -> None:
    one_learned_one_estimated(world)
    stock(world, 60)
    if asked:
        lines = [{"medicine": "M009a", "requested": asked}]
        world.signed("clinic").put("needs/", {"place": FIRST, "period": order()["period"], "lines": lines})

    rows = shares(world)

    assert (rows[FIRST]["allotted"], rows[SECOND]["allotted"]) == (first, second)
    assert rows[FIRST]["need"] == 56


def test_centre_receives_by_what_its_villages_use(world: World) -> None:
    one_learned_one_estimated(world)
    stock(world, 500, days=13)

    row = shares(world, level="townships")[CENTRE]

    assert tuple(row[name] for name in KEPT) == (112, "mixed", "56 + 56 = 112", 10, 8, 1, 70)
    assert row["allotted"] == 56


def test_villages_that_asked_nothing_are_capped_at_what_they_use(world: World) -> None:
    one_learned_one_estimated(world)
    stock(world, 500)
    lines = [{"medicine": "M009a", "requested": 6}]
    world.signed("clinic").put("needs/", {"place": SECOND, "period": order()["period"], "lines": lines})

    assert shares(world, level="townships")[CENTRE]["requested"] == 62


def test_group_is_learned_as_one(world: World) -> None:
    one_learned_one_estimated(world)
    stock(world, 500)
    stock(world, 500, medicine=world.paracetamol)

    rows = shares(world, interchangeable=[["M001b", "M009a"]])

    assert (rows[FIRST]["need"], rows[FIRST]["need_basis"]) == (60, "learned")
    assert rows[FIRST]["need_formula"] == "20/3 ÷ 10 × 14 = 10; 10 × 6 = 60"
    assert rows[SECOND]["need_formula"].endswith("= 56; ⌈56 ÷ 6⌉ = 10; 10 × 6 = 60")
    assert (rows[FIRST]["rate_units"], rows[FIRST]["rate_days"]) == (4, 1)


def test_hand_outs_of_more_places_cost_no_more_statements(world: World) -> None:
    one_learned_one_estimated(world)
    stock(world, 500)
    allocator = world.signed("allocator")
    plan = allocator.post("plans/", order()).json()["id"]

    def costs() -> list[int]:
        return [
            statements(lambda: allocator.post("plans/", order())),
            statements(lambda: allocator.post(f"plans/{plan}/recompute/")),
        ]

    one = costs()
    shelf(world, 100, ago=20, place=1, lot="OTHER")
    for days_ago in (19, 12):
        gave(world, 10, days_ago, place=world.villages[1])

    assert costs() == one
    assert shares(world)[SECOND]["need_basis"] == "learned"


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("plan_share_learned_from_days", "learned_days = 0"),
        ("plan_share_learned_from_days", "rate_units = NULL"),
        ("plan_share_learned_from_days", "need_basis = 'estimated'"),
        ("plan_share_safety_percent", "safety_percent = 101"),
    ],
)
def test_database_keeps_what_was_learned_whole(world: World, guard: str, change: str) -> None:
    one_learned_one_estimated(world)
    stock(world, 60)
    shares(world)
    number = PlanShare.objects.get(clinic=world.villages[0]).pk
    statement = f"UPDATE distribution_planshare SET {change} WHERE id = %s"

    with refused_by(guard):
        execute(statement, [number])
    drop_guard(guard)
    assert execute(statement, [number]) == 1
