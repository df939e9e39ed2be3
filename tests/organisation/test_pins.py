"""PINs: on a known device only, for the roles of places only, and of no use to who guesses."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import AuditEntry
from organisation.models import AccessToken, DevicePin, Person, Policy, Role
from organisation.pin_guessing import easy_pin
from organisation.pins import LASTS, set_pin
from organisation.sign_ins import issue_token
from tests.cloned import together
from tests.plain_sql import drop_guard, execute, refused_by
from tests.world import PASSWORD, Signed, World

pytestmark = pytest.mark.usefixtures("quick_argon2")
PIN, WRONG = "482916", "918273"


def with_password(person: Person) -> Person:
    person.set_password(PASSWORD)
    person.save()
    return person


def send(route: str, **fields: Any) -> Any:
    return Client().post(f"/api/v1/auth/{route}/", fields, content_type="application/json")


def said(answer: Any) -> str:
    return "ok" if answer.status_code in {200, 201} else answer.json()["code"]


@pytest.fixture
def clinic(world: World) -> Person:
    Policy.objects.create(county=world.county, pins=True)
    return with_password(world.person("clinic"))


@pytest.fixture
def device(clinic: Person) -> str:
    """The secret of a device on which the clinic's person has set the PIN."""
    return set_pin(person=clinic, pin=PIN, device=None)


def enter(person: Person, device: str, pin: str = PIN) -> Any:
    return send("pin", username=person.username, device=device, pin=pin)


def waited() -> None:
    """The wait after a wrong PIN is over."""
    DevicePin.objects.update(tried_at=timezone.now() - datetime.timedelta(minutes=1))


def test_pin_is_set_with_the_password_and_opens_on_that_device(clinic: Person) -> None:
    account = {"username": clinic.username, "password": PASSWORD}
    assert said(send("pins", **{**account, "password": "a wrong password"}, pin=PIN)) == "wrong_credentials"
    device = send("pins", **account, pin=PIN).json()["device"]

    answer = enter(clinic, device)

    headers = {"Authorization": f"Token {answer.json()['token']}"}
    assert Client(headers=headers).get("/api/v1/dispensings/").status_code == 200
    row = DevicePin.objects.get()
    assert (row.pin.startswith("argon2$argon2id$"), device in str(row.__dict__)) == (True, False)
    assert AccessToken.objects.get().by_pin is True


@pytest.mark.parametrize("device", ["", "another device's secret of forty-three chars"])
def test_pin_opens_nothing_elsewhere(clinic: Person, device: str) -> None:
    set_pin(person=clinic, pin=PIN, device=None)

    refused = enter(clinic, device)

    assert refused.status_code in {400, 401}
    assert AccessToken.objects.count() == 0


def test_device_keeps_its_secret_for_the_next_person(clinic: Person, device: str, world: World) -> None:
    clerk = world.person("clerk")

    assert set_pin(person=clerk, pin="735291", device=device) == device
    assert set_pin(person=clerk, pin="735291", device="made up") not in {device, "made up"}

    assert said(enter(clerk, device, "735291")) == "ok"
    assert said(enter(clerk, device, PIN)) == "wrong_credentials"


@pytest.mark.parametrize(
    "pin", ["12345", "1234567890123", "111111", "121212", "345678", "876543", "４８２９１６", "48291a"]
)
def test_pin_that_is_easy_is_refused(clinic: Person, pin: str) -> None:
    answer = send("pins", username=clinic.username, password=PASSWORD, pin=pin)

    assert answer.status_code in {400, 422}
    assert DevicePin.objects.count() == 0


def test_pins_that_people_choose_are_easy_and_few_others_are() -> None:
    """Repeats, counting, lines of keys, days, and numbers that sound like words."""
    chosen = (
        "123123 121314 112233 131415 147258 159753 258025 200501 19900101 910203 520131 5201314 168168 110119 135790"
        " 246810 778899 123321"
    )

    assert [pin for pin in chosen.split() if not easy_pin(pin)] == []
    assert [pin for pin in ("482916", "735291", "628401", "94063718") if easy_pin(pin)] == []
    assert sum(easy_pin(f"{number:06}") for number in range(0, 10**6, 97)) < 10**6 / 97 * 0.07


def test_wrong_pins_wait_longer_and_longer_and_then_open_nothing(clinic: Person, device: str) -> None:
    told = []
    for _attempt in range(5):
        told += [said(enter(clinic, device, WRONG)), said(enter(clinic, device))]
        waited()

    assert told == ["wrong_credentials", "pin_locked"] * 5
    assert said(enter(clinic, device)) == "pin_locked"
    assert DevicePin.objects.get().failures == 5
    # The lock shuts nobody out: the password opens, and sets the PIN anew.
    assert said(send("login", username=clinic.username, password=PASSWORD)) == "ok"
    set_pin(person=clinic, pin=PIN, device=device)
    assert said(enter(clinic, device)) == "ok"


def test_right_pin_begins_to_count_anew(clinic: Person, device: str) -> None:
    for _attempt in range(4):
        enter(clinic, device, WRONG)
        waited()

    assert said(enter(clinic, device)) == "ok"
    assert DevicePin.objects.get().failures == 0


def test_lock_on_one_device_leaves_the_others(clinic: Person, device: str) -> None:
    other = set_pin(person=clinic, pin=PIN, device=None)
    enter(clinic, device, WRONG)

    assert (said(enter(clinic, device)), said(enter(clinic, other))) == ("pin_locked", "ok")


def test_pins_tried_at_the_same_moment_are_one_attempt(cloned_db: str) -> None:
    world = World()
    Policy.objects.create(county=world.county, pins=True)
    person = world.person("clinic")
    device = set_pin(person=person, pin=PIN, device=None)

    told = together([lambda pin=pin: said(enter(person, device, pin)) for pin in (WRONG, "918274", "918275")])

    assert sorted(told) == ["pin_locked", "pin_locked", "wrong_credentials"]
    assert DevicePin.objects.get().failures == 1


def test_guessing_with_made_up_devices_makes_the_address_wait(clinic: Person, device: str) -> None:
    told = [said(enter(clinic, f"made up {n}", PIN)) for n in range(11)]

    assert told == ["wrong_credentials"] * 10 + ["locked"]


def test_pin_opens_the_roles_of_places_only(clinic: Person, device: str, world: World) -> None:
    world.grant(clinic, Role.APPROVER)
    token = enter(clinic, device).json()["token"]
    by_pin, by_password = Client(headers={"Authorization": f"Token {token}"}), Signed(clinic)

    assert (by_pin.get("/api/v1/dispensings/").status_code, by_pin.get("/api/v1/plans/").status_code) == (
        200,
        403,
    )
    assert by_password.get("plans/").status_code == 200


@pytest.mark.parametrize("what", ["policy", "age", "ended", "first password"])
def test_pin_opens_no_longer(clinic: Person, device: str, what: str) -> None:
    if what == "policy":
        Policy.objects.update(pins=False)
    elif what == "age":
        DevicePin.objects.update(created_at=timezone.now() - LASTS)
    elif what == "ended":
        Person.objects.filter(pk=clinic.pk).update(is_active=False)
    else:
        Person.objects.filter(pk=clinic.pk).update(must_change_password=True)

    expected = "password_change_required" if what == "first password" else "wrong_credentials"
    assert said(enter(clinic, device)) == expected


def test_county_that_takes_no_pins_sets_none(world: World) -> None:
    person = with_password(world.person("clinic"))

    answer = send("pins", username=person.username, password=PASSWORD, pin=PIN)

    assert (answer.status_code, said(answer)) == (403, "pins_off")
    assert DevicePin.objects.count() == 0


@pytest.mark.parametrize("by", ["end", "password", "sign-ins"])
def test_end_of_all_sign_ins_ends_the_pins(clinic: Person, device: str, world: World, by: str) -> None:
    security = world.signed("security")
    if by == "end":
        security.patch(f"people/{clinic.pk}/", {"is_active": False, "version": clinic.version})
    elif by == "password":
        security.post(f"people/{clinic.pk}/password/")
    else:
        security.post(f"people/{clinic.pk}/sign-ins/end/")

    assert DevicePin.objects.count() == 0


def test_screens_set_it_and_let_in_with_it(clinic: Person) -> None:
    browser = Client(headers={"Accept-Language": "en"})
    form = {"/username": clinic.username, "/password": PASSWORD, "/pin": PIN}
    assert browser.post("/pin/", {**form, "/pin": "111111"}).status_code == 422

    made = browser.post("/pin/", form)

    cookie = made.cookies["device"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Strict", 90 * 86400)
    assert "/sign-in/pin/" in browser.get("/sign-in/").content.decode()
    wrong = browser.post("/sign-in/pin/", {"/username": clinic.username, "/pin": WRONG})
    assert (wrong.status_code, "User name or password is wrong." in wrong.content.decode()) == (401, True)
    waited()
    assert browser.post("/sign-in/pin/", {"/username": clinic.username, "/pin": PIN})["Location"] == "/"
    assert browser.get("/dispensings/").status_code == 200
    assert AccessToken.objects.get().by_pin is True


def test_log_names_who_tried_and_no_pin(clinic: Person, device: str) -> None:
    enter(clinic, device, WRONG)
    waited()
    enter(clinic, device)

    entries = AuditEntry.objects.filter(action="POST api/v1/auth/pin/").order_by("pk")
    assert [(e.actor, e.result, e.code) for e in entries] == [
        (clinic.pk, "refused", "wrong_credentials"),
        (clinic.pk, "done", ""),
    ]
    assert not any(WRONG in str(e.__dict__) or PIN in str(e.__dict__) for e in entries)


def test_database_holds_what_a_pin_is(clinic: Person, device: str) -> None:
    with refused_by("device_pin_hashed"):
        execute("UPDATE organisation_devicepin SET pin = '260415'")
    with refused_by("device_pin_attempts"):
        execute("UPDATE organisation_devicepin SET failures = 6")
    with refused_by("device_pin_once"):
        execute(
            "INSERT INTO organisation_devicepin (person_id, device, pin, created_at, failures)"
            " SELECT person_id, device, pin, created_at, 0 FROM organisation_devicepin"
        )
    _token, row = issue_token(clinic)
    with refused_by("token_co_signs_by_pin"):
        execute(f"UPDATE organisation_accesstoken SET beside = 0 WHERE id = {row.pk}")
    with refused_by("token_beside_another"):
        execute(f"UPDATE organisation_accesstoken SET by_pin = true, beside = person_id WHERE id = {row.pk}")
    for guard in (
        "device_pin_hashed",
        "device_pin_attempts",
        "token_co_signs_by_pin",
        "token_beside_another",
    ):
        drop_guard(guard)
    execute("UPDATE organisation_devicepin SET pin = '260415', failures = 6")
    execute("UPDATE organisation_accesstoken SET beside = person_id")
