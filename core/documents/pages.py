"""Page styles: paper and margins in millimetres, type sizes in points, and how pages are numbered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core.documents.blocks import MM
from core.documents.fonts import Face


class Numbering(Enum):
    """`FORM` prints 第 x 页 共 y 页 and repeats the form's name, `NOTICE` — x — (GB/T 9704-2012, 7.5)."""

    NONE = "none"
    FORM = "form"
    NOTICE = "notice"


@dataclass(frozen=True)
class PageStyle:
    """A paper with its margins and types. `height` None means a roll: one page as long as its content.

    `advance` is the distance in points between characters of running text where it differs from `size`;
    `indent` the first line's indent in characters.
    """

    width: float
    height: float | None
    top: float
    right: float
    bottom: float
    left: float
    size: float = 10.5
    leading: float = 16
    table_size: float = 9
    table_leading: float = 12
    title_size: float = 16
    title_leading: float = 24
    body: Face = Face.SANS
    title: Face = Face.BOLD
    numbering: Numbering = Numbering.FORM
    indent: float = 0
    advance: float | None = None

    @property
    def frame_width(self) -> float:
        """The width between the margins in points."""
        return (self.width - self.left - self.right) * MM

    @property
    def frame_height(self) -> float | None:
        """The height between the margins in points; None on a roll."""
        return None if self.height is None else (self.height - self.top - self.bottom) * MM

    @property
    def spacing(self) -> float:
        """What is added after each character of running text, in points."""
        return 0 if self.advance is None else self.advance - self.size


A4 = PageStyle(210, 297, top=18, right=15, bottom=18, left=18)
A4_LANDSCAPE = PageStyle(297, 210, top=16, right=14, bottom=16, left=14)
A5 = PageStyle(
    148, 210, top=13, right=11, bottom=14, left=13, size=9.5, leading=14.5, table_size=8.5, table_leading=11,
    title_size=14, title_leading=20,
)  # fmt: skip
A5_LANDSCAPE = PageStyle(
    210, 148, top=12, right=12, bottom=13, left=14, size=9.5, leading=14.5, table_size=8.5, table_leading=11,
    title_size=14, title_leading=20,
)  # fmt: skip
# Thermal paper: the head of an 80 mm printer reaches 72 mm.
ROLL_80 = PageStyle(
    80, None, top=4, right=4.5, bottom=8, left=4.5, size=9, leading=13, table_size=8, table_leading=10.5,
    title_size=12, title_leading=17, numbering=Numbering.NONE,
)  # fmt: skip
LABEL_60_40 = PageStyle(
    60, 40, top=2, right=2, bottom=2, left=2, size=7.5, leading=9.5, title_size=10, title_leading=12,
    numbering=Numbering.NONE,
)  # fmt: skip
LABEL_SHEET = PageStyle(210, 297, top=10, right=9, bottom=10, left=9, numbering=Numbering.NONE)

NOTICE_LINES = 22
NOTICE_CHARACTERS = 28
# GB/T 9704-2012, 5.2: type area 156 × 225 mm, top margin 37 mm, left 28 mm, 22 lines of 28 characters, 3号
# (16 pt).
NOTICE = PageStyle(
    210, 297, top=37, right=26, bottom=35, left=28, size=16, leading=225 * MM / NOTICE_LINES,
    table_size=10.5, table_leading=15, title_size=22, title_leading=34,
    body=Face.FANGSONG, title=Face.TITLE_SONG, numbering=Numbering.NOTICE,
    indent=2, advance=156 * MM / NOTICE_CHARACTERS,
)  # fmt: skip
