"""捐赠药品接收凭证: what a donor takes home, on A5, on a roll of 80 mm, or on A4 in two copies.

Fields after 公益事业捐赠法 art. 16 and 慈善法 (2016) art. 38: donor, kind and quantity, donee, handler, day; the
notice after 个人信息保护法 art. 17. It is the donor's own paper, so the name stands in full.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.documents import A5, A5_LANDSCAPE, ROLL_80, Align, Column, Document
from core.documents.blocks import MM, Block, Pen, Placed
from core.receipt_codes import parse_receipt_code
from donations.identity import Identity
from donations.models import Donation, Item
from donations.printed import (
    ANONYMOUS_DONOR,
    PUBLISH_WORDS,
    SOURCE_PROMISE,
    UNFIT_WORDS,
    expiry_of,
    lot_of,
    name_of,
    reason_words,
    specification_of,
    unit_of,
)
from donations.privacy import notice_address
from donations.queries import reached_by
from organisation.models import Policy

TITLE = "捐赠药品接收凭证"
# Half an A4 page is an A5 page laid across: two copies stand on one sheet.
PAGES = {"a5": A5, "80mm": ROLL_80, "a4": replace(A5_LANDSCAPE, height=297)}
COPIES = ("第一联 捐赠人留存", "第二联 受赠单位留存")
NOT_A_BILL = "本凭证仅证明收到实物药品，经药师审核后方可发放；不作报销、抵税之用。"
_CUT_HEIGHT = 4 * MM


@dataclass(frozen=True)
class Receipt:
    """Everything the paper says: the donation with `given` units per item id, the items that were refused and `left`
    for disposal, and the names behind it."""

    donation: Donation
    given: dict[int, int]
    left: frozenset[int]
    identity: Identity
    handler: str
    policy: Policy
    made: datetime.datetime

    @property
    def accepted(self) -> list[Item]:
        return [item for item in self._standing() if item.outcome != "refuse"]

    @property
    def refused(self) -> list[Item]:
        return [item for item in self._standing() if item.outcome == "refuse"]

    def _standing(self) -> list[Item]:
        return [item for item in self.donation.items.all() if self.given.get(item.pk)]


def receipt_pdf(receipt: Receipt, size: str) -> bytes:
    """The receipt as PDF; `size` is a key of PAGES."""
    page = PAGES[size]
    author = receipt.donation.campaign.donee.name
    document = Document(page, title=TITLE, made=receipt.made, author=author)
    copies: Sequence[str] = COPIES if size == "a4" else ("",)
    for number, copy in enumerate(copies):
        if number:
            document.add(CutLine((page.frame_height or 0) / 2))
        _write_copy(document, receipt, copy, narrow=page is ROLL_80)
    return document.build()


def _write_copy(document: Document, receipt: Receipt, copy: str, *, narrow: bool) -> None:
    code = parse_receipt_code(receipt.donation.receipt_code)
    document.head(f"{code}  {copy}".strip(), qr=code)
    document.fields(_fields(receipt), columns=1 if narrow else 2)
    if not receipt.accepted and not receipt.refused:
        document.paragraph("本次登记已作废。", indent=0, align=Align.CENTRE)
    document.space(4)
    for number, (heading, items, reasons) in zip("一二三", _parts(receipt), strict=False):
        document.paragraph(f"{number}、{heading}", indent=0)
        document.table(*_table(items, receipt.given, narrow, reasons))
    for text in (SOURCE_PROMISE + NOT_A_BILL, _privacy(receipt)):
        document.paragraph(text, indent=0)
    document.signatures({"制表人": receipt.handler})


def _parts(receipt: Receipt) -> list[tuple[str, list[Item], dict[int, str]]]:
    """What was taken, and what was refused by what became of it: heading, items, reasons; empty ones left out."""
    returned = [item for item in receipt.refused if item.pk not in receipt.left]
    left = [item for item in receipt.refused if item.pk in receipt.left]
    parts: list[tuple[str, list[Item], dict[int, str]]] = [("已接收，待药师审核", receipt.accepted, {})]
    for fate, items in ((Donation.Unfit.RETURN, returned), (Donation.Unfit.DESTROY, left)):
        reasons = {item.pk: reason_words(item.reasons, receipt.policy.min_days) for item in items}
        parts.append((f"不予接收（{UNFIT_WORDS[fate]}，不计入捐赠数量）", items, reasons))
    return [part for part in parts if part[1]]


def _fields(receipt: Receipt) -> list[tuple[str, str]]:
    donation, identity = receipt.donation, receipt.identity
    fields = [
        ("捐赠人", identity.name or ANONYMOUS_DONOR),
        ("工作单位", identity.work_unit),
        ("受赠单位", donation.campaign.donee.name),
        ("统筹单位", donation.campaign.coordinator),
        ("捐赠接收点", donation.place.name),
        ("接收日期", _day(donation.received_on)),
        ("经办人", receipt.handler),
        ("姓名公开", PUBLISH_WORDS[donation.donor.publish]),
    ]
    return [(name, value) for name, value in fields if value]


def _table(
    items: Sequence[Item], given: dict[int, int], narrow: bool, reasons: dict[int, str] | None = None
) -> tuple[list[Column], list[list[str | int]]]:
    if narrow:
        rows = [
            [_stacked(item, (reasons or {}).get(item.pk, "")), f"{given[item.pk]}{unit_of(item)}"]
            for item in items
        ]
        return [Column("药品"), Column("数量", 17, Align.RIGHT)], [[*row] for row in rows]
    columns = [
        Column("药品名称"),
        Column("规格", 22),
        Column("批号", 19),
        Column("有效期至", 19),
        Column("数量", 12, Align.RIGHT),
        Column("单位", 16),
    ]
    cells: list[list[str | int]] = [
        [name_of(i), specification_of(i), lot_of(i), expiry_of(i), given[i.pk], unit_of(i)] for i in items
    ]
    if reasons:
        columns[2:4] = [Column("原因", 38)]
        cells = [[*row[:2], reasons[item.pk], *row[4:]] for row, item in zip(cells, items, strict=True)]
    return columns, cells


def _stacked(item: Item, reason: str) -> str:
    name = f"{name_of(item)} {specification_of(item)}".strip()
    return f"{name}\n{reason}" if reason else f"{name}\n批号 {lot_of(item)} 有效期至 {expiry_of(item)}"


def _privacy(receipt: Receipt) -> str:
    donation, campaign = receipt.donation, receipt.donation.campaign
    kept = "，期满自动匿名" if receipt.policy.identity_days else ""
    contact = reached_by(campaign, receipt.policy)
    return (
        f"隐私告知：{campaign.coordinator}及受赠单位为登记、出具凭证、公示和召回查询之目的处理您的姓名、电话和单位，"
        f"加密保存{kept}；未经您单独同意不公开姓名。您可查询、更正、删除或撤回同意"
        + (f"，联系：{contact}。" if contact else "。")
        + f"全文见 {notice_address(donation.county_id)}"
    )


def _day(day: datetime.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True)
class CutLine:
    """A dashed line at half the page between two copies; where the first copy is longer, a new page."""

    half: float

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        if fresh:
            return Placed(0, lambda pen, x, top: None), None
        spare = room - self.half
        if spare < _CUT_HEIGHT:
            return None, self

        def draw(pen: Pen, x: float, top: float) -> None:
            y = top - spare + _CUT_HEIGHT / 2
            pen.canvas.setDash(3, 3)
            pen.rules([(x, y, x + width, y)])
            pen.canvas.setDash()

        return Placed(spare, draw), None
