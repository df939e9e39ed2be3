"""The daily report on the publisher's screen, and the county's form uploaded and filled from it."""

from __future__ import annotations

import datetime
import io
import re
from typing import Any

import pypdfium2
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from reports.files.daily_form import UNITS
from reports.files.daily_notice import COUNTS, daily_pdf
from reports.models.daily import DailyForm
from tests.reports.play import Play
from tests.reports.test_daily import story
from tests.reports.test_daily_form import form, saved
from tests.reports.test_desk_pages import key_in
from tests.world import TODAY, World

__all__ = ["story"]


def signed_in(world: World, role: str = "publisher") -> Client:
    client = Client(headers={"Accept": "text/html"})
    client.force_login(world.person(role))
    return client


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_day_stands_on_the_screen_with_its_text_and_zero_reports(story: Play) -> None:
    publisher = signed_in(story.world)

    answer = publisher.get("/daily-report/")

    said = words(answer)
    assert answer.status_code == 200
    assert "未到截止时刻" in said
    assert '<td data-head="药品">布洛芬片 0.1g</td>' in said
    assert "40 / 40" in said
    assert story.world.villages[0].name in said.split("工作群文字")[0]
    assert "【从江县捐赠药品日报】" in said.split("工作群文字")[1]
    assert "上传县表样" in said
    assert ".xlsx" not in said

    paper = publisher.get(re.search(r'href="(/api/v1/daily-reports/[^"]+pdf)"', said)[1])
    with pypdfium2.PdfDocument(b"".join(paper)) as document:
        (printed,) = [re.sub(r"\s+", " ", each.get_textpage().get_text_range()) for each in document]
    assert paper["Content-Type"] == "application/pdf"
    assert "捐赠药品日报" in printed
    assert "未到截止时刻" in printed
    assert "布洛芬片 0.1g 片 40 40" in printed
    assert re.search(f"零报告：[^。]*{story.world.villages[0].name}", printed)
    assert "制表人 复核人 负责人" in re.sub("[：_]+", "", printed)


def test_days_that_cannot_be_reported_are_answered_in_words(world: World) -> None:
    publisher = signed_in(world)

    statuses = [
        publisher.get("/daily-report/", {"day": day}).status_code
        for day in ("2999-01-01", "yesterday", "../bulletins", "2022-02-30", "\x00")
    ]

    assert statuses == [422, 404, 404, 404, 400]


def test_form_of_the_county_is_uploaded_and_filled(story: Play) -> None:
    publisher = signed_in(story.world)
    content = SimpleUploadedFile("日报.xlsx", saved(form(A1="{{day}}", B1="{{today.donations}}")))

    sent = publisher.post("/daily-form/", {"/file": content, "key": key_in(publisher.get("/daily-form/"))})

    said = words(publisher.get("/daily-report/"))
    filled = publisher.get(re.search(r'href="(/api/v1/daily-reports/[^"]+xlsx)"', said)[1])
    sheet: Any = load_workbook(io.BytesIO(b"".join(filled))).active
    assert (sent.status_code, sent["Location"]) == (302, "/daily-report/")
    assert sheet["B1"].value == 1


def test_form_that_cannot_be_filled_is_refused_at_its_field(world: World) -> None:
    publisher = signed_in(world)
    content = SimpleUploadedFile("日报.xlsx", saved(form(A1="{{nonsense}}")))

    answer = publisher.post("/daily-form/", {"/file": content, "key": key_in(publisher.get("/daily-form/"))})

    assert answer.status_code == 422
    assert "nonsense" in words(answer)
    assert DailyForm.objects.count() == 0


def test_reader_sees_the_report_and_no_upload(world: World) -> None:
    auditor = signed_in(world, "auditor")

    assert "上传县表样" not in words(auditor.get("/daily-report/", {"day": str(TODAY)}))
    assert auditor.get("/daily-form/").status_code == 403
    assert signed_in(world, "clinic").get("/daily-report/").status_code == 403


def test_busy_day_is_signed_on_its_first_page_and_lists_every_medicine() -> None:
    """What moved follows as a table of its own; nothing is left out, and nobody signs a page without figures."""
    moment = datetime.datetime(2023, 1, 5, 17, tzinfo=datetime.UTC)
    units, counts = dict.fromkeys(UNITS, 3), {name: 1 for _words, name in COUNTS}
    report = {
        "day": "2023-01-05", "since": moment - datetime.timedelta(days=1), "until": moment, "whole": True,
        "today": counts, "cumulative": counts, "reported": [], "zero_reports": [{"name": "丙妹镇卫生院"}],
        "medicines": [
            {"generic_name": f"药{n}号", "strength": "", "unit": "片", "today": units, "cumulative": units}
            for n in range(60)
        ],
    }  # fmt: skip

    with pypdfium2.PdfDocument(daily_pdf(report, "从江县", "Asia/Shanghai")) as document:
        first, *more = [each.get_textpage().get_text_range() for each in document]

    assert "制表人" in first
    assert "丙妹镇卫生院" in first
    assert "未完" not in first
    assert re.findall(r"药\d+号", "".join([first, *more])) == [f"药{n}号" for n in range(60)]
    assert not re.search(r"药\d+号|制表人", first.replace("制表人", "", 1))
