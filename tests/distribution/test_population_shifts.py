"""People who come home for a time: the estimated need takes the days that fall in."""

from __future__ import annotations

import datetime
import io
from fractions import Fraction
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from core.models import AuditEntry
from distribution.models.shifts import PopulationShift
from distribution.shifts import Added, counted_days, days_words
from inventory.models import Priority
from organisation.models import Division, RoleGrant
from tests.distribution.stock import FIRST, SECOND, order, profile, stock
from tests.plain_sql import drop_guard, insert, refused_by
from tests.world import TODAY, Signed, World

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


@pytest.mark.parametrize("whom", ["place", "township"])
def test_one_place_or_township_has_so_many_shifts_and_no_more(world: World, whom: str) -> None:
    """Those over before the days that use is learned from do not count; the others are told one by one."""
    own = shift(0, 3, percent=1, **{whom: FIRST if whom == "place" else "522633100"})
    other = shift(0, 3, percent=1, place=SECOND)
    over = {**own, **shift(-60, -29)}

    whole = written(world, over, *[own] * 20, other)
    table = written(world, over, *[own] * 22, other)
    alone = world.signed("allocator").post("population-shifts/", own)

    told = [[(e["pointer"], e["code"]) for e in answer.json()["errors"]] for answer in (table, alone)]
    assert (whole.status_code, table.status_code, alone.status_code) == (200, 422, 422)
    assert told == [[(f"/shifts/21/{whom}", "too_many_shifts")], [(f"/{whom}", "too_many_shifts")]]
    assert PopulationShift.objects.count() == 22
    assert world.signed("allocator").post("population-shifts/", over).status_code == 201


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


def filled_in(world: World, **row: str) -> Any:
    """The template as it is downloaded, one of its rows filled in, and uploaded again."""
    allocator = world.signed("allocator")
    book = load_workbook(io.BytesIO(allocator.get("population-shifts/template.xlsx").content))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    for cells in sheet.iter_rows(min_row=2):
        if row["名称"] == cells[heads.index("名称")].value:
            for head, words in row.items():
                cells[heads.index(head)].value = words
    content = io.BytesIO()
    book.save(content)
    file = SimpleUploadedFile("shifts.xlsx", content.getvalue())
    sent = allocator.client.post("/api/v1/population-shifts/read/", {"file": file}, format="multipart")
    return sent.json()


@pytest.mark.parametrize(
    ("name", "whom"),
    [("贯洞镇（全乡镇）", {"township": "522633100"}), ("干团村卫生室", {"place": FIRST})],
)
def test_template_filled_in_is_read_and_its_other_rows_are_passed_over(
    world: World, name: str, whom: dict[str, str]
) -> None:
    first, last = str(TODAY), str(TODAY + 20 * DAY)

    found = filled_in(world, 名称=name, 开始日期=first, 结束日期=last, 增减百分比="-20%")

    assert found == {
        "shifts": [{**whom, "from": first, "to": last, "percent": -20}],
        "error_count": 0,
        "errors": [],
    }


def test_place_is_found_by_its_name_and_one_elsewhere_is_not(world: World) -> None:
    head = "名称,开始日期,结束日期,增减人数\n"

    found = read(world, f"{head}干团村卫生室,{TODAY},{TODAY},5\n黄平县人民医院药房,{TODAY},{TODAY},5\n")

    assert [row["place"] for row in found["shifts"]] == [FIRST]
    assert [(row["row"], row["column"], row["code"]) for row in found["errors"]] == [
        (3, "place", "unknown_place")
    ]


def test_one_more_stands_beside_those_there_are(world: World) -> None:
    written(world, shift(0, 3, place=SECOND, percent=20))

    answer = world.signed("allocator").post("population-shifts/", shift(0, 6, place=FIRST, heads=40))

    assert (answer.status_code, answer.json()["heads"]) == (201, 40)
    assert PopulationShift.objects.count() == 2
    audited = AuditEntry.objects.latest("id")
    assert (audited.action, audited.subject) == (
        "POST api/v1/population-shifts/",
        f"population shift {PopulationShift.objects.latest('id').pk}",
    )


@pytest.mark.parametrize(("last", "left"), [(None, [-1]), (3, [3]), (-4, []), (-3, [-3])])
def test_shift_is_ended_earlier_or_taken_out(world: World, last: int | None, left: list[int]) -> None:
    written(world, shift(-3, 6, place=FIRST, percent=50))
    pk, body = PopulationShift.objects.get().pk, {} if last is None else {"to": str(TODAY + last * DAY)}

    answer = world.signed("allocator").post(f"population-shifts/{pk}/end/", body)

    assert answer.status_code == 200, answer.json()
    assert list(PopulationShift.objects.values_list("ends_on", flat=True)) == [TODAY + n * DAY for n in left]


def test_shift_is_not_made_longer_by_ending_it_and_not_ended_from_elsewhere(world: World) -> None:
    written(world, shift(-3, 6, place=FIRST, percent=50))
    pk = PopulationShift.objects.get().pk

    late = world.signed("allocator").post(f"population-shifts/{pk}/end/", {"to": str(TODAY + 6 * DAY)})
    foreign = world.signed("allocator", foreign=True).post(f"population-shifts/{pk}/end/")

    assert (late.status_code, late.json()["code"], foreign.status_code) == (409, "shift_over", 404)
    assert PopulationShift.objects.get().ends_on == TODAY + 6 * DAY


def test_planner_of_one_township_touches_no_other(world: World) -> None:
    other = Division.objects.create(
        code="522633101", county=world.county, level=Division.Level.TOWNSHIP, name="洛香镇"
    )
    written(world, shift(0, 3, township=other.code, percent=20))
    local = world.person("clerk")
    RoleGrant.objects.create(county=world.county, person=local, role="allocator", township=world.township)

    elsewhere = Signed(local).put(
        "population-shifts/", {"shifts": [shift(0, 3, township=other.code, percent=9)]}
    )
    own = Signed(local).put("population-shifts/", {"shifts": [shift(0, 3, place=FIRST, percent=5)]})
    ended = Signed(local).post(f"population-shifts/{PopulationShift.objects.get(township=other).pk}/end/")

    assert (elsewhere.status_code, own.status_code, ended.status_code) == (404, 200, 404)
    assert sorted(PopulationShift.objects.values_list("percent", flat=True)) == [5, 20]


def test_what_is_needed_most_follows_who_is_there(world: World) -> None:
    profile(
        world, world.villages[0], population=700
    )  # 1,400 tablets of either; of ibuprofen 2,800 were asked for
    stock(world, 2800, medicine=world.paracetamol)
    stock(world, 2800)
    period = f"{TODAY}/{TODAY + 13 * DAY}"
    body = {"place": FIRST, "period": period, "lines": [{"medicine": "M009a", "requested": 2800}]}
    world.signed("allocator").put("needs/", body)
    assert dict(Priority.objects.values_list("medicine__code", "rank")) == {"M009a": 1, "M001b": 2}

    written(world, shift(0, 13, place=FIRST, percent=200))

    # Three times as many people need 4,200 tablets of paracetamol; the request stays what it was.
    assert dict(Priority.objects.values_list("medicine__code", "rank")) == {"M001b": 1, "M009a": 2}
    world.signed("allocator").post(f"population-shifts/{PopulationShift.objects.get().pk}/end/")
    assert dict(Priority.objects.values_list("medicine__code", "rank")) == {"M009a": 1, "M001b": 2}


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
