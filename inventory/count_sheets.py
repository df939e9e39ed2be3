"""盘点表: the blank sheet of a blind count, on paper and as a spreadsheet, in shelf order.

It says what stands where, and leaves to the counter how much: the books' quantities are not on it.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font
from openpyxl.styles import Side as Edge
from openpyxl.utils import get_column_letter

from core.documents import A4_LANDSCAPE, Align, Column, Document
from core.documents.forms import SIGNATURES
from core.safe_text import neutralise_formula
from inventory.models import Pack, Side
from inventory.models.counts import Spot, StockCount

TITLE = "盘点表"
SIDES = {Side.STORE: "药库", Side.CLINIC: "发放处"}
SPOTS = {Spot.SHELF: "货架", Spot.HELD: "暂控"}
PACKS = {Pack.SEALED: "整盒未拆", Pack.OPENED: "已拆"}
COLUMNS = [
    Column("序号", 11, Align.RIGHT),
    Column("位置", 25),
    Column("批次号", 17, Align.RIGHT),
    Column("药品名称"),
    Column("规格", 28),
    Column("批号", 28),
    Column("有效期至", 22),
    Column("包装", 20),
    Column("单位", 12),
    Column("实盘数量", 22),
    Column("盘点时间", 22),
]
# Above the table stand the title, what is counted, and how.
HEAD_ROW = 4
# Rows left for what the list does not know.
BLANK_ROWS = 8
HOW = (
    "请逐行清点后填写实盘数量和盘点时间；货架上已预留待发出的药品一并计入；未清点的行请留空，留空不等于零；"
    "清单之外的药品填入空行。"
)
_EDGE = Edge(style="thin")
_BORDER = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)


@dataclass(frozen=True)
class Sheet:
    """A count with the rows of queries.counts.shelf_rows, and who prints it."""

    count: StockCount
    rows: list[dict[str, Any]]
    maker: str
    # Devices that are out, of which the sheet only says that they are not to be counted.
    out: list[dict[str, Any]] = field(default_factory=list)

    @property
    def how(self) -> str:
        """What the counter is told above the table."""
        devices = "、".join(f"{row['name']}{row['kept'] + row['lent']}台（支）" for row in self.out)
        return f"{HOW}在用和借出的器械不计入：{devices}。" if devices else HOW

    @property
    def facts(self) -> list[tuple[str, str]]:
        return [
            ("单位", self.count.place.name),
            ("盘点开始", str(self.count.started_on)),
            ("盘点号", str(self.count.pk)),
        ]

    def cells(self) -> list[list[str | int]]:
        filled = [_cells(number, row) for number, row in enumerate(self.rows, start=1)]
        blank: list[list[str | int]] = [[""] * len(COLUMNS) for _ in range(BLANK_ROWS)]
        return [*filled, *blank]


def sheet_pdf(sheet: Sheet, *, made: datetime.datetime) -> bytes:
    """The sheet on A4 across."""
    document = Document(A4_LANDSCAPE, title=TITLE, made=made, author=sheet.count.place.name)
    document.head()
    document.fields(sheet.facts, columns=3)
    document.paragraph(sheet.how, indent=0)
    document.table(COLUMNS, sheet.cells())
    document.signatures(names=["盘点人（签字）"])
    document.signatures({"制表人": sheet.maker})
    return document.build()


def sheet_xlsx(sheet: Sheet) -> bytes:
    """The same as a spreadsheet; texts are texts, and none is taken for a formula."""
    book = Workbook()
    page: Any = book.active
    page.title = TITLE
    closing = [f"{name}：{sheet.maker if name == '制表人' else '            '}" for name in SIGNATURES]
    facts = "    ".join(f"{name}：{value}" for name, value in sheet.facts)
    heads = [column.head for column in COLUMNS]
    lines: list[Sequence[str | int]] = [
        [TITLE],
        [facts],
        [sheet.how],
        heads,
        *sheet.cells(),
        ["    ".join(closing)],
    ]
    for cells in lines:
        page.append([neutralise_formula(cell) if isinstance(cell, str) else cell for cell in cells])
    _lay_out(page)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _lay_out(page: Any) -> None:
    """Frames around the table, lines over the whole width above and below it, A4 across for the printer."""
    last, wrapped = page.max_row, Alignment(wrap_text=True, vertical="center")
    for row in page.iter_rows(min_row=HEAD_ROW, max_row=last - 1, max_col=len(COLUMNS)):
        for cell in row:
            cell.border, cell.alignment = _BORDER, wrapped
            if isinstance(cell.value, str):
                cell.number_format = "@"
    for number in (*range(1, HEAD_ROW), last):
        page.merge_cells(start_row=number, end_row=number, start_column=1, end_column=len(COLUMNS))
        page.cell(number, 1).alignment = wrapped
    page.cell(1, 1).font = Font(bold=True, size=16)
    page.row_dimensions[HEAD_ROW - 1].height = 32
    for index, column in enumerate(COLUMNS, start=1):
        page.column_dimensions[get_column_letter(index)].width = (column.width or 44) * 0.62
    page.freeze_panes = f"A{HEAD_ROW + 1}"
    page.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = 9  # A4 in ECMA-376, ST_PaperSize


def _cells(number: int, row: dict[str, Any]) -> list[str | int]:
    return [
        number,
        f"{SIDES[Side(row['account__side'])]} {SPOTS[Spot(row['spot'])]}",
        row["batch_id"],
        row["batch__medicine__generic_name"],
        row["batch__medicine__strength"],
        row["batch__lot_number"],
        str(row["batch__last_usable_day"] or ""),
        PACKS[Pack(row["batch__pack"])],
        row["batch__medicine__smallest_unit"],
        "",
        "",
    ]
