"""The counter at which a donor asks about their own data: every right on a page that says beforehand what it does."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from core.models import AuditEntry
from donations.models import Donation, Donor, DonorIdentity
from tests.world import World, donation

NAME, PHONE = "欧阳娜娜", "138 0013 8000"


@pytest.fixture
def given(world: World) -> Donation:
    who = {"kind": "person", "name": NAME, "phone": PHONE, "publish": "full"}
    made = world.signed("clerk").post("donations/", donation(donor=who)).json()
    return Donation.objects.get(pk=made["id"])


@pytest.fixture
def desk(world: World) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(world.person("security"))
    return client


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def looks() -> list[str]:
    return list(AuditEntry.objects.filter(action__contains="donors/").values_list("action", flat=True))


@pytest.mark.parametrize("by", ["code", "name", "phone", "both"])
def test_donor_is_found_by_receipt_or_exact_name_or_phone(given: Donation, desk: Client, by: str) -> None:
    asked = {
        "code": {"/receipt_code": given.receipt_code.lower()},
        "name": {"/name": NAME},
        "phone": {"/phone": "13800138000"},
        "both": {"/name": NAME, "/receipt_code": given.receipt_code},
    }[by]

    found = desk.post("/donors/", {"key": str(uuid.uuid4()), **asked})

    assert f'href="/donors/{given.donor_id}/"' in found.content.decode()
    assert looks() == ["POST api/v1/donors/find/"]


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"/name": "欧阳"}, 200, "Nobody fits."),
        ({"/receipt_code": "7K2M-9QXW-4T1B-ZC3F-7"}, 400, "The receipt code is mistyped"),
        ({}, 400, "Needed here."),
    ],
)
def test_search_that_finds_nobody_says_what_to_do(
    given: Donation, desk: Client, asked: dict[str, str], status: int, said: str
) -> None:
    answer = desk.post("/donors/", {"key": str(uuid.uuid4()), **asked})

    assert said in words(answer)
    assert answer.status_code == status
    assert f"/donors/{given.donor_id}/" not in answer.content.decode()
    assert all(f'value="{typed}"' in answer.content.decode() for typed in asked.values())


def test_page_of_a_donor_is_the_copy_and_says_why_it_shows_who_it_is(given: Donation, desk: Client) -> None:
    page = desk.get(f"/donors/{given.donor_id}/")

    shown = words(page)
    assert all(word in shown for word in (NAME, PHONE, "full name"))
    assert "is shown here because the donor asks; that you looked stands in the audit log" in shown
    assert looks() == ["GET api/v1/donors/<int:pk>/export/"]
    rights = re.findall(rf'href="(/[a-z0-9/]*donors/{given.donor_id}/[a-z/]+)"', page.content.decode())
    assert rights == [
        f"/api/v1/donors/{given.donor_id}/export/",
        f"/donors/{given.donor_id}/consent/",
        f"/donors/{given.donor_id}/erase/",
    ]
    assert "A pharmacist does it: under “Donations” the receipt code" in shown


def test_consent_is_withdrawn_on_a_page_that_says_what_follows(given: Donation, desk: Client) -> None:
    path = f"/donors/{given.donor_id}/consent/"
    form = desk.get(path)
    assert "the name leaves every list that was published already, at once" in words(form)
    assert re.search(r'name="/publish" value="full" checked', form.content.decode())

    desk.post(path, {"key": str(uuid.uuid4()), "/publish": "anonymous"})
    assert Donor.objects.get(pk=given.donor_id).publish == "anonymous"

    desk.post(path, {"key": str(uuid.uuid4()), "/publish": ""})
    assert Donor.objects.get(pk=given.donor_id).publish is None


def test_donor_is_forgotten_in_two_steps_and_the_books_keep_the_goods(given: Donation, desk: Client) -> None:
    path = f"/donors/{given.donor_id}/erase/"
    assert "The books do not change" in words(desk.get(path))

    refused = desk.post(path, {"key": str(uuid.uuid4())})
    assert (refused.status_code, DonorIdentity.objects.count()) == (400, 1)
    assert "Erasing has to be confirmed." in words(refused)
    done = desk.post(path, {"key": str(uuid.uuid4()), "/confirm": "true"}, follow=True)

    assert (DonorIdentity.objects.count(), given.items.get().holdings.at_point) == (0, 20)
    assert "This donor has been forgotten" in words(done)
    assert "/erase/" not in done.content.decode()
    again = desk.get(path)
    assert (again.status_code, "<form class" in again.content.decode()) == (409, False)
    code = desk.post("/donors/", {"/receipt_code": given.receipt_code})
    assert f'href="/donors/{given.donor_id}/"' in code.content.decode()


def test_clerk_learns_who_serves_the_donor(world: World, given: Donation) -> None:
    clerk = Client(headers={"Accept-Language": "en"})
    clerk.force_login(world.person("clerk"))

    assert "whoever is in charge of security does it, by this receipt code" in words(
        clerk.get(f"/donations/{given.pk}/")
    )


@pytest.mark.parametrize("step", ["", "consent/", "erase/"])
def test_donor_of_another_county_has_no_page(world: World, given: Donation, step: str) -> None:
    stranger = Client()
    stranger.force_login(world.person("security", foreign=True))

    assert stranger.get(f"/donors/{given.donor_id}/{step}").status_code == 404
    assert (
        stranger.post("/donors/", {"/receipt_code": given.receipt_code})
        .content.decode()
        .count(f"/donors/{given.donor_id}/")
        == 0
    )
