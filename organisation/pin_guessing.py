"""Which PINs anybody would try first: five wrong ones end a PIN, so a hundred that many people choose are too many.

What people choose are days, rows and lines of keys, repeats, counting, and numbers that sound like words (Wang, Gu,
Huang, Wang: Understanding Human-Chosen PINs, AsiaCCS 2017, whose Chinese lists begin with 123456, 111111, 123123,
520520, 147258, 112233).
"""

from __future__ import annotations

import datetime
from itertools import pairwise

KINDS_NEEDED = 3
RUNS = "01234567890", "09876543210", "1357913579", "0246802468"
# Lines of a telephone's keys, in either direction.
LINES = frozenset(
    line[::way]
    for line in ("123", "456", "789", "147", "258", "369", "159", "357", "2580")
    for way in (1, -1)
)
# 我爱你, 一生一世, 一路发, and the numbers that are called in need.
SPOKEN = frozenset({"520", "521", "1314", "131", "168", "110", "119", "120", "886", "518", "12345", "12320"})
DATES = {6: ("%y%m%d", "%Y%m"), 8: ("%Y%m%d", "%d%m%Y", "%m%d%Y")}
# Digits that are no part of a row, a line or a spoken number.
LEFT_NEEDED = 3


def easy_pin(pin: str) -> bool:
    """Whether these digits are a day, a repeat, counting, or mostly rows, lines of keys and spoken numbers."""
    if len(set(pin)) < KINDS_NEEDED or _is_day(pin):
        return True
    return any(_counts(pin, step) for step in (1, 2, 3, 4)) or _left(pin) < LEFT_NEEDED


def _is_day(pin: str) -> bool:
    return any(_read(pin, form) for form in DATES.get(len(pin), ()))


def _read(pin: str, form: str) -> bool:
    try:
        day = datetime.datetime.strptime(pin, form)  # noqa: DTZ007 - a day as it is typed
    except ValueError:
        return False
    return 1900 <= day.year < 2100


def _counts(pin: str, step: int) -> bool:
    """Whether it is groups of so many digits that rise or fall by the same each time, or stay: 121314, 112233."""
    if len(pin) % step or len(pin) < 2 * step:
        return False
    groups = [int(pin[at : at + step]) for at in range(0, len(pin), step)]
    apart = {later - earlier for earlier, later in pairwise(groups)}
    return apart == {0} or (len(groups) > 2 and len(apart) == 1)


def _left(pin: str) -> int:
    """The fewest digits that are left when such pieces are taken out."""
    left = [0]
    for at in reversed(range(len(pin))):
        ways = [1 + left[0]]
        ways += [
            left[length - 1] for length in range(3, len(pin) - at + 1) if _is_piece(pin[at : at + length])
        ]
        left.insert(0, min(ways))
    return left[0]


def _is_piece(digits: str) -> bool:
    repeated = len(set(digits)) == 1
    return repeated or digits in LINES or digits in SPOKEN or any(digits in run for run in RUNS)
