"""Photographs of packages, taken by phone: reading the codes in one, and making one small enough to be kept."""

import struct
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from typing import Final

import zxingcpp
from PIL import Image, ImageOps

from catalogue.codes import Scan, read_scan

LARGEST_BYTES: Final = 10_000_000
# Unpacked, 40 megapixels take 70 (JPEG) to 380 MB (PNG with transparency); WebP's decoder holds four copies.
LARGEST_PIXELS: Final = {"JPEG": 40_000_000, "PNG": 40_000_000, "WEBP": 16_000_000}

_MAGIC: Final = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"))
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis"})
# The symbols printed on medicines. Asking for all formats doubles the time on a photo without any code.
_FORMATS: Final = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.DataMatrix,
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.Code128,
        zxingcpp.BarcodeFormat.EANUPC,
        zxingcpp.BarcodeFormat.DataBar,
    ]
)
_LONG_SIDE: Final = 2600
_LONG_SIDE_TURNED: Final = 1800
_LONG_SIDE_KEPT: Final = 1600
# The first quality at which a picture stays under this is taken; grain alone makes some pictures large.
KEPT_BYTES: Final = 1_000_000
_QUALITIES: Final = (80, 60, 40, 20)
_TURNS: Final = (45, 30, 60)

# What Pillow's decoders raise on damaged files: the first three seen, the rest in its sources.
_DAMAGED: Final = (OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error, zlib.error)

_MESSAGES: Final = {
    "empty": ("没有收到照片", "No photo was received."),
    "too_large": (
        "照片超过10 MB，请降低分辨率后重拍",
        "The photo is over 10 MB; take it at a lower resolution.",
    ),
    "wrong_type": ("不是照片（只接受JPEG、PNG、WebP）", "Not a photo (JPEG, PNG or WebP)."),
    "heic": (
        "暂不支持HEIC，请在手机设置中选“兼容性最佳”后重拍",
        "HEIC cannot be read; set the camera to 'Most compatible'.",
    ),
    "too_many_pixels": (
        "照片超过4000万像素，请降低分辨率后重拍",
        "The photo has over 40 megapixels; lower the resolution.",
    ),
    "damaged": ("照片文件已损坏，请重拍", "The file is damaged; take the photo again."),
}


class PhotoError(ValueError):
    """The file is no photo that can be read. `code`: a key of the table above; `message` is zh-Hans."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.message, self.message_en = _MESSAGES[code]
        super().__init__(self.message)


def read_photo(data: bytes, *, today: date) -> tuple[Scan, ...]:
    """The codes in a photo, each once, from top to bottom; () when it shows none that can be read.

    DataMatrix, QR, Code 128, EAN and DataBar, whichever way up the photo is and at any angle. The picture is
    neither kept nor passed on. Raises PhotoError.
    """
    picture = _opened(data, _LONG_SIDE, "L", _grey)
    for attempt in _attempts(picture):
        found = zxingcpp.read_barcodes(attempt, formats=_FORMATS, text_mode=zxingcpp.TextMode.Plain)
        if found:
            in_order = sorted(found, key=lambda code: (code.position.top_left.y, code.position.top_left.x))
            texts = dict.fromkeys(code.symbology_identifier + code.text for code in in_order)
            return tuple(read_scan(text, today=today) for text in texts)
    return ()


def kept_photo(data: bytes) -> bytes:
    """The photo as it is kept: a JPEG of at most 1,600 pixels a side and 1 MB, upright, a frame of an animation.

    It is drawn anew, so nothing of what the phone wrote beside the picture (place, time, maker) is kept. Raises
    PhotoError.
    """
    picture = _opened(data, _LONG_SIDE_KEPT, "RGB", lambda opened: _on_white(opened, _LONG_SIDE_KEPT))
    picture.info = {}
    for quality in _QUALITIES:
        target = BytesIO()
        picture.save(target, "JPEG", quality=quality, optimize=True)
        if target.tell() <= KEPT_BYTES:
            break
    return target.getvalue()


def _opened(data: bytes, side: int, mode: str, drawn: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """The photo as `drawn` makes it, no side longer than `side`."""
    if len(data) > LARGEST_BYTES:
        raise PhotoError("too_large")
    kind = _type_of(data)
    try:
        with Image.open(BytesIO(data), formats=[kind]) as picture:
            if picture.width * picture.height > LARGEST_PIXELS[kind]:
                raise PhotoError("too_many_pixels")
            # JPEG decodes at half or a quarter of its size several times as fast.
            picture.draft(mode, (side, side))
            result = drawn(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoError("too_many_pixels") from error
    except PhotoError:
        raise
    except _DAMAGED as error:
        raise PhotoError("damaged") from error
    result.thumbnail((side, side))
    return result


def _type_of(data: bytes) -> str:
    if not data:
        raise PhotoError("empty")
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        raise PhotoError("heic")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    kind = next((name for magic, name in _MAGIC if data.startswith(magic)), None)
    if kind is None:
        raise PhotoError("wrong_type")
    return kind


def _grey(picture: Image.Image) -> Image.Image:
    """Black codes on a transparent ground stay visible: transparency becomes white."""
    return _opaque(picture, _LONG_SIDE).convert("L")


def _on_white(picture: Image.Image, side: int) -> Image.Image:
    """In colours and upright: a phone held askew says so beside the picture only."""
    colours = _opaque(picture, side).convert("RGB")
    colours.thumbnail((side, side))
    return ImageOps.exif_transpose(colours)


def _opaque(picture: Image.Image, side: int) -> Image.Image:
    if not picture.has_transparency_data:
        return picture
    # Made small first: three copies of 40 megapixels in four channels would take half a gigabyte.
    picture.thumbnail((side, side))
    opaque = Image.new("RGBA", picture.size, "white")
    opaque.alpha_composite(picture.convert("RGBA"))
    return opaque


def _attempts(picture: Image.Image) -> Iterator[Image.Image]:
    """The picture as it is; at half its size, which evens out grain; turned.

    The decoder finds matrix codes at any angle but bars only near the horizontal and the vertical.
    """
    yield picture
    contrasted = ImageOps.autocontrast(picture, cutoff=2)
    yield contrasted.resize((max(1, picture.width // 2), max(1, picture.height // 2)))
    contrasted.thumbnail((_LONG_SIDE_TURNED, _LONG_SIDE_TURNED))
    for turn in _TURNS:
        yield contrasted.rotate(turn, expand=True, fillcolor=255, resample=Image.Resampling.BILINEAR)
