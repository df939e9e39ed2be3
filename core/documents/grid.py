"""The grid of a table: columns with their widths, rows broken into lines, and which of their cells merge."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import groupby

from core.documents.blocks import MM, PADDING_X, PADDING_Y, Align, LayoutError, TextStyle
from core.documents.lines import break_lines

CONTINUED = "（续）"

Cell = str | int | None
Lines = list[str]


@dataclass(frozen=True)
class Column:
    """One column: `width` in mm, None for an equal share of what is left; `over` a head above neighbours."""

    head: str
    width: float | None = None
    align: Align = Align.LEFT
    merge: bool = False
    over: str = ""


def column_widths(columns: Sequence[Column], width: float, style: TextStyle) -> list[float]:
    """Every column's width in points; LayoutError when they overrun `width` or one is too narrow."""
    fixed = sum(column.width or 0 for column in columns) * MM
    shares = sum(column.width is None for column in columns)
    if fixed > width + 0.5:
        raise LayoutError(f"columns of {fixed / MM:.1f} mm on {width / MM:.1f} mm")
    share = (width - fixed) / shares if shares else 0
    widths = [share if column.width is None else column.width * MM for column in columns]
    for column, points in zip(columns, widths, strict=True):
        if points < style.plain.size + 2 * PADDING_X:
            raise LayoutError(f"column {column.head!r} of {points / MM:.1f} mm is narrower than a character")
    return widths


class Grid:
    """A table with known column widths: its rows broken into lines, and which of them merge."""

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        totals: Sequence[Sequence[Cell]],
        keys: Sequence[Hashable] | None,
        *,
        style: TextStyle,
        width: float,
    ) -> None:
        self.columns, self.style = columns, style
        self.widths = column_widths(columns, width, style)
        self.merging = [index for index, column in enumerate(columns) if column.merge]
        self.rows = [*(rows or [["无", *[""] * (len(columns) - 1)]]), *totals]
        self.first_total = len(self.rows) - len(totals)
        self.heads = [self._lines(column.head, index, bold=True) for index, column in enumerate(columns)]
        self.over_height = self.height_of([""]) if any(column.over for column in columns) else 0.0
        self.head_height = self.over_height + max(map(self.height_of, self.heads))
        self._group_ends = _group_ends(keys if self.merging else None, len(self.rows))

    def height_of(self, lines: Lines) -> float:
        return len(lines) * self.style.leading + 2 * PADDING_Y

    def row_height(self, cells: list[Lines], merged: bool) -> float:
        """The height of a row; its merged cells stand over several rows and do not count."""
        most = 1
        for index, lines in enumerate(cells):
            if len(lines) > most and not (merged and index in self.merging):
                most = len(lines)
        return most * self.style.leading + 2 * PADDING_Y

    def lay(self, row: int) -> list[Lines]:
        """The cells of one row as lines."""
        bold = row >= self.first_total
        return [
            self._lines("" if cell is None else str(cell), index, bold)
            for index, cell in enumerate(self.rows[row])
        ]

    def merged_cells(self, row: int, continued: bool) -> dict[int, Lines]:
        """Column → lines of the merged cells that the group beginning at `row` shows on one page."""
        cells = {index: str(self.rows[row][index] or "") for index in self.merging}
        first = self.merging[0]
        if continued:
            cells[first] += CONTINUED
        return {index: self._lines(text, index, bold=False) for index, text in cells.items()}

    def group_end(self, row: int) -> int:
        """The row after the last one that shares the merged cells of `row`."""
        return self._group_ends[row]

    def unmerge(self, row: int) -> None:
        """Let the rest of a group stand unmerged, because its merged text is taller than a page."""
        for index in range(row, self._group_ends[row]):
            self._group_ends[index] = index + 1

    def _lines(self, text: str, column: int, bold: bool) -> Lines:
        measure = self.style.bold if bold else self.style.plain
        return break_lines(measure.typeface.printable(text), measure, self.widths[column] - 2 * PADDING_X)


def _group_ends(keys: Sequence[Hashable] | None, rows: int) -> list[int]:
    ends: list[int] = []
    for _, group in groupby(keys or ()):
        length = len(list(group))
        ends += [len(ends) + length] * length
    return ends + list(range(len(ends) + 1, rows + 1))


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: the row, the row that opened its group if that stands on an earlier page, and what
    is left of a row too tall for one page."""

    row: int = 0
    opener: int | None = None
    pending: tuple[Lines, ...] = ()


@dataclass(frozen=True)
class Segment:
    """Rows of one group on one page: cells and height of each, merged cells by column, what comes after."""

    rows: list[tuple[list[Lines], float]]
    merged: dict[int, Lines]
    bold: bool
    after: Cursor

    @property
    def height(self) -> float:
        return sum(height for _, height in self.rows)
