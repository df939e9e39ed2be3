import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from organisation.models import UnitCategory, WorkUnit
from organisation.work_units import import_units, right_counter
from tests.world import World, donation

HEAD = ["单位名称", "类别", "接收点"]
ROWS = [
    HEAD,
    [None, "党群口", "P-522633-02"],
    ["县委宣传部", "党群口", None],
    ["县文联", "党群口", "贯洞镇卫生院"],
]


def xlsx(rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def imported(world, content):
    body = {"file": SimpleUploadedFile("单位.xlsx", content)}
    client = world.signed("administrator").client
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    return client.post("/api/v1/work-units/import/", body, format="multipart", headers=headers)


def warned(world, unit, place="P-522633-01"):
    donor = {"kind": "person", "name": "张三", "work_unit": unit}
    answer = world.signed("clerk").post("donations/", donation(place=place, donor=donor))
    assert answer.status_code == 201, answer.content
    return [(each["code"], each["place"]) for each in answer.json()["warnings"]]


@pytest.mark.parametrize(
    ("unit", "place"),
    [("县委宣传部", "P-522633-02"), ("县委 宣传部", "P-522633-02"), ("县文联", "P-522633-10")],
)
def test_donor_at_the_wrong_counter_is_told_where_to_go(world: World, unit, place):
    imported(world, xlsx(ROWS))

    assert warned(world, unit) == [("wrong_counter", place)]


@pytest.mark.parametrize("unit", ["", "没有登记的单位"])
def test_unit_that_nobody_placed_is_welcome_everywhere(world: World, unit):
    imported(world, xlsx(ROWS))

    assert warned(world, unit) == []


def test_unit_at_its_own_counter_is_not_warned(world: World):
    world.signed("administrator").post("work-units/", {"name": "县中医院", "place": "P-522633-01"})

    assert warned(world, "县中医院") == []


def test_people_of_one_unit_brought_by_its_collector_are_one_donation_each(world: World):
    codes = set()
    for name in ("张三", "李四", "王五"):
        donor = {"kind": "person", "name": name, "work_unit": "县委宣传部"}
        codes.add(world.signed("clerk").post("donations/", donation(donor=donor)).json()["receipt_code"])

    assert len(codes) == 3


def test_units_imported_and_listed_with_where_they_hand_in(world: World):
    answer = imported(world, xlsx(ROWS))

    rows = world.signed("clerk").get("work-units/").json()["results"]
    assert answer.json() == {"categories": 1, "units": 2}
    assert [(row["name"], row["place"], row["own_place"]) for row in rows] == [
        ("县委宣传部", "P-522633-02", None),
        ("县文联", "P-522633-10", "P-522633-10"),
    ]


def test_same_list_twice_changes_nothing_and_a_new_one_moves_units(world: World):
    for rows in (ROWS, ROWS, [HEAD, [None, "党群口", "P-522633-01"]]):
        assert imported(world, xlsx(rows)).status_code == 200

    assert (UnitCategory.objects.count(), WorkUnit.objects.count()) == (1, 2)
    unit = right_counter(world.office, "县委宣传部")
    assert unit == world.hospital


@pytest.mark.parametrize(
    "donor",
    [
        {"kind": "work_unit", "name": "县委宣传部", "work_unit": ""},
        {"kind": "person", "name": "张三", "work_unit": "县委宣传部"},
    ],
)
def test_unit_at_the_wrong_counter_is_told_where_to_go(world: World, donor):
    imported(world, xlsx(ROWS))
    body = donation()
    body["donor"] = {**body["donor"], **donor}

    warnings = world.signed("clerk").post("donations/", body).json()["warnings"]

    assert [(each["code"], each["place"]) for each in warnings] == [("wrong_counter", "P-522633-02")]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (["县文联", "文化口", None], ("/2/category", "unknown_category")),
        (["县文联", None, "P-522622-01"], ("/2/place", "unknown_place")),
        (["县文联", None, "P-522633-11"], ("/2/place", "unknown_place")),
        (["县文联", None, None], ("/2/place", "required")),
        (["=1+1", None, "P-522633-01"], ("/2/name", "formula")),
        (["长" * 81, None, "P-522633-01"], ("/2/name", "too_long")),
    ],
)
def test_list_with_a_bad_cell_takes_nothing_over(world: World, row, fault):
    answer = imported(world, xlsx([HEAD, row, ["县委办", None, "P-522633-01"]]))

    [told] = answer.json()["errors"]
    assert (answer.status_code, told["pointer"], told["code"]) == (422, *fault)
    assert WorkUnit.objects.count() == 0


@pytest.mark.parametrize(("content", "code"), [(b"", "empty_file"), (b"a,b\n1,2", "header_not_found")])
def test_file_that_is_no_list_refused(world: World, content, code):
    answer = imported(world, content)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)


def test_import_takes_the_same_statements_for_one_unit_and_for_forty(world: World):
    counts, act = [], world.act("administrator")
    for size in (1, 40):
        rows = [HEAD, *([f"单位{size}-{n}", None, "P-522633-01"] for n in range(size))]
        with CaptureQueriesContext(connection) as statements:
            import_units(act=act, content=xlsx(rows))
        counts.append(len(statements))

    assert WorkUnit.objects.count() == 41
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "县文联"}, 400),
        ({"name": "县文联", "category": "没有"}, 404),
        ({"name": "县文联", "place": "P-522622-01"}, 404),
        ({"name": "县文联", "place": "P-522633-11"}, 400),
    ],
)
def test_unit_that_goes_nowhere_refused(world: World, body, status):
    assert world.signed("administrator").post("work-units/", body).status_code == status


def test_category_saved_again_moves_its_units(world: World):
    administrator = world.signed("administrator")
    administrator.post("unit-categories/", {"name": "教育系统", "place": "P-522633-01"})
    administrator.post("work-units/", {"name": "县一中", "category": "教育系统"})
    administrator.post("unit-categories/", {"name": "教育系统", "place": "P-522633-02"})

    assert warned(world, "县一中") == [("wrong_counter", "P-522633-02")]
    assert administrator.get("unit-categories/").json()["results"] == [
        {"name": "教育系统", "place": "P-522633-02"}
    ]


def test_clerk_may_not_place_units(world: World):
    assert world.signed("clerk").post("work-units/", {"name": "县文联"}).status_code == 403


def test_units_of_another_county_are_not_seen(world: World):
    imported(world, xlsx(ROWS))

    assert world.signed("clerk", foreign=True).get("work-units/").json()["results"] == []
