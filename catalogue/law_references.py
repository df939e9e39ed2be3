"""The law or rule behind a reason of the decision table, as its readers write it.

The table names a law by its Chinese title and its articles by number (药品管理法 art. 49, 98); a Chinese reader knows
them as 药品管理法第四十九条、第九十八条.
"""

from __future__ import annotations

import re

from catalogue.screening_rules import PROGRAMME
from core.language import in_language

_ARTICLES = re.compile(r" art\. ([0-9]+(?:, [0-9]+)*)")
_DIGITS = "零一二三四五六七八九"


def basis_words(basis: str) -> str:
    """The basis of a reason in the reader's language."""
    return in_language(in_chinese(basis), basis)


def in_chinese(basis: str) -> str:
    """药品管理法 art. 49, 98 → 药品管理法第四十九条、第九十八条."""
    if basis == PROGRAMME:
        return "征集活动规定"
    return _ARTICLES.sub(
        lambda found: "、".join(f"第{_number(int(n))}条" for n in found[1].split(", ")), basis
    )


def _number(number: int) -> str:
    """An article's number up to 999, as statutes print it: 70 七十, 98 九十八, 112 一百一十二."""
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones else "")
