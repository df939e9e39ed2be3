"""No pattern that is held against what somebody sends can be made to take long."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants as kinds  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

ROOMS = ("core", "organisation", "catalogue", "donations", "inventory", "distribution", "reports", "config")
MANY = 64
REPEATS = {kinds.MAX_REPEAT, kinds.MIN_REPEAT}


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every compiled pattern that a module of the rooms holds by name."""
    for room in ROOMS:
        for found in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}."):
            # The catalogue of translations is held against our own sources.
            if ".migrations" in found.name or found.name in {"config.translations", "config.wsgi"}:
                continue
            for name, each in vars(importlib.import_module(found.name)).items():
                if isinstance(each, re.Pattern):
                    yield f"{found.name}.{name}", each


def repeats_a_repetition(tree: Any, begins: int | None = 0) -> bool:
    """Whether what comes often holds what comes often: the time then may grow with a power of the length.

    Harmless is a round that begins with a character which the repetition inside does not take, for then there is one
    way to part the text into rounds. `begins`: that character of the round around; 0 outside, None for any.
    """
    for kind, part in tree:
        often = kind in REPEATS and part[1] > MANY
        if often and begins != 0 and (begins is None or takes(part[2], begins)):
            return True
        within = first_of(part[2]) if often else begins
        if any(repeats_a_repetition(inner, within) for inner in inner_trees(part)):
            return True
    return False


def first_of(tree: Any) -> int | None:
    """The one character with which it begins, if there is one."""
    kind, part = tree[0]
    return part if kind == kinds.LITERAL else None


def takes(tree: Any, character: int) -> bool:
    """Whether what is repeated may take this character; of anything but a set of characters that is believed."""
    if len(tree) != 1 or tree[0][0] not in {kinds.IN, kinds.NOT_LITERAL, kinds.LITERAL}:
        return True
    kind, part = tree[0]
    if kind != kinds.IN:
        return (part == character) is (kind == kinds.LITERAL)
    inside = any(
        each == character if sort == kinds.LITERAL else each[0] <= character <= each[1]
        for sort, each in part
        if sort in {kinds.LITERAL, kinds.RANGE}
    )
    classes = any(sort == kinds.CATEGORY for sort, _each in part)
    return classes or inside is (part[0][0] != kinds.NEGATE)


def inner_trees(part: Any) -> Iterator[Any]:
    if isinstance(part, parser.SubPattern):
        yield part
    elif isinstance(part, list | tuple):
        for each in part:
            yield from inner_trees(each)


def test_slow_patterns_are_known() -> None:
    slow = (r"(a+)+b", r"(?:x|a*)*", r"(?:,[0-9,]+)*", r"(?:,\w*\s*)*")
    quick = (r"a+b+", r"(?:[^\W_]+)", r"(\d{1,4}-)*", r"(?:, [0-9]+)*", r"[^(]*(?:\([^(]*)*")

    assert [repeats_a_repetition(parser.parse(each)) for each in slow] == [True] * 4
    assert [repeats_a_repetition(parser.parse(each)) for each in quick] == [False] * 5


def test_no_pattern_repeats_a_repetition() -> None:
    held = dict(patterns())

    slow = {
        name for name, each in held.items() if repeats_a_repetition(parser.parse(each.pattern, each.flags))
    }

    assert len(held) > 60
    assert slow == set()
