"""The second person signs on the first one's device, with a PIN: two accounts, one confirmation, both in the log."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import AuditEntry
from inventory.models.destructions import Destruction
from organisation.models import AccessToken, DevicePin, Policy
from organisation.pins import set_pin
from tests.inventory.counting import finished, of
from tests.inventory.stories import stocked
from tests.inventory.test_destructions import held, propose
from tests.world import Signed, World

pytestmark = pytest.mark.usefixtures("quick_argon2")
PIN, WRONG = "482916", "918273"


@pytest.fixture
def device(world: World) -> str:
    """The secret of the pharmacist's device, on which the checker has set a PIN."""
    Policy.objects.create(county=world.county, pins=True)
    return set_pin(person=world.person("checker"), pin=PIN, device=None)


def signature(beside: Signed, device: str, username: str, pin: str = PIN) -> Any:
    return beside.post("auth/co-sign/", {"username": username, "device": device, "pin": pin})


def with_token(world: World, answer: Any) -> Signed:
    signed = Signed(world.person("checker"))
    signed.client.credentials(HTTP_AUTHORIZATION=f"Token {answer.json()['token']}")
    return signed


def proposed(world: World) -> int:
    return int(propose(world, {"batch": held(world), "quantity": 20}).json()["id"])


def test_witness_signs_beside_who_proposed_and_both_are_named(world: World, device: str) -> None:
    pk = proposed(world)
    pharmacist, checker = world.signed("pharmacist"), world.person("checker")

    given = signature(pharmacist, device, checker.username)
    answer = with_token(world, given).post(f"destructions/{pk}/confirm/")

    assert answer.json() == {"id": pk, "state": "confirmed"}
    asked, done = AuditEntry.objects.order_by("-pk")[:2][::-1]
    beside = f"beside person {pharmacist.person.pk}"
    assert (asked.action, asked.actor, asked.subject) == ("POST api/v1/auth/co-sign/", checker.pk, beside)
    assert (done.actor, done.subject, done.result) == (checker.pk, f"destruction {pk} {beside}", "done")


def test_signature_carries_one_confirmation_and_nothing_else(world: World, device: str) -> None:
    first, second = proposed(world), proposed(world)
    pharmacist, name = world.signed("pharmacist"), world.person("checker").username

    once = with_token(world, signature(pharmacist, device, name))
    assert once.post(f"destructions/{first}/confirm/").status_code == 200
    assert once.post(f"destructions/{second}/confirm/").status_code == 401

    other = with_token(world, signature(pharmacist, device, name))
    assert [other.get("stock/").status_code, other.post("auth/sign-ins/end/").status_code] == [403, 403]
    assert other.post("counts/", {"place": "P-522633-01"}).status_code == 403


def test_signature_lasts_two_minutes(world: World, device: str) -> None:
    pk = proposed(world)
    signed = with_token(
        world, signature(world.signed("pharmacist"), device, world.person("checker").username)
    )
    row = AccessToken.objects.get(beside__isnull=False)
    assert row.expires_at - row.created_at == datetime.timedelta(minutes=2)

    AccessToken.objects.filter(pk=row.pk).update(expires_at=timezone.now())

    assert signed.post(f"destructions/{pk}/confirm/").status_code == 401


def test_nobody_signs_beside_themselves(world: World, device: str) -> None:
    checker = world.signed("checker")

    answer = signature(checker, device, checker.person.username.upper())

    assert (answer.status_code, answer.json()["code"]) == (403, "second_person_needed")


def test_person_of_another_county_signs_nothing_here(world: World, device: str) -> None:
    Policy.objects.create(county=world.neighbour, pins=True)
    stranger = world.person("checker", foreign=True)
    set_pin(person=stranger, pin="735291", device=device)

    pharmacist = world.signed("pharmacist")

    answers = [signature(pharmacist, device, name, "735291") for name in (stranger.username, "nobody")]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(401, "wrong_credentials")}
    assert not AccessToken.objects.filter(person=stranger).exists()
    # Each county's log names its own people alone, and who tried a name that is nobody's stands in theirs.
    entries = AuditEntry.objects.filter(action__contains="auth/co-sign").values_list(
        "county", "actor", "subject"
    )
    own, foreign = (world.county.pk, pharmacist.person.pk, ""), (world.neighbour.pk, stranger.pk, "")
    assert Counter(entries) == {own: 2, foreign: 1}


def test_rule_of_two_persons_stays_with_the_step(world: World, device: str) -> None:
    """Who counted does not approve, on whosever device; and the device's person lends no right of their own."""
    counted = finished(world.signed("checker"), of(stocked(world), 19))
    pharmacist, name = world.signed("pharmacist"), world.person("checker").username

    answer = with_token(world, signature(pharmacist, device, name)).post(f"counts/{counted}/approve/")

    assert (answer.status_code, answer.json()["code"]) == (403, "second_person_needed")
    refused = AuditEntry.objects.latest("pk")
    assert refused.subject.endswith(f"beside person {pharmacist.person.pk}")


def test_screen_takes_the_second_signature_and_stays_the_first_ones(world: World, device: str) -> None:
    pk = proposed(world)
    page, name = Client(headers={"Accept-Language": "en"}), world.person("checker").username
    page.force_login(world.person("pharmacist"))
    page.cookies["device"] = device
    address = f"/destructions/{pk}/co-sign/"
    assert address in page.get(f"/destructions/{pk}/").content.decode()
    form = {"/username": name, "/pin": WRONG, "key": "4d1c7d2e-7a4e-4f0e-9c0e-111111111111"}

    wrong = page.post(address, form)
    assert (wrong.status_code, Destruction.objects.get().state) == (401, "proposed")
    DevicePin.objects.update(tried_at=timezone.now() - datetime.timedelta(minutes=1))
    right = page.post(address, {**form, "/pin": PIN})

    assert (right.status_code, right["Location"]) == (302, f"/destructions/{pk}/")
    done = Destruction.objects.get()
    assert (done.state, done.ended_by_id) == ("confirmed", world.person("checker").pk)
    assert page.get("/sign-ins/").context["person"].pk == world.person("pharmacist").pk


def test_screen_of_a_count_offers_it_where_the_county_takes_pins(world: World, device: str) -> None:
    pk = finished(world.signed("pharmacist"), of(stocked(world), 19))
    page = Client()
    page.force_login(world.person("pharmacist"))
    page.cookies["device"] = device
    address = f"/counts/{pk}/co-sign/"
    assert address in page.get(f"/counts/{pk}/").content.decode()
    form = {"/username": world.person("checker").username, "/pin": PIN}

    assert page.post(address, {**form, "key": "4d1c7d2e-7a4e-4f0e-9c0e-222222222222"}).status_code == 302
    assert world.signed("checker").get(f"counts/{pk}/").json()["state"] == "approved"
    Policy.objects.update(pins=False)
    assert address not in page.get(f"/counts/{pk}/").content.decode()
