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
from dataclasses import dataclass, field, replace
from functools import partial

from core.documents.blocks import PADDING_Y, Block, LayoutError, Placed, TextStyle
from core.documents.grid import Cell, Column, Cursor, Grid, Lines, Segment
from core.documents.table_drawing import draw_table

TOLERANCE = 0.01


@dataclass(frozen=True)
class Table:
    """Rows of text under a head.

    `keys` gives one value per row; neighbouring rows of one key share the cells of the `merge` columns, which
    show the first row's text, again on each page. Without keys nothing merges. `totals` are rows set in bold
    at the end. A table without rows prints 无. Where less than `keep` points would be left below the table, its last
    rows stand on the next page, together with what follows: nobody signs on a page without a row. Rows of one
    key that are not more than `whole` are not divided between pages.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    style: TextStyle
    keys: Sequence[Hashable] | None = None
    totals: Sequence[Sequence[Cell]] = ()
    keep: float = 0.0
    whole: int = 0

    def __post_init__(self) -> None:
        if not self.columns:
            raise LayoutError("a table without columns")
        for number, row in enumerate([*self.rows, *self.totals], start=1):
            if len(row) != len(self.columns):
                raise LayoutError(f"row {number} has {len(row)} cells, the table {len(self.columns)} columns")
        if self.keys is not None and len(self.keys) != len(self.rows):
            raise LayoutError(f"{len(self.keys)} keys for {len(self.rows)} rows")

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        grid = Grid(self.columns, self.rows, self.totals, self.keys, style=self.style, width=width)
        return _Part(grid, self.keep, self.whole).fit(width, room, fresh)


@dataclass(frozen=True)
class _Part:
    """A table from `cursor` on."""

    grid: Grid
    keep: float
    whole: int
    cursor: Cursor = field(default_factory=Cursor)

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
        return placed, _Part(self.grid, self.keep, self.whole, after) if after.row < len(
            self.grid.rows
        ) else None

    def _ends_alone(self, cursor: Cursor, left: float) -> bool:
        """Whether the next page would begin with the last row alone, or with the totals or signatures after it."""
        if cursor.row == self.grid.first_total - 1 and cursor.row and not cursor.pending:
            return True
        if cursor.row == len(self.grid.rows):
            return left < self.keep
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
        divided = cursor.row + len(rows) < end <= opener + self.whole
        if not rows or divided or needed > left + TOLERANCE:
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
