"""How items read on paper: the same words on receipts and rosters."""

from __future__ import annotations

from collections.abc import Iterable

from catalogue.screening_facts import Outcome
from catalogue.screening_rules import ROWS
from donations.models import Donor, Item, Seen
from donations.specifications import pack_of

UNIDENTIFIED_UNIT = "最小单位"
NOT_YET_READ = "待核对"
NOT_PRINTED = "无"
UNFIT_WORDS = {"return": "当场退还捐赠人", "destroy": "留置待销毁"}
PUBLISH_WORDS = {
    Donor.Publish.FULL: "全名",
    Donor.Publish.MASKED: "仅姓氏",
    Donor.Publish.ANONYMOUS: "不公开",
    None: "未询问",
}
ANONYMOUS_DONOR = "匿名捐赠人"
# 公益事业捐赠法 art. 4 and the promise of origin that every donor gives.
SOURCE_PROMISE = "捐赠人承诺：所捐药品系自愿无偿捐赠，来源于正规渠道，并按说明书要求妥善保存。"

_REASONS = {row.code: row.decided_zh for row in ROWS}
_REFUSING = {row.code for row in ROWS if row.counter == Outcome.REFUSE}


def specification_of(item: Item) -> str:
    """What is printed on the pack, or else the strength of the medicine."""
    return item.specification or (item.medicine.strength if item.medicine else "")


def name_of(item: Item) -> str:
    """The generic name, or what the clerk wrote where the catalogue does not know it yet."""
    return item.medicine.generic_name if item.medicine else item.description


def unit_of(item: Item) -> str:
    """The medicine's smallest unit; before it is identified, what the clerk said or its specification names."""
    if item.medicine:
        return item.medicine.smallest_unit
    if item.unit:
        return item.unit
    pack = pack_of(item.specification)
    return pack.unit if pack and pack.unit else UNIDENTIFIED_UNIT


def lot_of(item: Item) -> str:
    return item.lot_number or _unread(item.lot_state)


def expiry_of(item: Item) -> str:
    """The last usable day; not what was typed, which may be in any notation."""
    return str(item.last_usable_day) if item.last_usable_day else _unread(item.expiry_state)


def reason_words(codes: Iterable[str], min_days: int) -> str:
    """The wording of the decision table for these reasons of a refusal or rejection, each once.

    What only waited to be read is no reason beside one that refuses.
    """
    told = list(codes)
    final = [code for code in told if code in _REFUSING] or told
    words = (_REASONS.get(code, code).format(min_days=min_days) for code in final)
    return "；".join(dict.fromkeys(words))


def _unread(state: str) -> str:
    return NOT_PRINTED if state == Seen.NOT_PRINTED else NOT_YET_READ
