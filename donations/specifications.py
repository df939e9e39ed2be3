"""What a pack's specification says of its content: 0.3g*12粒*2板 is 24 粒, and one 板 of it 12."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

UNITS = ("片", "粒", "丸", "枚", "颗", "袋", "包", "支", "贴", "瓶", "揿", "个", "只")
_COUNT = re.compile(rf"([1-9][0-9]{{0,4}})(小袋|小包|{'|'.join(UNITS)}|s)")
_OUTER = re.compile(r"([0-9]{1,4})?(板|小盒|中盒|盒|瓶|罐|袋|包)")
# An amount, alone or per amount: 0.3g, 100ml:3.2g, 5%, 2万单位.
_AMOUNT = re.compile(r"[0-9.]+(?:mg|g|μg|ug|mcg|ml|l|iu|万?单位|%)?(?:[:(][^*/]*)?", re.IGNORECASE)
_PARTS = re.compile(r"[*/]")
_LARGEST = 100_000
_SMALLER_BOXES = ("小盒", "中盒")
Contents = dict[str, int | None]


@dataclass(frozen=True)
class Pack:
    """How many smallest units a box holds, and what they are called; empty where only a number stands.

    `contents`: how many each container holds that the specification names (板, 瓶, 盒 …), None where it can be
    read in two ways.
    """

    size: int
    unit: str
    contents: Mapping[str, int | None] = field(default_factory=dict, hash=False)


def pack_of(specification: str) -> Pack | None:
    """The pack that a specification describes, or None where it does not say so beyond doubt."""
    plain = "".join(unicodedata.normalize("NFKC", specification[:120]).casefold().split())
    size, unit, outer = 0, "", 1
    contents: Contents = {}
    for part in _PARTS.split(re.sub("[×xх✕]", "*", plain)):
        if not size and (found := _COUNT.fullmatch(part)):
            size, unit = int(found[1]), "" if found[2] == "s" else found[2].removeprefix("小")
        elif found := _OUTER.fullmatch(part):
            times = int(found[1] or 1)
            _note(contents, found[2], times, size * outer)
            outer *= times
        elif not _AMOUNT.fullmatch(part) or (size and part.isdecimal()):
            return None
    whole = size * outer
    if any(contents.get(each, whole) != whole for each in _SMALLER_BOXES):
        # Of 10支*5小盒 a box may be a small one or all of them.
        contents.setdefault("盒", None)
    return Pack(whole, unit, contents) if 0 < whole <= _LARGEST else None


def _note(contents: Contents, container: str, times: int, content: int) -> None:
    """What one of these containers holds: nobody knows where it is named before its content or in two sizes.

    Of 12片*2板*10盒 a box may be one of the ten or all of them.
    """
    unsure = not content or (container == "盒" and times > 1) or contents.get(container, content) != content
    contents[container] = None if unsure else content
