"""Holidays: written down by the administrator, and what they make of working days."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from organisation.holidays import working_day
from organisation.models import Holiday
from organisation.working_days import last_of
from tests.plain_sql import execute
from tests.world import World

# Spring Festival of 2023 as the State Council's notice told it: 21 to 27 January off, 28 and 29 January worked.
FRIDAY = datetime.date(2023, 1, 20)
FESTIVAL = {"name": "春节", "first": "2023-01-21", "last": "2023-01-27", "works": False}
BRIDGE = {"name": "春节调休", "first": "2023-01-28", "last": "2023-01-29", "works": True}


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("first", "count", "differs", "last"),
    [
        ("2023-01-16", 4, set(), "2023-01-20"),
        ("2023-01-20", 1, set(), "2023-01-23"),
        ("2023-01-21", 1, set(), "2023-01-23"),
        ("2023-01-20", 1, {"2023-01-23", "2023-01-28"}, "2023-01-24"),
        ("2023-01-27", 2, {"2023-01-28", "2023-01-29"}, "2023-01-29"),
        ("2023-01-20", 0, set(), "2023-01-20"),
    ],
)
def test_working_days_leave_out_weekends_and_holidays(
    first: str, count: int, differs: set[str], last: str
) -> None:
    assert last_of(day(first), count, {day(text) for text in differs}) == day(last)


def test_only_days_that_differ_are_written_down(world: World) -> None:
    administrator = world.signed("administrator")

    off = administrator.post("holidays/", FESTIVAL).json()["days"]
    worked = administrator.post("holidays/", BRIDGE).json()["days"]

    assert off == ["2023-01-23", "2023-01-24", "2023-01-25", "2023-01-26", "2023-01-27"]
    assert worked == ["2023-01-28", "2023-01-29"]
    assert working_day(world.county.pk, FRIDAY, 5) == day("2023-02-01")


def test_another_county_keeps_its_own_days(world: World) -> None:
    world.signed("administrator").post("holidays/", FESTIVAL)

    assert working_day("999999", FRIDAY, 5) == day("2023-01-27")


def test_day_written_down_again_takes_the_new_name_and_costs_no_more(world: World) -> None:
    administrator = world.signed("administrator")
    counted = []
    for last in ("2023-01-23", "2023-01-27"):
        with CaptureQueriesContext(connection) as queries:
            administrator.post("holidays/", {**FESTIVAL, "last": last, "name": f"春节 {last}"})
        counted.append(len(queries))

    assert counted[0] == counted[1]
    assert {row.name for row in Holiday.objects.all()} == {"春节 2023-01-27"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"last": "2023-01-20"}, "holiday_days"),
        ({"last": "2023-02-21"}, "holiday_days"),
        ({"last": "2023-01-22"}, "holiday_differs"),
        ({"first": "2023-01-23", "works": True}, "holiday_differs"),
    ],
)
def test_days_that_cannot_be_meant_are_refused(world: World, changes: dict[str, object], code: str) -> None:
    answer = world.signed("administrator").post("holidays/", {**FESTIVAL, **changes})

    assert (answer.status_code, answer.json()["code"], Holiday.objects.count()) == (422, code, 0)


@pytest.mark.parametrize(
    ("guard", "on", "works"),
    [("holiday_differs", "2023-01-21", "false"), ("holiday_differs", "2023-01-23", "true")],
)
def test_database_refuses_days_that_are_as_usual(world: World, guard: str, on: str, works: str) -> None:
    write = (
        "INSERT INTO organisation_holiday (county_id, day, name, works, set_by)"
        f" VALUES ('{world.county.pk}', '{on}', '春节', {works}, 1)"
    )

    with pytest.raises(IntegrityError, match=guard), transaction.atomic():
        execute(write)

    execute(f"ALTER TABLE organisation_holiday DROP CONSTRAINT {guard}")
    execute(write)
    assert Holiday.objects.count() == 1


def test_day_stands_once(world: World) -> None:
    write = (
        "INSERT INTO organisation_holiday (county_id, day, name, works, set_by)"
        f" VALUES ('{world.county.pk}', '2023-01-23', '春节', false, 1)"
    )

    with pytest.raises(IntegrityError, match="holiday_once"), transaction.atomic():
        execute(f"{write}; {write}")

    execute("ALTER TABLE organisation_holiday DROP CONSTRAINT holiday_once")
    execute(write)
    execute(write)
    assert Holiday.objects.count() == 2


@pytest.mark.parametrize("year", ["0", "10000", "23070001"])
def test_year_beyond_the_calendar_has_no_holidays(world: World, year: str) -> None:
    administrator = world.signed("administrator")
    administrator.post("holidays/", FESTIVAL)

    assert administrator.get("holidays/", year="2023").json()["results"] != []
    assert administrator.get("holidays/", year=year).json()["results"] == []


def test_pages_write_down_and_take_out(world: World) -> None:
    page = Client()
    page.force_login(world.person("administrator"))
    fields = {f"/{name}": str(value) for name, value in FESTIVAL.items() if name != "works"}

    page.post("/holidays/new/", {**fields, "key": "3f0e8a52-0000-4000-8000-000000000001"})
    row = Holiday.objects.latest("day")
    shown = page.get("/holidays/?year=2023").content.decode()
    page.post(f"/holidays/{row.pk}/remove/", {"key": "3f0e8a52-0000-4000-8000-000000000002"})

    assert f"/holidays/{row.pk}/remove/" in shown
    assert Holiday.objects.count() == 4
