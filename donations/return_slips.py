"""不合格药品退还签收单: what is signed when unfit goods go back to their donor. The paper bears the signature."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from core.documents import A5, Align, Column, Document
from core.receipt_codes import parse_receipt_code
from donations.models import CustodyEntry, DonorReturn
from donations.printed import ANONYMOUS_DONOR, lot_of, name_of, specification_of, unit_of

TITLE = "不合格药品退还签收单"
PROMISE = "以上药品不符合发放要求，现退还捐赠人。请勿自行服用过期或变质药品，可送至药品回收点处理。"
SIGNED_BY = ("领取人（签字）", "经办人（签字）")


@dataclass(frozen=True)
class ReturnSlip:
    """A return with its entries (item and medicine loaded) and the names on the paper, empty where erased."""

    returned: DonorReturn
    entries: Sequence[CustodyEntry]
    donor: str
    collector: str
    by_proxy: bool
    handler: str
    made: datetime.datetime


def return_slip_pdf(slip: ReturnSlip) -> bytes:
    """The paper on A5."""
    returned, donation = slip.returned, slip.returned.donation
    code = parse_receipt_code(donation.receipt_code)
    document = Document(A5, title=TITLE, made=slip.made, author=returned.place.name)
    document.head(code, qr=code)
    day = returned.returned_on
    document.fields(
        [
            ("捐赠人", slip.donor or ANONYMOUS_DONOR),
            ("领取人", slip.collector or ("代领人（信息已删除）" if slip.by_proxy else "捐赠人本人")),
            ("退还地点", returned.place.name),
            ("退还日期", f"{day.year}年{day.month}月{day.day}日"),
        ]
    )
    document.table(
        [
            Column("药品名称"),
            Column("规格", 24),
            Column("批号", 20),
            Column("数量", 12, Align.RIGHT),
            Column("单位", 14),
        ],
        [_row(entry) for entry in slip.entries],
    )
    document.paragraph(PROMISE, indent=0)
    document.signatures(names=SIGNED_BY)
    document.signatures({"制表人": slip.handler})
    return document.build()


def _row(entry: CustodyEntry) -> list[str | int]:
    item = entry.item
    if item is None:
        raise AssertionError("goods go back item by item")
    return [name_of(item), specification_of(item), lot_of(item), entry.quantity, unit_of(item)]
