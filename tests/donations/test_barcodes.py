"""What a code holds, typed or photographed, and what the catalogue and the books know of it."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from catalogue.models import Product
from tests.donations.holdings import rows_written
from tests.inventory.recalls import raised
from tests.world import TODAY, World, donation, item

TRACE = "81234567890123456789"
GS1 = "]d2010690123456789217240531102203051<GS>21ABC123"
GTIN = "06901234567892"


@pytest.fixture
def product(world: World) -> Product:
    return Product.objects.create(
        medicine=world.ibuprofen,
        specification="0.1g*100片",
        approval_number="国药准字H10900089",
        barcode="6901234567892",
        pack_size=100,
    )


def scanned(world: World, text: str, *, role: str = "clerk", foreign: bool = False) -> dict[str, Any]:
    answer = world.signed(role, foreign=foreign).post("barcodes/", {"scan": text})
    assert answer.status_code == 200, answer.json()
    return answer.json()


def photographed(world: World, content: bytes, name: str = "photo") -> Any:
    body = {name: SimpleUploadedFile("photo.jpg", content)}
    return world.signed("clerk").client.post("/api/v1/barcodes/", body, format="multipart")


def picture(*codes: tuple[str, zxingcpp.BarcodeFormat], form: str = "PNG") -> bytes:
    """A white sheet with these codes one below the other."""
    sheet, top = Image.new("L", (900, 100 + 400 * len(codes)), 255), 50
    for text, kind in codes:
        drawn = Image.fromarray(np.array(zxingcpp.create_barcode(text, kind).to_image(scale=4))).convert("L")
        sheet.paste(drawn, (60, top))
        top += 400
    target = io.BytesIO()
    sheet.save(target, form)
    return target.getvalue()


def test_gs1_code_says_product_lot_expiry_and_serial(world: World, product: Product) -> None:
    said = scanned(world, GS1)

    assert (said["kind"], said["gtin"], said["lot_number"], said["serial"]) == (
        "gs1",
        GTIN,
        "2203051",
        "ABC123",
    )
    assert said["expiry"] == {"raw": "240531", "last_usable_day": "2024-05-31", "precision": "day"}
    assert set(said["certain"]) >= {"gtin", "lot_number", "serial", "expiry"}
    assert (said["ambiguous"], said["choices"], said["warnings"]) == ([], [], [])
    assert said["medicine"]["code"] == "M009a"
    assert [each["id"] for each in said["products"]] == [product.pk]


def test_separator_as_scanners_send_it_is_understood(world: World) -> None:
    assert scanned(world, GS1.replace("<GS>", "\x1d"))["serial"] == "ABC123"


def test_lost_separators_are_flagged_and_nothing_is_swallowed(world: World) -> None:
    said = scanned(world, GS1.replace("<GS>", ""))

    assert {each["field"]: each["code"] for each in said["ambiguous"]} == {
        "lot_number": "separator_missing",
        "serial": "separator_missing",
    }
    assert (said["lot_number"], said["serial"]) == (None, None)
    assert {"lot_number": "2203051", "serial": "ABC123"} in said["choices"]
    assert (said["gtin"], said["expiry"]["last_usable_day"]) == (GTIN, "2024-05-31")


def test_well_formed_is_never_called_genuine(world: World) -> None:
    said = scanned(world, TRACE)

    assert (said["format_ok"], said["trace_code"]) == (True, TRACE)
    assert [each["message"] for each in said["messages"]] == ["仅表示编码格式正确，不代表真伪"]
    assert not {"genuine", "verified", "registered"} & set(said)


@pytest.mark.parametrize("text", ["6901234567892", "国药准字H10900089", "批准文号：国药准字 H10900089"])
def test_product_is_found_by_its_number(world: World, product: Product, text: str) -> None:
    said = scanned(world, text)

    assert [each["specification"] for each in said["products"]] == ["0.1g*100片"]
    assert said["medicine"]["strength"] == "0.1g"


def test_drug_identification_code_finds_its_product(world: World) -> None:
    Product.objects.create(medicine=world.paracetamol, barcode="86900483000019")

    assert scanned(world, "86900483000019")["medicine"]["code"] == "M001b"


def test_number_of_two_medicines_names_no_medicine(world: World, product: Product) -> None:
    Product.objects.create(medicine=world.paracetamol, approval_number=product.approval_number)

    said = scanned(world, product.approval_number)

    assert (len(said["products"]), said["medicine"]) == (2, None)


def test_unknown_number_is_told_as_such(world: World, product: Product) -> None:
    said = scanned(world, "hello")

    assert (said["kind"], said["format_ok"], said["products"]) == ("unknown", False, [])
    assert [each["code"] for each in said["messages"]] == ["unknown"]


@pytest.mark.parametrize(
    ("trace_codes", "barcode", "scan"), [([TRACE], None, TRACE), ([], GS1, GS1), ([], GS1, GS1[3:])]
)
def test_box_registered_before_is_warned_of_by_day_and_not_by_person(
    world: World, trace_codes: list[str], barcode: str | None, scan: str
) -> None:
    world.signed("clerk").post("donations/", donation(items=[item(trace_codes=trace_codes, barcode=barcode)]))

    said = scanned(world, scan)

    [warning] = said["warnings"]
    assert (warning["code"], warning["registered_on"]) == ("trace_repeated", str(TODAY))
    assert str(TODAY) in warning["message"]
    assert "张三" not in str(said)
    assert scanned(world, scan, foreign=True)["warnings"] == []


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, [], "invalid"),
        ({"scan": ""}, ["/scan"], "blank"),
        ({"scan": 6901234567892}, ["/scan"], "not_text"),
        ({"scan": None}, ["/scan"], "null"),
        ({"scan": "\u202e6901"}, ["/scan"], "bidi_control"),
        ({"scan": "6" * 1001}, ["/scan"], "too_long"),
        ({"photo": "6901"}, ["/photo"], "invalid"),
        ({"scan": "6901", "colour": "red"}, ["/colour"], "unknown_field"),
    ],
)
def test_body_that_is_no_scan_is_refused(
    world: World, body: dict[str, Any], pointer: list[str], code: str
) -> None:
    answer = world.signed("clerk").post("barcodes/", body)

    faults = answer.json()["errors"]
    assert (answer.status_code, [fault["pointer"] for fault in faults]) == (400, pointer)
    assert [fault["code"] for fault in faults] in ([], [code])


# Photos


def test_photo_of_one_code_says_what_it_holds(world: World, product: Product) -> None:
    answer = photographed(world, picture((TRACE, zxingcpp.BarcodeFormat.Code128)))

    [code] = answer.json()["codes"]
    assert (answer.status_code, code["trace_code"], answer.json()["messages"]) == (200, TRACE, [])


def test_photo_of_several_codes_tells_each(world: World, product: Product) -> None:
    codes = [("6901234567892", zxingcpp.BarcodeFormat.EAN13), (TRACE, zxingcpp.BarcodeFormat.Code128)]

    answer = photographed(world, picture(*codes), name="scan").json()

    assert [code["kind"] for code in answer["codes"]] == ["ean13", "trace_code"]
    assert answer["codes"][0]["medicine"]["code"] == "M009a"
    assert [each["code"] for each in answer["messages"]] == ["several_codes"]


def test_photo_without_a_code_says_so(world: World) -> None:
    answer = photographed(world, picture())

    assert (answer.status_code, answer.json()["codes"]) == (200, [])
    assert [each["code"] for each in answer.json()["messages"]] == ["no_code_found"]


def vast() -> bytes:
    """A few bytes that would unpack to 10,000 megapixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "empty"),
        (b"GIF89a" + bytes(100), 400, "wrong_type"),
        (b"%PDF-1.7", 400, "wrong_type"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(50), 400, "heic"),
        (b"\xff\xd8\xff" + bytes(500), 400, "damaged"),
        (vast(), 413, "too_many_pixels"),
        (b"\xff\xd8\xff" + bytes(10_000_000), 413, "too_large"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_no_photo_is_refused(world: World, content: bytes, status: int, code: str) -> None:
    answer = photographed(world, content)

    [fault] = answer.json()["errors"]
    assert (answer.status_code, fault["pointer"], fault["code"]) == (status, "/photo", code)


def test_body_far_too_large_is_refused_by_its_length(world: World) -> None:
    answer = photographed(world, bytes(10_100_000))

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_photo_leaves_nothing_behind(world: World, tmp_path: Path, settings: Any) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "missing")  # a file written there would fail
    before = rows_written()

    noisy = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (1800, 1800), dtype=np.uint8)).save(
        noisy, "PNG"
    )
    answer = photographed(world, noisy.getvalue())

    assert len(noisy.getvalue()) > 2_600_000
    assert (answer.status_code, rows_written()) == (200, before)


@pytest.mark.parametrize("role", ["checker", "clinic", "auditor", "publisher"])
def test_scanning_is_for_the_desk(world: World, role: str) -> None:
    assert world.signed(role).post("barcodes/", {"scan": TRACE}).status_code == 403


@pytest.mark.parametrize(
    ("recall", "expected"),
    [
        ({}, ["recalled"]),
        ({"lot_number": None}, ["recalled"]),
        ({"lot_number": "9999"}, []),
        ({"medicine": "M001b"}, []),
    ],
)
def test_recalled_box_is_warned_of_at_the_scan(
    world: World, product: Product, recall: dict[str, Any], expected: list[str]
) -> None:
    raised(world, standing=True, **recall)

    warned = [warning["code"] for warning in scanned(world, GS1)["warnings"]]

    assert warned == expected


def test_code_without_a_lot_may_be_of_a_recalled_one(world: World, product: Product) -> None:
    raised(world, standing=True)

    assert [each["code"] for each in scanned(world, GTIN)["warnings"]] == ["recall_possible"]


def test_statements_do_not_grow_with_the_codes_of_a_photo(world: World, product: Product) -> None:
    codes = [(f"8123456789012345678{n}", zxingcpp.BarcodeFormat.Code128) for n in range(4)]
    world.signed("clerk")
    counts = []
    for number in (1, 4):
        with CaptureQueriesContext(connection) as statements:
            answer = photographed(world, picture(*codes[:number]))
        assert len(answer.json()["codes"]) == number
        counts.append(len(statements))

    assert counts[0] == counts[1]
