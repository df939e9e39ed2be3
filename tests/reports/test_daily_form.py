"""The county's own spreadsheet for the daily report: uploaded with placeholders, filled, its formulas untouched."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook
from openpyxl.drawing.image import Image
from openpyxl.styles import Font
from PIL import Image as Picture

from reports.models.daily import DailyForm
from tests.plain_sql import drop_guard, execute, refused_by
from tests.reports.play import Play
from tests.reports.test_daily import story
from tests.world import TODAY, World

__all__ = ["story"]


def form(**cells: Any) -> Workbook:
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "日报"
    for at, value in cells.items():
        sheet[at] = value
    return book


def saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def upload(world: World, content: bytes, **who: Any) -> Any:
    file = SimpleUploadedFile("form.xlsx", content)
    return world.signed("publisher", **who).client.put(
        "/api/v1/daily-form/", {"file": file}, format="multipart"
    )


def filled(world: World) -> Any:
    answer = world.signed("publisher").client.get(f"/api/v1/daily-reports/{TODAY}.xlsx")
    assert answer.status_code == 200, answer.content
    return load_workbook(io.BytesIO(answer.content))["日报"]


def test_form_is_filled_and_its_formulas_stay(story: Play) -> None:
    book = form(
        A1="{{county}}捐赠药品日报（{{day}}）", A2="{{today.donations}}", A3="{{ M009a.today.dispensed }}",
        A4="{{M001b.today.dispensed}}", A5="=A3+A4", A6="{{cumulative.hand_outs}}", A7="{{zero_reports}}", A8="合计",
    )  # fmt: skip
    sheet: Any = book.active
    sheet["A3"].font = Font(bold=True)
    sheet.merge_cells("A1:D1")
    assert upload(story.world, saved(book)).status_code == 200

    sheet = filled(story.world)

    assert [sheet[f"A{row}"].value for row in range(1, 9)] == [
        f"从江县捐赠药品日报（{TODAY}）", 1, 12, 0, "=A3+A4", 6,
        "从江县卫生健康局、干团村卫生室、宰门村卫生室", "合计",
    ]  # fmt: skip
    assert sheet["A3"].font.bold is True
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:D1"]


def test_new_form_takes_the_place_of_the_old(world: World) -> None:
    for word in ("一", "二"):
        assert upload(world, saved(form(A1=f"{word}{{{{day}}}}"))).status_code == 200

    assert filled(world)["A1"].value == f"二{TODAY}"
    assert DailyForm.objects.count() == 1


def picture() -> Workbook:
    book = form(A1="{{day}}")
    target = io.BytesIO()
    Picture.new("RGB", (2, 2)).save(target, "PNG")
    book.active.add_image(Image(target))  # type: ignore[union-attr]
    return book


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        (saved(form(A1="{{day}}", B3="{{today.donors}}")), "form_unfit", "日报!B3: {{today.donors}}"),
        (saved(form(B2="{{M999z.today.dispensed}}")), "form_unfit", "日报!B2"),
        (saved(form(A1="{{}}")), "form_unfit", "日报!A1"),
        (saved(form(A1="日报")), "form_unfit", "{{today.donations}}"),
        (saved(picture()), "form_unfit", "xl/drawings/"),
        (b"day,donations\n", "invalid", ""),
        (b"", "invalid", ""),
        (b"PK\x03\x04 no zip", "invalid", ""),
        (b"%PDF-1.7", "invalid", ""),
    ],
)
def test_form_that_cannot_be_filled_refused(world: World, content: bytes, code: str, told: str) -> None:
    answer = upload(world, content)

    assert answer.status_code in {400, 422}
    assert (answer.json()["code"], answer.json()["errors"][0]["pointer"]) == (code, "/file")
    assert told in answer.json()["detail"]
    assert DailyForm.objects.count() == 0


def test_texts_of_the_books_make_no_formula(world: World) -> None:
    world.county.name = "=1+1"
    world.county.save(update_fields=["name"])
    upload(world, saved(form(A1="{{county}}")))

    assert filled(world)["A1"].value == "'=1+1"


def test_day_without_a_form_is_told(world: World) -> None:
    answer = world.signed("publisher").client.get(f"/api/v1/daily-reports/{TODAY}.xlsx")

    assert (answer.status_code, answer.json()["code"]) == (404, "form_missing")


def test_form_is_the_countys_own(world: World) -> None:
    upload(world, saved(form(A1="{{day}}")))
    foreign = world.signed("publisher", foreign=True)

    assert foreign.client.get(f"/api/v1/daily-reports/{TODAY}.xlsx").status_code == 404


def test_empty_form_refused_by_its_guard(world: World) -> None:
    upload(world, saved(form(A1="{{day}}")))
    change = "UPDATE reports_dailyform SET content = ''"

    with refused_by("daily_form_holds_something"):
        execute(change)

    drop_guard("daily_form_holds_something")
    assert execute(change) == 1
