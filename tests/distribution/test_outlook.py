"""How long a clinic's stock lasts and what will expire unused, learned from its hand-outs and the days with stock."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from distribution.consumption import Held, Use, days_of_stock, days_with_stock, waste_by_lot
from distribution.needs import People, formula
from distribution.services.dispensing import dispense
from distribution.services.hand_outs import HandOut, HandOutLine
from inventory.models import Side
from organisation.models import Place, Policy
from tests.distribution.stock import FIRST, SECOND, profile, stock
from tests.distribution.stories import statements
from tests.world import TODAY, World

DAY = datetime.timedelta(days=1)


def gave(
    world: World, units: int, days_ago: int, *, place: Place | None = None, booked: int | None = None
) -> None:
    """The clinic handed out some tablets so many days ago, booked then or `booked` days ago."""
    act = world.act("clinic", on=TODAY - (days_ago if booked is None else booked) * DAY)
    line = HandOutLine(quantity=units, days_supply=1, medicine="M009a", pointer="/lines/0")
    day = TODAY - days_ago * DAY
    one = HandOut(dispensed_on=day, age_band="15-64", collected_by="self", lines=[line])
    with transaction.atomic():
        dispense(act=act, place=place or world.villages[0], hand_out=one)


def shelf(
    world: World, units: int, *, days: int = 400, ago: int = 28, lot: str = "2203051", place: int = 0
) -> Any:
    """Units on a village clinic's shelf that came so many days ago."""
    clinic = world.villages[place]
    came = TODAY - ago * DAY
    return stock(world, units, place=clinic, side=Side.CLINIC, days=days, lot=lot, since=came, booked=came)


def outlook(world: World, **query: Any) -> list[dict[str, Any]]:
    answer = world.signed("allocator").get("clinic-outlook/", **query)
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


def test_use_is_learned_from_hand_outs_and_days_out_of_stock_are_left_out(world: World) -> None:
    shelf(world, 40, ago=20)
    for days_ago in (20, 18, 15, 11):
        gave(world, 10, days_ago)

    (row,) = outlook(world)

    assert (row["handed_out"], row["days_with_stock"], row["basis"]) == (40, 10, "learned")
    assert (row["weekly_use"], row["usable"], row["days_of_stock"], row["below_reserve"]) == (28, 0, 0, True)


def test_paper_entered_later_counts_on_its_own_days(world: World) -> None:
    shelf(world, 100, ago=10)
    for days_ago in (10, 9, 8, 7, 6, 5):
        gave(world, 6, days_ago, booked=0)

    (row,) = outlook(world)

    assert (row["handed_out"], row["days_with_stock"], row["usable"]) == (36, 10, 64)
    assert row["days_of_stock"] == 17


def test_too_few_days_are_estimated_from_who_is_served_and_the_figures_stand_there(world: World) -> None:
    profile(world, world.villages[0])
    shelf(world, 100, ago=3)
    gave(world, 10, 2)

    (row,) = outlook(world)

    assert (row["basis"], row["estimated_need"]) == ("estimated", 1400)
    assert row["estimate"] == "(3×0 + 2×0 + 1×700 + 2×0 + 1×0) × 6 × 14 ÷ 42 = 1400"
    assert (row["weekly_use"], row["days_of_stock"]) == (700, 0)


def test_without_hand_outs_and_figures_nothing_is_said(world: World) -> None:
    shelf(world, 100, ago=3)

    (row,) = outlook(world)

    assert [row[name] for name in ("basis", "weekly_use", "days_of_stock", "expected_waste")] == [
        "unknown", None, None, None,
    ]  # fmt: skip
    assert not row["below_reserve"]


def test_expected_waste_is_what_expires_before_it_is_used(world: World) -> None:
    early = shelf(world, 80, days=20, lot="EARLY")
    shelf(world, 300, days=300, lot="LATE")
    shelf(world, 50, place=1)
    for days_ago in range(10, 0, -1):
        gave(world, 3, days_ago)

    rows = outlook(world, wasting="true")

    # Of 80 units 30 were given in 28 days; 50 are left for 19 days at 30/28 a day, 20.4 in all.
    (row,) = rows
    assert (row["place"], row["expected_waste"], row["waste_from"]) == (FIRST, 30, str(early.last_usable_day))
    assert [row["place"] for row in outlook(world, wasting="false")] == [SECOND]


def test_goods_on_the_way_and_requests_are_seen(world: World) -> None:
    batch = stock(world, 100)
    profile(world, world.villages[0])
    week = f"{TODAY}/{TODAY + 6 * DAY}"
    lines = [{"medicine": "M009a", "requested": 900}]
    world.signed("clinic").put("needs/", {"place": FIRST, "period": week, "lines": lines})
    assert [(row["requested"], row["on_the_way"]) for row in outlook(world)] == [(900, 0)]
    urgent = {
        "from_place": "P-522633-01", "to_place": FIRST, "reason": "发热病人增多", "agreed_by": "县局分管领导",
        "agreed_at": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "lines": [{"batch": batch.pk, "quantity": 60}],
    }  # fmt: skip
    assert world.signed("pharmacist").post("urgent-issues/", urgent).status_code == 201

    (row,) = outlook(world)

    assert (row["usable"], row["on_the_way"], row["below_reserve"]) == (0, 60, True)


def test_reserve_is_the_countys_own(world: World) -> None:
    shelf(world, 100)
    for days_ago in range(10, 0, -1):
        gave(world, 6, days_ago)
    assert not outlook(world)[0]["below_reserve"]

    Policy.objects.create(county=world.county, reserve_days=30)

    assert outlook(world)[0]["below_reserve"]


def test_clinic_sees_its_own_and_its_warnings(world: World) -> None:
    shelf(world, 100, days=5)
    shelf(world, 100, days=5, place=1)
    clinic = world.signed("clinic", world.villages[0])

    rows = clinic.get("clinic-outlook/").json()["results"]

    assert [row["place"] for row in rows] == [FIRST]
    assert clinic.get("clinic-outlook/", place=SECOND).status_code == 404
    todo = {duty["code"]: duty for duty in clinic.get("todo/").json()["duties"]}
    assert (todo["wasting"]["count"], todo["below_reserve"]["count"]) == (1, 0)
    shown = clinic.client.get(todo["wasting"]["link"]).json()["results"]
    assert [row["expected_waste"] for row in shown] == [100]


def test_outlook_takes_a_constant_number_of_statements(world: World) -> None:
    allocator = world.signed("allocator")
    shelf(world, 100)
    allocator.get("clinic-outlook/")
    one = statements(lambda: allocator.get("clinic-outlook/"))
    shelf(world, 100, place=1)
    stock(world, 10, place=world.centre, side=Side.CLINIC, medicine=world.paracetamol)

    assert statements(lambda: allocator.get("clinic-outlook/")) == one
    assert len(outlook(world)) == 3


def test_unknown_choices_are_refused(world: World) -> None:
    for query in ({"wasting": "perhaps"}, {"colour": "red"}):
        assert world.signed("allocator").get("clinic-outlook/", **query).status_code == 400
    assert world.signed("allocator").get("clinic-outlook/", medicine="NONE").json()["results"] == []


def test_stock_of_a_day_follows_from_todays() -> None:
    moved = {TODAY: (50, 5), TODAY - 3 * DAY: (0, 30)}

    # Today 45 came on top of nothing: the shelf was empty for three days, and full before.
    empty = {TODAY - 1 * DAY, TODAY - 2 * DAY}
    assert (
        days_with_stock(TODAY, 45, moved, {TODAY - 3 * DAY})
        == {TODAY - n * DAY for n in range(1, 29)} - empty
    )
    assert Use(30, 6).rate is None
    assert days_of_stock(45, Fraction(30, 26)) == 39


LOTS = st.lists(
    st.builds(Held, st.one_of(st.none(), st.dates(TODAY, TODAY + 89 * DAY)), st.integers(0, 500)), max_size=6
)


# Slow on a machine that does other things at the same time.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LOTS, st.integers(0, 200), st.integers(7, 28))
def test_waste_is_what_a_queue_by_expiry_leaves_over(held: list[Held], units: int, days: int) -> None:
    rate = Fraction(units, days)

    wasted = sum(waste_by_lot(held, rate, TODAY))

    assert abs(wasted - _by_hand(held, rate)) < 1


def _by_hand(held: list[Held], rate: Fraction) -> Fraction:
    """Day by day: what expires first goes first; a course of three days ends before it expires."""
    left = {index: Fraction(lot.units) for index, lot in enumerate(held)}
    dated = sorted((lot.last_usable_day, index) for index, lot in enumerate(held) if lot.last_usable_day)
    for day in range(91):
        wish = rate
        for last, index in dated:
            if day > (last - TODAY).days - 2:
                continue
            taken = min(wish, left[index])
            left[index], wish = left[index] - taken, wish - taken
    return sum((left[index] for _last, index in dated), Fraction(0))


@pytest.mark.parametrize(
    ("people", "paediatric", "words"),
    [
        (People(children=9), True, "(1.5×9) × 6 × 14 ÷ 42 = 27"),
        (People(population=80, red=1, yellow=2, green=3, pregnant=4, fever_cases=5), False,
         "(3×1 + 2×2 + 1×3 + 2×4 + 1×5) × 6 × 14 ÷ 42 = 46"),
    ],
)  # fmt: skip
def test_estimate_is_told_in_figures(people: People, paediatric: bool, words: str) -> None:
    assert formula(people, paediatric=paediatric, smallest_unit="片", horizon_days=14) == words
