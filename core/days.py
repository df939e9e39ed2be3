"""Local days: what people print and read is a day of the county, never a moment of UTC."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

# The days with which the programme does business: what lies beyond is a slip of the pen (year 1, 9999).
FIRST_DAY, LAST_DAY = datetime.date(2000, 1, 1), datetime.date(2100, 1, 1)


def local_day(time_zone: str, at: datetime.datetime | None = None) -> datetime.date:
    """The calendar day in `time_zone` at the moment `at` (an aware datetime; default: now)."""
    return (at or timezone.now()).astimezone(ZoneInfo(time_zone)).date()


def next_open_day(on: datetime.date, closed_through: datetime.date | None) -> datetime.date:
    """The day under which a fact of day `on` is booked: that day or, once it is closed, the next open one."""
    if closed_through is None or on > closed_through:
        return on
    return closed_through + datetime.timedelta(days=1)
