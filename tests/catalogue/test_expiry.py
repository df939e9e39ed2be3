"""From what is printed to the last usable day: policies, production dates, GS1 and the rule of use."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.expiry import (
    Expiry,
    ExpiryUnreadable,
    MonthPolicy,
    from_gs1,
    from_production,
    is_usable,
    read_expiry,
)

quick = settings(deadline=None, max_examples=150)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
months = st.integers(1, 120)


def refusal(read, *given_values, **options):
    with pytest.raises(ExpiryUnreadable) as caught:
        read(*given_values, **options)
    return caught.value.code


def month_end(day):
    return day.replace(day=monthrange(day.year, day.month)[1])


# --- labels ---


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("有效期至2024年02月", Expiry("有效期至2024年02月", "month", date(2024, 2, 29), "printed_month")),
        ("有效期至2024.02.05", Expiry("有效期至2024.02.05", "day", date(2024, 2, 5), "printed_day")),
        ("失效期2024年03月", Expiry("失效期2024年03月", "month", date(2024, 2, 29), "excluded_month")),
        ("失效期2024.03.01", Expiry("失效期2024.03.01", "day", date(2024, 2, 29), "excluded_day")),
    ],
)
def test_label_read_inclusively(raw, expected):
    assert read_expiry(raw) == expected


@pytest.mark.parametrize(
    ("raw", "last_day", "rule"),
    [
        ("2024年03月", date(2024, 2, 29), "printed_month_conservative"),
        ("2024-01", date(2023, 12, 31), "printed_month_conservative"),
        ("2024-03-15", date(2024, 3, 15), "printed_day"),
        ("失效期2024年03月", date(2024, 2, 29), "excluded_month"),
        ("生产日期2022.03.15 有效期24个月", date(2024, 1, 31), "produced_earlier_form"),
    ],
)
def test_label_read_conservatively(raw, last_day, rule):
    expiry = read_expiry(raw, policy=MonthPolicy.CONSERVATIVE)

    assert (expiry.last_usable_day, expiry.rule) == (last_day, rule)


@pytest.mark.parametrize(
    ("raw", "last_day"),
    [
        ("生产日期2022年05月10日 有效期24个月", date(2024, 4, 30)),
        ("生产日期:20220510有效期:两年", date(2024, 4, 30)),
        ("有效期 36个月,生产日期 2022/05/10", date(2025, 4, 30)),
        ("产品批号:2203051 生产日期:2022.03.05 有效期至:2024.02", date(2024, 2, 29)),
        ("生产日期20220510 有效期24个月 有效期至20240509", date(2024, 5, 9)),
        ("生产日期20220510 有效期24个月 有效期至2024年04月", date(2024, 4, 30)),
        ("MFG 05/2022 EXP 04/2024 LOT AB-12", date(2024, 4, 30)),
        ("有效期至2024年05月 EXP 31/05/2024", date(2024, 5, 31)),
        ("生产日期2024.05.31 有效期至2024.05.31", date(2024, 5, 31)),
        ("有效期至2024年05月 失效期2024年06月", date(2024, 5, 31)),
    ],
)
def test_label_with_several_statements(raw, last_day):
    assert read_expiry(raw).last_usable_day == last_day


def test_label_stated_by_month_and_by_day_takes_the_earlier_under_the_conservative_policy():
    expiry = read_expiry("有效期至2024年05月 EXP 31/05/2024", policy=MonthPolicy.CONSERVATIVE)

    assert expiry.last_usable_day == date(2024, 4, 30)


def test_label_one_month_later_than_its_shelf_life_agrees_under_the_conservative_policy():
    raw = "生产日期20220510 有效期24个月 有效期至2024年05月"

    assert read_expiry(raw, policy=MonthPolicy.CONSERVATIVE).last_usable_day == date(2024, 4, 30)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("有效期至2024.05 EXP 06/2024", "two_dates"),
        ("生产日期2022.05.10 生产日期2022.06.10 有效期24个月", "two_dates"),
        ("生产日期20220510 有效期24个月 有效期至2024年05月", "contradiction"),
        ("生产日期2024.05.10 有效期至2023.05", "before_production"),
        ("生产日期2022.05.10", "production_only"),
        ("有效期24个月", "shelf_life_only"),
        ("生产日期2022.05.10 有效期24年", "shelf_life_implausible"),
        ("生产日期2022年05月 有效期730天", "production_day_missing"),
        ("生产日期2099.05.10 有效期24个月", "year_out_of_range"),
        ("批号20240531", "unreadable"),
    ],
)
def test_label_that_does_not_agree_with_itself_is_refused(raw, code):
    assert refusal(read_expiry, raw) == code


# --- production date and shelf life ---


@pytest.mark.parametrize(
    ("produced", "shelf_life", "form", "last_day", "rule"),
    [
        (date(2021, 9, 5), 30, "month", date(2024, 2, 29), "produced_month_form"),
        (date(2020, 9, 29), 30, "month", date(2023, 2, 28), "produced_month_form"),
        (date(2021, 9, 5), 30, "day", date(2024, 3, 4), "produced_day_form"),
        (date(2021, 9, 5), 30, "unknown", date(2024, 2, 29), "produced_earlier_form"),
        (date(2022, 8, 31), 6, "day", date(2023, 2, 28), "produced_day_form"),
        (date(2023, 8, 31), 6, "day", date(2024, 2, 29), "produced_day_form"),
        (date(2022, 8, 28), 6, "day", date(2023, 2, 27), "produced_day_form"),
        (date(2020, 2, 29), (1, "年"), "day", date(2021, 2, 28), "produced_day_form"),
        (date(2020, 2, 29), (4, "年"), "day", date(2024, 2, 28), "produced_day_form"),
        (date(2022, 1, 1), (2, "年"), "day", date(2023, 12, 31), "produced_day_form"),
        (date(2022, 1, 1), (1, "天"), "day", date(2022, 1, 1), "produced_day_form"),
        (date(2022, 1, 1), (365, "天"), "unknown", date(2022, 12, 31), "produced_day_form"),
        (date(2022, 1, 1), (365, "天"), "month", date(2022, 12, 31), "produced_day_form"),
        ("2022年05月", 24, "unknown", date(2024, 4, 30), "produced_month_form"),
        ("生产日期:20220510", 24, "month", date(2024, 4, 30), "produced_month_form"),
        ("２０２２．５．１０", (2, "年"), "day", date(2024, 5, 9), "produced_day_form"),
    ],
)
def test_production_date_and_shelf_life(produced, shelf_life, form, last_day, rule):
    expiry = from_production(produced, shelf_life, form=form)

    assert (expiry.last_usable_day, expiry.rule) == (last_day, rule)


@pytest.mark.parametrize(
    ("produced", "shelf_life", "form", "code"),
    [
        ("2022年05月", 24, "day", "production_day_missing"),
        ("2022年05月", (90, "天"), "unknown", "production_day_missing"),
        ("22.05.10", 24, "unknown", "two_digit_year"),
        ("", 24, "unknown", "empty"),
        ("有效期至2024.05", 24, "unknown", "unreadable"),
        ("2022.05.10", 0, "unknown", "shelf_life_implausible"),
        ("2022.05.10", -3, "unknown", "shelf_life_implausible"),
        ("2022.05.10", 121, "unknown", "shelf_life_implausible"),
        ("2022.05.10", (11, "年"), "unknown", "shelf_life_implausible"),
        (date(1999, 5, 10), 24, "unknown", "year_out_of_range"),
    ],
)
def test_production_date_that_leads_nowhere_is_refused(produced, shelf_life, form, code):
    assert refusal(from_production, produced, shelf_life, form=form) == code


@given(
    produced=st.dates(date(2000, 1, 1), date(2080, 1, 1)),
    shelf_life=months,
    policy=st.sampled_from(MonthPolicy),
)
@quick
def test_unknown_form_is_the_earlier_of_the_two(produced, shelf_life, policy):
    by_month = from_production(produced, shelf_life, form="month", policy=policy)
    by_day = from_production(produced, shelf_life, form="day", policy=policy)

    unknown = from_production(produced, shelf_life, policy=policy)

    assert unknown.last_usable_day == min(by_month.last_usable_day, by_day.last_usable_day)


@given(produced=st.dates(date(2000, 1, 1), date(2080, 1, 1)), shelf_life=months)
@quick
def test_day_form_keeps_its_promise_within_the_corresponding_month(produced, shelf_life):
    last_day = from_production(produced, shelf_life, form="day").last_usable_day

    passed = (last_day.year - produced.year) * 12 + last_day.month - produced.month
    if produced.day == 1:
        assert (passed, last_day) == (shelf_life - 1, month_end(last_day))
    else:
        assert (passed, last_day.day) == (shelf_life, min(produced.day - 1, month_end(last_day).day))


@pytest.mark.parametrize(("form", "precision"), [("month", "month"), ("day", "day"), ("unknown", "month")])
def test_production_date_gives_the_precision_of_its_form(form, precision):
    assert from_production(date(2022, 5, 10), 24, form=form).precision == precision


def test_production_date_may_lead_to_the_last_day_of_the_last_year():
    assert from_production("2098.01", 24).last_usable_day == date(2099, 12, 31)


def test_unit_of_shelf_life_that_is_none_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="unit: 周"):
        from_production(date(2022, 5, 10), (4, "周"))


# --- GS1 ---


@pytest.mark.parametrize(
    ("yymmdd", "today", "expected"),
    [
        ("240531", date(2023, 1, 8), Expiry("240531", "day", date(2024, 5, 31), "gs1_day")),
        ("240200", date(2023, 1, 8), Expiry("240200", "month", date(2024, 2, 29), "gs1_month")),
        ("230200", date(2023, 1, 8), Expiry("230200", "month", date(2023, 2, 28), "gs1_month")),
        ("730101", date(2023, 1, 8), Expiry("730101", "day", date(2073, 1, 1), "gs1_day")),
        ("740101", date(2023, 1, 8), Expiry("740101", "day", date(1974, 1, 1), "gs1_day")),
        ("030101", date(2052, 1, 8), Expiry("030101", "day", date(2003, 1, 1), "gs1_day")),
        ("020101", date(2052, 1, 8), Expiry("020101", "day", date(2102, 1, 1), "gs1_day")),
    ],
)
def test_gs1_date(yymmdd, today, expected):
    assert from_gs1(yymmdd, today) == expected


@pytest.mark.parametrize(
    ("yymmdd", "code"),
    [
        ("241301", "impossible_date"),
        ("240001", "impossible_date"),
        ("240000", "impossible_date"),
        ("241300", "impossible_date"),
        ("240431", "impossible_date"),
        ("230229", "impossible_date"),
        ("24053", "gs1_digits"),
        ("2405310", "gs1_digits"),
        ("24053 ", "gs1_digits"),
        ("２４０５３１", "gs1_digits"),
        ("٢٤٠٥٣١", "gs1_digits"),
        ("", "gs1_digits"),
    ],
)
def test_gs1_date_that_does_not_exist_is_refused(yymmdd, code):
    assert refusal(from_gs1, yymmdd, date(2023, 1, 8)) == code


@given(day=days, today=days)
@quick
def test_gs1_date_is_within_fifty_years_of_today(day, today):
    read = from_gs1(f"{day:%y%m}01", today).last_usable_day

    assert (read.year % 100, read.month, -49 <= read.year - today.year <= 50) == (
        day.year % 100,
        day.month,
        True,
    )


# --- the rule of use ---


@pytest.mark.parametrize(
    ("last_usable_day", "days_supply", "usable"),
    [
        (date(2023, 1, 8), 1, True),
        (date(2023, 1, 7), 1, False),
        (date(2023, 1, 8), 2, False),
        (date(2023, 1, 10), 3, True),
        (date(2023, 1, 10), 4, False),
        (date.max, 10_000, True),
        (date.min, 1, False),
        (None, 1, False),
    ],
)
def test_use_until_the_last_day_of_supply(last_usable_day, days_supply, usable):
    assert is_usable(last_usable_day, date(2023, 1, 8), days_supply) is usable


def test_use_lasts_one_day_unless_said_otherwise():
    assert is_usable(date(2023, 1, 8), date(2023, 1, 8)) is True


def test_use_of_a_reusable_device_needs_no_expiry():
    assert is_usable(None, date(2023, 1, 8), requires_expiry=False) is True


def test_use_of_a_reusable_device_that_has_an_expiry_respects_it():
    assert is_usable(date(2023, 1, 7), date(2023, 1, 8), requires_expiry=False) is False


@pytest.mark.parametrize("days_supply", [0, -1])
def test_use_for_no_day_at_all_is_a_mistake_of_the_caller(days_supply):
    with pytest.raises(ValueError, match="days_supply"):
        is_usable(date(2023, 1, 8), date(2023, 1, 8), days_supply)


@given(last_usable_day=days, on=days, days_supply=st.integers(1, 400))
@quick
def test_use_agrees_with_counting_the_days_taken(last_usable_day, on, days_supply):
    last_taken = on + timedelta(days=days_supply - 1)

    assert is_usable(last_usable_day, on, days_supply) == (last_taken <= last_usable_day)
