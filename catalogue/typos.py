"""Slips of the finger: which names a mistyped word may stand for. Pure functions.

What is compared is how a word sounds. A Chinese slip is mostly another character of the same or nearly the same
sound (布络芬), for that is how Chinese is typed; a character of quite another sound is one wrong syllable.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from catalogue.naming import Spelling, is_chinese, readings_of, spellings

# By the number of letters or syllables: how many may be wrong.
LETTERS_WRONG: Final = ((14, 3), (8, 2), (4, 1))
SYLLABLES_WRONG: Final = ((6, 2), (3, 1))
LONGEST: Final = 40
# Letters of a word whose grams are asked for: enough to find the names that begin so, and no more to read for a
# long word than for a short one.
LOOKED_UP: Final = 12

# Southern speakers do not tell these apart, so they count as right.
_SAME: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("v", "u"))


def fold(syllable: str) -> str:
    """A syllable without the differences that many speakers do not hear."""
    for theirs, ours in _SAME:
        syllable = syllable.replace(theirs, ours)
    return syllable


def grams(name: str) -> set[str]:
    """What a name has in common with its misspellings: its syllables, and each three letters in a row."""
    return {gram for spelling in sounded(name) for gram in _grams_of(spelling.units)}


def grams_of_word(word: str) -> set[str]:
    """The same of what was typed."""
    units = _units_of(word)
    return _grams_of(units if any(map(is_chinese, word)) else units[:LOOKED_UP])


def slips(word: str, name: str) -> float | None:
    """The share of letters or syllables by which the word misses the name or its beginning; None: too many."""
    units = _units_of(word)
    letters = "".join(units)
    found = []
    for spelling in sounded(name):
        found.append(_share(letters, *_as_letters(spelling), LETTERS_WRONG))
        if any(map(is_chinese, word)):
            found.append(_share(units, spelling.units, spelling.starts, SYLLABLES_WRONG))
    return min((share for share in found if share is not None), default=None)


def sounded(name: str) -> list[Spelling]:
    """How a name may sound, folded: its spellings without the one in characters."""
    ways = spellings(name)
    return [Spelling(tuple(map(fold, way.units)), way.starts) for way in ways[1:] or ways]


def _units_of(word: str) -> tuple[str, ...]:
    """What was typed as folded syllables and letters; a Latin word is folded as a whole."""
    if not any(map(is_chinese, word)):
        return tuple(fold(word[:LONGEST]))
    return tuple(fold(options[0]) for options in readings_of(word[:LONGEST]))


def _grams_of(units: Sequence[str]) -> set[str]:
    letters = "".join(units)
    threes = {letters[place : place + 3] for place in range(len(letters) - 2)}
    return threes | {f"={unit}" for unit in units if len(unit) > 1}


def _as_letters(spelling: Spelling) -> tuple[str, set[int]]:
    """The letters of a spelling, and the places among them where people may begin."""
    places = [0]
    for unit in spelling.units:
        places.append(places[-1] + len(unit))
    return "".join(spelling.units), {places[start] for start in spelling.starts}


def _share(
    typed: Sequence[str],
    name: Sequence[str],
    starts: Sequence[int] | set[int],
    allowed: Sequence[tuple[int, int]],
) -> float | None:
    limit = next((wrong for length, wrong in allowed if len(typed) >= length), 0)
    wrong = distance(typed, name, starts)
    return wrong / len(typed) if wrong <= limit else None


def distance(typed: Sequence[str], name: Sequence[str], starts: Sequence[int] | set[int]) -> int:
    """How many insertions, omissions, replacements and swaps of neighbours lead from what was typed to a part of the
    name that begins at one of `starts` and ends anywhere (optimal string alignment)."""
    far = len(typed) + len(name)
    earlier: list[int] = []
    row = [0 if place in set(starts) else far for place in range(len(name) + 1)]
    for number, letter in enumerate(typed, start=1):
        here = [row[0] + 1]
        for place, wanted in enumerate(name, start=1):
            best = min(row[place] + 1, here[-1] + 1, row[place - 1] + (letter != wanted))
            swapped = number > 1 and place > 1 and letter == name[place - 2] and typed[number - 2] == wanted
            here.append(min(best, earlier[place - 2] + 1) if swapped else best)
        earlier, row = row, here
    return min(row)
