"""The report by unit as a spreadsheet: by unit, by health centre, what was checked, and 数据 with every figure."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook

from reports.files.boxes import shown
from reports.files.tables import IDENTITIES
from reports.files.unit_table import FIELDS, unit_rows
from reports.files.words import INTERNAL, PERIODS, SIZES_UNKNOWN, WITHOUT_UNIT
from reports.files.workbook import DATA_SHEET, NARROW, NOTHING, WIDTHS, add_sheet

NOTES = (
    INTERNAL,
    "单位按名录顺序排列，不排名；只列有捐赠的单位。人数指以个人名义捐赠的人。",
    f"折合盒数按各药品常见包装计算，标“约”；{SIZES_UNKNOWN}",
    "数量以各药品的最小单位计，不同单位的数量不得相加。",
    "各机构包括其所辖村卫生室；“签收”含本地留用；逾期未签收指发出超过3天尚未签收的批次。",
)
# Of a row its figures of each period, with their heads.
UNITS = (
    ("捐赠笔数", "donations"),
    ("捐赠人数", "people"),
    ("品种数", "registered_kinds"),
    ("折合盒数（约）", "registered_boxes"),
)
CENTRES = (
    ("分配品种数", "allotted_kinds"), ("分配盒数（约）", "allotted_boxes"), ("签收品种数", "received_kinds"),
    ("签收盒数（约）", "received_boxes"), ("发放品种数", "dispensed_kinds"), ("发放盒数（约）", "dispensed_boxes"),
    ("惠及人次", "hand_outs"),
)  # fmt: skip


def unit_workbook_bytes(content: dict[str, Any], sha256: str) -> bytes:
    """The file; `sha256` is that of the sealed JSON it was made from."""
    book = Workbook(write_only=True)
    add_sheet(book, "说明", [*_facts(content, sha256), *([note] for note in NOTES)], [28, 80])
    units = [
        [WITHOUT_UNIT.get(row["group"], row["category"]), row["name"], *_figures(row, UNITS)]
        for row in content["units"]
    ]
    add_sheet(book, "按单位", units or [[NOTHING]], [24, 34], heads=["类别", "单位", *_heads(UNITS)])
    centres = [
        [row["name"], *_figures(row, CENTRES), row["overdue"], row["overdue_since"] or ""]
        for row in content["centres"]
    ]
    heads = ["机构", *_heads(CENTRES), "逾期未签收（批）", "最早发出"]
    add_sheet(book, "按机构", centres or [[NOTHING]], [34], heads=heads)
    widths = [WIDTHS.get(word, NARROW) for word in IDENTITIES.words()]
    checked = IDENTITIES.rows([{**row, "medicine": row["medicine"] or "—"} for row in content["identities"]])
    add_sheet(book, IDENTITIES.title, checked, widths, heads=IDENTITIES.words())
    rows = (list(line.values()) for line in unit_rows(content))
    add_sheet(book, DATA_SHEET, rows, [NARROW] * len(FIELDS), heads=FIELDS)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _heads(figures: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"{word}（{period}）" for word, _name in figures for period, _span in PERIODS]


def _figures(row: dict[str, Any], figures: tuple[tuple[str, str], ...]) -> list[int | str]:
    return [shown(row[span][name]) for _word, name in figures for _period, span in PERIODS]


def _facts(content: dict[str, Any], sha256: str) -> list[list[Any]]:
    this, whole = (content["periods"][span] for _word, span in PERIODS)
    return [
        ["县", content["county"]["name"]],
        ["征集活动", content["campaign"]["name"]],
        ["统筹单位", content["campaign"]["coordinator"]],
        ["期数", f"{content['year']}年第{content['number']}期"],
        ["本期", f"{this['from']} 至 {this['to']}"],
        ["累计", f"{whole['from']} 至 {whole['to']}"],
        ["截至时刻", content["as_of"]],
        ["JSON 文件的 SHA-256", sha256],
        ["上一期的 SHA-256", content["previous_sha256"] or "无（首期）"],
    ]
