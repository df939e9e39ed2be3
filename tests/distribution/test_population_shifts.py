"""People who come home for a time: the estimated need takes the days that fall in."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from distribution.models_shifts import PopulationShift
from distribution.shifts import Added, counted_days, days_words
from tests.distribution.stock import FIRST, SECOND, order, profile, stock
from tests.plain_sql import drop_guard, insert, refused_by
from tests.world import TODAY, World

DAY = datetime.timedelta(days=1)


def shift(first: int, last: int, **fields: Any) -> dict[str, Any]:
    """From and to so many days from today, both included."""
    return {"from": str(TODAY + first * DAY), "to": str(TODAY + last * DAY), **fields}


def written(world: World, *shifts: dict[str, Any]) -> Any:
    return world.signed("allocator").put("population-shifts/", {"shifts": list(shifts)})


def needs(world: World) -> dict[str, int]:
    stock(world, 5)
    plan = world.signed("allocator").post("plans/", order()).json()["id"]
    rows = world.signed("allocator").get(f"plans/{plan}/clinics/").json()["results"]
    return {row["clinic"]: row["need"] for row in rows}


def test_need_takes_the_days_that_fall_in(world: World) -> None:
    for village in world.villages:
        profile(world, village, population=700)

    written(world, shift(-3, 6, place=FIRST, percent=50), shift(20, 40, place=FIRST, percent=900))

    # Seven of fourteen days with half as many more: 1400 x 17.5 / 14.
    assert {code: need for code, need in needs(world).items() if need} == {FIRST: 1750, SECOND: 1400}


def test_heads_of_a_township_are_shared_by_its_people(world: World) -> None:
    profile(world, world.villages[0], population=700)
    profile(world, world.villages[1], population=300)

    written(world, shift(0, 13, township=world.township.code, heads=500))

    # Half as many more, on all days.
    assert {code: need for code, need in needs(world).items() if need} == {FIRST: 2100, SECOND: 900}


def test_outlook_shows_the_formula_with_the_days(world: World) -> None:
    profile(world, world.villages[0], population=700)
    stock(world, 20, place=world.villages[0], side="clinic")  # type: ignore[arg-type]
    written(world, shift(7, 30, place=FIRST, heads=-350))

    (row,) = world.signed("allocator").get("clinic-outlook/", place=FIRST).json()["results"]

    assert row["estimated_need"] == 1050
    assert "× (14 + -350÷700×7) ÷ 42 = 1050" in row["estimate"]


def test_nobody_is_left_below_none() -> None:
    gone = [Added(Fraction(-1), 14, "-100%"), Added(Fraction(-1), 14, "-100%")]

    assert counted_days(14, gone) == 0
    assert days_words(14, []) == "14"


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"percent": 10}, "township_or_place", "/shifts/0/township"),
    ({"place": FIRST, "township": "522633100", "percent": 10}, "township_or_place", "/shifts/0/township"),
    ({"place": FIRST}, "percent_or_heads", "/shifts/0/percent"),
    ({"place": FIRST, "percent": 10, "heads": 3}, "percent_or_heads", "/shifts/0/percent"),
    ({"place": FIRST, "percent": -101}, "min_value", "/shifts/0/percent"),
    ({"place": FIRST, "percent": 1.5}, "not_whole", "/shifts/0/percent"),
    ({"place": FIRST, "heads": 10**9}, "max_value", "/shifts/0/heads"),
    ({"place": "P-522622-01", "percent": 10}, "not_found", "/shifts/0/place"),
    ({"township": "522622100", "percent": 10}, "not_found", "/shifts/0/township"),
    ({**shift(5, 4), "place": FIRST, "percent": 10}, "period", "/shifts/0/to"),
]


@pytest.mark.parametrize(("fields", "code", "pointer"), WRONG)
def test_bad_table_refused_whole(world: World, fields: dict[str, Any], code: str, pointer: str) -> None:
    written(world, shift(0, 3, place=SECOND, percent=20))

    answer = written(world, {**shift(0, 6), **fields})

    assert answer.status_code in {400, 404}
    assert (code, pointer) in {(error["code"], error["pointer"]) for error in answer.json()["errors"]}
    assert [row.percent for row in PopulationShift.objects.all()] == [20]


def test_table_replaces_the_one_before(world: World) -> None:
    written(world, shift(0, 3, place=SECOND, percent=20))
    written(world, shift(0, 3, place=FIRST, heads=40))

    (row,) = world.signed("clinic", world.villages[0]).get("population-shifts/").json()["results"]

    assert (row["place"], row["heads"], row["percent"]) == (FIRST, 40, None)


def read(world: World, text: str) -> Any:
    file = SimpleUploadedFile("shifts.csv", text.encode())
    client = world.signed("allocator").client
    return client.post("/api/v1/population-shifts/read/", {"file": file}, format="multipart").json()


def test_table_is_read_from_a_spreadsheet_without_being_written(world: World) -> None:
    head = "乡镇编码,机构编码,开始日期,结束日期,增减百分比,增减人数\n"
    first, last = TODAY, TODAY + 20 * DAY

    found = read(world, f"{head}522633100,,{first},{last},30%,\n,{FIRST},{first},{last},,120\n")

    assert found["errors"] == []
    assert written(world, *found["shifts"]).status_code == 200
    assert [(row.percent, row.heads) for row in PopulationShift.objects.order_by("id")] == [
        (30, None),
        (None, 120),
    ]


def test_bad_cells_are_named(world: World) -> None:
    head = "乡镇编码,开始日期,结束日期,增减百分比\n"

    found = read(world, f"{head}522633100,{TODAY},明天,30\n522633100,{TODAY},{TODAY},许多\n")

    assert [(fault["row"], fault["column"]) for fault in found["errors"]] == [(2, "to"), (3, "percent")]
    assert found["shifts"] == []


BREACHES = {
    "population_shift_of_one": {"place_id": None},
    "population_shift_days": {"ends_on": TODAY - 2 * DAY},
    "population_shift_how_many": {"heads": 5},
}


@pytest.mark.parametrize("guard", BREACHES)
def test_breach_refused_by_its_guard_and_goes_in_without_it(world: World, guard: str) -> None:
    def attempt() -> int:
        whole = {
            "county_id": world.county.pk, "place_id": world.centre.pk, "starts_on": TODAY, "ends_on": TODAY,
            "percent": 10, "entered_by": 1, "entered_on": TODAY,
        }  # fmt: skip
        return insert("distribution_populationshift", **{**whole, **BREACHES[guard]})

    with refused_by(guard):
        attempt()
    drop_guard(guard)

    assert attempt()
