"""Dates in GS1 barcodes, two digits of the year only."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class GS1Date:
    """A day and how exactly it was given: precision `day`, or `month` for day 00 (its last day)."""

    day: date
    precision: str


def gs1_date(yymmdd: str, *, today: date) -> GS1Date | None:
    """The date behind six digits YYMMDD, or None where the calendar has no such day.

    Day 00 is the last day of the month, leap years included (GS1 General Specifications, section 3.4.7; not
    to be issued on healthcare items since 2025, but on boxes for years to come). The century is the one that
    puts the year between 49 years before and 50 years after `today` (section 7.12).
    """
    year, month, day = int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:6])
    year = _full_year(year, today.year)
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    if day > last:
        return None
    return GS1Date(date(year, month, day or last), "day" if day else "month")


def gs1_last_day(yymmddhhmm: str, *, today: date) -> GS1Date | None:
    """The last day that lies wholly before the moment YYMMDDhhmm (AI 7003), so that nothing is used after it.

    9999 is "no time given" and 2359 the end of the day; both leave the day itself.
    """
    moment = gs1_date(yymmddhhmm[:6], today=today)
    if moment is None or yymmddhhmm[6:] in {"9999", "2359"}:
        return moment
    return GS1Date(moment.day - timedelta(days=1), "day")


def _full_year(two_digits: int, current: int) -> int:
    century, current_two_digits = current - current % 100, current % 100
    difference = two_digits - current_two_digits
    if difference >= 51:
        century -= 100
    elif difference <= -50:
        century += 100
    return century + two_digits
