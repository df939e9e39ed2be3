"""配货单 and 捐赠药品调拨签收单: what is printed to pick a shipment, to hand it over, and to hand it out on paper.

Goods stand on the shelf by kind, name and strength, and of one medicine what expires first in front: the order
of the pick list. With the note, clinics without a computer get the 捐赠药品发放登记表, which numbers their goods; the
health centre enters what they wrote into it. Nobody signs there for a hand-out: recipients are never named.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.utils.translation import override

from core.documents import A4, A4_LANDSCAPE, Align, Column, Document
from distribution.models import AgeBand, Dispensing, Mark, Shipment, ShipmentLine
from inventory.models import Side
from inventory.packs import in_packs
from organisation.models import Person

PICK_TITLE, NOTE_TITLE, REGISTER_TITLE = "配货单", "捐赠药品调拨签收单", "捐赠药品发放登记表"
STATES = {
    Shipment.State.RESERVED: "待发出",
    Shipment.State.DISPATCHED: "在途",
    Shipment.State.RECEIVED: "已签收",
    Shipment.State.CANCELLED: "已取消",
}
PICK_COLUMNS = [
    Column("序号", 10, Align.RIGHT),
    Column("药品名称"),
    Column("规格", 20),
    Column("批号", 22),
    Column("有效期至", 20),
    Column("整盒+拆零", 22),
    Column("应配", 12, Align.RIGHT),
    Column("单位", 9),
    Column("实配", 12, Align.RIGHT),
    Column("差异原因", 20),
]
NOTE_COLUMNS = [
    Column("序号", 10, Align.RIGHT),
    Column("药品名称"),
    Column("规格", 30),
    Column("批号", 26),
    Column("有效期至", 22),
    Column("整盒+拆零", 30),
    Column("发出数量", 18, Align.RIGHT),
    Column("单位", 10),
    Column("完好", 16, Align.RIGHT),
    Column("破损", 14, Align.RIGHT),
    Column("短少", 14, Align.RIGHT),
    Column("差异原因", 28),
]
# The heads of the register that is uploaded are the same (`register_import.COLUMNS`).
REGISTER_COLUMNS = [
    Column("发放日期", 26),
    Column("登记号", 22),
    Column("年龄段", 16),
    Column("其中（标记）", 34),
    Column("领取方式", 20),
    Column("药品序号", 18),
    Column("数量", 18),
    Column("用药天数", 20),
    Column("处方人", 26),
    Column("发放人签字"),
]
REGISTER_ROWS = 36
PICK_RULE = (
    "逐行核对品名、规格、批号、有效期后取药；实配少于应配的，须写明差异原因，余数退回货架。"
    "已过有效期、已召回或外观可疑的不得配发。"
)
NOTE_RULE = "签收人与发出人不得为同一人；逐行清点，完好、破损、短少三项之和须等于发出数量，有差异的写明原因。"


def pick_list_pdf(
    shipment: Shipment,
    *,
    people: Mapping[int, Person],
    made: datetime.datetime,
    maker: str,
    on: datetime.date,
) -> bytes:
    """What to take off the shelf for a shipment (queries.shipment_on_paper), as it stands on the day `on`."""
    document = Document(A4, title=PICK_TITLE, made=made, author=shipment.from_place.name)
    _head(document, shipment, people)
    lines = in_shelf_order(shipment.lines.all())
    document.table(PICK_COLUMNS, [_pick(number, line, on) for number, line in enumerate(lines, start=1)])
    document.paragraph(f"共{len(lines)}行。{PICK_RULE}", indent=0)
    document.space(8)
    document.signatures(names=["配货人（签字）", "复核人（签字）", "承运人（签字）"])
    document.signatures({"制表人": maker})
    document.slogan()
    return document.build()


def shipment_note_pdf(
    shipment: Shipment,
    *,
    people: Mapping[int, Person],
    made: datetime.datetime,
    maker: str,
    on: datetime.date,
) -> bytes:
    """The note that travels with the goods; to a clinic with its register to hand them out by."""
    small = replace(A4_LANDSCAPE, table_size=8.5, table_leading=14)
    document = Document(small, title=NOTE_TITLE, made=made, author=shipment.from_place.name)
    _head(document, shipment, people)
    lines = [(number, line) for number, line in numbered(shipment.lines.all()) if line.picked != 0]
    document.table(NOTE_COLUMNS, [_sent(number, line) for number, line in lines])
    document.paragraph(f"共{len(lines)}行。{NOTE_RULE}", indent=0)
    document.space(6)
    document.signatures(names=["发出人（签字）", "承运人（签字）", "签收人（签字）"])
    document.signatures({"制表人": maker})
    document.slogan()
    if shipment.to_side == Side.CLINIC:
        _register(document, shipment, lines, maker)
    return document.build()


def in_shelf_order(lines: Iterable[ShipmentLine]) -> list[ShipmentLine]:
    """As the goods stand: by kind, name and strength, and of one medicine what expires first in front."""

    def place(line: ShipmentLine) -> tuple[str, str, str, str, datetime.date, int]:
        medicine, day = line.batch.medicine, line.batch.last_usable_day or datetime.date.max
        return (
            medicine.category,
            medicine.generic_name,
            medicine.strength,
            medicine.code,
            day,
            line.batch_id,
        )

    return sorted(lines, key=place)


def numbered(lines: Iterable[ShipmentLine]) -> list[tuple[int, ShipmentLine]]:
    """The numbers by which a note and its register call their goods: the same whenever they are printed."""
    return list(enumerate(sorted(lines, key=lambda line: line.pk), start=1))


def _head(document: Document, shipment: Shipment, people: Mapping[int, Person]) -> None:
    state = STATES[Shipment.State(shipment.state)]
    document.head(f"第{shipment.pk}号  {state}", qr=f"shipment:{shipment.county_id}:{shipment.pk}")
    facts = [("发出单位", shipment.from_place.name), ("接收单位", shipment.to_place.name)]
    if shipment.plan_id:
        facts.append(("分配方案", f"第{shipment.plan_id}号"))
    if shipment.dispatched_on:
        facts.append(("发出", f"{shipment.dispatched_on} {_name(people, shipment.dispatched_by)}"))
    if shipment.received_on:
        facts.append(("签收", f"{shipment.received_on} {_name(people, shipment.received_by)}"))
    document.fields(facts)


def _goods(number: int, line: ShipmentLine, units: int) -> list[str | int]:
    batch = line.batch
    with override("zh-hans"):
        packs = in_packs(units, batch)
    last_day = str(batch.last_usable_day or "")
    return [number, batch.medicine.generic_name, batch.medicine.strength, batch.lot_number, last_day, packs]


def _pick(number: int, line: ShipmentLine, on: datetime.date) -> list[str | int]:
    picked: str | int = "" if line.picked is None else line.picked
    unit = line.batch.medicine.smallest_unit
    return [*_goods(number, line, line.promised), line.promised, unit, picked, _why(line, on)]


def _why(line: ShipmentLine, on: datetime.date) -> str:
    """Why less was or has to be picked; of goods that left at once the reason is the shipment's, no difference."""
    if line.picked is not None:
        return line.pick_reason if line.picked < line.promised else ""
    if line.recalled:  # type: ignore[attr-defined]
        return "已召回，勿配"
    last_day = line.batch.last_usable_day
    return "已过期，勿配" if last_day and last_day < on else ""


def _sent(number: int, line: ShipmentLine) -> list[str | int]:
    units = line.promised if line.picked is None else line.picked
    counts = [line.accepted, line.damaged, line.missing]
    counted: list[str | int] = ["" if count is None else count for count in counts]
    unit = line.batch.medicine.smallest_unit
    return [*_goods(number, line, units), units, unit, *counted, line.receipt_reason]


def _register(
    document: Document, shipment: Shipment, lines: Sequence[tuple[int, ShipmentLine]], maker: str
) -> None:
    """The clinic's register: its goods by the numbers of the note, and rows to fill in."""
    document.page_break()
    document.heading(REGISTER_TITLE)
    document.fields([("单位", shipment.to_place.name), ("随附签收单", f"第{shipment.pk}号")])
    document.paragraph("本次药品：" + "；".join(_goods_of(number, line) for number, line in lines), indent=0)
    document.paragraph(_legend(), indent=0)
    document.table(REGISTER_COLUMNS, [[""] * len(REGISTER_COLUMNS)] * REGISTER_ROWS)
    document.paragraph(
        "一人一行，一次领取多种药品的每种一行、登记号相同；不得登记姓名、证件号。药品序号以本表首列明者为准。",
        indent=0,
    )
    document.signatures({"制表人": maker})
    document.slogan()


def _goods_of(number: int, line: ShipmentLine) -> str:
    batch, units = line.batch, line.promised if line.picked is None else line.picked
    medicine = batch.medicine
    day = f"，有效期至{batch.last_usable_day}" if batch.last_usable_day else ""
    return (
        f"{number}. {medicine.generic_name} {medicine.strength}（批号{batch.lot_number or '无'}{day}，"
        f"{units}{medicine.smallest_unit}）"
    )


def _legend() -> str:
    with override("zh-hans"):
        bands = "、".join(str(band.label) for band in AgeBand)
        marks = "、".join(str(mark.label) for mark in Mark)
        ways = "、".join(str(way.label) for way in Dispensing.CollectedBy)
    return f"年龄段：{bands}。标记（可多项）：{marks}。领取方式：{ways}。"


def _name(people: Mapping[int, Person], pk: int | None) -> str:
    person = people.get(pk or 0)
    return person.name if person else ""
