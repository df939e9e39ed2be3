from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.codes.gs1_dates import GS1Date, gs1_date, gs1_last_day

TODAY = date(2023, 1, 10)


@pytest.mark.parametrize(
    ("raw", "day", "precision"),
    [
        ("240531", date(2024, 5, 31), "day"),
        ("240500", date(2024, 5, 31), "month"),
        ("240200", date(2024, 2, 29), "month"),
        ("230200", date(2023, 2, 28), "month"),
        ("000200", date(2000, 2, 29), "month"),
        ("991231", date(1999, 12, 31), "day"),
    ],
)
def test_gs1_date_gives_the_day(raw, day, precision):
    assert gs1_date(raw, today=TODAY) == GS1Date(day, precision)


@pytest.mark.parametrize(
    "raw", ["240231", "240431", "230229", "241301", "240001", "240000", "240532", "999999"]
)
def test_gs1_date_knows_impossible_days(raw):
    assert gs1_date(raw, today=TODAY) is None


@pytest.mark.parametrize(
    ("raw", "today", "year"),
    [
        ("730101", date(2023, 1, 1), 2073),
        ("740101", date(2023, 1, 1), 1974),
        ("000101", date(2099, 1, 1), 2100),
        ("490101", date(2099, 1, 1), 2149),
        ("500101", date(2099, 1, 1), 2050),
        ("990101", date(2051, 1, 1), 2099),
        ("010101", date(2051, 1, 1), 2101),
        ("020101", date(2051, 1, 1), 2002),
    ],
)
def test_gs1_date_century_follows_the_window(raw, today, year):
    assert gs1_date(raw, today=today) == GS1Date(date(year, 1, 1), "day")


@settings(deadline=None)
@given(st.dates(date(2000, 1, 1), date(2150, 12, 31)), st.integers(-49 * 365, 49 * 365))
def test_gs1_date_round_trips_within_the_window(today, distance):
    day = today + timedelta(days=distance)

    assert gs1_date(f"{day:%y%m%d}", today=today) == GS1Date(day, "day")
    assert gs1_date(f"{day:%y%m}00", today=today) == GS1Date(
        day.replace(day=monthrange(day.year, day.month)[1]), "month"
    )


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2405311200", date(2024, 5, 30)),
        ("2405310000", date(2024, 5, 30)),
        ("2405312359", date(2024, 5, 31)),
        ("2405319999", date(2024, 5, 31)),
        ("2403010800", date(2024, 2, 29)),
    ],
)
def test_gs1_last_day_is_never_later_than_the_moment(raw, day):
    assert gs1_last_day(raw, today=TODAY) == GS1Date(day, "day")


def test_gs1_last_day_knows_impossible_days():
    assert gs1_last_day("2402311200", today=TODAY) is None
