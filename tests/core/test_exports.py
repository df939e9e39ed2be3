"""How a list is asked for as a file, and what is answered when it cannot be had."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from rest_framework.test import APIClient

from core import exports
from core.exports import Csv, Xlsx
from core.spreadsheets_writing import write_xlsx
from organisation.models import WorkUnit
from tests.world import World


def content(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def test_file_has_the_name_of_its_list(world: World) -> None:
    answer = world.signed("lead_pharmacist").get("stock/summary/", format="csv")

    assert (answer["Content-Type"], answer["Content-Disposition"].split(";")[0]) == (
        "text/csv; charset=utf-8",
        "attachment",
    )
    assert 'filename="stock-summary-' in answer["Content-Disposition"]


def test_english_reader_gets_english_headings(world: World) -> None:
    client = world.signed("lead_pharmacist").client

    told = content(client.get("/api/v1/stock/summary/?format=csv", headers={"Accept-Language": "en"}))

    assert told.decode("utf-8-sig").startswith("Medicine,Name,Strength,Unit,Available")


def test_accept_header_asks_for_a_file_as_well(world: World) -> None:
    client = world.signed("lead_pharmacist").client

    answer = client.get("/api/v1/stock/", headers={"Accept": "text/csv"})
    outweighed = client.get("/api/v1/stock/?format=xlsx", headers={"Accept": "application/json"})

    assert (answer["Content-Type"], outweighed["Content-Type"]) == (
        "text/csv; charset=utf-8",
        Xlsx.media_type,
    )
    assert content(outweighed)
    assert "Accept" in client.get("/api/v1/stock/")["Vary"]


def test_refusal_of_a_file_is_told_as_a_problem(world: World) -> None:
    answer = world.signed("clerk").get("stock/", format=Csv.format)

    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["code"] == "not_allowed"


def test_more_rows_than_a_spreadsheet_takes_name_the_csv(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(exports, "XLSX_LIMIT", 1)
    units(world, 2)
    reader = world.signed("auditor")

    answer = reader.get("work-units/", format="xlsx", name="单位")

    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_rows")
    assert answer.json()["detail"].endswith("/api/v1/work-units/?format=csv&name=%E5%8D%95%E4%BD%8D")
    assert content(reader.get("work-units/", format="xlsx", name="单位1"))


@pytest.mark.parametrize("accept", ["application/problem+json", "application/problem+json, text/html;q=0.1"])
def test_client_that_takes_problems_alone_is_answered(world: World, accept: str) -> None:
    client = world.signed("lead_pharmacist").client

    told = client.get("/api/v1/stock/", headers={"Accept": accept})
    refused = client.get("/api/v1/stock/?plase=1", headers={"Accept": accept})

    assert (told.status_code, told["Content-Type"]) == (200, "application/json")
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")


def test_client_that_takes_none_of_our_forms_is_told(world: World) -> None:
    answer = world.signed("lead_pharmacist").client.get("/api/v1/stock/", headers={"Accept": "image/png"})

    assert (answer.status_code, answer["Content-Type"]) == (406, "application/problem+json")


def test_writes_are_answered_in_json_only(world: World) -> None:
    answer = world.signed("administrator").client.post(
        "/api/v1/campaigns/?format=csv", {}, format="json", headers={"Idempotency-Key": "0" * 31 + "1"}
    )

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/format")


def test_document_tells_of_the_files(db: None) -> None:
    accept = {"Accept": "application/vnd.oai.openapi+json"}
    told = APIClient().get("/api/v1/schema/", headers=accept).json()["paths"]["/api/v1/stock/"]["get"]

    (form,) = [parameter for parameter in told["parameters"] if parameter["name"] == "format"]
    assert sorted(form["schema"]["enum"]) == ["csv", "json", "xlsx"]
    answers = told["responses"]["200"]["content"]
    assert {answers[media_type]["schema"]["format"] for media_type in (Csv.media_type, Xlsx.media_type)} == {
        "binary"
    }


def test_texts_that_look_like_formulas_are_neutralised(world: World) -> None:
    name = '=HYPERLINK("http://example.org")'
    WorkUnit.objects.create(county=world.county, name=name, name_key=name, place=world.hospital)
    reader = world.signed("auditor")

    _heads, line = csv.reader(
        io.StringIO(content(reader.get("work-units/", format="csv")).decode("utf-8-sig"))
    )
    sheet = load_workbook(io.BytesIO(content(reader.get("work-units/", format="xlsx")))).worksheets[0]

    assert line[0] == f"'{name}"
    assert (sheet["A2"].value, sheet["A2"].data_type) == (f"'{name}", "s")


def units(world: World, count: int) -> None:
    WorkUnit.objects.bulk_create(
        WorkUnit(county=world.county, name=f"单位{n}", name_key=f"{count}-{n}", place=world.hospital)
        for n in range(count)
    )


def test_statements_of_an_export_do_not_grow_with_its_rows(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(exports, "PORTION", 100)
    reader = world.signed("auditor")
    counts: dict[str, set[int]] = {"csv": set(), "xlsx": set()}

    for more in (1, 2, 297):
        units(world, more)
        for form, found in counts.items():
            with CaptureQueriesContext(connection) as queries:
                content(reader.get("work-units/", format=form))
            found.add(len(queries))

    assert {form: len(found) for form, found in counts.items()} == {"csv": 1, "xlsx": 1}


def test_rows_come_in_portions(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(exports, "PORTION", 10)
    units(world, 25)

    parts = list(world.signed("auditor").get("work-units/", format="csv").streaming_content)

    assert [part.count(b"\r\n") for part in parts] == [1, 10, 10, 5]


def test_spreadsheet_keeps_long_numbers_and_odd_texts() -> None:
    cells = [10**14, 10**15, "\x01<&>\ud800", "", None, -3, True, "x" * 40_000]

    with write_xlsx(["一"] * len(cells), [cells]) as file:
        _heads, row = load_workbook(io.BytesIO(file.read())).worksheets[0].values

    assert row == (10**14, str(10**15), "\ufffd<&>\ufffd", None, None, -3, "True", "x" * 32_767)
