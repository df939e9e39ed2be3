"""The bulletin as a spreadsheet: the tables as people read them, and the sheet 数据 with every figure as a row."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font

from core.safe_text import neutralise_formula
from reports.files.long_table import fields_of, long_rows
from reports.files.tables import ACCOUNT, ALLOTTED, IDENTITIES, NOT_CLOSED, TOWNSHIPS, Table, received_table
from reports.files.words import is_closing, periods_of

DATA_SHEET = "数据"
WIDTHS = {
    "通用名": 24,
    "捐赠接收点": 30,
    "机构": 30,
    "生产企业": 30,
    "批号": 16,
    "有效期至": 13,
    "日期": 13,
    "核对项": 24,
    "药品": 12,
    "乡镇": 16,
}
NARROW = 11
# What a table for people says that has no rows.
NOTHING = "无"
NOTES = (
    "数量以各药品的最小单位计，不同单位的数量不得相加。",
    "本期与累计均按记账日统计；期初加收入等于支出加期末，逐项核对见“核对”表。",
    "“数据”表逐行列出全部数字，与公布的 JSON、CSV 文件一致。",
    "核验：用公布的 verify_bulletin.py 与公钥核对本文件及 JSON 文件。",
)
TOWNSHIPS_NOTE = (
    "“分乡镇”表按药品逐行列出，各行相加等于收支表；“接收”按捐赠接收点、“分配”按接收机构、“发放”按发放机构所在乡镇计算，"
    "某一期发放不足5人次的乡镇当期合并列示，累计按各期列出的数相加，合计不变。"
)


def workbook_bytes(content: dict[str, Any], sha256: str) -> bytes:
    """The file; `sha256` is that of the sealed JSON it was made from."""
    book = Workbook(write_only=True)
    notes = (*NOTES, TOWNSHIPS_NOTE) if "townships" in content else NOTES
    add_sheet(book, "说明", [*_facts(content, sha256), *([note] for note in notes)], [28, 80])
    periods = periods_of(content)
    for word, period in periods:
        _table(book, f"收支（{word}）", ACCOUNT, content[period]["medicines"])
    received, fields = received_table(content), fields_of(content)
    _table(book, received.title, received, content["received"])
    _table(book, ALLOTTED.title, ALLOTTED, content["allotted"])
    for word, period in periods:
        if "townships" in content:
            _table(book, f"{TOWNSHIPS.title}（{word}）", TOWNSHIPS, content["townships"][period])
    if is_closing(content):
        _table(book, NOT_CLOSED.title, NOT_CLOSED, content["not_closed"])
    identities = content["this_period"]["identities"] + content["table_identities"]
    _table(book, IDENTITIES.title, IDENTITIES, identities)
    rows = (list(line.values()) for line in long_rows(content))
    add_sheet(book, DATA_SHEET, rows, [NARROW] * len(fields), heads=fields)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _facts(content: dict[str, Any], sha256: str) -> list[list[Any]]:
    period, campaign, counts = content["this_period"], content["campaign"], content["this_period"]["counts"]
    span = periods_of(content)[0][0]
    return [
        ["县", content["county"]["name"]],
        ["征集活动", campaign["name"]],
        ["受赠单位", campaign["donee"]],
        ["统筹单位", campaign["coordinator"]],
        ["期数", f"{content['year']}年第{content['number']}期"],
        ["起止日期", f"{period['period']['from']} 至 {period['period']['to']}"],
        ["截至时刻", content["as_of"]],
        [f"{span}捐赠笔数", counts["donations"]],
        [f"{span}惠及人次", counts["hand_outs"]],
        ["联系方式", campaign["contact"]],
        ["监督电话", campaign["supervision_phone"]],
        ["JSON 文件的 SHA-256", sha256],
        ["上一期的 SHA-256", content["previous_sha256"] or "无（首期）"],
    ]


def _table(book: Workbook, title: str, table: Table, rows: list[dict[str, Any]]) -> None:
    widths = [WIDTHS.get(word, NARROW) for word in table.words()]
    add_sheet(book, title, table.rows(rows) if rows else [[NOTHING]], widths, heads=table.words())


def add_sheet(
    book: Workbook,
    title: str,
    rows: Iterable[Sequence[Any]],
    widths: Sequence[int],
    heads: Sequence[str] = (),
) -> None:
    sheet: Any = book.create_sheet(title)
    for number, width in enumerate(widths):
        sheet.column_dimensions[chr(ord("A") + number)].width = width
    if heads:
        sheet.freeze_panes = "A2"
        sheet.append([_bold(sheet, head) for head in heads])
    for row in rows:
        sheet.append([neutralise_formula(cell) if isinstance(cell, str) else cell for cell in row])


def _bold(sheet: Any, text: str) -> Cell:
    cell: Cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell
