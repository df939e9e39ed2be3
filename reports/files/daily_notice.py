"""The daily report on paper: counts, who reported nothing, and every medicine that moved, to be signed. Pure."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from core.documents import A4, Align, Column, Document
from core.documents.grid import Cell
from reports.files.daily_text import STEPS, zero_names
from reports.files.words import UNNAMED, chinese_day

TITLE = "捐赠药品日报"
SPANS = (("本日", "today"), ("累计", "cumulative"))
COUNTS = (
    ("登记捐赠（笔）", "donations"), ("接收药品（种）", "kinds_registered"), ("合格药品（种）", "kinds_accepted"),
    ("分配药品（种）", "kinds_allotted"), ("发放药品（种）", "kinds_dispensed"), ("惠及人次", "hand_outs"),
)  # fmt: skip
# With room for names that take two lines, and for what stands above and below.
ON_ONE_PAGE = 16
# On every page of what was asked for too early, so that it is never filed as the day's report.
UNFINISHED = ("未完", "未到截止时刻：数据未完，不作为当日日报")


def daily_pdf(report: dict[str, Any], county: str, time_zone: str) -> bytes:
    """`report` as `reports.daily.DailyReport.content` gives it.

    One page; where more medicines moved than it has room for, they follow what is signed as a table of their own.
    """
    zone = ZoneInfo(time_zone)
    since, until = (report[name].astimezone(zone) for name in ("since", "until"))
    stamp = ("", "") if report["whole"] else UNFINISHED
    document = Document(A4, title=TITLE, made=until, author=county, stamp=stamp)
    document.head(number=f"{county} {chinese_day(report['day'])}")
    zero = [place["name"] for place in report["zero_reports"]]
    document.fields(
        [
            ("起始时刻", f"{since:%Y-%m-%d %H:%M}"),
            ("截至时刻", f"{until:%Y-%m-%d %H:%M}"),
            ("有记录的单位", f"{len(report['reported'])}个"),
            ("零报告的单位", f"{len(zero)}个"),
        ]
    )
    _counts(document, report)
    document.paragraph(f"零报告：{zero_names(zero)}。")
    moved = [row for row in report["medicines"] if any(row["today"].values())]
    if len(moved) > ON_ONE_PAGE:
        document.paragraph(f"本日有变动的药品{len(moved)}种，见附表。")
        document.signatures()
        document.page_break()
        _medicines(document, moved)
    else:
        _medicines(document, moved)
        document.signatures()
    return document.build()


def _counts(document: Document, report: dict[str, Any]) -> None:
    columns = [Column("期别", 16), *(Column(word, align=Align.RIGHT) for word, _name in COUNTS)]
    document.table(columns, [[word, *(report[span][name] for _head, name in COUNTS)] for word, span in SPANS])


def _medicines(document: Document, moved: list[dict[str, Any]]) -> None:
    """Of each medicine that moved this day, this day and since the beginning, in its smallest unit."""
    if not moved:
        document.paragraph("本日各药品均无变动。")
        return
    document.paragraph(f"本日有变动的药品{len(moved)}种，按最小单位计，不同药品的数量不相加：", leads=True)
    columns = [Column("药品"), Column("单位", 10)]
    columns += [Column(word, 15, Align.RIGHT, over=step) for _code, step in STEPS for word, _span in SPANS]
    rows: list[list[Cell]] = [
        [
            " ".join(filter(None, (row["generic_name"] or UNNAMED, row["strength"]))),
            row["unit"] or "",
            *(row[span][code] for code, _step in STEPS for _word, span in SPANS),
        ]
        for row in moved
    ]
    document.table(columns, rows)
