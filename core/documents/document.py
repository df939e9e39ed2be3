"""A printed form or notice, put together from top to bottom.

    document = Document(A4, title="捐赠药品登记花名册", made=moment)
    document.head(number="CJ-2023-0001", qr="https://example.org/r/1")
    document.fields([("捐赠接收点", "丙妹镇卫生院"), ("日期", "2023年1月5日")])
    document.table([Column("序号", 12, Align.RIGHT), Column("通用名")], [[1, "布洛芬片"]])
    document.signatures()
    content = document.build()

Texts are printed as they are: nothing in them is markup. The same calls give the same bytes.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import threading
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from core.documents.blocks import (
    MM,
    Align,
    Block,
    LayoutError,
    PageBreak,
    Pen,
    Placed,
    Space,
    TextStyle,
)
from core.documents.charts import BarChart
from core.documents.fonts import Face, Typefaces, default_typefaces
from core.documents.forms import SIGNATURES, FieldRow, FormHead, QrNote, Signatures, Slogan
from core.documents.grid import Cell, Column
from core.documents.labels import Label, LabelGrid
from core.documents.lines import Measure
from core.documents.pages import Numbering, PageStyle
from core.documents.paragraphs import Paragraph
from core.documents.tables import Table

# A stamp lets the text before it be read; the line above the text is as large as a form's.
_FAINT, _ABOVE = 0.85, 10.5
# PDF readers take pages of up to 200 inches (ISO 32000-1, annex C.2).
_LONGEST_PAGE = 14400.0
# A chart that takes more of a page than this may be divided.
_CHART_ON_ONE_PAGE = 0.7
# reportlab's fonts keep a reading position, so that two threads must not embed glyphs at once.
_drawing = threading.Lock()

Page = list[tuple[float, Placed]]


class Document:
    """Collects blocks, lays them out on pages of one style, and writes the PDF.

    `title` is the form's name: the head shows it, broken where it has line ends, the metadata carry it,
    further pages repeat it. `made` is the
    moment written as creation date (aware; without it 2000-01-01, so that equal input gives equal bytes).
    `author` is the unit. `typefaces` are the office's own faces, otherwise the product's. `stamp` stands on every
    page: a word across it behind the text, and a line above it that says what the paper is not.
    """

    def __init__(
        self,
        page: PageStyle,
        *,
        title: str,
        made: datetime.datetime | None = None,
        author: str = "",
        typefaces: Typefaces | None = None,
        stamp: tuple[str, str] = ("", ""),
    ) -> None:
        self.page = page
        self.made = made or datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
        self.typefaces = typefaces or default_typefaces()
        self.title = self._printable(title)
        self.author = self._printable(author)
        self.stamp = tuple(self._printable(words) for words in stamp)
        self._number = ""
        self._blocks: list[Block] = []

    def add(self, block: Block) -> None:
        """Any block of one's own."""
        self._blocks.append(block)

    def head(self, number: str = "", qr: str = "") -> None:
        """The form's name, centred, with its number below and a QR code of `qr` beside it."""
        self._number = self._printable(number).replace("\n", " ")
        small = Measure(self.typefaces[Face.SANS], self.page.table_size)
        title = Measure(self.typefaces[self.page.title], self.page.title_size)
        self.add(
            FormHead(self.title, number, qr, title, self.page.title_leading, small, self.page.table_leading)
        )

    def heading(self, text: str, level: int = 1) -> None:
        """A heading in the text: level 1 in 黑体, 2 in 楷体, others as the text (GB/T 9704-2012, 7.3.3)."""
        face = {1: Face.HEITI, 2: Face.KAITI}.get(level, self.page.body)
        keep = 2 * self.page.leading
        measure = self._measure(face)
        for line in measure.typeface.printable(text).split("\n"):
            self.add(Paragraph(line, measure, self.page.leading, indent=self.page.indent, keep=keep))

    def paragraph(
        self, text: str, indent: float | None = None, align: Align = Align.LEFT, *, leads: bool = False
    ) -> None:
        """Running text; a line end begins a new paragraph. `indent` in characters, otherwise the page's.

        What `leads` to something, such as the words above a chart, stays on its page as a heading does.
        """
        measure = self._measure(self.page.body)
        first = self.page.indent if indent is None else indent
        justify = align is Align.LEFT
        first = first if justify else 0
        for line in measure.typeface.printable(text).split("\n"):
            keep = self.page.leading if leads else 0
            self.add(Paragraph(line, measure, self.page.leading, align, first, justify, keep=keep))

    def fields(self, pairs: Sequence[tuple[str, str]], columns: int = 2) -> None:
        """Key and value pairs in `columns` columns; a value too long for its column gets the full width."""
        style = self._text_style(self.page.size, self.page.leading)
        share = self.page.frame_width / columns
        row: list[tuple[str, str]] = []
        for pair in pairs:
            long = len(FieldRow([pair], columns, style).lines(pair, share)) > 1
            if row and (long or len(row) == columns):
                self.add(FieldRow(row, columns, style))
                row = []
            if long:
                self.paragraph(f"{pair[0]}：{pair[1]}", indent=0)
            else:
                row.append(pair)
        if row:
            self.add(FieldRow(row, columns, style))

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        *,
        keys: Sequence[Hashable] | None = None,
        totals: Sequence[Sequence[Cell]] = (),
    ) -> None:
        """A table over as many pages as it needs; see `Table` for `keys` (merged cells) and `totals`."""
        style = self._text_style(self.page.table_size, self.page.table_leading)
        self.space(self.page.leading / 3)
        self.add(Table(columns, rows, style, keys, totals))
        self.space(self.page.leading / 3)

    def bar_chart(self, bars: Sequence[tuple[str, int]], unit: str = "") -> None:
        """One level bar per (label, value), on one page unless it were to take most of it."""
        self.space(self.page.leading / 3)
        style = self._text_style(self.page.table_size, self.page.table_leading)
        self.add(BarChart(bars, unit, style, whole=(self.page.frame_height or 0) * _CHART_ON_ONE_PAGE))
        self.space(self.page.leading / 3)

    def qr_note(self, content: str, text: str) -> None:
        """A QR code of `content` with `text` beside it."""
        self.space(self.page.leading / 3)
        self.add(QrNote(content, text, self._text_style(self.page.table_size, self.page.table_leading)))

    def signatures(self, known: Mapping[str, str] | None = None, names: Sequence[str] = SIGNATURES) -> None:
        """The closing line of every form; `known` fills in what is not signed by hand, such as 制表人."""
        entries = [(name, (known or {}).get(name, "")) for name in names]
        self.add(Signatures(entries, self._text_style(self.page.size, self.page.leading)))

    def slogan(self) -> None:
        """捐赠药品 免费发放 严禁销售."""
        self.add(Slogan(Measure(self.typefaces[Face.BOLD], self.page.size)))

    def labels(self, labels: Sequence[Label], columns: int = 1, rows: int = 1) -> None:
        """Labels, `columns` × `rows` on each page; they need pages of their own."""
        height = self.page.frame_height
        if height is None:
            raise LayoutError("labels need a page of fixed height")
        self.page_break()
        self.add(LabelGrid(labels, columns, rows, self.typefaces, height))

    def space(self, height: float) -> None:
        """Empty height in points."""
        self.add(Space(height))

    def page_break(self) -> None:
        """What follows begins on a new page."""
        self.add(PageBreak())

    def build(self) -> bytes:
        """The PDF. LayoutError when something is too wide or too tall for the page."""
        pages = self._paginate()
        with _drawing:
            return self._write(pages)

    def _printable(self, text: str) -> str:
        return self.typefaces[Face.SANS].printable(text)

    def _measure(self, face: Face) -> Measure:
        return Measure(self.typefaces[face], self.page.size, self.page.spacing)

    def _text_style(self, size: float, leading: float) -> TextStyle:
        plain = Measure(self.typefaces[self.page.body], size)
        return TextStyle(plain, Measure(self.typefaces[Face.BOLD], size), leading)

    def _paginate(self) -> list[Page]:
        room = self.page.frame_height or _LONGEST_PAGE - (self.page.top + self.page.bottom) * MM
        pages: list[Page] = [[]]
        down = 0.0
        for index, block in enumerate(self._blocks):
            rest: Block | None = block
            if isinstance(block, Table):
                rest = self._with_what_follows(block, self._blocks[index + 1 :])
            if down and self._stands_alone(index, room - down):
                pages.append([])
                down = 0.0
            while rest is not None:
                placed, rest = rest.fit(self.page.frame_width, room - down, down == 0)
                if placed is not None:
                    pages[-1].append((down, placed))
                    down += placed.height
                if rest is not None:
                    if down == 0 and placed is None:
                        raise LayoutError(f"{type(rest).__name__} does not fit an empty page")
                    pages.append([])
                    down = 0.0
        return pages

    def _stands_alone(self, index: int, room: float) -> bool:
        """Whether the block is a heading, or leads to something, and fits while nothing of that would stand below it.

        Headings that follow each other go together: what counts is the first block that is none.
        """
        if not _is_heading(self._blocks[index]):
            return False
        for block in self._blocks[index:]:
            placed, _rest = block.fit(self.page.frame_width, room, False)
            if placed is None:
                return True
            if not (_is_heading(block) or isinstance(block, Space)):
                return False
            room -= placed.height
        return False

    def _with_what_follows(self, table: Table, following: Sequence[Block]) -> Table:
        """The table, kept together with the signatures below it where only running text stands between."""
        height = 0.0
        for block in following:
            placed, rest = block.fit(self.page.frame_width, _LONGEST_PAGE, False)
            if rest is not None or not isinstance(block, Space | Paragraph | Signatures):
                break
            height += placed.height if placed else 0.0
            if isinstance(block, Signatures) and height < (self.page.frame_height or 0) / 2:
                return replace(table, keep=height)
        return table

    def _write(self, pages: list[Page]) -> bytes:
        target = io.BytesIO()
        font = self.typefaces[Face.SANS].runs("0")[0][0]
        # reportlab would otherwise name Helvetica, which is not embedded, on every page.
        first: Any = {"initialFontName": font}
        canvas = Canvas(target, invariant=1, lang="zh-CN", pageCompression=1, pdfVersion=(1, 4), **first)
        canvas.setTitle(self.title.replace("\n", ""))
        canvas.setAuthor(self.author)
        canvas.setSubject(self._number)
        canvas.setCreator(self.author)
        canvas.setViewerPreference("DisplayDocTitle", "true")
        _date(canvas, self.made)
        for number, page in enumerate(pages, start=1):
            self._write_page(canvas, page, number, len(pages))
        canvas.save()
        return target.getvalue()

    def _write_page(self, canvas: Canvas, page: Page, number: int, count: int) -> None:
        height = self.page.height * MM if self.page.height else self._roll_height(page)
        canvas.setPageSize((self.page.width * MM, height))
        self._stamp_page(canvas, height)
        pen = Pen(canvas)
        top = height - self.page.top * MM
        for down, placed in page:
            placed.draw(pen, self.page.left * MM, top - down)
        self._number_page(pen, height, number, count)
        pen.finish()
        canvas.showPage()

    def _stamp_page(self, canvas: Canvas, height: float) -> None:
        across, above = self.stamp
        if not across:
            return
        width = self.page.width * MM
        large = Measure(self.typefaces[Face.BOLD], width / (len(across) + 1))
        canvas.saveState()
        canvas.setFillGray(_FAINT)
        canvas.translate(width / 2, height / 2)
        canvas.rotate(45)
        faint = Pen(canvas)
        faint.write(across, large, -large.width(across) / 2, -large.size / 3)
        faint.finish()
        canvas.restoreState()
        small, pen = Measure(self.typefaces[Face.BOLD], _ABOVE), Pen(canvas)
        top = height - self.page.top * MM / 2
        pen.write_in([above], small, _ABOVE, Align.CENTRE, self.page.left * MM, top, self.page.frame_width)
        pen.finish()

    def _roll_height(self, page: Page) -> float:
        content = max((down + placed.height for down, placed in page), default=0)
        return content + (self.page.top + self.page.bottom) * MM

    def _number_page(self, pen: Pen, height: float, number: int, count: int) -> None:
        width = self.page.frame_width
        left = self.page.left * MM
        if self.page.numbering is Numbering.FORM:
            small = Measure(self.typefaces[Face.SANS], 8)
            foot = [f"第 {number} 页 共 {count} 页"]
            pen.write_in(foot, small, 10, Align.CENTRE, left, self.page.bottom * MM * 0.6, width)
            if number > 1:
                self._running_head(pen, small, left, height, width)
        elif self.page.numbering is Numbering.NOTICE:
            self._notice_number(pen, number, left, width)

    def _running_head(self, pen: Pen, measure: Measure, left: float, height: float, width: float) -> None:
        text = f"{self.title} {self._number}".replace("\n", "").strip()
        while measure.width(text) > width:
            text = text[:-2] + "…"
        pen.write_in([text], measure, 10, Align.LEFT, left, height - self.page.top * MM + 14, width)

    def _notice_number(self, pen: Pen, number: int, left: float, width: float) -> None:
        """4号 (14 pt), the dashes 7 mm below the type area, one character in: on odd pages from the right,
        on even ones from the left (GB/T 9704-2012, 7.5)."""
        measure = Measure(self.typefaces[Face.SERIF], 14)
        text = f"— {number} —"
        baseline = (self.page.bottom - 7) * MM - 0.38 * measure.size
        spare = width - measure.width(text) - measure.size
        pen.write(text, measure, left + (spare if number % 2 else measure.size), baseline)


def _is_heading(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.keep > 0


def _date(canvas: Canvas, moment: datetime.datetime) -> None:
    """Set the creation date (ISO 32000-1, 7.9.4) and the seed of the file's identifier.

    reportlab takes both from the clock or SOURCE_DATE_EPOCH and offers no other way.
    """
    minutes = int((moment.utcoffset() or datetime.timedelta()).total_seconds()) // 60
    hours = abs(minutes) // 60 * (1 if minutes >= 0 else -1)
    pdf: Any = canvas._doc  # type: ignore[attr-defined]
    pdf._timeStamp = SimpleNamespace(YMDhms=moment.timetuple()[:6], dhh=hours, dmm=abs(minutes) % 60)
    pdf.signature = hashlib.md5(moment.isoformat().encode(), usedforsecurity=False)
