"""Faces and the font files behind them, with a fallback for every single character.

    typefaces = Typefaces({"仿宋": "/usr/share/fonts/licensed/fangsong.ttf"})
    typefaces[Face.FANGSONG].runs("捐赠人𠮷某")

A face is what a form asks for; which file draws it is the office's choice. A character that its file lacks is
drawn by the first fallback that has it; one that none has prints as its code.
"""

from __future__ import annotations

import hashlib
import struct
import threading
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFError
from reportlab.pdfbase.ttfonts import TTFont

from core.documents import unicode_map
from core.documents.characters import clean, code_of

FOLDER = Path(__file__).resolve().parent.parent / "fonts"

unicode_map.install()


class FontError(ValueError):
    """A font file that is missing, unreadable, of a kind that cannot be embedded, or named like another."""


class Face(StrEnum):
    """What a form asks for; the last four are the faces of official documents (GB/T 9704-2012)."""

    SANS = "sans"
    BOLD = "bold"
    SERIF = "serif"
    FANGSONG = "仿宋"
    TITLE_SONG = "小标宋"
    KAITI = "楷体"
    HEITI = "黑体"


_DEFAULT_FILES = {
    Face.SANS: FOLDER / "sans-regular.ttf",
    Face.BOLD: FOLDER / "sans-bold.ttf",
    Face.SERIF: FOLDER / "serif-regular.ttf",
    Face.FANGSONG: FOLDER / "serif-regular.ttf",
    Face.TITLE_SONG: FOLDER / "serif-regular.ttf",
    Face.KAITI: FOLDER / "serif-regular.ttf",
    Face.HEITI: FOLDER / "sans-bold.ttf",
}
_FALLBACKS = tuple(
    FOLDER / name for name in ("sans-regular.ttf", "sans-rare.ttf", "mincho-a.ttf", "mincho-b.ttf")
)


class FontFile:
    """A loaded file: `name` under which reportlab knows it, `advances` of its characters in ems."""

    def __init__(self, name: str, font: TTFont) -> None:
        self.name = name
        # Code points below 32 stand in some files without an outline.
        self.advances = {
            chr(code): width / 1000 for code, width in font.face.charWidths.items() if code >= 32
        }
        self.characters = frozenset(self.advances)


_loading = threading.Lock()
_by_content: dict[str, FontFile] = {}
_path_of_name: dict[str, Path] = {}


def load(path: Path) -> FontFile:
    """The font of a file, read once per content.

    FontError when the file is missing, has no static TrueType outlines, forbids embedding, or carries the
    PostScript name of another file: reportlab would silently draw both with the first.
    """
    with _loading:
        return _load(path)


@cache
def _load(path: Path) -> FontFile:
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise FontError(f"字体文件无法读取 (font file cannot be read): {path}: {error.strerror}") from error
    if digest not in _by_content:
        _by_content[digest] = _register(path)
    return _by_content[digest]


def _register(path: Path) -> FontFile:
    try:
        font = TTFont(path.stem, str(path))
    except (PDFError, struct.error, LookupError, ValueError, AssertionError) as error:
        raise FontError(f"不是可用的 TrueType 字体 (not a usable TrueType font): {path}: {error}") from error
    if "fvar" in font.face.table:
        raise FontError(f"可变字体须先导出为静态字体 (a variable font; export a static one): {path}")
    if getattr(font.face, "_full_font", False):
        raise FontError(f"字体不许嵌入或取子集 (the font's licence bits forbid embedding a subset): {path}")
    name = font.face.name.decode("ascii")
    if name in _path_of_name:
        raise FontError(
            f"两个字体文件的 PostScript 名称相同 (two font files share the PostScript name {name}): "
            f"{_path_of_name[name]}, {path}"
        )
    font.fontName = name
    pdfmetrics.registerFont(font)
    _path_of_name[name] = path
    return FontFile(name, font)


class Typeface:
    """One face: its own file and the fallbacks, opened when the first character needs them."""

    def __init__(self, path: Path) -> None:
        self._own = load(path)
        self._advances = _Advances(self)
        self._font_of: dict[str, str | None] = {}

    def printable(self, text: str) -> str:
        """`text` without invisible characters, and with codes for characters that no font has."""
        text = clean(text)
        if self._own.characters.issuperset(text):
            return text
        return "".join(char if char == "\n" or self._find(char) else code_of(char) for char in text)

    def advance(self, text: str) -> float:
        """The length of a printable text in ems; KeyError for a character of no font."""
        return sum(map(self._advances.__getitem__, text), 0.0)

    def runs(self, text: str) -> list[tuple[str, str]]:
        """A printable text cut into (font name, piece), each piece drawn by one font."""
        if self._own.characters.issuperset(text):
            return [(self._own.name, text)]
        return [(str(name), "".join(chars)) for name, chars in groupby(text, key=self._find)]

    def _find(self, char: str) -> str | None:
        """The name of the first font that has `char`."""
        if char not in self._font_of:
            font = self.font_with(char)
            self._font_of[char] = font.name if font else None
        return self._font_of[char]

    def font_with(self, char: str) -> FontFile | None:
        """The first file, the face's own or a fallback, that has `char`."""
        if char in self._own.characters:
            return self._own
        return next((font for font in map(load, _FALLBACKS) if char in font.characters), None)


class _Advances(dict[str, float]):
    """Character → length in ems, found when first asked for."""

    def __init__(self, typeface: Typeface) -> None:
        self._typeface = typeface

    def __missing__(self, char: str) -> float:
        font = self._typeface.font_with(char)
        if font is None:
            raise KeyError(char)
        self[char] = font.advances[char]
        return self[char]


class Typefaces:
    """The faces of an office: `files` maps 仿宋, 小标宋, 楷体, 黑体 (or sans, bold, serif) to its own files.

    FontError for a face that does not exist or a file that cannot be used, now and not at the first print.
    """

    def __init__(self, files: Mapping[str, str | Path] | None = None) -> None:
        self._files = dict(_DEFAULT_FILES)
        for face, path in (files or {}).items():
            if face not in _DEFAULT_FILES:
                known = "、".join(_DEFAULT_FILES)
                raise FontError(f"没有这种字体 (no such face): {face}; 可设置 (known): {known}")
            load(Path(path))
            self._files[Face(face)] = Path(path)
        self._open: dict[Path, Typeface] = {}

    def __getitem__(self, face: Face) -> Typeface:
        path = self._files[face]
        if path not in self._open:
            self._open[path] = Typeface(path)
        return self._open[path]


@cache
def default_typefaces() -> Typefaces:
    """The faces drawn by the fonts that come with the product."""
    return Typefaces()
