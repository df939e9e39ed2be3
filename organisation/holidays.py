"""A county's holidays: written down, taken back, and what they make of working days."""

from __future__ import annotations

import datetime

from django.db.models import QuerySet

from core.commands import Act
from core.errors import NotFound
from organisation.errors import HolidayDays, HolidayDiffers
from organisation.models import Holiday
from organisation.working_days import DAY, FRIDAY, last_of

# The longest holiday with its bridges is below this, and so is what is looked at to count working days.
DAYS_LIMIT = 31
LOOKED_AT = 366


def holidays_of(county_id: str) -> QuerySet[Holiday]:
    """The newest first."""
    return Holiday.objects.filter(county_id=county_id).order_by("-day")


def add_holidays(
    *, act: Act, first: datetime.date, last: datetime.date, name: str, works: bool
) -> list[Holiday]:
    """Write down that offices are closed from one day to another, or that they work on weekend days.

    Days that are as usual anyway are left out; a day that is written down already takes the new name. A constant
    number of statements.
    """
    if not DAY <= last - first + DAY <= DAYS_LIMIT * DAY:
        raise HolidayDays(pointer="/last")
    days = [first + at * DAY for at in range((last - first).days + 1)]
    meant = [day for day in days if (day.isoweekday() > FRIDAY) == works]
    if not meant:
        raise HolidayDiffers(pointer="/works")
    rows = [
        Holiday(county_id=act.county_id, day=day, name=name, works=works, set_by=act.actor_id)
        for day in meant
    ]
    return Holiday.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["county", "day"],
        update_fields=["name", "works", "set_by"],
    )


def remove_holiday(*, act: Act, pk: int) -> datetime.date:
    """The day is as usual again; that it was written down stays in the log."""
    row = Holiday.objects.filter(county_id=act.county_id, pk=pk).first()
    if row is None:
        raise NotFound
    Holiday.objects.filter(county_id=act.county_id, pk=pk).delete()
    return row.day


def working_day(county_id: str, first: datetime.date, count: int) -> datetime.date:
    """The last of so many working days of the county that follow a day. One statement."""
    until = first + LOOKED_AT * 3 * DAY
    days = Holiday.objects.filter(county_id=county_id, day__range=(first, until))
    return last_of(first, count, set(days.values_list("day", flat=True)))
