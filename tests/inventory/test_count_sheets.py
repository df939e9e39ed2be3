"""The blank sheet: what stands where, in shelf order, and not how much."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pypdfium2

from tests.inventory.counting import HOSPITAL, started
from tests.inventory.stories import stocked
from tests.world import World


def sheets(world: World) -> tuple[str, list[list[Any]]]:
    for lot, quantity in (("L-1", 97373), ("=1+1", 96161)):
        stocked(world, quantity, lot_number=lot, reason="已核对")
    held = stocked(world, 95757, lot_number="L-3", reason="已核对")
    world.signed("pharmacist").post("holds/", {"place": HOSPITAL, "batch": held, "reason": "受潮"})
    checker = world.signed("checker")
    pk = started(checker)
    pdf, xlsx = (checker.get(f"counts/{pk}/sheet.{kind}") for kind in ("pdf", "xlsx"))
    assert (pdf.status_code, xlsx.status_code) == (200, 200)
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf.content))
    page = openpyxl.load_workbook(io.BytesIO(xlsx.content)).active
    return text, [list(row) for row in page.iter_rows(values_only=True)]


def test_sheet_lists_every_batch_and_spot_and_no_quantity(world: World) -> None:
    text, cells = sheets(world)

    listed = [(row[1], row[5], row[9]) for row in cells[4:7]]
    assert sorted(listed, key=str) == [
        ("药库 暂控", "L-3", None), ("药库 货架", "'=1+1", None), ("药库 货架", "L-1", None),
    ]  # fmt: skip
    assert [row[1] for row in cells[7:15]] == [None] * 8
    for word in (
        "盘点表",
        "从江县中医院北院药房",
        "布洛芬片",
        "L-1",
        "暂控",
        "盘点人（签字）",
        "制表人",
        "复核人",
        "单位（盖章）",
    ):
        assert word in text
    for quantity in (97373, 96161, 95757):
        assert str(quantity) not in text
        assert quantity not in [cell for row in cells for cell in row]
