"""Receipt codes made elsewhere: on the device, or printed on slips and bound at the first registration."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from core.receipt_codes import check_character, new_receipt_code
from tests.donations.holdings import rows_written
from tests.world import World, donation


def slips(world: World, role: str = "clerk", **query: Any) -> Any:
    return world.signed(role).get("receipt-slips.pdf", **{"place": "P-522633-01", **query})


def pages(content: bytes, *, scale: float = 3) -> list[Image.Image]:
    return [page.render(scale=scale).to_pil() for page in pypdfium2.PdfDocument(io.BytesIO(content))]


def codes_on(page: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)]


def test_sheet_holds_each_code_twice_and_names_the_point(world: World) -> None:
    answer = slips(world, count=9)

    first, second = pages(answer.content)
    document = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    words = document[0].get_textpage().get_text_range()
    codes = codes_on(first)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert (len(codes), len(set(codes)), len(codes_on(second))) == (14, 7, 4)
    assert all(codes.count(code) == 2 and code in words for code in codes)
    assert "从江县中医院北院药房" in words
    assert "严禁销售" in words


def test_every_sheet_has_other_codes(world: World) -> None:
    [first], [second] = (pages(slips(world, count=1).content) for _n in range(2))

    assert not set(codes_on(first)) & set(codes_on(second))


def test_slip_is_bound_by_the_first_registration_only(world: World) -> None:
    [page] = pages(slips(world, count=1).content)
    code, clerk = codes_on(page)[0], world.signed("clerk")
    first = clerk.post("donations/", donation(receipt_code=code))
    before = rows_written()

    typed = code.lower().replace("-", " ").replace("0", "o")
    again = clerk.post("donations/", donation(receipt_code=typed))

    assert first.json()["receipt_code"] == code.replace("-", "")
    assert (again.status_code, again.json()["code"]) == (409, "receipt_code_used")
    assert [fault["pointer"] for fault in again.json()["errors"]] == ["/receipt_code"]
    assert rows_written() == before


def test_code_made_on_the_device_is_kept(world: World) -> None:
    code = new_receipt_code()

    answer = world.signed("clerk").post("donations/", donation(receipt_code=code))

    assert (answer.status_code, answer.json()["receipt_code"]) == (201, code.replace("-", ""))


@pytest.mark.parametrize("payload", ["0" * 16, "0123456789ABCDEF", "1212121212121212"])
def test_code_that_could_be_guessed_is_refused(world: World, payload: str) -> None:
    before = rows_written()

    answer = world.signed("clerk").post(
        "donations/", donation(receipt_code=payload + check_character(payload))
    )

    [fault] = answer.json()["errors"]
    assert (answer.status_code, fault["pointer"], fault["code"]) == (400, "/receipt_code", "guessable")
    assert rows_written() == before


def test_mistyped_code_is_refused(world: World) -> None:
    code = new_receipt_code().replace("-", "")
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")

    answer = world.signed("clerk").post("donations/", donation(receipt_code=wrong))

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "check")


@pytest.mark.parametrize(
    ("query", "status", "pointer"),
    [
        ({"place": "P-522622-01"}, 404, "/place"),
        ({"place": "P-522633-11"}, 404, "/place"),
        ({"count": 0}, 400, "/count"),
        ({"count": 141}, 400, "/count"),
        ({"count": "many"}, 400, "/count"),
    ],
)
def test_sheet_that_cannot_be_made_is_refused(
    world: World, query: dict[str, Any], status: int, pointer: str
) -> None:
    answer = slips(world, **query)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)


def test_place_that_takes_no_donations_gets_no_slips(world: World) -> None:
    answer = slips(world, role="administrator", place="P-522633-11")

    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_drop_off_point")
