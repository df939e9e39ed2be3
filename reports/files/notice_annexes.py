"""The annexes of the printed bulletin: tables A, B and C, over as many pages as they need.

An account of a medicine has two rows, 本期 and 累计. Figures are set as small as the widest of them asks for, so
that no number is broken between two lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from core.documents import Align, Column, Document, Face, notices
from core.documents.blocks import MM, PADDING_X, TextStyle
from core.documents.grid import Cell
from core.documents.lines import Measure
from core.documents.tables import Table
from reports.files.boxes import Weights, shown
from reports.files.changed_words import ChangedWords
from reports.files.long_table import tells_makers
from reports.files.tables import NAMED, adjusted, in_use, lost
from reports.files.words import (
    AGES,
    FEW_PEOPLE,
    REASONS,
    SIZES_UNKNOWN,
    UNKNOWN,
    UNNAMED,
    is_closing,
    periods_of,
)

Row = dict[str, Any]
# Of each medicine its lines with the word of their period.
Medicines = list[list[tuple[str, Row]]]
Figure = tuple[str, Callable[[Row], int]]
# A column on paper, and its cell of a row.
Drawn = tuple[Column, Callable[[Row], Cell]]
ANNEXES = ("接收明细表", "分配明细表", "收支表", "分人群发放和不合格原因表", "更正对照表")
SIZES = (9.0, 8.0, 7.0, 6.0)
NAME, PERIOD = 34.0, 10.0


def _told(name: str) -> Callable[[Row], Cell]:
    return lambda row: row[name] or ""


def _in(account: str, column: str) -> Callable[[Row], int]:
    return lambda row: int(row[account][column])


ITEMS: tuple[Figure, ...] = (
    ("期初未审核", _in("items", "opening")), ("接收", _in("items", "registered")),
    ("多出", _in("items", "surplus")), ("合格", _in("items", "accepted")),
    ("不合格", _in("items", "rejected")), ("短少", _in("items", "missing")),
    ("作废", _in("items", "voided")), ("期末未审核", _in("items", "closing")),
)  # fmt: skip
STOCK: tuple[Figure, ...] = (
    ("期初结存", _in("stock", "opening")), ("期初在途", _in("road", "opening")),
    ("入库", _in("stock", "accepted")), ("盘盈盘亏", adjusted), ("发放", _in("stock", "dispensed")),
    ("销毁", _in("stock", "destroyed")), ("遗失", lost), ("期末在途", _in("road", "closing")),
    ("期末结存", _in("stock", "closing")), ("其中在用", in_use),
)  # fmt: skip
MOVED: tuple[Figure, ...] = (
    ("分配", lambda row: int(row["allotted"])),
    ("退回", lambda row: int(row["returned"])),
    ("不予接收", lambda row: int(row["refused"])),
)


# Tables A and B in the order of their columns on paper, after the number of the row.
MEDICINE: tuple[Drawn, ...] = ((Column("通用名"), lambda row: _name(row)),)
LABEL: tuple[Drawn, ...] = (
    (Column("批号", 14), _told("lot_number")), (Column("有效期至", 14.5), _told("last_usable_day")),
    (Column("数量", 11, Align.RIGHT), lambda row: row["quantity"]), (Column("单位", 7.5), _told("unit")),
)  # fmt: skip
RECEIVED: tuple[Drawn, ...] = (
    (Column("日期", 14.5), _told("day")), *MEDICINE, (Column("剂型", 12), _told("dosage_form")),
    (Column("规格", 17), _told("strength")), (Column("生产企业", 18), _told("manufacturer")), *LABEL,
    (Column("捐赠接收点", 18), _told("drop_off_point_name")),
)  # fmt: skip
ALLOTTED: tuple[Drawn, ...] = (
    (Column("机构", 30), _told("clinic_name")), *MEDICINE, (Column("规格", 22), _told("strength")), *LABEL,
    (Column("日期", 14.5), _told("day")),
)  # fmt: skip


def annex_names(content: Row) -> tuple[str, ...]:
    """The annexes of this edition; only a correction says what it changed."""
    return ANNEXES if "corrects" in content else ANNEXES[:-1]


def add_annexes(document: Document, content: Row) -> None:
    """Each annex on a page of its own, in the order of `ANNEXES`."""
    span = "全程" if is_closing(content) else "本期"
    received = (
        RECEIVED if tells_makers(content) else [each for each in RECEIVED if each[0].head != "生产企业"]
    )
    _details(document, 1, content["received"], received, span)
    _details(document, 2, content["allotted"], ALLOTTED, span)
    _begin(document, 3)
    medicines = _pairs(content)
    _account(document, "（一）未审核药品", medicines, ITEMS)
    devices = any(in_use(row) for lines in medicines for _period, row in lines)
    _account(document, "（二）库存和在途药品", medicines, STOCK if devices else STOCK[:-1])
    _moved(document, medicines, Weights.of(content))
    _begin(document, 4)
    words = [word for word, _period in periods_of(content)]
    _parts(document, "（一）发放（按人群，最小单位）", medicines, "dispensed_by_age", AGES, words)
    document.paragraph(FEW_PEOPLE)
    _parts(document, "（二）不合格原因（最小单位）", medicines, "rejected_by_reason", REASONS, words)
    _parts(document, "（三）不予接收原因（最小单位）", medicines, "refused_by_reason", REASONS, words)
    if "corrects" in content:
        _changes(document, content)


def _changes(document: Document, content: Row) -> None:
    """Every figure and text that differs, as the old edition had it and as it is now."""
    _begin(document, 5)
    changes, words = content["changes"], ChangedWords(content)
    told = [(words.text(line["what"]), line) for line in changes["texts"]]
    told += [(words.figure(line), line) for line in changes["figures"]]
    rows: list[list[Cell]] = [
        [name, *(UNKNOWN if line[side] in (None, "") else line[side] for side in ("before", "after"))]
        for name, line in told
    ]
    columns = [Column("项目"), Column("原公示", 42), Column("更正后", 42)]
    spaced_table(document, columns, rows)


def _begin(document: Document, number: int) -> None:
    notices.annex_page(document, f"附件{number}")
    document.paragraph(ANNEXES[number - 1], align=Align.CENTRE)


def _details(document: Document, number: int, rows: list[Row], drawn: Sequence[Drawn], span: str) -> None:
    """Table A or B: the rows of this period; all since the beginning stands in table C."""
    _begin(document, number)
    if not rows:
        document.paragraph(f"{span}无，累计数见附件3。")
        return
    document.paragraph(f"{span}共{len(rows)}行，累计数见附件3。")
    columns = [Column("序号", 8.5, Align.RIGHT), *(column for column, _cell in drawn)]
    lines = [[index, *(cell(row) for _column, cell in drawn)] for index, row in enumerate(rows, start=1)]
    spaced_table(document, columns, lines, sizes=SIZES[2:])


def _pairs(content: Row) -> Medicines:
    """Each medicine's lines with the words of their period; every medicine stands in 累计."""
    lines = [] if is_closing(content) else content["this_period"]["medicines"]
    this = {line["medicine"]: line for line in lines}
    return [
        [*([("本期", this[line["medicine"]])] if line["medicine"] in this else []), ("累计", line)]
        for line in content["cumulative"]["medicines"]
    ]


def _moving(document: Document, medicines: Medicines, figures: Sequence[Figure]) -> Medicines:
    """The medicines of which a table says anything; that others are left out is said above it."""
    moving = [
        pair for pair in medicines if any(cell(line) for _word, line in pair for _head, cell in figures)
    ]
    if len(moving) < len(medicines):
        document.paragraph(f"各栏均为零的{len(medicines) - len(moving)}种药品不列入本表。", leads=True)
    return moving


def _account(document: Document, title: str, medicines: Medicines, figures: Sequence[Figure]) -> None:
    document.heading(title, level=2)
    medicines = _moving(document, medicines, figures)
    width = (document.page.frame_width / MM - NAME - PERIOD) / len(figures)
    columns = [Column("药品", NAME, merge=True), Column("期别", PERIOD)]
    columns += [Column(head, width, Align.RIGHT) for head, _cell in figures]
    rows: list[list[Cell]] = [
        [_full_name(line), word, *(cell(line) for _head, cell in figures)]
        for pair in medicines
        for word, line in pair
    ]
    spaced_table(document, columns, rows, _keys(medicines))


def _moved(document: Document, medicines: Medicines, weights: Weights) -> None:
    """What no account closes by: between places, and what never came in; with the boxes it stands for, if known."""
    known = bool(weights.packs)
    document.heading(f"（三）分配、退回、不予接收{'及折合盒数' if known else ''}", level=2)
    figures = [("接收", ITEMS[1][1]), ("分配", MOVED[0][1]), ("发放", STOCK[4][1])] if known else []
    medicines = _moving(document, medicines, (*MOVED, *figures))
    columns = [Column("药品", merge=True), Column("期别", PERIOD)]
    columns += [Column(head, 17, Align.RIGHT) for head, _cell in MOVED]
    columns += [Column(head, 16, Align.RIGHT, over="折合盒数（约）") for head, _cell in figures]
    rows: list[list[Cell]] = []
    for pair in medicines:
        for word, line in pair:
            boxes = [weights.boxes(line["medicine"], cell(line)) for _head, cell in figures]
            moved = [cell(line) for _head, cell in MOVED]
            rows.append([_full_name(line), word, *moved, *map(shown, boxes)])
    spaced_table(document, columns, rows, _keys(medicines))
    if any(UNKNOWN in row for row in rows):
        document.paragraph(SIZES_UNKNOWN)


def _parts(
    document: Document,
    title: str,
    medicines: Medicines,
    split: str,
    words: dict[str, str],
    periods: list[str],
) -> None:
    """A figure split by people or reasons, of the medicines that have any."""
    document.heading(title, level=2)
    rows: list[list[Cell]] = []
    keys = []
    for pair in medicines:
        lines = dict(pair)
        parts = {word: line[split] for word, line in lines.items()}
        for part in [code for code in words if any(code in found for found in parts.values())]:
            shown = [parts.get(word, {}).get(part, "—") for word in periods]
            rows.append([_full_name(lines["累计"]), words[part], *shown])
            keys.append(lines["累计"]["medicine"])
    columns = [Column("药品", 60, merge=True), Column("项目")]
    columns += [Column(word, 22, Align.RIGHT) for word in periods]
    spaced_table(document, columns, rows, keys)


def spaced_table(
    document: Document,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    keys: Sequence[str] | None = None,
    sizes: Sequence[float] = SIZES,
) -> None:
    """A table with air around it; the two lines of a medicine stay on one page."""
    style = fitting_style(document, columns, rows, sizes)
    document.space(document.page.leading / 4)
    document.add(Table(columns, rows, style, keys, whole=2))
    document.space(document.page.leading / 3)


def _keys(medicines: Medicines) -> list[str]:
    return [str(line["medicine"]) for pair in medicines for _word, line in pair]


def _name(row: Row) -> str:
    return row["generic_name"] or UNNAMED


def _full_name(row: Row) -> str:
    if not row["generic_name"]:
        return UNNAMED
    named = (str(head.cell(row)) for head in NAMED if head.word != "剂型")
    return f"{' '.join(filter(None, named))}（{row['unit']}）"


def fitting_style(
    document: Document,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    sizes: Sequence[float] = SIZES,
) -> TextStyle:
    """The largest of the `sizes` in which every number fits its column in one line."""
    page = document.page
    widest = [max((str(row[at]) for row in rows), key=len, default="") for at in range(len(columns))]
    for size in sizes:
        plain = Measure(document.typefaces[page.body], size)
        room = [(column.width or page.frame_width) * MM - 2 * PADDING_X for column in columns]
        fits = (
            plain.width(text) <= width
            for text, width, column in zip(widest, room, columns, strict=True)
            if column.align is Align.RIGHT
        )
        if all(fits):
            break
    bold = replace(plain, typeface=document.typefaces[Face.BOLD])
    return TextStyle(plain, bold, size * 1.35)
