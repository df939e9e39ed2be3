import io
import struct
import zlib
from datetime import date

import numpy as np
import pytest
import segno
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from catalogue.codes import Scan
from catalogue.photos import LARGEST_BYTES, PhotoError, read_photo

TODAY = date(2023, 1, 10)
GS1_TEXT = "(01)06901234567892(17)240531(10)2203051(21)ABC123"
TRACE = "81234567890123456789"


def symbol(content: str, form: zxingcpp.BarcodeFormat, *, scale: int = 5, gs1: bool = False) -> Image.Image:
    options = {"gs1": True} if gs1 else {}
    drawn = zxingcpp.create_barcode(content, form, **options).to_image(scale=scale)
    return Image.fromarray(np.array(drawn)).convert("L")


def photograph(*symbols: Image.Image, angle: float = 0, grain: float = 8, blur: float = 0.8) -> Image.Image:
    """Labels on an unevenly lit table, turned, a little out of focus, with the grain of a phone's sensor."""
    width, height = 1400, 1100
    table = Image.fromarray(np.tile(np.linspace(110, 220, width), (height, 1)).astype(np.uint8))
    label = Image.new(
        "L", (max(s.width for s in symbols) + 80, sum(s.height + 60 for s in symbols) + 20), 240
    )
    top = 40
    for one in symbols:
        label.paste(one, (40, top))
        top += one.height + 60
    edge = Image.new("L", label.size, 255).rotate(angle, expand=True)
    label = label.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    table.paste(label, ((width - label.width) // 2, (height - label.height) // 2), edge)
    lit = np.array(table.filter(ImageFilter.GaussianBlur(blur))) * np.linspace(0.7, 1, width)
    noisy = lit + np.random.default_rng(1).normal(0, grain, (height, width))
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).convert("RGB")


def file_of(picture: Image.Image, form: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, quality=85)
    return buffer.getvalue()


def scans(picture: Image.Image, form: str = "JPEG") -> tuple[Scan, ...]:
    return read_photo(file_of(picture, form), today=TODAY)


def refused(data: bytes) -> str:
    with pytest.raises(PhotoError) as caught:
        read_photo(data, today=TODAY)
    return caught.value.code


@pytest.mark.parametrize("angle", [0, 17, 90, 135, 180, 301])
@pytest.mark.parametrize("form", [zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.QRCode])
def test_read_photo_reads_gs1_matrix_codes_at_any_angle(form, angle):
    (scan,) = scans(photograph(symbol(GS1_TEXT, form, gs1=True), angle=angle))

    assert (scan.gtin, scan.lot_number, scan.serial) == ("06901234567892", "2203051", "ABC123")
    assert scan.expiry.last_usable_day == date(2024, 5, 31)
    assert scan.ambiguous == ()


@pytest.mark.parametrize("angle", [0, 8, 45, 90, 180, 225])
def test_read_photo_reads_bars_at_any_angle(angle):
    (scan,) = scans(photograph(symbol(TRACE, zxingcpp.BarcodeFormat.Code128, scale=3), angle=angle))

    assert (scan.kind, scan.trace_code) == ("trace_code", TRACE)


def test_read_photo_reads_bars_in_a_grainy_photo_which_one_attempt_does_not():
    picture = photograph(symbol(TRACE, zxingcpp.BarcodeFormat.Code128, scale=4), grain=40, blur=1.2)

    assert zxingcpp.read_barcodes(picture) == []
    assert [scan.trace_code for scan in scans(picture)] == [TRACE]


def test_read_photo_reads_gs1_128():
    picture = photograph(
        symbol("(01)06901234567892(10)2203X", zxingcpp.BarcodeFormat.Code128, scale=3, gs1=True)
    )

    assert [(scan.gtin, scan.lot_number) for scan in scans(picture)] == [("06901234567892", "2203X")]


def test_read_photo_reads_an_ean():
    picture = photograph(symbol("6901234567892", zxingcpp.BarcodeFormat.EAN13, scale=4))

    assert [(scan.kind, scan.ean13) for scan in scans(picture)] == [("ean13", "6901234567892")]


def test_read_photo_reads_a_qr_code_of_another_maker():
    drawn = io.BytesIO()
    segno.make(TRACE, micro=False).save(drawn, kind="png", scale=6)

    assert [scan.trace_code for scan in scans(photograph(Image.open(drawn).convert("L")))] == [TRACE]


def test_read_photo_gives_every_code_once_from_top_to_bottom():
    ean = symbol("6901234567892", zxingcpp.BarcodeFormat.EAN13, scale=3)
    matrix = symbol(GS1_TEXT, zxingcpp.BarcodeFormat.DataMatrix, gs1=True)

    assert [scan.kind for scan in scans(photograph(ean, matrix, ean))] == ["ean13", "gs1"]


def test_read_photo_flags_a_code_printed_without_separators():
    plain = "0106901234567892" + "17240531" + "102203051" + "21ABC123"
    (scan,) = scans(photograph(symbol(plain, zxingcpp.BarcodeFormat.DataMatrix)))

    assert scan.ambiguous == (("lot_number", "separator_missing"), ("serial", "separator_missing"))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_read_photo_takes_the_formats_of_phones(form):
    picture = photograph(symbol(TRACE, zxingcpp.BarcodeFormat.QRCode))

    assert [scan.trace_code for scan in scans(picture, form)] == [TRACE]


def test_read_photo_reads_black_on_transparent():
    drawn = symbol(TRACE, zxingcpp.BarcodeFormat.QRCode)
    ink = Image.new("LA", drawn.size)
    ink.putalpha(drawn.point(lambda grey: 255 - grey))

    assert [scan.trace_code for scan in scans(ink, "PNG")] == [TRACE]


def test_read_photo_without_a_code_is_empty():
    assert scans(photograph(Image.new("L", (200, 200), 128))) == ()
    assert scans(Image.new("RGB", (1, 1))) == ()


def test_read_photo_answers_for_a_receipt_or_anything_else_in_a_qr_code():
    (scan,) = scans(photograph(symbol("布洛芬 0.3g", zxingcpp.BarcodeFormat.QRCode)))

    assert (scan.kind, scan.text) == ("unknown", "布洛芬0.3g")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"GIF89a" + bytes(100), "wrong_type"),
        (b"%PDF-1.7" + bytes(100), "wrong_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "wrong_type"),
        (b"PK\x03\x04" + bytes(100), "wrong_type"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(100), "heic"),
        (b"\xff\xd8\xff" + bytes(LARGEST_BYTES), "too_large"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "damaged"),
        (b"RIFF\x00\x00\x00\x00WEBP" + bytes(100), "damaged"),
    ],
)
def test_read_photo_refuses_with_a_reason(data, code):
    assert refused(data) == code


@pytest.mark.parametrize("side", [6400, 10_000, 20_000, 60_000])
def test_read_photo_refuses_a_small_file_that_unpacks_to_a_huge_picture(side):
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(1_000_000)))

    assert refused(b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")) == "too_many_pixels"


def test_read_photo_refuses_a_large_webp_that_a_png_may_be():
    picture = Image.new("L", (4100, 4000), 255)

    assert refused(file_of(picture, "WEBP")) == "too_many_pixels"
    assert scans(picture, "PNG") == ()


def test_read_photo_refuses_a_truncated_file():
    assert refused(file_of(photograph(symbol(TRACE, zxingcpp.BarcodeFormat.QRCode)))[:20_000]) == "damaged"


def answers(data: bytes) -> bool:
    try:
        return all(isinstance(scan, Scan) for scan in read_photo(data, today=TODAY))
    except PhotoError as error:
        return bool(error.message and error.message_en)


@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP"]),
    st.binary(max_size=300),
)
def test_read_photo_answers_any_bytes(magic, rest):
    assert answers(magic + rest)


SMALL = symbol("6901234567892", zxingcpp.BarcodeFormat.QRCode, scale=2)
FILES = {form: file_of(SMALL, form) for form in ("JPEG", "PNG", "WEBP")}


@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from(sorted(FILES)),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=8),
    st.integers(12, 4000),
)
def test_read_photo_answers_damaged_photos(form, changes, length):
    data = bytearray(FILES[form])
    for place, value in changes:
        data[place % len(data)] = value

    assert answers(bytes(data[:length]))
