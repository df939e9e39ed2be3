"""The season of a county's full size, played to its end: `make test-long`."""

import datetime
import time

import pytest

from catalogue.services import load_medicines
from config.demo.season import SIZES, play_season
from core.days import local_day
from distribution.models import Dispensing
from donations.models import Donation, Item
from inventory.verification import verify
from organisation.loading import load_county


@pytest.mark.long
def test_full_season_has_its_sizes_and_every_identity_holds(cloned_db):
    load_medicines()
    county, size = load_county("522633", village_points=12), SIZES["522633"]["full"]
    yesterday = local_day(county.time_zone) - datetime.timedelta(days=1)

    play_season(
        county, size, until=yesterday, report=lambda words: print(f"\r{words}   ", end="", flush=True)
    )
    begun = time.monotonic()
    found = verify()
    print(f"\nverified in {time.monotonic() - begun:.0f} s")

    assert found == []
    assert Donation.objects.count() == size.donations
    assert Item.objects.count() >= 20_000
    assert Dispensing.objects.count() == size.handouts
    assert Dispensing.objects.latest("dispensed_on").dispensed_on == yesterday
