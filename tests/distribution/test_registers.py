"""Clinics on paper: their receipts and whole registers, entered later with the days on which it happened."""

from __future__ import annotations

import datetime
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from distribution.models import Dispensing, DispensingLine, Shipment
from inventory.models import Movement, Side
from tests.distribution.stock import CENTRE, FIRST, SECOND, book, hand_out, stock
from tests.distribution.stories import dispatched, only_line, statements
from tests.plain_sql import drop_guard, execute, refused_by
from tests.world import TODAY, World

DAY = datetime.timedelta(days=1)


def page(*numbers: str, **fields: Any) -> dict[str, Any]:
    """A page of the first village clinic's register."""
    return {"hand_outs": [hand_out(register_ref=number, **fields) for number in numbers]}


def shelf(world: World, units: int = 100, days: int = 400, lot: str = "2203051", number: int = 0) -> Any:
    place = world.villages[number]
    return stock(world, units, place=place, side=Side.CLINIC, since=TODAY - 9 * DAY, days=days, lot=lot)


def test_receipt_on_paper_is_entered_with_its_day(world: World) -> None:
    pk = dispatched(world)
    Shipment.objects.filter(pk=pk).update(dispatched_on=TODAY - 5 * DAY)
    line = {"line": only_line(world, pk), "accepted": 100}
    centre = world.signed("clinic")

    early = centre.post(f"shipments/{pk}/receive/", {"lines": [line], "received_on": str(TODAY - 6 * DAY)})
    late = centre.post(f"shipments/{pk}/receive/", {"lines": [line], "received_on": str(TODAY + DAY)})
    taken = centre.post(f"shipments/{pk}/receive/", {"lines": [line], "received_on": str(TODAY - 3 * DAY)})

    assert [answer.json()["code"] for answer in (early, late)] == ["before_dispatch", "future_day"]
    assert taken.status_code == 200
    shipment, movement = Shipment.objects.get(pk=pk), Movement.objects.get(kind="receive")
    assert (shipment.received_on, movement.business_day, movement.booked_on) == (
        TODAY - 3 * DAY, TODAY - 3 * DAY, TODAY,
    )  # fmt: skip
    before = page("1", dispensed_on=str(TODAY - 4 * DAY))
    after = page("2", dispensed_on=str(TODAY - 2 * DAY))
    assert centre.post("dispensing-registers/", before).json()["code"] == "short_stock"
    assert centre.post("dispensing-registers/", after).status_code == 201


def test_database_refuses_a_receipt_before_the_dispatch(world: World) -> None:
    pk = dispatched(world)
    move = "UPDATE distribution_shipment SET state = 'received', received_by = 99, received_on = %s WHERE id = %s"
    with refused_by("shipment_received_after_dispatch"):
        execute(move, [TODAY - DAY, pk])

    drop_guard("shipment_received_after_dispatch")
    assert execute(move, [TODAY - DAY, pk]) == 1


def test_page_is_entered_whole_each_hand_out_under_its_day(world: World) -> None:
    soon = shelf(world, 10, days=30, lot="SOON")
    later = shelf(world, 50, lot="LATER")
    shelf(world, 30, lot="OTHER", number=1)
    notes = [
        hand_out(register_ref="2", dispensed_on=str(TODAY - DAY)),
        hand_out(register_ref="1", dispensed_on=str(TODAY - 2 * DAY)),
        hand_out(register_ref="1", dispensed_on=str(TODAY - DAY), place=SECOND, age_band="4-14"),
    ]

    answer = world.signed("clinic").post("dispensing-registers/", {"hand_outs": notes})

    assert (answer.status_code, answer.json()["hand_outs"]) == (201, 3)
    rows = Dispensing.objects.order_by("dispensed_on", "place__code")
    assert [(row.place.code, row.register_ref, row.entered_for) for row in rows] == [
        (FIRST, "1", True), (FIRST, "2", True), (SECOND, "1", True),
    ]  # fmt: skip
    given = DispensingLine.objects.filter(dispensing__place=world.villages[0]).order_by(
        "dispensing__dispensed_on", "id"
    )
    assert list(given.values_list("batch", "quantity")) == [(soon.pk, 6), (soon.pk, 4), (later.pk, 2)]
    assert book(world)[FIRST, "clinic", "dispensed"] == 12
    assert {row.booked_on for row in rows} == {TODAY}


def test_page_with_one_bad_line_is_refused_whole_naming_each(world: World) -> None:
    shelf(world, 20)
    clinic = world.signed("clinic")
    clinic.post("dispensings/", hand_out(register_ref="7"))
    before = (book(world), Dispensing.objects.count())
    bad = [
        hand_out(register_ref="1"),
        hand_out(register_ref="2", lines=[{"medicine": "M009a", "quantity": 15, "days_supply": 3}]),
        hand_out(register_ref="3", dispensed_on=str(TODAY + DAY)),
        hand_out(register_ref="1"),
        hand_out(register_ref="7"),
        hand_out(register_ref="8", dispensed_on=str(TODAY - 300 * DAY)),
    ]

    refusal = clinic.post("dispensing-registers/", {"hand_outs": bad})

    assert (refusal.status_code, refusal.json()["code"]) == (422, "future_day")
    assert {(fault["pointer"], fault["code"]) for fault in refusal.json()["errors"]} == {
        ("/hand_outs/2/dispensed_on", "future_day"),
        ("/hand_outs/5/dispensed_on", "before_campaign"),
        ("/hand_outs/3/register_ref", "already_entered"),
        ("/hand_outs/4/register_ref", "already_entered"),
        ("/hand_outs/1/lines/0/quantity", "short_stock"),
    }
    assert (book(world), Dispensing.objects.count()) == before


def test_page_of_a_foreign_place_or_shape_is_refused(world: World) -> None:
    shelf(world)
    clinic = world.signed("clinic", world.villages[0])

    foreign = clinic.post("dispensing-registers/", {"hand_outs": [hand_out(), hand_out(place=SECOND)]})
    shape = clinic.post("dispensing-registers/", {"hand_outs": [hand_out(), hand_out(age_band="old")]})

    assert [fault["pointer"] for fault in foreign.json()["errors"]] == ["/hand_outs/1/place"]
    assert (shape.status_code, shape.json()["errors"][0]["pointer"]) == (400, "/hand_outs/1/age_band")
    assert Dispensing.objects.count() == 0


def test_page_costs_the_same_for_any_number_of_hand_outs(world: World) -> None:
    shelf(world, 500)
    clinic = world.signed("clinic")

    def enter(first: int, count: int) -> None:
        body = page(*(str(first + number) for number in range(count)))
        assert clinic.post("dispensing-registers/", body).status_code == 201

    enter(0, 1)
    one = statements(lambda: enter(1, 1))
    assert statements(lambda: enter(10, 40)) == one


# --- from a spreadsheet ---

HEADS = [
    "单位", "发放日期", "登记号", "年龄段", "其中（标记）", "领取方式", "签收单号", "药品序号", "药品名称", "规格",
    "数量", "用药天数", "处方人",
]  # fmt: skip


def sheet(*rows: list[Any], heads: list[str] = HEADS) -> SimpleUploadedFile:
    book_ = Workbook()
    for row in [heads, *rows]:
        book_.active.append(row)  # type: ignore[union-attr]
    content = io.BytesIO()
    book_.save(content)
    return SimpleUploadedFile("登记表.xlsx", content.getvalue())


def read(world: World, file: SimpleUploadedFile, **fields: Any) -> Any:
    clinic = world.signed("clinic")
    return clinic.client.post(
        "/api/v1/dispensing-registers/read/", {"file": file, "place": FIRST, **fields}, format="multipart"
    )


def test_sheet_is_read_and_sent_on_as_it_is(world: World) -> None:
    shelf(world, 100)
    stock(world, 60, place=world.villages[0], side=Side.CLINIC, medicine=world.paracetamol, lot="P")
    day = str(TODAY)
    file = sheet(
        ["", day, "1", "65—79岁", "独居老人、低保", "家属", "", "", "布洛芬片", "0.1g", "6片", 3, ""],
        ["", "", "", "", "", "", "", "", "对乙酰氨基酚片", "0.5g", 4, "2", ""],
        [],
        ["干团村卫生室", day, "2", "80岁及以上", "", "", "", "", "布洛芬片", "", 6, "", ""],
    )

    found = read(world, file).json()

    assert (found["rows"], found["errors"], found["rows_of"]) == (3, [], [[2, 3], [5]])
    first, second = found["hand_outs"]
    assert first == {
        "place": FIRST, "dispensed_on": day, "register_ref": "1", "age_band": "65-79",
        "marks": ["living_alone", "low_income"], "collected_by": "family", "recipients": 1, "entered_for": True,
        "lines": [
            {"medicine": "M009a", "quantity": 6, "days_supply": 3, "prescriber": ""},
            {"medicine": "M001b", "quantity": 4, "days_supply": 2, "prescriber": ""},
        ],
    }  # fmt: skip
    assert (second["age_band"], second["collected_by"], second["lines"][0]["days_supply"]) == (
        "80+",
        "self",
        1,
    )
    entered = world.signed("clinic").post("dispensing-registers/", {"hand_outs": found["hand_outs"]})
    assert entered.status_code == 201
    assert book(world)[FIRST, "clinic", "dispensed"] == 16


def test_sheet_names_goods_by_the_number_of_their_note(world: World) -> None:
    pk = dispatched(world)
    line = {"line": only_line(world, pk), "accepted": 100}
    clinic = world.signed("clinic")
    clinic.post(f"shipments/{pk}/receive/", {"lines": [line]})
    batch = Shipment.objects.get(pk=pk).lines.get().batch_id

    rows = [
        ["", str(TODAY), "1", "15-64", "", "", f"第{pk}号", "1", "", "", 6, 3, ""],
        ["", "", "2", "15-64", "", "", "", "2", "", "", 6, 3, ""],
    ]
    found = read(world, sheet(*rows)).json()

    assert found["hand_outs"][0]["lines"] == [
        {"batch": batch, "quantity": 6, "days_supply": 3, "prescriber": ""}
    ]
    assert [(fault["row"], fault["column"], fault["code"]) for fault in found["errors"]] == [
        (3, "H", "number_unknown")
    ]


def test_sheet_names_every_bad_cell(world: World) -> None:
    good = ["", str(TODAY), "1", "15-64岁", "", "", "", "", "布洛芬片", "0.1g", 6, 3, ""]
    changes = [
        (0, "宰门村卫生院"), (1, "昨天"), (3, "老人"), (4, "穷"), (5, "快递"), (8, "不知道"), (10, "半片"), (10, ""),
        (11, "三"), (3, ""), (6, "=A1"),
    ]  # fmt: skip
    rows = [[*good[:index], value, *good[index + 1 :]] for index, value in changes]
    rows[-1][7] = "1"

    found = read(world, sheet(*rows)).json()

    assert [(fault["row"], fault["column"], fault["code"]) for fault in found["errors"]] == [
        (2, "A", "place_unknown"),
        (3, "B", "day_unreadable"),
        (4, "D", "age_band_unknown"),
        (5, "E", "mark_unknown"),
        (6, "F", "way_unknown"),
        (7, "I", "medicine_unknown"),
        (8, "K", "fractional"),
        (9, "K", "required"),
        (10, "L", "not_whole"),
        (11, "D", "required"),
        (12, "G", "formula"),
        (12, "H", "number_unknown"),
    ]
    assert all(fault["message"] for fault in found["errors"])
    assert Dispensing.objects.count() == 0


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04broken", b"%PDF-1.4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
def test_file_that_is_no_table_is_refused(world: World, content: bytes) -> None:
    answer = read(world, SimpleUploadedFile("x.xlsx", content))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/file")


def test_sheet_without_header_or_place_is_refused(world: World) -> None:
    no_header = read(world, sheet(["甲", "乙"], heads=["子", "丑"])).json()
    foreign = read(world, sheet(), place="P-522622-01")

    assert [fault["code"] for fault in no_header["errors"]] == ["header_not_found"]
    assert foreign.status_code == 404


def test_template_has_the_columns_that_are_read(world: World) -> None:
    answer = world.signed("clinic").get("dispensing-registers/template.xlsx")

    heads = [cell.value for cell in next(load_workbook(io.BytesIO(answer.content)).worksheets[0].rows)]
    assert heads == HEADS
    assert read(world, SimpleUploadedFile("t.xlsx", answer.content), place=CENTRE).json()["error_count"] == 0
