"""捐赠药品移交清单: the sealed list that travels with the goods, on A4 across.

It holds what was declared and leaves room for what is counted; once the goods were received it shows both. Bags are
named by their receipt codes: the list names no donor, since it passes through the hands of a carrier.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.utils.translation import override

from core.documents import A4_LANDSCAPE, Align, Column, Document
from core.receipt_codes import parse_receipt_code
from donations.differences import Difference
from donations.models import CustodyEntry, Handover
from donations.printed import expiry_of, lot_of, name_of, specification_of, unit_of
from donations.sealed_lists import ListLine, receipt_codes, seal_scanned, seal_shown
from organisation.models import Person

TITLE = "捐赠药品移交清单"
COLUMNS = [
    Column("序号", 11, Align.RIGHT),
    Column("药品名称"),
    Column("规格", 32),
    Column("批号", 26),
    Column("有效期至", 23),
    Column("件数", 12, Align.RIGHT),
    Column("移交数量", 18, Align.RIGHT),
    Column("单位", 15),
    Column("清点数量", 18, Align.RIGHT),
    Column("差异", 14, Align.RIGHT),
    Column("差异原因", 40),
]
BAGS_ACROSS = 4
BAG_COLUMNS = [Column("捐赠凭证号"), Column("件数", 12, Align.RIGHT)] * BAGS_ACROSS
SIGNING = ("移交人", "承运人", "接收人（清点）")
RULE = (
    "接收人与移交人不得为同一人；逐行清点实物并填写清点数量，多出或短少须逐行注明原因。"
    "校验码与系统不符的清单不得接收；封条破损的，先记录再清点。"
)


def handover_pdf(
    handover: Handover,
    lines: Sequence[ListLine],
    *,
    people: Mapping[int, Person],
    made: datetime.datetime,
) -> bytes:
    """The list as PDF; `handover` comes with both places, `people` with who handed over and who received."""
    document = Document(
        replace(A4_LANDSCAPE, table_size=8.5, table_leading=11),
        title=TITLE,
        made=made,
        author=handover.from_place.name,
    )
    sealed = seal_scanned(handover) if handover.list_seal else ""
    document.head(f"第{handover.pk}号  校验码 {seal_shown(handover.list_seal)}", qr=sealed)
    document.fields(_facts(handover, lines, people), columns=3)
    if handover.state == Handover.State.VOIDED:
        document.paragraph(f"本清单已作废：{handover.void_reason}", indent=0)
    document.table(COLUMNS, _rows(handover, lines), totals=_totals(lines))
    document.paragraph(RULE + "差异原因：" + _reasons(), indent=0)
    document.paragraph("附：随包移交的捐赠凭证（一人一袋一签）", indent=0)
    document.table(BAG_COLUMNS, _bags(lines))
    document.signatures(names=SIGNING)
    document.signatures({"制表人": _name(people, handover.handed_over_by)})
    return document.build()


def _facts(
    handover: Handover, lines: Sequence[ListLine], people: Mapping[int, Person]
) -> list[tuple[str, str]]:
    facts = [
        ("捐赠接收点", handover.from_place.name),
        ("接收药房", handover.to_place.name),
        ("移交日期", str(handover.handed_over_on)),
        ("承运人", handover.carrier or "未填"),
        ("车牌号", handover.vehicle or "未填"),
        ("封条号", handover.seal_number or "未填"),
        ("捐赠", f"{len(receipt_codes(lines))}笔，{len(lines)}行"),
    ]
    if handover.received_on:
        facts.append(("清点接收", f"{handover.received_on} {_name(people, handover.received_by)}"))
    if handover.seal_intact is not None:
        facts.append(("封条", "完好" if handover.seal_intact else f"破损：{handover.seal_note}"))
    return facts


def _rows(handover: Handover, lines: Sequence[ListLine]) -> list[list[str | int]]:
    arrived = handover.state == Handover.State.RECEIVED
    rows: list[list[str | int]] = []
    for number, line in enumerate(lines, start=1):
        item = line.item
        told = [line.counted, _signed_number(line), _why(line.explanation)] if arrived else ["", "", ""]
        label = [name_of(item), specification_of(item), lot_of(item), expiry_of(item)]
        rows.append([number, *label, len(line.entries), line.declared, unit_of(item), *told])
    return rows


def _signed_number(line: ListLine) -> str:
    difference = line.counted - line.declared
    return f"{difference:+}" if difference else "0"


def _why(entry: CustodyEntry | None) -> str:
    if entry is None or not entry.reason:
        return ""
    return f"{_word(entry.reason)}：{entry.note}" if entry.note else _word(entry.reason)


def _word(reason: str) -> str:
    """On paper it is Chinese, whoever prints it."""
    with override("zh-hans"):
        return str(Difference(reason).label)


def _reasons() -> str:
    return "、".join(_word(reason) for reason in Difference) + "（须写明）。"


def _totals(lines: Sequence[ListLine]) -> list[list[str | int]]:
    """Per unit of measure; different units are never added up."""
    sums: Counter[str] = Counter()
    for line in lines:
        sums[unit_of(line.item)] += line.declared
    return [["", "合计", "", "", "", "", units, unit, "", "", ""] for unit, units in sorted(sums.items())]


def _bags(lines: Sequence[ListLine]) -> list[list[str | int]]:
    cells: list[list[str | int]] = [
        [str(parse_receipt_code(code)), items] for code, items in receipt_codes(lines).items()
    ]
    cells += [["", ""]] * (-len(cells) % BAGS_ACROSS)
    return [
        [cell for bag in cells[start : start + BAGS_ACROSS] for cell in bag]
        for start in range(0, len(cells), BAGS_ACROSS)
    ]


def _name(people: Mapping[int, Person], pk: int | None) -> str:
    person = people.get(pk or 0)
    return person.name if person else ""
