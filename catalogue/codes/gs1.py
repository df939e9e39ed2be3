"""GS1 element strings: what a DataMatrix, QR, Code 128 or DataBar symbol on a box says.

Fields of variable length end at a separator (FNC1, sent as ASCII 29). Scanners that type like a keyboard
often drop it, and printers forget it; then "10ABC2112" may be lot ABC2112 or lot ABC with serial 12. All
readings are worked out here, so that nothing is swallowed in silence.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from biip import ParseConfig, ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString

from catalogue.codes.spelling import GROUP_SEPARATOR, mod10_ok

Elements = tuple[tuple[str, str], ...]
"""Application identifiers and their values, in the order of the barcode."""

MOST_READINGS: Final = 256

# Dates are judged by gs1_dates, which knows the day; biip would refuse the whole barcode for one of them.
_CONFIG = ParseConfig(gs1_element_strings_verify_date=False)
# Identifiers that really follow a field of variable length on a medicine. The short internal ones (22, 30,
# 37, 91–99) are left out: nearly every lot number holds such a pair of digits.
_FOLLOWERS: Final = ("01", "10", "11", "17", "21", "7003", "8008")
_MAY_RUN_ON: Final = frozenset({"10", "21", "22", "235", "240"})
_BRACKETED = re.compile(r"\(([0-9]{2,4})\)([^(]*(?:\((?![0-9]{2,4}\))[^(]*)*)")

# biip takes https://…/2022/01/17 for product 17.
_LINKED_GTIN: Final = re.compile(r"/(?:01|gtin)/[0-9]{12,14}(?:[/?#]|$)")


def readings(text: str) -> tuple[Elements, ...]:
    """Every way to read the whole text as element strings, the longest fields first; () when there is none.

    A text that holds a separator shows that separators come through: it has one reading. Without any, a
    field of variable length may end wherever an identifier could follow. At most MOST_READINGS are given.
    """
    if not text.isascii():
        return ()
    if GROUP_SEPARATOR in text:
        kept = tuple(islice(_whole(text, frozenset(), may_split=False), 1))
        if kept:
            return kept
    return tuple(islice(_whole(text, frozenset(), may_split=True), MOST_READINGS))


def bracketed_reading(text: str) -> tuple[Elements, str]:
    """The element strings of "(01)…(17)…(10)…", as people and some scanners write it, and the rest."""
    elements, rest = [], _BRACKETED.sub("", text)
    for identifier, value in _BRACKETED.findall(text):
        try:
            element = GS1ElementString.parse(identifier + value.strip(GROUP_SEPARATOR), config=_CONFIG)
        except ParseError:
            rest += f"({identifier}){value}"
        else:
            elements.append((element.ai.ai, element.value))
    return tuple(elements), rest


def partial_reading(text: str) -> Elements:
    """The element strings from the left for as long as they fit, where the whole text cannot be read.

    It ends with the first field of variable length that runs into something: beyond, nothing is sure.
    """
    elements = []
    while (element := _first(text := text.lstrip(GROUP_SEPARATOR))) is not None:
        elements.append((element.ai.ai, element.value))
        text = text[len(element) :]
        if element.ai.separator_required and not text.startswith(GROUP_SEPARATOR):
            break
    return tuple(elements)


def link_reading(text: str) -> Elements:
    """The element strings of a GS1 Digital Link (https://…/01/…/10/…?17=…); () when it is none."""
    if not _LINKED_GTIN.search(text):
        return ()
    try:
        link = GS1DigitalLinkURI.parse(text, config=_CONFIG)
    except (ParseError, ValueError):  # urllib refuses malformed hosts with a ValueError
        return ()
    return tuple((element.ai.ai, element.value) for element in link.element_strings)


def _whole(text: str, taken: frozenset[str], *, may_split: bool) -> Iterator[Elements]:
    text = text.lstrip(GROUP_SEPARATOR)
    if not text:
        yield ()
        return
    element = _first(text)
    if element is None:
        return
    identifier, value = element.ai.ai, element.value
    for end in _ends(identifier, value, text[len(identifier) :], taken, may_split=may_split):
        rest = text[len(identifier) + end :]
        for others in _whole(rest, taken | {identifier}, may_split=may_split):
            yield ((identifier, value[:end]), *others)


def _ends(
    identifier: str, value: str, field: str, taken: frozenset[str], *, may_split: bool
) -> Iterator[int]:
    """Where the value may end, the latest first."""
    if identifier not in _MAY_RUN_ON:
        yield len(value)
        return
    followers = tuple(ai for ai in _FOLLOWERS if ai not in taken and ai != identifier)
    for end in range(len(value), 0, -1):
        rest = field[end:]
        closed = not rest or rest.startswith(GROUP_SEPARATOR)
        if closed or (may_split and rest.startswith(followers) and _plausible(rest)):
            yield end


def _plausible(text: str) -> bool:
    """Whether the text begins with an element string that a lost separator could have stood before."""
    element = _first(text)
    if element is None:
        return False
    if element.ai.ai == "01":
        return mod10_ok(element.value)
    is_date = element.ai.ai in {"11", "17", "7003", "8008"}
    return not is_date or (1 <= int(element.value[2:4]) <= 12 and int(element.value[4:6]) <= 31)


def _first(text: str) -> GS1ElementString | None:
    try:
        return GS1ElementString.extract(text, config=_CONFIG) if text else None
    except ParseError:
        return None
