"""What a pack's specification says of its content: 0.3g*12粒*2板 is 24 粒."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

UNITS = ("片", "粒", "丸", "枚", "颗", "袋", "包", "支", "贴", "瓶", "揿", "个", "只")
_COUNT = re.compile(rf"([0-9]{{1,5}})(小袋|小包|{'|'.join(UNITS)}|s)")
_OUTER = re.compile(r"([0-9]{1,4})?(板|小盒|中盒|盒|瓶|罐|袋|包)")
# An amount, alone or per amount: 0.3g, 100ml:3.2g, 5%, 2万单位.
_AMOUNT = re.compile(r"[0-9.]+(?:mg|g|μg|ug|mcg|ml|l|iu|万?单位|%)?(?:[:(][^*/]*)?", re.IGNORECASE)
_PARTS = re.compile(r"[*/]")
_LARGEST = 100_000


@dataclass(frozen=True)
class Pack:
    """How many smallest units a box holds, and what they are called; empty where only a number stands."""

    size: int
    unit: str


def pack_of(specification: str) -> Pack | None:
    """The pack that a specification describes, or None where it does not say so beyond doubt."""
    plain = "".join(unicodedata.normalize("NFKC", specification[:120]).casefold().split())
    count: Pack | None = None
    outer = 1
    for part in _PARTS.split(re.sub("[×xх✕]", "*", plain)):
        if count is None and (found := _COUNT.fullmatch(part)):
            word = found[2].removeprefix("小")
            count = Pack(int(found[1]), "" if word == "s" else word)
        elif found := _OUTER.fullmatch(part):
            outer *= int(found[1] or 1)
        elif not _AMOUNT.fullmatch(part):
            return None
    if count is None or not 0 < count.size * outer <= _LARGEST:
        return None
    return Pack(count.size * outer, count.unit)
