"""How hard a password or a PIN is to guess for who tries words, rows of keys, days and repeats before anything else.

A small estimate in the manner of zxcvbn (Wheeler, USENIX Security 2016), which knows no pinyin and would be one more
dependency with words of its own: the password is cut into the pieces that a guesser would put together, in the way
that costs them least, and each piece costs so many bits, whatever its length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from functools import cache

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from organisation.chinese_words import LONGEST_SYLLABLE, SYLLABLES, surnames, words

# With guessing held off to some thousands a day (organisation.attempts), 2**32 tries are longer than anybody lives.
BITS_NEEDED = 32
# A common password is one of 20,000, a Chinese word one of some 300, a syllable one of 410 of which few are frequent;
# one by itself, or the first of some, may as well be English (long, fan), and costs more.
PASSWORD, WORD, SYLLABLE, ALONE, SURNAME, ROW, YEAR, DAY, AGAIN = 12, 8, 7, 3, 5, 5, 5, 10, 1
# Of one character: digits are mostly years, days and telephones.
DIGIT, LATIN, OTHER = 2, 4.7, 7
PASSWORD_AT_LEAST, ROW_AT_LEAST, PIECE_AT_MOST = 4, 3, 24
KEYS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1234567890",
    "!@#$%^&*()",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
ROWS = tuple(row for keys in KEYS for row in (keys, keys[::-1]))
# One character three times or more, or a longer piece twice or more.
REPEATED = re.compile(r"(.)\1{2,}|(.{2,}?)\2+", re.DOTALL)
MONTH, DAY_OF_MONTH = "(0[1-9]|1[0-2])", "(0[1-9]|[12][0-9]|3[01])"
YEARS = re.compile("(19|20)[0-9]{2}", re.ASCII)
DAYS = re.compile(f"(19|20)[0-9]{{2}}{MONTH}{DAY_OF_MONTH}", re.ASCII)


class Kind(TextChoices):
    """What is tried first, as it is told to who is refused; `SINGLE` are characters by themselves."""

    NAMED = "named", _("names and words of the programme")
    COMMON = "common", _("common passwords")
    CHINESE = "chinese", _("common Chinese words or surnames")
    PINYIN = "pinyin", _("single syllables of pinyin")
    KEYBOARD = "keyboard", _("rows of keys or digits")
    DATED = "dated", _("years or days")
    REPEATS = "repeats", _("repeats")
    SINGLE = "single", _("single characters")


@dataclass(frozen=True)
class Piece:
    """So many characters, what they cost a guesser, and of what kind they are."""

    length: int
    bits: float
    kind: Kind = Kind.SINGLE


# By whether the last piece is Chinese: what the pieces cost, and which they are.
Ways = dict[bool, tuple[float, list[Piece]]]


def bits_of(pieces: Iterable[Piece]) -> float:
    """What they cost a guesser together; fewer than `BITS_NEEDED` are too few."""
    return sum(piece.bits for piece in pieces)


def pieces_of(password: str, known: Set[str]) -> list[Piece]:
    """The pieces that cost a guesser least, in their order; what is repeated stands once, with its repeats first.

    `known` words, which anybody here would try first, cost as little as a repeat.
    """
    text, repeats = _said_once(unicodedata.normalize("NFKC", password).casefold())
    named = {unicodedata.normalize("NFKC", word).casefold() for word in known}
    # The cheapest pieces of what stands before each character: those that end in Chinese, and those that do not.
    best: list[Ways] = [{False: (0.0, [])}, *({} for _each in text)]
    for at in range(len(text)):
        for piece in _pieces(text, at, named):
            _go_on(best[at], best[at + piece.length], piece)
    return [*repeats, *min(best[-1].values(), key=lambda way: way[0])[1]]


def _go_on(before: Ways, after: Ways, piece: Piece) -> None:
    """Put a piece after each way there is, and keep the cheapest."""
    chinese = piece.kind in {Kind.CHINESE, Kind.PINYIN}
    for follows, (bits, pieces) in before.items():
        total = bits + piece.bits + (ALONE if piece.kind == Kind.PINYIN and not follows else 0)
        if chinese not in after or total < after[chinese][0]:
            after[chinese] = (total, [*pieces, replace(piece, bits=total - bits)])


def _said_once(text: str) -> tuple[str, list[Piece]]:
    """The text with each repetition said once, and what it costs that there were some."""
    repeats: list[Piece] = []
    while times := (shorter := REPEATED.subn(lambda found: found[1] or found[2], text))[1]:
        text, repeats = shorter[0], [*repeats, *[Piece(0, AGAIN, Kind.REPEATS)] * times]
    return text, repeats


def _pieces(text: str, at: int, named: Set[str]) -> Iterator[Piece]:
    """Every piece that begins here."""
    yield Piece(1, _cost(text[at]))
    for length in range(1, min(len(text) - at, PIECE_AT_MOST) + 1):
        yield from _as_one(text[at : at + length], named)


def _as_one(text: str, named: Set[str]) -> Iterator[Piece]:
    """What a whole piece is to a guesser: any of these, or nothing."""
    length = len(text)
    if text in named and length > 1:
        yield Piece(length, AGAIN, Kind.NAMED)
    if text in surnames():
        yield Piece(length, SURNAME, Kind.CHINESE)
    if text in words():
        yield Piece(length, WORD, Kind.CHINESE)
    if 1 < length <= LONGEST_SYLLABLE and text in SYLLABLES:
        yield Piece(length, SYLLABLE, Kind.PINYIN)
    if length >= PASSWORD_AT_LEAST and text in _common():
        yield Piece(length, min(PASSWORD, sum(map(_cost, text))), Kind.COMMON)
    if length >= ROW_AT_LEAST and any(text in row for row in ROWS):
        yield Piece(length, ROW, Kind.KEYBOARD)
    if YEARS.fullmatch(text) or DAYS.fullmatch(text):
        yield Piece(length, YEAR if length == 4 else DAY, Kind.DATED)


def _cost(character: str) -> float:
    if character.isdigit():
        return DIGIT
    return LATIN if character.isascii() else OTHER


@cache
def _common() -> Set[str]:
    """The 20,000 passwords that are used most, which Django brings along."""
    return CommonPasswordValidator().passwords
