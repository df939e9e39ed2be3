"""不合格药品销毁清单: what was destroyed, how, by whom and before whose eyes, on A4.

Columns after the disposal log of Georgia's rule 511-5-12 (method, date, name, strength, quantity); two names after
the programme's rule that who destroys and who witnesses are two people.
"""

from __future__ import annotations

import datetime

from core.documents import A4, Align, Column, Document
from donations.printed import expiry_of, lot_of, name_of, reason_words, specification_of, unit_of
from inventory.models.destructions import Destruction, DestructionLine

TITLE = "不合格药品销毁清单"
STATES = {
    Destruction.State.PROPOSED: "待监销人确认",
    Destruction.State.CONFIRMED: "已销毁",
    Destruction.State.WITHDRAWN: "已撤回",
}
EXPIRED = "已过有效期"
COLUMNS = [
    Column("序号", 10, Align.RIGHT),
    Column("药品名称"),
    Column("规格", 22),
    Column("批号", 21),
    Column("有效期至", 20),
    Column("数量", 14, Align.RIGHT),
    Column("单位", 10),
    Column("来源", 17),
    Column("原因", 32),
]


def manifest_pdf(destruction: Destruction, *, min_days: int, made: datetime.datetime, maker: str) -> bytes:
    """The manifest of a destruction that comes with its lines and people (queries.destruction_at)."""
    document = Document(A4, title=TITLE, made=made, author=destruction.place.name)
    document.head(f"第{destruction.pk}号  {STATES[Destruction.State(destruction.state)]}")
    document.fields(_facts(destruction))
    lines = destruction.lines.all()
    document.table(COLUMNS, [_cells(destruction, line, min_days) for line in lines])
    document.paragraph(f"以上药品共{len(lines)}行，由下列两人共同核对品名、批号、数量后当场销毁。", indent=0)
    document.space(8)
    document.signatures(names=["销毁人（签字）", "监销人（签字）"])
    document.space(4)
    document.signatures({"制表人": maker})
    return document.build()


def _facts(destruction: Destruction) -> list[tuple[str, str]]:
    facts = [
        ("单位", destruction.place.name),
        ("销毁方式", destruction.method),
        ("销毁人", destruction.proposed_by.name),
        ("监销人", destruction.witness.name),
        ("提出日期", _day(destruction.proposed_on)),
    ]
    if destruction.state == Destruction.State.CONFIRMED:
        facts.append(("销毁日期", _day(destruction.ended_on)))
    if destruction.state == Destruction.State.WITHDRAWN:
        facts.append(("撤回日期", _day(destruction.ended_on)))
        facts.append(("撤回原因", destruction.reason))
    return facts


def _cells(destruction: Destruction, line: DestructionLine, min_days: int) -> list[str | int]:
    reason = reason_words([line.reason], min_days) if line.reason else ""
    if line.item:
        goods = line.item
        return [
            line.line, name_of(goods), specification_of(goods), lot_of(goods), expiry_of(goods), line.quantity,
            unit_of(goods), "不合格品", reason,
        ]  # fmt: skip
    batch = line.batch
    if batch is None:
        raise AssertionError("a line is of a batch or of an item")
    last_day = batch.last_usable_day
    expired = last_day is not None and last_day < destruction.proposed_on
    return [
        line.line, batch.medicine.generic_name, batch.medicine.strength, batch.lot_number, str(last_day or ""),
        line.quantity, batch.medicine.smallest_unit, "库存暂控", reason or (EXPIRED if expired else ""),
    ]  # fmt: skip


def _day(day: datetime.date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""
