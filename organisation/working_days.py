"""Working days: from Monday to Friday, but for what a county has written down (国务院办公厅 tells it each year)."""

from __future__ import annotations

import datetime
from collections.abc import Set

DAY = datetime.timedelta(days=1)
FRIDAY = 5


def is_worked(day: datetime.date, differs: Set[datetime.date]) -> bool:
    """Whether offices are open; `differs` are the weekdays that are closed and the weekend days that are worked."""
    return (day.isoweekday() <= FRIDAY) != (day in differs)


def last_of(first: datetime.date, count: int, differs: Set[datetime.date]) -> datetime.date:
    """The last of so many working days that follow a day; that day itself does not count."""
    day = first
    while count:
        day += DAY
        count -= is_worked(day, differs)
    return day
