"""Who the clinics serve, from a spreadsheet: every bad cell named, all of it written or none."""

from __future__ import annotations

import datetime
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from distribution.errors import MoreThanPopulation
from distribution.models import ClinicProfile
from distribution.profile_columns import HEADS
from distribution.services.needs import set_profile
from tests.distribution.stock import CENTRE, FIRST, SECOND, profile
from tests.distribution.stories import statements
from tests.plain_sql import drop_guard, execute, refused_by
from tests.world import TODAY, Signed, World

DAY = datetime.timedelta(days=1)
HEAD = ["机构编码", "机构名称", "乡镇", "服务人口", "0—3岁", "孕产妇", "红标人群", "路程分钟", "数据日期"]


def sheet(*rows: list[Any], head: list[str] | None = None) -> bytes:
    book = Workbook()
    page: Any = book.active
    page.append(["贯洞镇服务人群资料"])
    for row in [head or HEAD, *rows]:
        page.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read(world: World, content: bytes, *, allocator: Signed | None = None) -> Any:
    signed = allocator or world.signed("allocator")
    upload = SimpleUploadedFile("profiles.xlsx", content)
    return signed.client.post(
        "/api/v1/clinic-profiles/read/",
        {"file": upload},
        format="multipart",
        headers={"Accept-Language": "en"},
    )


def test_table_is_read_and_then_written_whole(world: World) -> None:
    profile(world, world.villages[0], population=5)
    allocator = world.signed("allocator")
    content = sheet(
        [FIRST, "", "贯洞镇", 700, 30, "12", 9, 45, TODAY - 3 * DAY],
        ["", "宰门村卫生室", "", "1,200", "", "", "", None, f"{TODAY:%Y年%m月%d日}"],
    )

    answer = read(world, content).json()

    assert (answer["rows"], answer["error_count"], answer["errors"]) == (2, 0, [])
    assert ClinicProfile.objects.get().population == 5
    assert allocator.put("clinic-profiles/", {"profiles": answer["profiles"]}).json() == {"profiles": 2}
    rows = {row["place"]: row for row in allocator.get("clinic-profiles/").json()["results"]}
    assert [
        rows[FIRST][name] for name in ("population", "age_0_3", "pregnant", "tier_red", "travel_minutes", "version")
    ] == [700, 30, 12, 9, 45, 2]  # fmt: skip
    assert (rows[FIRST]["data_date"], rows[SECOND]["data_date"]) == (str(TODAY - 3 * DAY), str(TODAY))
    assert (rows[SECOND]["population"], rows[SECOND]["version"]) == (1200, 1)


def test_every_bad_cell_is_named(world: World) -> None:
    tomorrow = TODAY + DAY
    content = sheet(
        ["P-522622-01", "", "", 700, 0, 0, 0, 0, TODAY],
        [FIRST, "", "", -3, "2.5", "很多", 9_999_999, 0, tomorrow],
        [FIRST, "", "", "=1+1", 0, 0, 0, 10_001, ""],
        ["", "", "", 10, 11, 0, 0, 0, "1月8日"],
        [SECOND, "", "", 10, 11, 0, 11, 0, TODAY],
    )

    answer = read(world, content).json()

    found = [(fault["row"], fault["column"], fault["code"]) for fault in answer["errors"]]
    assert found == [
        (3, "A", "unknown_place"),
        (4, "D", "not_whole"), (4, "E", "not_whole"), (4, "F", "not_whole"), (4, "G", "too_many"),
        (4, "I", "day_in_future"),
        (5, "A", "named_twice"), (5, "D", "formula"), (5, "H", "too_many"), (5, "I", "required"),
        (6, "A", "required"), (6, "I", "day_year_missing"),
        (7, "D", "more_than_population"), (7, "D", "tiers_more_than_population"),
    ]  # fmt: skip
    assert answer["error_count"] == 14
    assert answer["errors"][1]["message"] == "A whole number, 0 or more, is needed here."
    assert (answer["profiles"], ClinicProfile.objects.count()) == ([], 0)


@pytest.mark.parametrize("content", [sheet([1], head=["药品", "数量"]), sheet()])
def test_table_without_rows_or_header_answers_so(world: World, content: bytes) -> None:
    answer = read(world, content)

    assert answer.status_code == 200
    assert answer.json()["profiles"] == []


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.4", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1xx"]
)
def test_file_that_is_no_table_is_refused(world: World, content: bytes) -> None:
    answer = read(world, content)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/file")


def test_entry_with_one_fault_writes_nothing(world: World) -> None:
    allocator = world.signed("allocator")
    fine = {"place": FIRST, "population": 700, "data_date": str(TODAY)}
    for bad, pointer in (
        ({**fine, "place": "P-522622-01"}, "/profiles/1/place"),
        (fine, "/profiles/1/place"),
        ({**fine, "place": SECOND, "population": -1}, "/profiles/1/population"),
        ({**fine, "place": SECOND, "data_date": "soon"}, "/profiles/1/data_date"),
        ({**fine, "place": SECOND, "colour": 1}, "/profiles/1/colour"),
        ({**fine, "place": SECOND, "data_date": str(TODAY + DAY)}, "/profiles/1/data_date"),
        ({**fine, "place": SECOND, "age_0_3": 600, "age_80_up": 101}, "/profiles/1/population"),
        ({**fine, "place": SECOND, "tier_red": 600, "tier_green": 101}, "/profiles/1/population"),
    ):
        answer = allocator.put("clinic-profiles/", {"profiles": [fine, bad]})
        assert answer.status_code in {400, 404, 422}
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert ClinicProfile.objects.count() == 0


# Figures that no profile can have, by the guard of the database.
BEYOND: dict[str, dict[str, Any]] = {
    "profile_ages_within_population": {"age_4_14": 500, "age_65_79": 201},
    "profile_tiers_within_population": {"tier_yellow": 500, "tier_green": 201},
}


@pytest.mark.parametrize("guard", BEYOND)
def test_figures_beyond_the_population_refused_by_service_and_database(world: World, guard: str) -> None:
    figures = BEYOND[guard]
    whole, act = {"population": 700, **figures, "data_date": TODAY}, world.act("allocator")
    with pytest.raises(MoreThanPopulation):
        set_profile(act=act, place=world.villages[0], figures=whole)
    pk = profile(world, world.villages[0]).pk
    columns = ", ".join(f"{name} = %s" for name in figures)

    def attempt() -> int:
        statement = f"UPDATE distribution_clinicprofile SET {columns} WHERE id = %s"
        return execute(statement, [*figures.values(), pk])

    with refused_by(guard):
        attempt()
    drop_guard(guard)

    assert attempt() == 1


def test_profile_of_a_day_to_come_is_refused_alone_too(world: World) -> None:
    body = {"population": 700, "data_date": str(TODAY + DAY)}

    answer = world.signed("allocator").put(f"clinic-profiles/{FIRST}/", body)

    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/data_date", "future_day")]
    assert ClinicProfile.objects.count() == 0


def test_template_lists_the_clinics_and_is_read_back(world: World) -> None:
    allocator = world.signed("allocator")
    content = allocator.get("clinic-profiles/template.xlsx").content

    rows = list(load_workbook(io.BytesIO(content)).worksheets[0].values)

    assert rows[0] == tuple(HEADS.values())
    assert [row[0] for row in rows[1:]] == [CENTRE, FIRST, SECOND]
    codes = {fault["code"] for fault in read(world, content).json()["errors"]}
    assert codes == {"required"}


def test_allocator_of_a_township_writes_its_own_alone(world: World) -> None:
    mine = world.signed("allocator", township=world.township)
    other = world.signed("allocator", foreign=True)
    body = {"profiles": [{"place": FIRST, "population": 700, "data_date": str(TODAY)}]}

    assert [
        mine.put("clinic-profiles/", body).status_code,
        other.put("clinic-profiles/", body).status_code,
    ] == [
        200,
        404,
    ]
    assert other.get("clinic-profiles/").json()["results"] == []
    fault = read(world, sheet([FIRST, "", "", 7, 0, 0, 0, 0, TODAY]), allocator=other).json()["errors"][0]
    assert fault["code"] == "unknown_place"


def test_entry_takes_a_constant_number_of_statements(world: World) -> None:
    allocator = world.signed("allocator")
    one = {"place": FIRST, "population": 700, "data_date": str(TODAY)}
    allocator.put("clinic-profiles/", {"profiles": [one]})
    few = statements(lambda: allocator.put("clinic-profiles/", {"profiles": [one]}))
    more = [one, {**one, "place": SECOND}, {**one, "place": CENTRE}]

    assert statements(lambda: allocator.put("clinic-profiles/", {"profiles": more})) == few
