"""That the sizes of the seasons come out, seen from what is drawn: the seasons themselves are played elsewhere."""

import datetime
import random
from dataclasses import replace
from statistics import mean

import pytest
from django.core.management import CommandError, call_command

from catalogue.services import load_medicines
from config.demo.season import NAMES, SIZES, Size, share_of_day
from config.demo.sharing import portions
from organisation.models import County

FULL = SIZES["522633"]["full"]
FIRST = datetime.date(2023, 1, 1)
# Of what the catalogue accepts, this much survives expiry dates, damage, doubt and short counts.
ACCEPTED = 0.75
# Of what is in stock, this much reaches a clinic in one round of plans.
REACHING = 0.75


def brought(size: Size) -> list[tuple[int, float]]:
    """For each day the lines that are brought, and the hand-outs for which their units suffice."""
    households = size.households(random.Random(522633), size.lots)
    days = []
    for day in range(size.days):
        on = FIRST + datetime.timedelta(days=day)
        drafts = [households.draft(on) for _n in range(share_of_day(size.donations, day, size.days))]
        items = [item for draft in drafts for item in draft.items]
        fit = [item for item in items if item.medicine.donation_default == "accept" and not item.findings]
        days.append((len(items), sum(item.quantity / mean(portions(item.medicine)) for item in fit)))
    return days


def owed_at_the_end(size: Size) -> float:
    """The hand-outs for which no clinic has stock when the season ends, with the planned days of plans."""
    stored = shelved = owed = 0.0
    for day, (_lines, handouts) in enumerate(brought(size)):
        stored += ACCEPTED * handouts
        if day in size.plan_days:
            sent = REACHING * stored * (1 if size.every_centre else 0.5)
            stored, shelved = stored - sent, shelved + sent
        owed += share_of_day(size.handouts, day - size.first_plan, size.days - size.first_plan)
        given = min(owed, shelved)
        owed, shelved = owed - given, shelved - given
    return owed


@pytest.fixture
def medicines(db):
    load_medicines()


def test_full_season_has_the_sizes_of_a_county(medicines):
    lines = sum(lines for lines, _handouts in brought(FULL))

    assert (FULL.donations, FULL.handouts, FULL.days) == (5_500, 60_000, 45)
    assert 20_000 <= lines <= 22_000


@pytest.mark.parametrize("name", NAMES)
def test_stock_carries_every_handout(name, medicines):
    assert owed_at_the_end(SIZES["522633"][name]) == 0


@pytest.mark.parametrize("changes", [{"donations": 2_750}, {"handouts": 120_000}, {"plan_every": 45}])
def test_stock_that_does_not_carry_them_is_seen(changes, medicines):
    assert owed_at_the_end(replace(FULL, **changes)) > 1_000


@pytest.mark.parametrize(("total", "days"), [(5_500, 45), (7, 45), (60_000, 38), (0, 3)])
def test_shares_of_the_days_add_up(total, days):
    shares = [share_of_day(total, day, days) for day in range(-5, days)]

    assert sum(shares) == total
    assert shares[:5] == [0] * 5
    assert max(shares) - min(shares[5:]) <= 1


def test_season_that_does_not_exist_is_refused(db, monkeypatch):
    monkeypatch.setenv("SEASON", "huge")

    with pytest.raises(CommandError, match="SEASON must be full or empty, not 'huge'"):
        call_command("load_demo")
    assert County.objects.count() == 0
