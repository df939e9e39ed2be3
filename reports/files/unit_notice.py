"""The report by unit as an internal notice (通报), laid out as the public one, from its frozen content alone.

No document number and no seal: an issue number, the days, 截至时刻. Units stand in official order and are not ranked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.documents import NOTICE, Align, Column, Document, notices
from core.documents.grid import Cell
from reports.files.boxes import shown
from reports.files.notice import signing_unit, time_zone
from reports.files.notice_annexes import spaced_table
from reports.files.words import (
    INTERNAL,
    PERIODS,
    SIZES_UNKNOWN,
    UNNAMED,
    UNSIGNED,
    WITHOUT_UNIT,
    chinese_day,
    chinese_moment,
    edition_words,
    local_moment,
    stamp_of,
)

Content = dict[str, Any]
Figures = Sequence[tuple[str, str]]
ANNEXES = ("各单位捐赠药品明细表", "各机构药品明细表")
UNITS: Figures = (
    ("笔数", "donations"), ("人数", "people"), ("品种数", "registered_kinds"), ("折合盒数（约）", "registered_boxes"),
)  # fmt: skip
CENTRES: Figures = (
    ("分配（盒，约）", "allotted_boxes"), ("签收（盒，约）", "received_boxes"), ("发放（盒，约）", "dispensed_boxes"),
    ("惠及人次", "hand_outs"),
)  # fmt: skip
MOVED: Figures = (("分配", "allotted"), ("签收", "received"), ("发放", "dispensed"))
GIVEN: Figures = (("接收", "registered"),)


def unit_notice_bytes(content: Content, sha256: str) -> bytes:
    """The PDF; `sha256` is that of the sealed JSON. A draft has none, and says what it is on every page."""
    made, signer = local_moment(content["as_of"], time_zone(content)), signing_unit(content)
    document = Document(NOTICE, title=_title(content), made=made, author=signer, stamp=stamp_of(content))
    notices.title(document)
    _opening(document, content)
    _by_unit(document, content)
    _by_centre(document, content)
    _checked(document, content, sha256)
    notices.annexes(document, ANNEXES)
    if sha256:
        notices.sign_off(document, signer, chinese_day(made.date()))
    else:
        document.paragraph(UNSIGNED)
    _annexes(document, content)
    return document.build()


def _title(content: Content) -> str:
    kind = "更正通报" if content.get("corrects") else "通报"
    return f"{signing_unit(content)}\n捐赠药品工作情况{kind}\n{edition_words(content)}"


def _opening(document: Document, content: Content) -> None:
    days = [
        f"{word}：{chinese_day(content['periods'][span]['from'])}至{chinese_day(content['periods'][span]['to'])}"
        for word, span in PERIODS
    ]
    document.paragraph(
        f"现将“{content['campaign']['name']}”活动各单位捐赠和各机构接收、发放药品情况通报如下。{'；'.join(days)}。"
        f"截至时刻：{chinese_moment(content['as_of'], time_zone(content))}。{INTERNAL}"
    )
    if old := content.get("corrects"):
        changed = sum(map(len, content["changes"].values()))
        document.paragraph(
            f"本通报更正{old['year']}年第{old['number']}期通报（SHA-256：{old['sha256']}）。"
            f"更正原因：{old['reason'].rstrip('。')}。与原通报不同之处共{changed}处，列于数据文件。"
        )


def _by_unit(document: Document, content: Content) -> None:
    document.heading("一、各单位捐赠情况")
    document.paragraph(
        "单位按名录顺序排列，不作排名；捐赠出于自愿，只列有捐赠的单位。人数指以个人名义捐赠的人，"
        f"折合盒数按各药品常见包装计算，每盒数量不详的药品未折合；{SIZES_UNKNOWN}"
    )
    columns = [Column("类别", 22, merge=True), Column("单位"), *_columns(UNITS, 12)]
    rows: list[list[Cell]] = [
        [row["category"], WITHOUT_UNIT.get(row["group"], row["name"]), *_figures(row, UNITS)]
        for row in content["units"]
    ]
    spaced_table(document, columns, rows)


def _by_centre(document: Document, content: Content) -> None:
    document.heading("二、各机构接收和发放情况")
    document.paragraph(
        "乡镇卫生院包括其所辖村卫生室，签收含本地留用；逾期未签收指发出超过3天尚未签收的批次。"
    )
    columns = [Column("机构"), *_columns(CENTRES, 12), Column("逾期未签收（批）", 16, Align.RIGHT)]
    rows: list[list[Cell]] = [
        [row["name"], *_figures(row, CENTRES), row["overdue"]] for row in content["centres"]
    ]
    spaced_table(document, columns, rows)


def _checked(document: Document, content: Content, sha256: str) -> None:
    stated = content["identities"]
    unequal = sum(not identity["holds"] for identity in stated)
    result = "全部相等" if not unequal else f"其中{unequal}项不相等"
    document.heading("三、核对情况")
    document.paragraph(
        f"各单位接收之和、各机构分配和发放之和分别等于全县收支表，逐药品核对{len(stated)}项，{result}。"
        + (f"封存数据的SHA-256：{sha256[:32]} {sha256[32:]}。" if sha256 else "")
    )


def _annexes(document: Document, content: Content) -> None:
    names = {
        row["medicine"] or "": " ".join(filter(None, (row["generic_name"] or UNNAMED, row["strength"])))
        + (f"（{row['unit']}）" if row["unit"] else "")
        for row in content["medicines"]
    }
    for number, (head, table, figures) in enumerate(
        (("单位", "units", GIVEN), ("机构", "centres", MOVED)), start=1
    ):
        notices.annex_page(document, f"附件{number}")
        document.paragraph(ANNEXES[number - 1], align=Align.CENTRE)
        rows: list[list[Cell]] = []
        keys = []
        for at, row in enumerate(content[table]):
            name = WITHOUT_UNIT.get(row.get("group", ""), row["name"])
            for code, words in names.items():
                cells = [
                    row[span][figure].get(code, 0) for _word, figure in figures for _period, span in PERIODS
                ]
                if any(cells):
                    rows.append([name, words, *cells])
                    keys.append(str(at))
        columns = [Column(head, 40, merge=True), Column("药品"), *_columns(figures, 14)]
        spaced_table(document, columns, rows, keys)


def _columns(figures: Figures, width: float) -> list[Column]:
    return [
        Column(period, width, Align.RIGHT, over=word) for word, _name in figures for period, _span in PERIODS
    ]


def _figures(row: Content, figures: Figures) -> list[int | str]:
    return [shown(row[span][name]) for _word, name in figures for _period, span in PERIODS]
