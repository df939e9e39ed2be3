"""爱心名单: by consent, sealed by salted commitments; who withdraws disappears and the hashes still verify."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import transaction
from django.db.models import QuerySet
from rest_framework.test import APIClient

from donations.models import Donation, Donor
from donations.services.donors import change_consent
from reports import verify_bulletin
from reports.models import Bulletin
from reports.models.names import NamedDonor
from reports.names import names_document, names_told
from tests.cloned import together
from tests.plain_sql import drop_guard, execute, refused_by
from tests.reports.play import Play, edition
from tests.reports.test_bulletin_files import check, downloads, failures, get, public_key
from tests.reports.test_bulletins import content_of, published
from tests.reports.test_content_schema import faults
from tests.reports.test_corrections import corrected, new_phone
from tests.reports.test_publishing_races import publish, submitted
from tests.world import TODAY, World, item


def give(play: Play, name: str, publish: str | None, kind: str = "person") -> Donor:
    who = {"kind": kind, "name": name, "phone": "", "township": None, "work_unit": "", "publish": publish}
    if kind == "work_unit":
        who["work_unit"] = name
    (given, *_rest) = play.register(item(), donor=who)
    return Donation.objects.get(pk=given.donation_id).donor


@pytest.fixture
def donors(play: Play) -> dict[str, Donor]:
    return {
        "full": give(play, "吴阿桑", "full"),
        "masked": give(play, "欧阳娜娜", "masked"),
        "anonymous": give(play, "石老四", "anonymous"),
        "not asked": give(play, "潘小妹", None),
    }


def told(world: World) -> int:
    return int(published(world, period_end=str(TODAY))["id"])


def names(pk: int) -> list[str]:
    return sorted(
        entry["name"] for entry in get(f"public/bulletins/{edition(pk)}.names.json").json()["entries"]
    )


def consent(world: World, donor: Donor, publish: str | None) -> None:
    answer = world.signed("security").post(f"donors/{donor.pk}/consent/", {"publish": publish})
    assert answer.status_code == 200


def everything(play: Play, pk: int) -> dict[str, bytes]:
    document = get(f"public/bulletins/{edition(pk)}.names.json").content
    return {**downloads(play, pk), f"bulletin-{pk}.names.json": document}


def test_only_who_agreed_is_named(play: Play, donors: dict[str, Donor]) -> None:
    pk = told(play.world)

    assert names(pk) == ["吴阿桑", "欧阳**"]
    assert len(content_of(pk)["names"]) == 2
    assert faults(content_of(pk)) == []


def test_bulletin_itself_names_nobody(play: Play, donors: dict[str, Donor]) -> None:
    files = downloads(play, told(play.world))

    assert not any("吴阿桑".encode() in data or "欧阳".encode() in data for data in files.values())


def test_names_verify_by_their_commitments(play: Play, donors: dict[str, Donor]) -> None:
    report = check(everything(play, told(play.world)), public_key(play))

    assert failures(report) == []
    assert any("爱心名单与承诺值相符" in line for line in report.lines)


@pytest.mark.parametrize("publish", ["anonymous", "masked", None])
def test_withdrawn_name_disappears_from_every_edition_and_the_hashes_verify(
    play: Play, donors: dict[str, Donor], publish: str | None
) -> None:
    first = told(play.world)
    new_phone(play.world)
    second = corrected(play.world, first)["id"]
    kept = Bulletin.objects.get(pk=first).sha256

    consent(play.world, donors["full"], publish)

    assert (names(first), names(second)) == (["欧阳**"], ["欧阳**"])
    assert get(f"public/bulletins/{edition(first)}.names.json").json()["withdrawn"] == 1
    assert Bulletin.objects.get(pk=first).sha256 == kept
    for pk in (first, second):
        assert failures(check(everything(play, pk), public_key(play))) == []
    assert NamedDonor.objects.filter(donor=donors["full"], opening__isnull=False).count() == 0


def test_wider_consent_leaves_the_name_as_it_was(play: Play, donors: dict[str, Donor]) -> None:
    pk = told(play.world)

    consent(play.world, donors["masked"], "full")

    assert names(pk) == ["吴阿桑", "欧阳**"]


def test_consent_given_again_does_not_bring_a_name_back(play: Play, donors: dict[str, Donor]) -> None:
    pk = told(play.world)

    consent(play.world, donors["full"], None)
    consent(play.world, donors["full"], "full")

    assert names(pk) == ["欧阳**"]


def test_erased_donor_disappears(play: Play, donors: dict[str, Donor]) -> None:
    pk = told(play.world)

    world = play.world
    answer = world.signed("security").post(f"donors/{donors['full'].pk}/erase/", {"confirm": True})

    assert answer.status_code == 200, answer.json()
    assert names(pk) == ["欧阳**"]


def test_voided_donation_is_nobodys_merit(play: Play, donors: dict[str, Donor]) -> None:
    void = Donation.objects.get(donor=donors["full"])
    clerk = play.world.signed("clerk", play.world.hospital)
    assert clerk.post(f"donations/{void.pk}/void/", {"reason": "登记有误"}).status_code == 200

    assert names(told(play.world)) == ["欧阳**"]


@pytest.mark.parametrize("change", ["name", "salt", "twice", "stranger", "withdrawn", "bulletin"])
def test_changed_list_of_names_is_detected(play: Play, donors: dict[str, Donor], change: str) -> None:
    pk = told(play.world)
    files = everything(play, pk)
    document = json.loads(files[f"bulletin-{pk}.names.json"])
    entry = document["entries"][0]
    match change:
        case "name":
            entry["name"] = "王五"
        case "salt":
            entry["salt"] = "0" * 64
        case "twice":
            document["entries"][1] = entry
        case "stranger":
            document["entries"].append({"name": "王五", "salt": "0" * 64})
        case "withdrawn":
            document["entries"].pop()
        case "bulletin":
            document["bulletin"] = "0" * 64
    files[f"bulletin-{pk}.names.json"] = json.dumps(document).encode()

    assert [line for line in failures(check(files, public_key(play))) if "爱心名单" in line]


def test_same_name_has_another_commitment_in_each_edition(play: Play, donors: dict[str, Donor]) -> None:
    pk = told(play.world)
    new_phone(play.world)
    again = corrected(play.world, pk)["id"]

    assert not set(content_of(pk)["names"]) & set(content_of(again)["names"])


def test_draft_reads_no_name(play: Play, donors: dict[str, Donor]) -> None:
    publisher = play.world.signed("publisher")
    body = {"campaign": "C-522633-2022", "period_start": str(TODAY), "period_end": str(TODAY)}
    pk = publisher.post("bulletins/", body).json()["id"]

    assert publisher.get(f"bulletins/{pk}/").json()["content"]["names"] == []


def test_names_of_a_draft_are_not_there(world: World) -> None:
    publisher = world.signed("publisher")
    body = {"campaign": "C-522633-2022", "period_start": str(TODAY), "period_end": str(TODAY)}
    pk = publisher.post("bulletins/", body).json()["id"]

    assert get(f"public/bulletins/{edition(pk)}.names.json").status_code == 404
    assert APIClient().get(f"/bulletins/{edition(pk)}/names/").status_code == 404


def test_page_shows_the_names_and_what_was_withdrawn(play: Play, donors: dict[str, Donor]) -> None:
    give(play, "<b>从江县供电局</b>", "full", kind="work_unit")
    pk = told(play.world)
    consent(play.world, donors["full"], "anonymous")

    shown = APIClient().get(f"/bulletins/{edition(pk)}/names/?language=en").content.decode()

    assert "欧阳**" in shown
    assert "吴阿桑" not in shown
    assert "&lt;b&gt;从江县供电局&lt;/b&gt;" in shown
    assert "1 name was withdrawn" in shown
    assert (
        f"/bulletins/{edition(pk)}/names/" in APIClient().get(f"/bulletins/{edition(pk)}/").content.decode()
    )


@pytest.mark.parametrize("given", [1, 3])
def test_list_costs_the_same_for_any_number_of_names(
    play: Play, django_assert_num_queries: Any, given: int
) -> None:
    for _time in range(given):
        give(play, "吴阿桑", "full")
    bulletin = Bulletin.objects.get(pk=told(play.world))

    with django_assert_num_queries(1):
        document = names_document(bulletin)

    assert len(document["entries"]) == given


BREACHES = {
    "named_donor_kept": "UPDATE reports_nameddonor SET opening = 'x'",
    "named_donor_once": "INSERT INTO reports_nameddonor (county_id, bulletin_id, donor_id, shown, commitment)"
    " SELECT county_id, bulletin_id, donor_id, shown, 'x' FROM reports_nameddonor LIMIT 1",
    "named_donor_of_published": "INSERT INTO reports_nameddonor (county_id, bulletin_id, donor_id, shown, commitment)"
    " SELECT county_id, -1, donor_id, shown, 'x' FROM reports_nameddonor LIMIT 1",
    "named_donor_shown": "INSERT INTO reports_nameddonor (county_id, bulletin_id, donor_id, shown, commitment)"
    " SELECT n.county_id, n.bulletin_id, d.id, 'all', 'x' FROM reports_nameddonor n, donations_donor d"
    " WHERE d.publish IS NULL LIMIT 1",
}


@pytest.mark.parametrize("guard", BREACHES)
def test_breach_of_the_names_refused_by_its_guard(play: Play, donors: dict[str, Donor], guard: str) -> None:
    told(play.world)

    with refused_by(guard):
        execute(BREACHES[guard])

    drop_guard("named_donor_bulletin_same_county")
    drop_guard(guard)
    assert execute(BREACHES[guard]) >= 1


def test_published_name_is_not_deleted(play: Play, donors: dict[str, Donor]) -> None:
    told(play.world)

    with refused_by("named_donor_kept"):
        execute("DELETE FROM reports_nameddonor")
    with refused_by("named_donor_kept"):
        execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE reports_nameddonor")

    drop_guard("named_donor_kept")
    assert execute("DELETE FROM reports_nameddonor") == 2


def test_withdrawal_around_the_service_empties_the_name_too(play: Play, donors: dict[str, Donor]) -> None:
    pk = told(play.world)

    execute("UPDATE donations_donor SET publish = NULL WHERE publish = 'full'")

    assert names(pk) == ["欧阳**"]


def test_commitment_is_over_name_and_salt(play: Play, donors: dict[str, Donor]) -> None:
    bulletin = Bulletin.objects.get(pk=told(play.world))

    named = names_told(bulletin)

    for each in named:
        raw = verify_bulletin.canonical(each.opening)
        assert verify_bulletin.sha256(raw) == each.commitment
    assert len({each.opening["salt"] for each in named}) == len(named) == 2


def withdrawal_while_signing() -> int:
    """The bulletin is written and not committed when its donor withdraws; how many names stand afterwards."""
    play = Play(World())
    donor = give(play, "吴阿桑", "full")
    signer, security = play.world.act("signer"), play.world.act("security")
    bulletin, written, withdrawn = submitted(play.world), threading.Event(), threading.Event()

    def hold() -> None:
        written.set()
        withdrawn.wait(timeout=1)

    def withdraw() -> None:
        written.wait(timeout=30)
        with transaction.atomic():
            change_consent(act=security, donor=donor, publish=None)
        withdrawn.set()

    together([lambda: publish(bulletin, signer, before_commit=hold), withdraw])
    return NamedDonor.objects.filter(opening__isnull=False).count()


@pytest.mark.usefixtures("cloned_db")
def test_withdrawal_waits_for_the_signature_and_then_counts() -> None:
    assert withdrawal_while_signing() == 0


@pytest.mark.usefixtures("cloned_db")
def test_withdrawal_without_the_lock_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: where the consent is not held, the name stays although it was withdrawn."""
    monkeypatch.setattr(QuerySet, "select_for_update", unlocked(QuerySet.select_for_update))

    assert withdrawal_while_signing() == 1


def unlocked(original: Any) -> Any:
    """Locks of donors that lock nothing."""

    def chosen(rows: Any, **options: Any) -> Any:
        return rows.all() if rows.model is Donor else original(rows, **options)

    return chosen
