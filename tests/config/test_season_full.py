"""The season of a county's full size, played to its end: `make test-long`."""

import datetime
import time

import pytest
from django.utils import timezone

from catalogue.services import load_medicines
from config.demo.season import SIZES, play_season
from core.days import local_day
from distribution.models import Dispensing
from donations.models import Donation, Item
from inventory.verification import verify
from organisation.loading import load_county
from reports import verify_bulletin
from reports.models import Bulletin, BulletinFile
from reports.seal import canonical
from reports.signing import make_files, public_keys, seal_of


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
    assert _failures_of_the_newest_bulletin() == []


def _failures_of_the_newest_bulletin() -> list[str]:
    """What the stand-alone program says against it in all its formats."""
    newest = Bulletin.objects.latest("number")
    make_files(newest, timezone.now())
    files = {each.name: bytes(each.content) for each in BulletinFile.objects.filter(bulletin=newest)}
    assert set(files) == set(BulletinFile.USUAL)
    files |= {"bulletin.json": bytes(newest.content or b""), "seal.json": canonical(seal_of(newest))}
    keys = verify_bulletin.read_keys([each["public_key"] for each in public_keys()])
    return [line for line in verify_bulletin.verify(files, keys).lines if line.startswith("✗")]
