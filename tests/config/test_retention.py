"""Who donors are is forgotten when nobody needs it any more, as the county's policy says; the books stay."""

from __future__ import annotations

import datetime
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from config import housekeeping
from config.housekeeping import ROUTE, forget_identities
from core.models import AuditEntry
from donations.models import CustodyEntry, Donation, Donor, DonorIdentity, Item, RosterFile
from donations.services.donors import erase_donor
from inventory.models import Balance, Movement, RecallAcknowledgement
from inventory.verification import verify
from organisation.models import Policy
from tests.cloned import together
from tests.donations.rosters import HEAD, line, upload, xlsx
from tests.inventory.recalls import raised
from tests.inventory.stories import accept, counted, sort
from tests.plain_sql import drop_guard
from tests.reports.test_bulletins import published
from tests.reports.test_names import names
from tests.world import TODAY, World, donation

DAY = datetime.timedelta(days=1)
# The campaign ends in 60 days, the goods expire in 400.
PAST = TODAY + datetime.timedelta(days=60 + 1096)


def given(world: World) -> Donation:
    """A donation of 张三 that was counted and sorted into stock."""
    (item_id,) = counted(world)
    assert sort(world.signed("pharmacist"), item_id, accept()).status_code == 201
    return Item.objects.get(pk=item_id).donation


def forget(world: World, on: datetime.date = PAST) -> int:
    return forget_identities(world.county.pk, on)


def test_identity_is_forgotten_once_campaign_and_use_are_past(world: World) -> None:
    kept = given(world)
    Donor.objects.filter(pk=kept.donor_id).update(publish="full", township=world.township)
    books = [list(table.objects.order_by("pk").values()) for table in (CustodyEntry, Movement, Balance, Item)]

    assert forget(world, PAST - DAY) == 0
    assert DonorIdentity.objects.count() == 1
    assert forget(world) == 1

    donor = Donor.objects.get(pk=kept.donor_id)
    assert (donor.publish, donor.township_id, DonorIdentity.objects.count()) == ("anonymous", None, 0)
    assert books == [
        list(table.objects.order_by("pk").values()) for table in (CustodyEntry, Movement, Balance, Item)
    ]
    assert verify(world.county.pk) == []
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor, entry.subject) == (ROUTE, None, "donors anonymised: 1")


def test_second_run_finds_nobody_and_writes_nothing(world: World) -> None:
    given(world)
    forget(world)
    before = AuditEntry.objects.count()

    assert forget(world) == 0

    assert AuditEntry.objects.count() == before


def test_county_that_keeps_identities_forgets_nobody(world: World) -> None:
    given(world)
    Policy.objects.create(county=world.county, identity_days=0)

    assert forget(world, TODAY + 9000 * DAY) == 0


def test_campaign_that_was_closed_early_counts_from_its_end(world: World) -> None:
    given(world)
    Policy.objects.create(county=world.county, identity_days=800)
    world.signed("administrator").post(f"campaigns/{world.campaign.pk}/close/")

    assert forget(world, TODAY + 799 * DAY) == 0
    assert forget(world, TODAY + 801 * DAY) == 1


def test_identity_stays_a_year_after_the_goods_expire(world: World) -> None:
    given(world)
    Policy.objects.create(county=world.county, identity_days=90)

    assert forget(world, TODAY + (400 + 365) * DAY) == 0
    assert forget(world, TODAY + (400 + 366) * DAY) == 1


def test_identity_stays_while_goods_wait_for_a_word_or_their_donor(world: World) -> None:
    world.signed("clerk").post("donations/", donation(place=world.hospital.code))

    assert forget(world, PAST + 4000 * DAY) == 0


def test_identity_stays_while_goods_are_held(world: World) -> None:
    given(world)
    batch = Balance.objects.get(state="available").batch_id
    body = {"place": world.hospital.code, "batch": batch, "quantity": 1, "reason": "包装受潮"}
    assert world.signed("pharmacist").post("holds/", body).status_code == 201

    assert forget(world) == 0


def test_identity_stays_until_a_recall_has_reached_everybody(world: World) -> None:
    given(world)
    recall = raised(world)
    drop_guard("balance_kept_by_ledger")
    Balance.objects.filter(state="held").update(quantity=0)  # as if all were destroyed
    late = PAST + 4000 * DAY

    assert forget(world, late) == 0

    place = {"place": world.hospital.code}
    answer = world.signed("pharmacist").post(f"recalls/{recall['id']}/acknowledge/", place)
    assert (answer.status_code < 300, RecallAcknowledgement.objects.count()) == (True, 1)
    assert forget(world, TODAY + 1000 * DAY) == 0, "who is asked about the recall may still have to be told"
    assert forget(world, late) == 1


def test_forgotten_name_leaves_every_download(world: World) -> None:
    body = donation(place=world.hospital.code, donor={"kind": "person", "name": "吴阿桑", "publish": "full"})
    made = world.signed("clerk").post("donations/", body).json()
    told = int(published(world, period_end=str(TODAY))["id"])
    query = {"place": world.hospital.code, "from": str(TODAY), "to": str(TODAY), "posted": "1"}
    assert names(told) == ["吴阿桑"]
    pk = Donation.objects.get(pk=made["id"]).donor_id

    erase_donor(act=world.act(), donor=Donor.objects.get(pk=pk))

    assert names(told) == []
    sheet = load_workbook(BytesIO(world.signed("clerk").get("roster.xlsx", **query).content))
    assert sheet.active is not None
    assert sheet.active["B4"].value == "爱心人士"
    copy = world.signed("security").get(f"donors/{pk}/export/").json()
    assert (copy["name"], copy["phone"], len(copy["donations"])) == ("", "", 1)


def test_who_brought_a_roster_is_forgotten_with_the_last_donor(world: World) -> None:
    seen = upload(world, xlsx(HEAD, line()), collector="赵六").json()
    world.signed("clerk").post(f"rosters/{seen['id']}/commit/")
    assert (forget(world), RosterFile.objects.exclude(collector=None).count()) == (0, 1)
    for donor in Donor.objects.all():
        erase_donor(act=world.act(), donor=donor)

    forget(world)

    assert RosterFile.objects.exclude(collector=None).count() == 0
    assert AuditEntry.objects.latest("pk").subject == "collectors anonymised: 1"


def test_run_that_was_cut_short_goes_on_where_it_stopped(world: World, monkeypatch: Any) -> None:
    for _donor in "ab":
        given(world)
    monkeypatch.setattr(housekeeping, "DONORS", 1)

    assert forget(world) == 2

    assert AuditEntry.objects.filter(subject="donors anonymised: 1").count() == 2


def test_neighbour_is_left_alone(world: World) -> None:
    given(world)

    assert forget_identities(world.neighbour.pk, PAST) == 0
    assert DonorIdentity.objects.count() == 1


def test_two_at_once_forget_everybody_once(cloned_db: str) -> None:
    world = World()
    given(world)

    ends = together([lambda: forget(world), lambda: forget(world)])

    assert sorted(ends) == [0, 1]  # type: ignore[type-var]
    assert DonorIdentity.objects.count() == 0
