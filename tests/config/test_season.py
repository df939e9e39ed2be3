"""The trial's season in 从江, played whole: every identity holds, and it shows the ways a thing can go."""

import datetime
import json

from django.db.models import Count
from jsonschema import Draft202012Validator

from catalogue.services import load_medicines
from config.demo.season import SIZES, play_season
from core.days import local_day
from distribution.models import Dispensing
from donations.models import CustodyEntry, CustodyKind, Donation, Item
from inventory.models import Account, Kind, Movement
from inventory.verification import verify
from organisation.loading import load_county
from organisation.models import Place
from reports import verify_bulletin
from reports.content_schema import CONTENT
from reports.models import Bulletin
from reports.seal import canonical
from reports.signing import public_keys, seal_of


def test_season_shows_the_ways_a_thing_can_go_and_every_identity_holds(cloned_db: str) -> None:
    load_medicines()
    county = load_county("522633", village_points=12)
    yesterday = local_day(county.time_zone) - datetime.timedelta(days=1)
    seen: list[str] = []

    play_season(county, SIZES["522633"][""], until=yesterday, report=seen.append)

    assert verify() == []
    assert len(seen) == 35
    # Beside those that households brought, what handovers held beyond their lists.
    assert Donation.objects.filter(found_in=None).count() == 800
    assert Item.objects.count() >= 2_800
    assert Dispensing.objects.count() == 1_500
    assert Donation.objects.values("place").distinct().count() > 30
    stocked = Place.objects.filter(pk__in=Account.objects.values("place"))
    kinds = dict(stocked.values_list("kind").annotate(Count("pk")).order_by())
    assert (kinds["health_centre"], kinds["village_clinic"] > 200) == (20, True)
    happened = set(CustodyEntry.objects.values_list("kind", flat=True))
    assert happened >= {
        CustodyKind.REFUSED, CustodyKind.VOIDED, CustodyKind.LEFT_FOR_DISPOSAL, CustodyKind.MISSING,
        CustodyKind.SURPLUS, CustodyKind.REJECTED, CustodyKind.IN_DOUBT, CustodyKind.ACCEPTED,
    }  # fmt: skip
    assert Movement.objects.filter(kind=Kind.LOSE).exists()
    assert Bulletin.objects.filter(state=Bulletin.State.PUBLISHED).count() == 2
    told = Draft202012Validator(CONTENT)
    for bulletin in Bulletin.objects.all():
        assert list(told.iter_errors(json.loads(bytes(bulletin.content or b"")))) == []
    assert Dispensing.objects.latest("dispensed_on").dispensed_on == yesterday
    assert not Place.objects.filter(takes_donations=True, opening_hours="").exists()
    first, newest = Bulletin.objects.order_by("number")
    content = json.loads(bytes(newest.content or b""))
    moved = {row["medicine"] for row in content["cumulative"]["medicines"]}
    assert len(moved) // 2 < len(moved & set(content["packs"])) < len(moved)
    assert content["campaign"]["donee"] == "从江县中医院北院药房"
    files = {"before.json": bytes(first.content or b""), "newest.json": bytes(newest.content or b"")}
    keys = verify_bulletin.read_keys([each["public_key"] for each in public_keys()])
    checked = verify_bulletin.verify({**files, "seal.json": canonical(seal_of(newest))}, keys)
    assert [line for line in checked.lines if line.startswith("✗")] == []
    assert sum("上一期相连" in line for line in checked.lines) == 1
