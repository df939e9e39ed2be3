"""Plans of what makes no sense are explained or refused, and whole numbers stay whole down to the books."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from distribution.allocation import Clinic, Lot, Options, allocate
from distribution.models import NeedLine, NeedSheet, Plan, PlanLine, PlanShare
from tests.distribution.stock import CENTRE, FIRST, HOSPITAL, PERIOD, SECOND, order, profile, stock
from tests.distribution.test_plans import more_clinics
from tests.world import TODAY, World


def drafted(world: World, **fields: Any) -> dict[str, Any]:
    answer = world.signed("allocator").post("plans/", order(**fields))
    assert answer.status_code == 201, answer.json()
    return answer.json()


def shares(world: World, plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    rows = world.signed("allocator").get(f"plans/{plan['id']}/clinics/").json()["results"]
    return {row["clinic"]: row for row in rows}


def test_plan_that_nobody_needs_gives_nothing_and_says_to_each_why(world: World) -> None:
    """Without figures nobody's need is known; with nobody served there is none. A request makes none either."""
    stock(world, 100)
    profile(world, world.villages[0], population=0)
    body = {"place": SECOND, "period": PERIOD, "lines": [{"medicine": "M009a", "requested": 50}]}
    assert world.signed("clinic", world.villages[1]).put("needs/", body).status_code == 200

    plan = drafted(world)

    assert plan["totals"] == {"medicines": 0, "clinics": 0, "lines": 0, "quantity": 0}
    told = {
        code: (row["need"], row["requested"], row["limited_by"]) for code, row in shares(world, plan).items()
    }
    assert told == {
        FIRST: (0, None, "no_need"),
        SECOND: (0, 50, "no_profile"),
        CENTRE: (0, None, "no_profile"),
    }
    assert all(row["explanation_zh"] and row["explanation_en"] for row in shares(world, plan).values())
    assert [(left["quantity"], left["reason"]) for left in plan["leftovers"]] == [(100, "unusable")]
    assert world.signed("allocator").post(f"plans/{plan['id']}/submit/").json()["code"] == "nothing_to_share"


def test_plan_of_a_medicine_without_stock_says_to_each_that_there_is_none(world: World) -> None:
    profile(world, world.villages[0])

    plan = drafted(world, medicines=["M009a"])

    assert plan["totals"]["quantity"] == 0
    row = shares(world, plan)[FIRST]
    assert (row["allotted"], row["limited_by"], row["need"] > 0) == (0, "stock", True)
    assert row["explanation_zh"]


def test_need_of_a_thousand_million_is_shared_like_any_other(world: World) -> None:
    people = dict.fromkeys(
        ["tier_red", "tier_yellow", "tier_green", "pregnant", "current_fever_cases"], 10**6
    )
    more_clinics(world, 4, **people, population=3 * 10**6)
    stock(world, 1000)

    plan = drafted(world, level="townships", horizon_days=366)

    (row,) = shares(world, plan).values()
    assert row["need"] > 10**9
    assert (row["allotted"], row["level_after"], row["limited_by"]) == (1000, 0, "stock")


def test_request_beyond_what_a_book_can_hold_is_refused(world: World) -> None:
    body = {"place": FIRST, "period": PERIOD, "lines": [{"medicine": "M009a", "requested": 10**9}]}

    answer = world.signed("clinic").put("needs/", body)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/lines/0/requested")
    assert NeedSheet.objects.count() == 0


def test_what_is_named_twice_counts_once(world: World) -> None:
    stock(world, 100)
    profile(world, world.villages[0])

    plan = drafted(world, from_places=[HOSPITAL, HOSPITAL], medicines=["M009a", "M009a"])

    assert (plan["from_places"], plan["medicines"]) == ([HOSPITAL], ["M009a"])
    assert (plan["totals"]["quantity"], set(shares(world, plan))) == (100, {FIRST, SECOND, CENTRE})


def test_expired_lots_are_left_out_and_listed_with_their_day(world: World) -> None:
    old = stock(world, 40, days=-1, lot="OLD")
    stock(world, 60)
    profile(world, world.villages[0])

    plan = drafted(world)

    assert plan["totals"]["quantity"] == 60
    assert [
        (left["batch"], left["quantity"], left["last_usable_day"], left["reason"])
        for left in plan["leftovers"]
    ] == [(old.pk, 40, str(old.last_usable_day), "expired")]


HALVES: list[tuple[str, str, dict[str, Any], str]] = [
    ("plans/", "post", {**order(), "horizon_days": 14.0}, "/horizon_days"),
    ("plans/", "post", {**order(), "bands": [50.0, 100]}, "/bands/0"),
    ("needs/", "put", {"place": FIRST, "period": PERIOD, "lines": [{"medicine": "M009a", "requested": 1e2}]},
     "/lines/0/requested"),
    (f"clinic-profiles/{FIRST}/", "put", {"population": 700.0, "data_date": str(TODAY)}, "/population"),
]  # fmt: skip


@pytest.mark.parametrize(("route", "method", "body", "pointer"), HALVES)
def test_number_with_a_point_is_refused_even_where_it_is_whole(
    world: World, route: str, method: str, body: dict[str, Any], pointer: str
) -> None:
    stock(world, 100)

    answer = getattr(world.signed("allocator"), method)(route, body)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert (Plan.objects.count(), NeedLine.objects.count()) == (0, 0)


def test_no_column_of_the_books_can_hold_a_float(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE data_type IN ('real', 'double precision') AND table_schema = current_schema()"
        )
        assert cursor.fetchall() == []
    stock(world, 100, days=20)
    for place in (*world.villages, world.centre):
        profile(world, place)

    plan = Plan.objects.get(pk=drafted(world, bands=[20, 100])["id"])

    rows = [*PlanLine.objects.values(), *PlanShare.objects.values(), plan.cuts, plan.leftovers]
    assert list(inexact(rows)) == []


def test_engine_answers_in_whole_numbers_of_its_language() -> None:
    """No number of the tables in which it reckons gets out."""
    clinics = [Clinic(f"C{n}", 7 * n + 1, own_stock=((TODAY, n),)) for n in range(9)]

    result = allocate(clinics, [Lot("a", 40, TODAY, 7), Lot("b", 90)], Options(TODAY, bands=(20, 100)))

    quantities = [
        *(line.quantity for line in result.lines),
        *(share.share for share in result.shares),
        *(left.quantity for left in result.leftovers),
        *(stock for cut in result.cuts for supply in cut.supplies for stock in supply),
    ]
    assert len(quantities) > 10
    assert {type(value) for value in quantities if not isinstance(value, tuple)} <= {int}


def inexact(value: Any) -> Any:
    """Whatever in this is a number and not a whole one of the language itself."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from inexact(each)
    elif isinstance(value, float) or type(value).__module__ == "numpy":
        yield value
