"""How people write the name of a medicine: in characters, in pinyin, by its initials, in Latin letters.

Pure functions. A name is cut into *units*, one per Chinese character and one per other letter or digit; what
people type is compared with the name from any character on, so that 氨溴索 finds 盐酸氨溴索片.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

KEY_LENGTH: Final = 60
SPELLINGS_LIMIT: Final = 8

# Readings that people type beside the one that pypinyin gives, or that it gets wrong in names of medicines
# (得 in 芬必得, 豉, 芎). lv is how keyboards write lü; phones take lu as well.
ALSO_READ: Final = {
    "得": ("de",), "豉": ("chi",), "芎": ("xiong",), "枸": ("ju", "gou"), "柏": ("bai", "bo"),
    "调": ("tiao",), "重": ("chong", "zhong"), "血": ("xue", "xie"), "乐": ("le", "yue"),
    "荨": ("xun", "qian"), "阿": ("a", "e"), "茜": ("qian", "xi"), "朴": ("pu", "po"), "参": ("shen", "can"),
    "氯": ("lv", "lu"), "铝": ("lv", "lu"), "绿": ("lv", "lu"), "藏": ("zang", "cang"), "行": ("xing", "hang"),
    "术": ("zhu", "shu"), "单": ("dan", "shan"), "角": ("jiao", "jue"), "嚼": ("jue", "jiao"), "大": ("da",),
}  # fmt: skip

_SEPARATORS = re.compile(r"[\s,;、|/()\[\]{}+*=<>\"“”《》]+")
_UNITS: Final = {"克": "g", "毫克": "mg", "微克": "ug", "毫升": "ml"}
_CHINESE_UNIT = re.compile(r"(?<=[0-9])\s*(毫克|微克|毫升|克)")
_SPACED_UNIT = re.compile(r"(?<=[0-9])\s+(?=(?:g|mg|ug|ml|iu)\b)")
_AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:g|mg|ug|ml|iu)(?![a-z])")
_JOINED_AMOUNT = re.compile(rf"(?<=[^\W\d_])(?={_AMOUNT.pattern})|(?<=[^\W\d_])(?=[0-9]+\.[0-9])")
_IN_MILLIGRAMS: Final = {"g": Decimal(1000), "mg": Decimal(1), "ug": Decimal("0.001")}


@dataclass(frozen=True)
class Spelling:
    """One way to write a name: its units, and where in it people may begin."""

    units: tuple[str, ...]
    starts: tuple[int, ...]

    def endings(self) -> Iterator[tuple[str, bool]]:
        """The name from each start on, and whether that is inside the name."""
        for start in self.starts:
            yield "".join(self.units[start:])[:KEY_LENGTH], start > 0


def plain(text: str) -> str:
    """Half-width, lower case, one spelling of units: ０.３ 克 is 0.3g."""
    even = unicodedata.normalize("NFKC", text).lower().replace("μ", "u").replace("ü", "v")
    return _SPACED_UNIT.sub("", _CHINESE_UNIT.sub(lambda match: _UNITS[match[1]], even))


def words(text: str) -> list[str]:
    """What was typed, word by word, once each; a strength written on to a name is a word of its own."""
    parts = _SEPARATORS.split(_JOINED_AMOUNT.sub(" ", plain(text)))
    return list(dict.fromkeys(word for part in parts if (word := _letters(part))))


def amounts(text: str) -> set[str]:
    """The amounts in a strength or specification, masses both in g and in mg: 0.3g is 300mg."""
    return {spelling for amount in _AMOUNT.findall(plain(text)) for spelling in _spellings_of_amount(amount)}


def masses(text: str) -> set[str]:
    """The masses in a strength or specification, in mg."""
    return {amount for amount in amounts(text) if amount.endswith("mg")}


def is_chinese(character: str) -> bool:
    return unicodedata.name(character, "").startswith("CJK UNIFIED IDEOGRAPH")


@lru_cache(maxsize=4096)
def spellings(name: str) -> list[Spelling]:
    """The name in characters, then in every pinyin that people read it in; for a Latin name itself only."""
    characters, starts = _cut(plain(name))
    written = [Spelling(tuple(characters), starts)]
    readings = itertools.islice(itertools.product(*readings_of(characters)), SPELLINGS_LIMIT)
    return list(dict.fromkeys([*written, *(Spelling(units, starts) for units in readings)]))


def keys(name: str) -> set[tuple[str, bool]]:
    """What the name is found by, from its beginning or (True) from inside: in characters, pinyin, initials."""
    found: dict[str, bool] = {}
    for spelling in spellings(name):
        initials = Spelling(tuple(unit[0] for unit in spelling.units), spelling.starts)
        for key, inside in itertools.chain(spelling.endings(), initials.endings()):
            found[key] = found.get(key, True) and inside
    return set(found.items())


def whole_keys(name: str) -> set[tuple[str, bool]]:
    """The key of a code or a strength, which is only read from its beginning."""
    return {(_letters(plain(name))[:KEY_LENGTH], False)}


def sound(word: str) -> str:
    """The pinyin of a word with Chinese characters, as it is usually read."""
    return "".join(options[0] for options in readings_of(word))


def readings_of(characters: Sequence[str]) -> list[tuple[str, ...]]:
    """For each character how it is read, the likeliest first; what is not Chinese stands for itself."""
    from pypinyin import lazy_pinyin  # a third of a second, which no command that reads no name should wait

    given = lazy_pinyin("".join(characters), errors=list, v_to_u=False)  # type: ignore[arg-type]
    also = (ALSO_READ.get(character, ()) for character in characters)
    return [tuple(dict.fromkeys([*more, usual])) for more, usual in zip(also, given, strict=True)]


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum() or character == ".").strip(".")


def _cut(text: str) -> tuple[list[str], tuple[int, ...]]:
    """The letters of a name, and where one may begin: at a Chinese character, or where a word begins."""
    characters: list[str] = []
    starts = []
    before = ""
    for character in text:
        if character.isalnum() or character == ".":
            if is_chinese(character) or not before.isalnum() or is_chinese(before):
                starts.append(len(characters))
            characters.append(character)
        before = character
    return characters, tuple(starts)


def _spellings_of_amount(amount: str) -> set[str]:
    number, unit = re.split(r"(?<=[0-9])(?=[a-z])", amount)
    if unit not in _IN_MILLIGRAMS:
        return {amount}
    milligrams = Decimal(number) * _IN_MILLIGRAMS[unit]
    return {amount, f"{_decimal(milligrams)}mg", f"{_decimal(milligrams / 1000)}g"}


def _decimal(number: Decimal) -> str:
    return f"{number.normalize():f}"
