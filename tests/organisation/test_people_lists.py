"""A list of people: looked at, taken over whole or not at all, and a slip for each."""

from __future__ import annotations

import html
import io
import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from core.models import AuditEntry, IdempotencyRecord
from organisation.models import Person, RoleGrant
from tests.world import World

HEAD = ["姓名", "用户名", "角色", "机构", "乡镇"]
GOOD = [
    HEAD,
    ["石秀兰", "shi.xl", "接收登记员", "P-522633-01", None],
    ["石秀兰", "shi.xl", "复核人", "P-522633-01", None],
    ["吴老发", "wu.lf", "信息发布员", None, None],
    ["杨通海", "yang.th", None, None, None],
]


def xlsx(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read(world: World, rows: list[list[Any]], role: str = "security") -> Any:
    body = {"file": SimpleUploadedFile("人员.xlsx", xlsx(rows))}
    return world.signed(role).client.post("/api/v1/people/read/", body, format="multipart")


def cells_at_fault(answer: Any) -> list[tuple[int, str, str]]:
    return [(each["row"], each["column"], each["code"]) for each in answer.json()["errors"]]


def test_list_is_read_without_making_anybody(world: World) -> None:
    before = Person.objects.count()

    people = read(world, GOOD).json()["people"]

    assert [(each["username"], [role["role"] for role in each["roles"]]) for each in people] == [
        ("shi.xl", ["clerk", "checker"]),
        ("wu.lf", ["publisher"]),
        ("yang.th", []),
    ]
    world.person("security")
    assert Person.objects.count() == before + 1


def test_every_cell_at_fault_is_named_by_row_and_column(world: World) -> None:
    world.grant(Person.objects.create(username="522633-shi.xl", name="x", county=world.county), "clerk")
    taken = "shi.xl"
    rows = [
        HEAD,
        [None, "a", "接收登记员", None, None],
        ["石秀兰", taken.upper(), "站长", None, None],
        ["吴老发", "wu.lf", "信息发布员", "P-522633-01", "贯洞镇"],
        ["吴老二", "wu.lf", "调配员", None, "没有的镇"],
        ["杨通海", "yang.th", "药师", "没有的院", None],
        ["龙安", "long.an", "监督员", None, None],
        ["龙安", "long.an", "安全管理员", None, None],
        ["韦山", "=1+1", None, None, None],
    ]

    answer = read(world, rows)

    assert cells_at_fault(answer) == [
        (2, "A", "required"),
        (2, "B", "username_unfit"),
        (2, "D", "scope_does_not_fit"),
        (3, "B", "username_taken"),
        (3, "C", "unknown_role"),
        (4, "D", "scope_does_not_fit"),
        (4, "E", "scope_does_not_fit"),
        (5, "A", "named_twice"),
        (5, "E", "unknown_township"),
        (6, "D", "unknown_place"),
        (8, "C", "administrations_apart"),
        (9, "B", "formula"),
    ]
    assert answer.json()["people"] == []


@pytest.mark.parametrize(("rows", "code"), [([["甲", "乙"]], "header_not_found"), ([HEAD], "nothing_listed")])
def test_what_is_no_list_is_refused(world: World, rows: list[list[Any]], code: str) -> None:
    answer = read(world, rows)

    assert (answer.status_code, [fault["code"] for fault in answer.json()["errors"]]) == (422, [code])


def test_accounts_are_made_with_their_roles_and_passwords_shown_once(world: World) -> None:
    people = read(world, GOOD).json()["people"]
    security, key = world.signed("security"), uuid.uuid4()

    made = security.put("people/", {"people": people}, key=key)
    again = security.put("people/", {"people": people}, key=key)

    told = made.json()["people"]
    assert made.status_code == 200, made.content
    assert [each["first_password"] for each in again.json()["people"]] == [None] * 3
    clerk = Person.objects.get(username="522633-shi.xl")
    assert clerk.must_change_password
    assert clerk.check_password(told[0]["first_password"])
    held = RoleGrant.objects.filter(person=clerk).values_list("role", "place__code")
    assert sorted(held) == [("checker", "P-522633-01"), ("clerk", "P-522633-01")]
    kept = [bytes(answer) for answer in IdempotencyRecord.objects.values_list("answer", flat=True)]
    assert not any(told[0]["first_password"].encode() in answer for answer in kept)
    assert AuditEntry.objects.filter(subject="people", result="done").count() == 1


def test_somebody_at_fault_keeps_everybody_out(world: World) -> None:
    before = (Person.objects.count(), RoleGrant.objects.count())
    clerk = {"role": "clerk", "place": "P-522633-01"}
    people = [
        {"name": "石秀兰", "username": "shi.xl", "roles": [clerk]},
        {"name": "吴老发", "username": "wu.lf", "roles": [{"role": "clerk", "place": "P-000000-01"}]},
    ]

    answer = world.signed("security").put("people/", {"people": people})

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/people/1/roles/0/place"]
    assert (Person.objects.count() - 1, RoleGrant.objects.count() - 1) == before


def test_list_costs_the_same_statements_whatever_its_length(world: World) -> None:
    security = world.signed("security")
    counted = []
    for size, start in ((1, 0), (3, 10)):
        people = [{"name": "石", "username": f"shi.{start + n}", "roles": []} for n in range(size)]
        for person in people:
            person["roles"] = [{"role": "clerk", "place": "P-522633-01"}]  # type: ignore[assignment]
        with CaptureQueriesContext(connection) as queries:
            assert security.put("people/", {"people": people}).status_code == 200
        counted.append(len(queries))

    assert counted[0] == counted[1]


def test_template_is_read_back(world: World) -> None:
    answer = world.signed("security").get("people/template.xlsx")

    heads = next(iter(load_workbook(io.BytesIO(answer.content)).worksheets[0].values))
    assert list(heads) == HEAD


def test_page_looks_first_and_then_prints_a_slip_for_each(world: World) -> None:
    page = Client()
    page.force_login(world.person("security"))
    form = page.get("/people/read/").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', form)

    file = SimpleUploadedFile("人员.xlsx", xlsx(GOOD))
    shown = page.post("/people/read/", {"key": key[1] if key else "", "/file": file}).content.decode()
    fields = {
        name: html.unescape(re.search(rf'name="{name}" value="([^"]*)"', shown)[1])
        for name in ("key", "content")
    }  # type: ignore[index]
    slips = page.post("/people/enter/", fields).content.decode()

    assert "shi.xl" in shown
    assert not re.search("First password", shown)
    assert slips.count("<li>") == 3
    assert (
        Person.objects.filter(username__in=["522633-shi.xl", "522633-wu.lf", "522633-yang.th"]).count() == 3
    )


def test_page_says_what_is_wrong_with_a_list_that_changed_meanwhile(world: World) -> None:
    page = Client()
    page.force_login(world.person("security"))

    answer = page.post("/people/enter/", {"key": str(uuid.uuid4()), "content": "not a list"})

    assert (answer.status_code, Person.objects.filter(username="522633-shi.xl").exists()) == (400, False)
