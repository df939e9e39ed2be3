"""配货单, 调拨签收单 and the register that goes with it: what they hold, in shelf order, and for whom."""

from __future__ import annotations

import io
import re
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from catalogue.models import Product
from distribution.models import Shipment, ShipmentLine
from distribution.papers import REGISTER_TITLE
from tests.distribution.stock import CENTRE, FIRST, order, profile, stock
from tests.distribution.stories import statements
from tests.world import World

END = ["制表人", "复核人", "负责人（签字）", "单位（盖章）", "日期", "捐赠药品 免费发放 严禁销售"]


def promised(world: World) -> int:
    """Two medicines in three batches, promised to the first village clinic; one of them in boxes of 20."""
    product = Product.objects.create(medicine=world.ibuprofen, brand="芬必得", pack_size=20)
    stock(world, 50, lot="LATE", days=300, product=product)
    stock(world, 45, lot="SOON", days=90)
    stock(world, 30, lot="P1", medicine=world.paracetamol)
    profile(world, world.villages[0])
    allocator = world.signed("allocator")
    plan = allocator.post("plans/", order()).json()["id"]
    allocator.post(f"plans/{plan}/submit/")
    (shipment,) = world.signed("approver").post(f"plans/{plan}/approve/").json()["shipments"]
    return shipment


def paper(answer: Any) -> pypdfium2.PdfDocument:
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    return pypdfium2.PdfDocument(io.BytesIO(answer.content))


def texts(document: pypdfium2.PdfDocument) -> list[str]:
    """The text of each page, with no ends of lines."""
    return ["".join(page.get_textpage().get_text_range().split("\r\n")) for page in document]


def test_pick_list_names_goods_in_shelf_order_with_packs_and_loose_units(world: World) -> None:
    pk = promised(world)

    document = paper(world.signed("pharmacist").get(f"shipments/{pk}/picklist.pdf"))

    (text,) = texts(document)
    places = [text.index(word) for word in ("对乙酰氨基酚片", "SOON", "LATE")]
    assert places == sorted(places)
    assert "2 盒 + 10 片" in text
    assert "45 片" in text
    for words in ("配货单", "从江县中医院北院药房", "干团村卫生室", "配货人（签字）", "承运人（签字）", *END):
        assert words in text
    (code,) = zxingcpp.read_barcodes(document[0].render(scale=3).to_pil())
    assert code.text == f"shipment:522633:{pk}"


def test_pick_list_shows_what_was_picked_and_what_must_stay(world: World) -> None:
    pk = promised(world)
    notice = {
        "medicine": "M009a",
        "lot_number": "SOON",
        "reason": "溶出度不合格",
        "reference": "药监召回〔2022〕7号",
    }
    world.signed("lead_pharmacist").post("recalls/", notice)
    pharmacist = world.signed("pharmacist")
    (before,) = texts(paper(pharmacist.get(f"shipments/{pk}/picklist.pdf")))
    lines = pharmacist.get(f"shipments/{pk}/").json()["lines"]
    recalled = next(line["id"] for line in lines if line["lot_number"] == "SOON")
    picks = [{"line": recalled, "picked": 0, "reason": "召回"}]
    assert pharmacist.post(f"shipments/{pk}/dispatch/", {"lines": picks}).status_code == 200

    (after,) = texts(paper(pharmacist.get(f"shipments/{pk}/picklist.pdf")))
    note, *_register = texts(paper(pharmacist.get(f"shipments/{pk}/note.pdf")))

    assert "已召回，勿配" in before
    assert "已召回，勿配" not in after
    assert ("SOON" in after, "SOON" in note) == (True, False)
    # What was promised, what was picked of it, and why the two differ.
    assert "45 片 45 片 0 召回" in after


def test_note_to_a_clinic_brings_its_register_filled_in(world: World) -> None:
    pk = promised(world)
    world.signed("pharmacist").post(f"shipments/{pk}/dispatch/")

    clinic = world.signed("clinic", world.villages[0])
    note, *pages = texts(paper(clinic.get(f"shipments/{pk}/note.pdf")))
    register = " ".join(pages)

    for words in ("捐赠药品调拨签收单", "签收人（签字）", "完好", "破损", "短少", "在途", *END):
        assert words in note
    numbered = re.findall(r"(\d)\. (?:布洛芬片 0.1g|对乙酰氨基酚片 0.5g)（批号(\w+?)，", pages[0])
    assert [int(number) for number, _lot in numbered] == [1, 2, 3]
    assert {lot for _number, lot in numbered} == {"P1", "LATE", "SOON"}
    lines = ShipmentLine.objects.filter(shipment=pk).order_by("pk")
    assert [lot for _number, lot in numbered] == list(lines.values_list("batch__lot_number", flat=True))
    for words in (REGISTER_TITLE, "干团村卫生室", "50片", "80岁及以上", "送药上门", "发放人签字", *END):
        assert words in register


def test_note_to_a_store_has_no_register(world: World) -> None:
    stock(world, 50)
    profile(world, world.centre)
    allocator = world.signed("allocator")
    plan = allocator.post("plans/", order(level="townships")).json()["id"]
    allocator.post(f"plans/{plan}/submit/")
    (pk,) = world.signed("approver").post(f"plans/{plan}/approve/").json()["shipments"]

    (note,) = texts(paper(world.signed("pharmacist").get(f"shipments/{pk}/note.pdf")))

    assert Shipment.objects.get().to_place.code == CENTRE
    assert REGISTER_TITLE not in note


@pytest.mark.parametrize("name", ["picklist.pdf", "note.pdf"])
def test_papers_are_for_the_places_of_the_shipment(world: World, name: str) -> None:
    pk = promised(world)

    strangers = [world.signed("clinic", world.villages[1]), world.signed("pharmacist", foreign=True)]

    assert [person.get(f"shipments/{pk}/{name}").status_code for person in strangers] == [404, 404]
    assert world.signed("clinic", world.villages[0]).get(f"shipments/{pk}/{name}").status_code == 200
    assert world.signed("clerk").get(f"shipments/{pk}/{name}").status_code == 403


def test_papers_cost_the_same_for_any_number_of_lines(world: World) -> None:
    pharmacist = world.signed("pharmacist")

    def sent(lots: int, to_place: str) -> int:
        batches = [stock(world, 9, lot=f"{to_place}{n}") for n in range(lots)]
        body = {
            "from_place": world.hospital.code, "to_place": to_place, "agreed_by": "分管副局长", "reason": "急",
            "agreed_at": world.act().at.isoformat(),
            "lines": [{"batch": batch.pk, "quantity": 9} for batch in batches],
        }  # fmt: skip
        return world.signed("lead_pharmacist").post("urgent-issues/", body).json()["shipment"]

    one, many = sent(1, FIRST), sent(40, CENTRE)

    for name in ("picklist.pdf", "note.pdf"):
        short = statements(lambda name=name: pharmacist.get(f"shipments/{one}/{name}"))
        assert statements(lambda name=name: pharmacist.get(f"shipments/{many}/{name}")) == short
    assert len(texts(paper(pharmacist.get(f"shipments/{many}/picklist.pdf")))) > 1
