import html
import io
import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
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
        ([None, "党群口", None], ("/2/place", "required")),
        (["长" * 81, None, "P-522633-01"], ("/2/name", "too_long")),
    ],
)
def test_list_with_a_bad_cell_takes_nothing_over(world: World, row, fault):
    answer = imported(world, xlsx([HEAD, row, ["县委办", None, "P-522633-01"]]))

    [told] = answer.json()["errors"]
    assert (answer.status_code, told["pointer"], told["code"]) == (422, *fault)
    assert WorkUnit.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"a,b\n1,2", "header_not_found"),
        ("单位名称,类别,接收点\n".encode(), "nothing_listed"),
        (b"%PDF-1.7", "wrong_type"),
    ],
)
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


def read(world, content, language="en"):
    body = {"file": SimpleUploadedFile("单位.xlsx", content)}
    headers = {"Accept-Language": language}
    client = world.signed("administrator").client
    return client.post("/api/v1/work-units/read/", body, format="multipart", headers=headers)


def test_reading_names_every_bad_cell_by_row_and_column_and_what_there_is(world: World):
    world.signed("administrator").post("unit-categories/", {"name": "教育系统", "place": "P-522633-01"})
    head = ["接收点编码", "备注", "工作单位", "单位类别"]
    rows = [
        ["单位与接收点对应表"],
        head,
        ["P-522633-99", None, "县文联", None],
        [None, None, "县一中", "文化口"],
        ["P-522633-01", None, "=A1", "文化口"],
        ["P-522633-01", None, "县委办", None],
        ["P-522633-02", None, "县委 办", None],
    ]

    answer = read(world, xlsx(rows)).json()

    assert [(e["row"], e["column"], e["code"]) for e in answer["errors"]] == [
        (3, "A", "unknown_place"),
        (4, "D", "unknown_category"),
        (5, "C", "formula"),
        (7, "C", "named_twice"),
    ]
    place, category, _formula, twice = [e["message"] for e in answer["errors"]]
    assert "P-522633-02 从江县卫生健康局" in place
    assert "教育系统" in category
    assert twice == "Row 6 says otherwise of the same one."
    assert (answer["error_count"], answer["units"], answer["categories"]) == (4, [], [])
    assert (WorkUnit.objects.count(), UnitCategory.objects.count()) == (0, 1)


def test_reading_without_any_category_says_how_one_is_made(world: World):
    [fault] = read(world, xlsx([HEAD, ["县文联", "文化口", None]])).json()["errors"]

    assert fault["message"].startswith("There is no category yet.")


def test_what_was_read_is_entered_as_it_is_and_says_what_it_changes(world: World):
    first = read(world, xlsx(ROWS)).json()
    entered = world.signed("administrator").put(
        "work-units/", {"categories": first["categories"], "units": first["units"]}
    )
    moved = [*ROWS[:3], ["县文联", None, "P-522633-01"], ["县一中", "党群口", None]]
    again = read(world, xlsx(moved)).json()

    assert first["changes"] == {"new": 2, "moved": 0, "same": 0}
    assert (entered.status_code, entered.json()) == (200, {"categories": 1, "units": 2})
    assert again["changes"] == {"new": 1, "moved": 1, "same": 1}
    assert sorted(WorkUnit.objects.values_list("name", flat=True)) == ["县委宣传部", "县文联"]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"units": [{"name": "县文联", "category": "没有"}]}, ("/units/0/category", "unknown_category")),
        ({"units": [{"name": "县文联", "place": "P-522622-01"}]}, ("/units/0/place", "unknown_place")),
        ({"units": [{"name": "县文联"}]}, ("/units/0/place", "required")),
        (
            {"categories": [{"category": "口", "place": "P-522633-11"}]},
            ("/categories/0/place", "unknown_place"),
        ),
        ({"units": []}, ("/units", "nothing_listed")),
        ({"units": {"name": "县文联"}}, ("/units", "not_a_list")),
    ],
)
def test_entering_a_line_that_goes_nowhere_changes_nothing(world: World, body, fault):
    good = {"name": "县委办", "place": "P-522633-01"}
    if isinstance(body.get("units"), list) and body["units"]:
        body = {**body, "units": [*body["units"], good]}

    answer = world.signed("administrator").put("work-units/", body)

    [told] = answer.json()["errors"]
    assert (answer.status_code in {400, 422}, told["pointer"], told["code"]) == (True, *fault)
    assert (WorkUnit.objects.count(), UnitCategory.objects.count()) == (0, 0)


def test_unknown_category_of_one_unit_names_those_there_are(world: World):
    administrator = world.signed("administrator")
    administrator.post("unit-categories/", {"name": "教育系统", "place": "P-522633-01"})

    answer = administrator.post("work-units/", {"name": "县一中", "category": "学校"})

    assert (answer.status_code, "教育系统" in answer.json()["errors"][0]["message"]) == (404, True)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"place": "P-522633-02"}, ["县委宣传部"]),
        ({"place": "P-522633-10"}, ["县文联"]),
        ({"own": "true"}, ["县文联"]),
        ({"own": "false"}, ["县委宣传部"]),
        ({"ordering": "-name"}, ["县文联", "县委宣传部"]),
    ],
)
def test_units_are_found_by_where_they_hand_in(world: World, asked, names):
    imported(world, xlsx(ROWS))

    rows = world.signed("clerk").get("work-units/", **asked).json()["results"]

    assert [row["name"] for row in rows] == names


def browsing(person):
    client = Client(headers={"Accept": "text/html", "Accept-Language": "en"})
    client.force_login(person)
    return client


def hidden(name, answer):
    return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())[1])


def test_screen_lists_units_with_their_place_and_lets_the_administrator_alter_them(world: World):
    imported(world, xlsx(ROWS))

    clerk = browsing(world.person("clerk")).get("/work-units/").content.decode()
    administrator = browsing(world.person("administrator"))
    form = administrator.get("/work-units/save/?name=县文联").content.decode()

    assert "贯洞镇卫生院" in clerk
    assert "a place of its own" in clerk
    assert "/work-units/save/" not in clerk
    assert '<option value="P-522633-10" selected>' in form
    assert '<option value="党群口" selected>' in form


def test_screen_shows_a_file_first_and_takes_it_over_once_said_so(world: World):
    administrator = browsing(world.person("administrator"))

    shown = administrator.post("/work-units/read/", {"/file": SimpleUploadedFile("单位.xlsx", xlsx(ROWS))})
    before = WorkUnit.objects.count()
    sent = {"content": hidden("content", shown), "key": hidden("key", shown)}
    done = [administrator.post("/work-units/enter/", sent) for _n in range(2)]

    assert (shown.status_code, before) == (200, 0)
    assert [(each.status_code, each["Location"]) for each in done] == [(302, "/work-units/")] * 2
    assert (UnitCategory.objects.count(), WorkUnit.objects.count()) == (1, 2)


def test_screen_names_faults_of_a_file_and_offers_nothing_to_take_over(world: World):
    administrator = browsing(world.person("administrator"))
    bad = xlsx([HEAD, ["县文联", "文化口", None]])

    shown = administrator.post("/work-units/read/", {"/file": SimpleUploadedFile("单位.xlsx", bad)})
    no_list = administrator.post("/work-units/read/", {"/file": SimpleUploadedFile("单位.xlsx", b"a,b")})

    assert "There is no category yet." in shown.content.decode()
    assert 'name="content"' not in shown.content.decode()
    assert (no_list.status_code, "No header found" in no_list.content.decode()) == (422, True)


@pytest.mark.parametrize("content", ["", "[]", '{"units": 3}', "{"])
def test_screen_that_is_sent_nonsense_refuses_it(world: World, content):
    answer = browsing(world.person("administrator")).post(
        "/work-units/enter/", {"content": content, "key": ""}
    )

    assert answer.status_code == 400
    assert WorkUnit.objects.count() == 0


def test_unit_and_category_are_placed_by_their_forms(world: World):
    administrator = browsing(world.person("administrator"))
    category = {"/name": "教育系统", "/place": "P-522633-01", "key": str(uuid.uuid4())}
    unit = {"/name": "县一中", "/category": "教育系统", "/place": "", "key": str(uuid.uuid4())}

    answers = [
        administrator.post("/unit-categories/save/", category),
        administrator.post("/work-units/save/", unit),
        administrator.post("/work-units/save/", {"/name": "县二中", "key": str(uuid.uuid4())}),
    ]

    assert [answer.status_code for answer in answers] == [302, 302, 400]
    assert "A category or a place is needed." in answers[2].content.decode()
    assert "教育系统" in administrator.get("/unit-categories/?ordering=-name").content.decode()
