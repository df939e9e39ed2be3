"""How fast a clinic uses a medicine, how long its stock lasts, and what of it will expire unused. Pure: no Django.

    rate            = units handed out / days with stock, of the last 28 days before today
    days of stock   = usable stock / rate, rounded down
    expected waste  = of the lots in the order of their last days, the largest of
                      (units up to this lot - rate x days left to hand it out), never below 0, rounded up

A day with stock is one that the books begin or touch with something on the clinic's shelf, or on which something was
handed out: days out of stock say nothing about the wish for a medicine. Hand-outs count by their own day, so that
paper entered later does not look like a rush. Below `LEAST_DAYS` such days nothing is known yet.

What goes out first expires first, so the expected waste is that of a queue: what lot k leaves over is by how much it
raises the largest of those differences.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

WINDOW_DAYS = 28
LEAST_DAYS = 7
# A course begun on the last of these days ends before the medicine expires.
COURSE_DAYS = 3
# Nobody knows what a clinic uses in a year; the expiry calendar ends here too.
FORESEEN_DAYS = 90
DAY = datetime.timedelta(days=1)

# Units that came and that went on a day of the books.
Moved = Mapping[datetime.date, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Held:
    """Units on a clinic's shelf that may be used until a day; none: without end."""

    last_usable_day: datetime.date | None
    units: int


@dataclass(frozen=True, slots=True)
class Use:
    """Units (of a group of medicines: courses) handed out on so many days with stock."""

    units: int | Fraction = 0
    days: int = 0

    @property
    def rate(self) -> Fraction | None:
        """Units a day; None where too few days are known."""
        return Fraction(self.units, self.days) if self.days >= LEAST_DAYS else None


def window(on: datetime.date) -> tuple[datetime.date, datetime.date]:
    """The first and the last of the whole days that are looked at; today is not over yet."""
    return on - WINDOW_DAYS * DAY, on - DAY


def days_with_stock(
    on: datetime.date, standing: int, moved: Moved, handed_out: Collection[datetime.date]
) -> frozenset[datetime.date]:
    """The days of the window on which there was something to hand out, from what stands on the shelf now, the books'
    days since then, and the days of the hand-outs.

    The stock of a day follows from today's by taking back what moved after it.
    """
    first, last = window(on)
    for day, (came, went) in moved.items():
        if day > last:
            standing += went - came
    days, day = [], last
    while day >= first:
        came, went = moved.get(day, (0, 0))
        standing += went - came  # as the day began
        if standing > 0 or came > 0 or day in handed_out:
            days.append(day)
        day -= DAY
    return frozenset(days)


def days_of_stock(units: int, rate: Fraction | None) -> int | None:
    """Whole days that the units last; None where nothing is used or nothing is known."""
    return math.floor(units / rate) if rate else None


def days_to_hand_out(last_usable_day: datetime.date, on: datetime.date) -> int:
    """Days from today on which a course can still begin that ends before the medicine expires."""
    return max((last_usable_day - on).days + 2 - COURSE_DAYS, 0)


def is_foreseen(lot: Held, on: datetime.date) -> bool:
    """Whether it expires within the days that are looked at."""
    return lot.last_usable_day is not None and lot.last_usable_day <= on + FORESEEN_DAYS * DAY


def waste_by_lot(held: Iterable[Held], rate: Fraction, on: datetime.date) -> list[int]:
    """Units of each lot, in the order of `by_expiry`, that will expire unused within the foreseen days."""
    wasted, so_far, stock = [], 0, 0
    for lot in by_expiry(held):
        if lot.last_usable_day is None or not is_foreseen(lot, on):
            wasted.append(0)
            continue
        stock += lot.units
        over = math.ceil(stock - rate * days_to_hand_out(lot.last_usable_day, on))
        wasted.append(max(over - so_far, 0))
        so_far = max(so_far, over)
    return wasted


def by_expiry(held: Iterable[Held]) -> Sequence[Held]:
    """First to expire first; what never expires last."""
    return sorted(held, key=lambda lot: lot.last_usable_day or datetime.date.max)
