"""Tables that run over pages: the head is repeated, cells wrap, a donor's cells merge over the donor's rows.

Table(
    columns=[Column("捐赠人", 25, merge=True), Column("通用名"), Column("数量", 16, Align.RIGHT)],
    rows=[["张*", "布洛芬片", 12], ["张*", "连花清瘟胶囊", 24]],
    style=style,
    keys=[1, 1],
)
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

from core.documents.blocks import MM, PADDING_X, PADDING_Y, Align, Block, LayoutError, Placed, TextStyle
from core.documents.lines import break_lines
from core.documents.table_drawing import draw_table

TOLERANCE = 0.01
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


@dataclass(frozen=True)
class Table:
    """Rows of text under a head.

    `keys` gives one value per row; neighbouring rows of one key share the cells of the `merge` columns, which
    show the first row's text, again on each page. Without keys nothing merges. `totals` are rows set in bold
    at the end. A table without rows prints 无. Where less than `keep` points would be left below the table, its last
    rows stand on the next page, together with what follows: nobody signs on a page without a row.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    style: TextStyle
    keys: Sequence[Hashable] | None = None
    totals: Sequence[Sequence[Cell]] = ()
    keep: float = 0.0

    def __post_init__(self) -> None:
        if not self.columns:
            raise LayoutError("a table without columns")
        for number, row in enumerate([*self.rows, *self.totals], start=1):
            if len(row) != len(self.columns):
                raise LayoutError(f"row {number} has {len(row)} cells, the table {len(self.columns)} columns")
        if self.keys is not None and len(self.keys) != len(self.rows):
            raise LayoutError(f"{len(self.keys)} keys for {len(self.rows)} rows")

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        return _Part(Grid(self, column_widths(self.columns, width, self.style))).fit(width, room, fresh)


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

    def __init__(self, table: Table, widths: list[float]) -> None:
        self.columns = table.columns
        self.style = table.style
        self.keep = table.keep
        self.widths = widths
        self.merging = [index for index, column in enumerate(table.columns) if column.merge]
        self.rows = [*(table.rows or [["无", *[""] * (len(widths) - 1)]]), *table.totals]
        self.first_total = len(self.rows) - len(table.totals)
        self.heads = [
            self._lines(column.head, index, bold=True) for index, column in enumerate(table.columns)
        ]
        self.over_height = self.height_of([""]) if any(column.over for column in table.columns) else 0.0
        self.head_height = self.over_height + max(map(self.height_of, self.heads))
        self._group_ends = _group_ends(table.keys if self.merging else None, len(self.rows))

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


@dataclass(frozen=True)
class _Part:
    """A table from `cursor` on."""

    grid: Grid
    cursor: Cursor = Cursor()

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        segments: list[Segment] = []
        left = room - self.grid.head_height
        cursor = self.cursor
        while cursor.row < len(self.grid.rows):
            segment = self._segment(cursor, left)
            if segment is None and fresh and not segments:
                segment = self._oversize(cursor, left)
            if segment is None:
                break
            segments.append(segment)
            left -= segment.height
            cursor = segment.after
            if cursor.opener is not None or cursor.pending:
                break
        if self._ends_alone(cursor, left):
            segments = self._held_back(segments) or (segments if fresh else [])
        if not segments or self._orphan(segments, fresh):
            return None, self
        height = self.grid.head_height + sum(segment.height for segment in segments)
        placed = Placed(height, partial(draw_table, self.grid, segments))
        after = segments[-1].after
        return placed, _Part(self.grid, after) if after.row < len(self.grid.rows) else None

    def _ends_alone(self, cursor: Cursor, left: float) -> bool:
        """Whether what follows the last row, totals or signatures, would stand on the next page without it."""
        if cursor.row == len(self.grid.rows):
            return left < self.grid.keep
        return cursor.row >= self.grid.first_total and not cursor.pending

    def _held_back(self, segments: list[Segment]) -> list[Segment]:
        """The segments without the totals and the last row before them, which begin the next page."""
        held = list(segments)
        while held and held[-1].bold:
            held.pop()
        if held:
            last = held.pop()
            begun = held[-1].after if held else self.cursor
            shorter = self._segment(begun, last.height - last.rows[-1][1]) if len(last.rows) > 1 else None
            held += [shorter] if shorter else []
        return held

    def _orphan(self, segments: list[Segment], fresh: bool) -> bool:
        """Whether a long table would begin with a single row at the foot of a page."""
        begun = self.cursor.row == 0 and sum(len(segment.rows) for segment in segments) == 1
        return begun and not fresh and len(self.grid.rows) > 1

    def _segment(self, cursor: Cursor, left: float) -> Segment | None:
        """As many rows of the cursor's group as `left` holds; None when not one, or not the merged text."""
        grid = self.grid
        end = grid.group_end(cursor.row)
        opener = cursor.row if cursor.opener is None else cursor.opener
        grouped = end - opener > 1
        merged = grid.merged_cells(opener, cursor.opener is not None) if grouped else {}
        needed = max(map(grid.height_of, merged.values()), default=0.0)
        rows: list[tuple[list[Lines], float]] = []
        used = 0.0
        for row in range(cursor.row, end):
            cells = list(cursor.pending) if cursor.pending and row == cursor.row else grid.lay(row)
            height = grid.row_height(cells, grouped)
            if used + height > left + TOLERANCE:
                break
            rows.append((cells, height))
            used += height
        if not rows or needed > left + TOLERANCE:
            return None
        if used < needed:
            rows[-1] = (rows[-1][0], rows[-1][1] + needed - used)
        reached = cursor.row + len(rows)
        after = Cursor(reached, opener if reached < end else None)
        return Segment(rows, merged, cursor.row >= grid.first_total, after)

    def _oversize(self, cursor: Cursor, left: float) -> Segment:
        """On an empty page: first without merging, then the part of the row that fits."""
        grid = self.grid
        grid.unmerge(cursor.row)
        alone = replace(cursor, opener=None)
        segment = self._segment(alone, left)
        if segment is not None:
            return segment
        count = int((left - 2 * PADDING_Y + TOLERANCE) // grid.style.leading)
        if count < 1:
            raise LayoutError("the head of the table fills the page")
        cells = list(cursor.pending) or grid.lay(cursor.row)
        here = [lines[:count] for lines in cells]
        later = tuple(lines[count:] for lines in cells)
        bold = cursor.row >= grid.first_total
        return Segment([(here, grid.row_height(here, False))], {}, bold, Cursor(cursor.row, None, later))
