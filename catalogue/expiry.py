"""Until when a medicine may be used: from what is printed to the last usable day.

Sources: 24号令 (药品说明书和标签管理规定) art. 23: 有效期至 names the last period of use; 民法典 art. 202: a
period of months ends at the month's end where the corresponding day does not exist; GS1 General
Specifications for AI 17. 失效期 is the first period of non-use, so the last usable day is the day before that
period begins: the last day of the previous month, or the day before a printed day.

A text that could mean two days is refused with `ExpiryUnreadable`, never guessed. Years are those from 2000
to 2099: anything else on a medicine of today is a slip of the pen.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from catalogue.expiry_notations import (
    LAST_YEAR,
    ExpiryUnreadable,
    Label,
    PrintedDate,
    ShelfLife,
    Until,
    read_label,
    read_production,
)

__all__ = [
    "Expiry", "ExpiryUnreadable", "MonthPolicy", "from_gs1", "from_production", "is_usable", "read_expiry",
]  # fmt: skip

Form = Literal["month", "day", "unknown"]


class MonthPolicy(StrEnum):
    """How a county reads a month: usable through it (24号令), or through the month before (a 2006 FAQ)."""

    INCLUSIVE = "inclusive"
    CONSERVATIVE = "conservative"


@dataclass(frozen=True, slots=True)
class Expiry:
    """What was given, how precise it was, the last usable day, and the code of the rule that decided."""

    raw: str
    precision: Literal["day", "month"]
    last_usable_day: date
    rule: str


def is_usable(
    last_usable_day: date | None, on: date, days_supply: int = 1, *, requires_expiry: bool = True
) -> bool:
    """Whether goods handed out `on` a day last for `days_supply` days, that day included.

    The one rule of registration, sorting, planning, dispatch and dispensing. No last usable day means
    unusable, except for reusable devices (`requires_expiry=False`).
    """
    if days_supply < 1:
        raise ValueError("days_supply must be at least 1")
    if last_usable_day is None:
        return not requires_expiry
    return (last_usable_day - on).days >= days_supply - 1


def read_expiry(raw: str, *, policy: MonthPolicy = MonthPolicy.INCLUSIVE) -> Expiry:
    """Last usable day from a label or what was typed of it: an expiry, or production day and shelf life.

    Raises `ExpiryUnreadable` (code, message_zh, message_en) saying what is missing.
    """
    label = read_label(raw)
    if label.until:
        return _from_until(raw, label, policy)
    if label.produced and label.shelf_life:
        return _derived(raw, label.produced, label.shelf_life, "unknown", policy)
    if label.produced:
        raise ExpiryUnreadable("production_only")
    raise ExpiryUnreadable("shelf_life_only" if label.shelf_life else "unreadable")


def from_production(
    produced: date | str,
    shelf_life: int | tuple[int, str],
    *,
    form: Form = "unknown",
    policy: MonthPolicy = MonthPolicy.INCLUSIVE,
) -> Expiry:
    """Last usable day from the production day (a day, or text that may name only a month) and the shelf life.

    `shelf_life`: months, or a number with its unit 月, 年 or 天. `form`: whether the maker states expiries as
    months or as days; where that is unknown, the earlier of the two. Raises `ExpiryUnreadable`,
    and ValueError for another unit.
    """
    count, unit = shelf_life if isinstance(shelf_life, tuple) else (shelf_life, "月")
    if isinstance(produced, date):
        printed = PrintedDate(produced.year, produced.month, produced.day)
    else:
        printed = read_production(produced)
    return _derived(
        f"生产日期{produced} 有效期{count}{unit}", printed, _shelf_life(count, unit), form, policy
    )


def from_gs1(yymmdd: str, today: date) -> Expiry:
    """Last usable day from GS1 AI 17. Day 00 is the month's last day; the century is the nearest to `today`.

    GS1 General Specifications: a year 51 or more ahead belongs to the century before, 50 or more behind to
    the next. Month policies do not apply, for GS1 itself says what day 00 means. Raises `ExpiryUnreadable`.
    """
    if len(yymmdd) != 6 or not (yymmdd.isascii() and yymmdd.isdigit()):
        raise ExpiryUnreadable("gs1_digits")
    year, month, day = (int(yymmdd[place : place + 2]) for place in (0, 2, 4))
    ahead = year - today.year % 100
    year += today.year - today.year % 100 - (100 if ahead >= 51 else 0) + (100 if ahead <= -50 else 0)
    try:
        last_day = date(year, month, day) if day else _month_end(year, month)
    except ValueError:
        raise ExpiryUnreadable("impossible_date") from None
    return Expiry(yymmdd, "day" if day else "month", last_day, "gs1_day" if day else "gs1_month")


def _from_until(raw: str, label: Label, policy: MonthPolicy) -> Expiry:
    """The printed expiry, once everything else on the label agrees with it."""
    printed_days = {_last_day(until, MonthPolicy.INCLUSIVE) for until in label.until}
    if len(printed_days) > 1:
        raise ExpiryUnreadable("two_dates")
    until = min(label.until, key=lambda each: _last_day(each, policy))
    if label.produced:
        _check_production(label.produced, label.shelf_life, printed_days | {_last_day(until, policy)})
    precision: Literal["day", "month"] = "day" if until.printed.day else "month"
    rule = f"excluded_{precision}" if until.excluded else f"printed_{precision}"
    if rule == "printed_month" and policy is MonthPolicy.CONSERVATIVE:
        rule = "printed_month_conservative"
    return Expiry(raw, precision, _last_day(until, policy), rule)


def _check_production(produced: PrintedDate, shelf_life: ShelfLife | None, readings: set[date]) -> None:
    """The shelf life must lead to one of the `readings`: the printed expiry, inclusively and by policy."""
    if max(readings) < produced.first_day:
        raise ExpiryUnreadable("before_production")
    if shelf_life and readings.isdisjoint(_forms(produced, shelf_life, MonthPolicy.INCLUSIVE).values()):
        raise ExpiryUnreadable("contradiction")


def _last_day(until: Until, policy: MonthPolicy) -> date:
    """失效期 already means the month before, so the conservative policy takes nothing more from it."""
    printed = until.printed
    if until.excluded:
        return printed.first_day - timedelta(days=1)
    if printed.day:
        return printed.first_day
    return _month_last_day(printed.year, printed.month, policy)


def _month_last_day(year: int, month: int, policy: MonthPolicy) -> date:
    if policy is MonthPolicy.CONSERVATIVE:
        return date(year, month, 1) - timedelta(days=1)
    return _month_end(year, month)


def _month_end(year: int, month: int) -> date:
    if not 1 <= month <= 12:
        raise ValueError("month must be in 1..12")
    return date(year, month, monthrange(year, month)[1])


def _shelf_life(count: int, unit: str) -> ShelfLife:
    if unit == "天":
        return ShelfLife(days=count)
    if unit not in {"月", "年"}:
        raise ValueError(f"unit: {unit}")
    return ShelfLife(months=count * (12 if unit == "年" else 1))


def _derived(
    raw: str, produced: PrintedDate, shelf_life: ShelfLife, form: Form, policy: MonthPolicy
) -> Expiry:
    forms = _forms(produced, shelf_life, policy)
    if form == "day" and "day" not in forms:
        raise ExpiryUnreadable("production_day_missing")
    chosen = form if form in forms else min(forms, key=lambda each: forms[each])
    last_day = forms[chosen]
    if last_day.year > LAST_YEAR:
        raise ExpiryUnreadable("year_out_of_range")
    rule = f"produced_{chosen}_form" if form in forms or len(forms) == 1 else "produced_earlier_form"
    return Expiry(raw, "month" if chosen == "month" else "day", last_day, rule)


def _forms(produced: PrintedDate, shelf_life: ShelfLife, policy: MonthPolicy) -> dict[Form, date]:
    """The last usable day in each form (24号令 art. 23) the production date allows."""
    if shelf_life.days:
        if produced.day is None:
            raise ExpiryUnreadable("production_day_missing")
        return {"day": produced.first_day + timedelta(days=shelf_life.days - 1)}
    forms: dict[Form, date] = {}
    last_month = produced.year * 12 + produced.month - 1 + shelf_life.months - 1
    forms["month"] = _month_last_day(last_month // 12, last_month % 12 + 1, policy)
    if produced.day:
        forms["day"] = _corresponding_day_before(produced.first_day, shelf_life.months)
    return forms


def _corresponding_day_before(start: date, months: int) -> date:
    """The day before the corresponding day `months` later; the month's end if there is none (民法典 202)."""
    month = start.year * 12 + start.month - 1 + months
    end = _month_end(month // 12, month % 12 + 1)
    return end if start.day > end.day else end.replace(day=start.day) - timedelta(days=1)
