"""What counts as a lot number that was read, and that nothing else becomes stock."""

from __future__ import annotations

import pytest

from catalogue.codes.spelling import lot_as_read
from inventory.models import Movement
from tests.inventory.stories import accept, counted, sort
from tests.world import World, donation, item

NONE = [
    "",
    " ",
    "\u00ad",
    "\u3164",
    "\u2800",
    "\u200b",
    "-",
    "?",
    "*",
    "无",
    "不详",
    "看不清",
    "未读",
    "N/A",
    "n/a",
    "／",
]


@pytest.mark.parametrize("text", NONE)
def test_what_stands_for_no_lot_number_is_none(text: str) -> None:
    assert lot_as_read(text) == ""


@pytest.mark.parametrize(
    ("text", "lot"),
    [("2203051", "2203051"), (" ２２０３－０５１ ", "2203-051"), ("a1", "A1"), ("甲220301", "甲220301")],
)
def test_lot_number_is_kept_as_it_is_compared(text: str, lot: str) -> None:
    assert lot_as_read(text) == lot


@pytest.mark.parametrize("text", ["\u00ad", "-", "不详"])
def test_goods_of_no_lot_number_do_not_become_stock(world: World, text: str) -> None:
    [pk] = counted(world)

    answer = sort(world.signed("pharmacist"), pk, accept(lot_number=text))

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "label_not_read")
    assert not Movement.objects.exists()


@pytest.mark.parametrize("text", ["\u00ad", "?", "不详"])
def test_counter_does_not_take_it_for_read(world: World, text: str) -> None:
    answer = world.signed("clerk").post("donations/", donation(items=[item(lot_number=text)]))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/items/0/lot_number")
