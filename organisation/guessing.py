"""How hard a password is to guess for who tries words, rows of keys and repeats before anything else.

A small estimate in the manner of zxcvbn (Wheeler, USENIX Security 2016), which knows no pinyin and would be one more
dependency with words of its own: the password is cut greedily into the pieces that a guesser would put together, and
each piece costs so many bits, whatever its length.
"""

from __future__ import annotations

import re
from collections.abc import Set
from functools import cache

from django.contrib.auth.password_validation import CommonPasswordValidator

# With guessing held off to some thousands a day (organisation.attempts), 2**32 tries are longer than anybody lives.
BITS_NEEDED = 32
WORD, ROW, AGAIN = 12, 5, 1
# Of one character: digits are mostly years, days and telephones.
DIGIT, LATIN, OTHER = 2, 4.7, 7
WORD_AT_LEAST, ROW_AT_LEAST = 4, 3
KEYS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
ROWS = tuple(row for keys in KEYS for row in (keys, keys[::-1]))
# One character three times or more, or a longer piece twice or more.
REPEATED = re.compile(r"(.)\1{2,}|(.{2,}?)\2+", re.DOTALL)


def bits_of(password: str, known: Set[str]) -> float:
    """The cost of its pieces; `known` words, which anybody here would try first, cost as little as a repeat."""
    text, bits = _said_once(password.casefold())
    words = {word.casefold() for word in known}
    at = 0
    while at < len(text):
        length, cost = _piece(text, at, words)
        at, bits = at + length, bits + cost
    return bits


def _said_once(text: str) -> tuple[str, float]:
    """The text with each repetition said once, and what it costs that there were some."""
    bits = 0.0
    while times := (shorter := REPEATED.subn(lambda found: found[1] or found[2], text))[1]:
        text, bits = shorter[0], bits + AGAIN * times
    return text, bits


def _piece(text: str, at: int, words: Set[str]) -> tuple[int, float]:
    """The longest piece that begins here, and its cost."""
    candidates = [(1, _cost(text[at]))]
    for length in range(2, min(len(text) - at, 24) + 1):
        piece = text[at : at + length]
        if piece in words:
            candidates.append((length, AGAIN))
        elif length >= WORD_AT_LEAST and piece in _common():
            candidates.append((length, min(WORD, sum(map(_cost, piece)))))
        elif length >= ROW_AT_LEAST and any(piece in row for row in ROWS):
            candidates.append((length, ROW))
    return max(candidates, key=lambda piece: piece[0])


def _cost(character: str) -> float:
    if character.isdigit():
        return DIGIT
    return LATIN if character.isascii() else OTHER


@cache
def _common() -> Set[str]:
    """The 20,000 passwords that are used most, which Django brings along."""
    return CommonPasswordValidator().passwords
