"""Drawing what of a table stands on one page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from core.documents.blocks import PADDING_X, Align, Pen
from core.documents.grid import Grid, Segment
from core.documents.lines import Measure

Rule = tuple[float, float, float, float]


def draw_table(grid: Grid, segments: Sequence[Segment], pen: Pen, x: float, top: float) -> None:
    """The head, the rows of `segments` under it, and the rules between the cells."""
    sheet = _Sheet(grid, pen, x)
    sheet.head(top)
    y = top - grid.head_height
    sheet.across(y, range(len(grid.widths)))
    for segment in segments:
        y = sheet.segment(segment, y)
    sheet.frame(top, y)
    pen.rules(sheet.rules)


class _Sheet:
    """One page's part of a table, its left edge at `x`."""

    def __init__(self, grid: Grid, pen: Pen, x: float) -> None:
        self.grid = grid
        self.pen = pen
        self.rules: list[Rule] = []
        self.edges = [x]
        for width in grid.widths:
            self.edges.append(self.edges[-1] + width)

    def head(self, top: float) -> None:
        """The heads of the columns, those with a common `over` under it."""
        grid = self.grid
        bold = grid.style.bold
        index = 0
        for over, group in groupby(grid.columns, key=lambda column: column.over):
            count = len(list(group))
            if over:
                line = [bold.typeface.printable(over)]
                self._text(line, bold, Align.CENTRE, (index, index + count), top, grid.over_height)
                self.across(top - grid.over_height, range(index, index + count))
            for column in range(index, index + count):
                down = grid.over_height if over else 0
                height = grid.head_height - down
                self._text(grid.heads[column], bold, Align.CENTRE, (column, column + 1), top - down, height)
                if column > index or not over:
                    self._upright(column, top - down, grid.head_height - down)
                else:
                    self._upright(column, top, grid.head_height)
            index += count

    def segment(self, segment: Segment, y: float) -> float:
        """Rows of one group from `y` down; returns where they end."""
        grid = self.grid
        measure = grid.style.bold if segment.bold else grid.style.plain
        open_columns = [index for index in range(len(grid.widths)) if index not in segment.merged]
        for column, lines in segment.merged.items():
            self._text(lines, measure, grid.columns[column].align, (column, column + 1), y, segment.height)
        for number, (cells, height) in enumerate(segment.rows, start=1):
            for column in open_columns:
                self._text(
                    cells[column], measure, grid.columns[column].align, (column, column + 1), y, height
                )
            y -= height
            self.across(y, range(len(grid.widths)) if number == len(segment.rows) else open_columns)
        return y

    def across(self, y: float, columns: Sequence[int]) -> None:
        """A level rule under `columns`, in one stroke per run of neighbours."""
        start = 0
        for at in range(1, len(columns) + 1):
            if at == len(columns) or columns[at] != columns[at - 1] + 1:
                self.rules.append((self.edges[columns[start]], y, self.edges[columns[at - 1] + 1], y))
                start = at

    def frame(self, top: float, bottom: float) -> None:
        """The top rule, the right one, and the uprights between the columns below the head."""
        below = top - self.grid.head_height
        self.across(top, range(len(self.grid.widths)))
        self.rules += [(edge, below, edge, bottom) for edge in self.edges[:-1]]
        self.rules.append((self.edges[-1], top, self.edges[-1], bottom))

    def _upright(self, column: int, top: float, height: float) -> None:
        self.rules.append((self.edges[column], top, self.edges[column], top - height))

    def _text(
        self,
        lines: list[str],
        measure: Measure,
        align: Align,
        columns: tuple[int, int],
        top: float,
        height: float,
    ) -> None:
        """Lines in the middle of a cell that reaches over `columns` (first, last + 1)."""
        if lines == [""]:
            return
        leading = self.grid.style.leading
        left, right = self.edges[columns[0]] + PADDING_X, self.edges[columns[1]] - PADDING_X
        down = (height - len(lines) * leading) / 2
        self.pen.write_in(lines, measure, leading, align, left, top - down, right - left)
