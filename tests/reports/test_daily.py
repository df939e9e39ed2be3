"""The daily report (日报): from cut-off to cut-off, with places that reported nothing, as text for a chat group."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone

from inventory.models import Kind, Movement
from organisation.models import Place, Policy
from reports.daily import DailyReport, daily_report
from reports.figures import Period, figures
from tests.reports.play import DAY, Play
from tests.world import TODAY, World, item

END = datetime.time(23, 59, 59)


@pytest.fixture
def story(play: Play) -> Play:
    """A day of the chain: given, counted, sorted, sent, handed out; its report is open whenever this runs."""
    Policy.objects.create(county=play.world.county, report_cut_off=END)
    given = play.give(item(quantity=40))
    play.count(given, 40)
    play.accept(given, 30)
    play.reject(given, 10)
    clinic, batch = play.world.centre, play.batch(given)
    shipment = play.shipment(clinic)
    play.dispatch(shipment, batch, 20)
    play.receive(shipment, batch, 20)
    play.dispense(clinic, batch, 12, recipients=6)
    return play


def report(world: World, day: datetime.date = TODAY, cut_off: datetime.time = END) -> DailyReport:
    return daily_report(world.county, world.campaign, day, cut_off, timezone.now())


def ask(world: World, day: Any = TODAY, role: str = "publisher") -> Any:
    return world.signed(role).get(f"daily-reports/{day}/")


def test_day_tells_what_was_recorded_in_it(story: Play) -> None:
    today = report(story.world).content()

    assert today["today"] == {
        "donations": 1, "hand_outs": 6, "kinds_registered": 1, "kinds_accepted": 1, "kinds_allotted": 1,
        "kinds_dispensed": 1,
    }  # fmt: skip
    [row] = today["medicines"]
    assert row["today"] == {"registered": 40, "accepted": 30, "allotted": 20, "dispensed": 12}


def test_so_far_is_the_books_figures(story: Play) -> None:
    found = figures(story.world.county.pk, Period(TODAY - 60 * DAY, TODAY))

    [row] = report(story.world).content()["medicines"]

    [line] = found.rows
    assert row["cumulative"] == {
        "registered": line.items["registered"], "accepted": line.stock["accepted"], "allotted": line.allotted,
        "dispensed": line.stock["dispensed"],
    }  # fmt: skip


def test_what_comes_after_the_cut_off_is_the_next_days(story: Play) -> None:
    early = report(story.world, cut_off=datetime.time(0, 0, 0))
    late = report(story.world, TODAY + DAY, datetime.time(0, 0, 0))

    assert (early.today.donations, early.so_far.donations) == (0, 0)
    assert (late.today.donations, late.so_far.hand_outs) == (1, 6)
    assert [steps for steps in early.so_far.units.values() if any(steps.values())] == []


def test_reversal_is_less_of_what_it_takes_back(story: Play) -> None:
    before = report(story.world).today

    story.take_back(Movement.objects.get(kind=Kind.DISPENSE))

    after = report(story.world).today
    assert (before.hand_outs, after.hand_outs) == (6, 0)
    assert [steps["dispensed"] for steps in after.units.values()] == [0]


def test_places_that_recorded_nothing_are_named(story: Play) -> None:
    found = report(story.world).content()

    assert [place["name"] for place in found["reported"]] == ["从江县中医院北院药房", "贯洞镇卫生院"]
    assert [place["place"] for place in found["zero_reports"]] == [
        "P-522633-02",
        "P-522633-11",
        "P-522633-12",
    ]


def test_place_that_is_closed_owes_no_report(world: World) -> None:
    Place.objects.filter(pk=world.office.pk).update(active=False)

    assert world.office.code not in {place["place"] for place in report(world).content()["zero_reports"]}


def test_text_tells_the_day_in_words(story: Play) -> None:
    answer = ask(story.world).json()

    assert answer["whole"] is False
    assert answer["text"].split("\n") == [
        f"【从江县捐赠药品日报】{TODAY.year}年{TODAY.month}月{TODAY.day}日",
        "截至23时59分（未到截止时间，数据未完）",
        "本日：登记捐赠1笔、药品1种，审核合格1种，分配1种，发放1种、惠及6人次。",
        "累计：登记捐赠1笔、药品1种，审核合格1种，分配1种，发放1种、惠及6人次。",
        "1. 布洛芬片0.1g：接收40片，合格30片，分配20片，发放12片",
        "零报告：从江县卫生健康局、干团村卫生室、宰门村卫生室（3个）",
    ]


def test_quiet_county_reports_zero_for_every_place(world: World) -> None:
    answer = ask(world, TODAY - DAY).json()

    assert (answer["whole"], answer["medicines"], answer["reported"]) == (True, [], [])
    assert len(answer["zero_reports"]) == 5
    assert "登记捐赠0笔" in answer["text"]


@pytest.mark.parametrize(
    ("day", "status", "code"),
    [(TODAY + DAY, 422, "future_day"), ("yesterday", 404, "not_found"), ("2023-02-30", 404, "not_found")],
)
def test_day_that_is_none_refused(world: World, day: Any, status: int, code: str) -> None:
    answer = ask(world, day)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_report_is_the_countys_own(story: Play) -> None:
    foreign = story.world.signed("publisher", foreign=True).get(f"daily-reports/{TODAY}/").json()

    assert (foreign["county"], foreign["today"]["donations"]) == ("522622", 0)
    assert ask(story.world, role="clerk").status_code == 403


@pytest.mark.parametrize("items", [1, 3])
def test_report_costs_the_same_for_any_number_of_medicines(
    play: Play, django_assert_num_queries: Any, items: int
) -> None:
    codes = ["M009a", "M001b", None]
    play.register(
        *[item(medicine=code, description="药", unit="" if code else "片") for code in codes[:items]]
    )

    with django_assert_num_queries(15):
        found = report(play.world)

    assert found.today.donations == 1


def test_cut_off_is_the_countys_policy(world: World) -> None:
    administrator = world.signed("administrator")

    assert administrator.put("policies/", {"report_cut_off": "18:30"}).json()["report_cut_off"] == "18:30:00"
    assert ask(world).json()["until"].endswith("18:30:00+08:00")
    assert administrator.put("policies/", {"report_cut_off": "25:00"}).status_code == 400
