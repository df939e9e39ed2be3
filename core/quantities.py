"""Quantities as people write them ("2盒", "3盒4片", "12") and as the books keep them: whole smallest units.

The books know one unit per medicine, the smallest that is handed out (片, 粒, 袋, 支, 瓶 …), and whole
numbers from 1 to 1,000,000,000, which a 32-bit column holds. Boxes exist on paper and screen only.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

LARGEST: Final = 1_000_000_000
_BOXES = frozenset({"盒", "box", "boxes", "pack", "packs"})
_BOTTLES = frozenset({"瓶", "罐", "bottle", "bottles"})
# What people call one dose, grouped by the kind of thing it is: a tablet is often called 粒 or 颗.
_SOLIDS = frozenset(
    {
        "片",
        "粒",
        "颗",
        "丸",
        "枚",
        "tablet",
        "tablets",
        "tab",
        "tabs",
        "capsule",
        "capsules",
        "cap",
        "caps",
        "pill",
        "pills",
    }
)
_SAME_THING = (
    _SOLIDS,
    frozenset({"袋", "包", "小包", "小袋", "sachet", "sachets", "bag", "bags"}),
    frozenset({"支", "ampoule", "ampoules", "vial", "vials"}),
    _BOTTLES,
    frozenset({"贴", "张", "patch", "patches"}),
    frozenset({"个", "只", "件", "台", "副", "人份", "piece", "pieces", "pcs"}),
)
_CHINESE_DIGITS = {"两": 2} | {digit: value for value, digit in enumerate("一二三四五六七八九十", 1)}
_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+|[一二两三四五六七八九十])"
_WORD = r"[^\W\d_一二两三四五六七八九十半零又]+"
_ONE_PART = re.compile(rf"({_NUMBER})({_WORD})?")
_TWO_PARTS = re.compile(rf"({_NUMBER})({_WORD})[+,、零又]?({_NUMBER})({_WORD})")

_MESSAGES = {
    "empty": ("请填写数量", "Enter a quantity."),
    "control_character": (
        "数量中含有不可见字符，请重新输入",
        "The quantity holds invisible characters; type it again.",
    ),
    "formula": ("不接受公式，请填写数字", "Formulas are not accepted; enter the number."),
    "negative": ("数量不能为负数", "A quantity cannot be negative."),
    "fractional": (
        "数量须为整数，不足一盒的请按最小单位填写",
        "Enter whole units; count a broken box in its smallest unit.",
    ),
    "zero": ("数量须大于0", "A quantity must be greater than 0."),
    "too_large": ("数量超过上限10亿", "A quantity cannot exceed 1,000,000,000."),
    "pack_size_unknown": (
        "不知道每盒装量，请按最小单位填写",
        "The pack size is not known; count in the smallest unit.",
    ),
    "content_unclear": (
        "规格没有说清每{word}装多少，请按最小单位填写数量，或在规格中写明，例：12片*2板/盒",
        "The specification does not say what one {word} holds; count in the smallest unit, or write 12片*2板/盒.",
    ),
    "unit_unknown": (
        "单位无法换算，请按最小单位或盒填写",
        "This unit cannot be converted; use boxes or the smallest unit.",
    ),
    "not_a_quantity": ("无法识别数量，例：2盒、3盒4片、12", "Not a quantity; examples: 2盒, 3盒4片, 12."),
}


class QuantityError(ValueError):
    """The text is no quantity. `code`: a key of the table above; `message` zh-Hans, `message_en` English."""

    def __init__(self, code: str, word: str = "") -> None:
        self.code = code
        self.message, self.message_en = (message.format(word=word) for message in _MESSAGES[code])
        super().__init__(self.message)


def parse_quantity(
    text: str, *, pack_size: int | None, unit: str, contents: Mapping[str, int | None] | None = None
) -> int:
    """Smallest units (`unit`, for instance 片) in what was typed; a bare number counts smallest units.

    `pack_size` is the number of smallest units in a box, None when it is not known. `contents` says what each
    container holds that the pack names (瓶, 板, 盒 …), None where it can be read in two ways. A word that names
    the smallest unit means that (瓶 of a syrup); a bottle that the pack does not name is a pack of tablets or
    capsules only, since people call an oral ampoule a bottle too, and only where the pack is one container; bags
    and cartons are never taken for boxes. Raises QuantityError.
    """
    inside = contents or {}
    plain = _plain(text)
    two = _TWO_PARTS.fullmatch(plain)
    if two:
        packs, pack_word, rest, rest_word = two.groups()
        if is_same_unit(pack_word, unit) or not is_same_unit(rest_word, unit):
            raise QuantityError("unit_unknown")
        return _bounded(_whole(packs) * _factor(pack_word, pack_size, unit, inside) + _whole(rest))
    one = _ONE_PART.fullmatch(plain)
    if not one:
        raise QuantityError("fractional" if "半" in plain else "not_a_quantity")
    number, word = one.groups()
    return _bounded(_whole(number) * _factor(word, pack_size, unit, inside))


def display_quantity(quantity: int, *, pack_size: int | None, unit: str, pack: str = "盒") -> str:
    """`quantity` smallest units for people: "2 盒 + 4 片", "2 盒", "4 片", "0 片"."""
    if not pack_size or pack_size == 1 or quantity < pack_size:
        return f"{quantity} {unit}"
    packs, rest = divmod(quantity, pack_size)
    return f"{packs} {pack} + {rest} {unit}" if rest else f"{packs} {pack}"


def _plain(text: str) -> str:
    if len(text) > 60:
        raise QuantityError("not_a_quantity")
    if any(unicodedata.category(character) in {"Cc", "Cs"} and not character.isspace() for character in text):
        raise QuantityError("control_character")
    plain = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    if not plain:
        raise QuantityError("empty")
    if plain[0] in "=@":
        raise QuantityError("formula")
    if plain[0] in "-\u2212\u2013\u2014负":
        raise QuantityError("negative")
    return plain


def is_same_unit(word: str, unit: str) -> bool:
    """Whether two words count the same thing, as people call a tablet 片, 粒 or 颗."""
    return word == unit or any(word in group and unit in group for group in _SAME_THING)


def _factor(word: str | None, pack_size: int | None, unit: str, contents: Mapping[str, int | None]) -> int:
    if word is None or is_same_unit(word, unit):
        return 1
    named = _named(word, contents)
    if named:
        return _sure(contents[named], word)
    if word not in _BOXES and not (word in _BOTTLES and unit in _SOLIDS):
        raise QuantityError("unit_unknown")
    if pack_size is None or pack_size < 1:
        raise QuantityError("pack_size_unknown")
    # Of 12片*2板 nobody knows what a bottle is.
    return pack_size if word in _BOXES or not contents else _sure(None, word)


def _named(word: str, contents: Mapping[str, int | None]) -> str | None:
    """The container that the word means: by its own name, else by another name of the same thing."""
    if word in _BOXES and "盒" in contents:
        return "盒"
    if word in contents:
        return word
    return next((each for each in contents if is_same_unit(word, each)), None)


def _sure(content: int | None, word: str) -> int:
    if content is None:
        raise QuantityError("content_unclear", word)
    return content


def _whole(number: str) -> int:
    if number in _CHINESE_DIGITS:
        return _CHINESE_DIGITS[number]
    whole, _, fraction = number.partition(".")
    if fraction.strip("0") or not whole:
        raise QuantityError("fractional")
    return int(whole)


def _bounded(quantity: int) -> int:
    if quantity < 1:
        raise QuantityError("zero")
    if quantity > LARGEST:
        raise QuantityError("too_large")
    return quantity
