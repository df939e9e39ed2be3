"""Six digits of an authenticator application, beside the password."""

from __future__ import annotations

import re
import time
import uuid
from base64 import b32decode
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import connection, transaction
from django.test import Client

from organisation.models import Confirmation, Person, Policy, SecondFactor
from tests.cloned import together
from tests.plain_sql import drop_guard, execute, refused_by
from tests.world import PASSWORD, TODAY, Signed, World

STEP = 30


@pytest.fixture
def approver(world: World, settings: Any) -> Person:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return with_password(world.person("approver"))


def with_password(person: Person) -> Person:
    person.set_password(PASSWORD)
    person.save()
    return person


def send(route: str, person: Person, **fields: Any) -> Any:
    body = {"username": person.username, "password": PASSWORD, **fields}
    return Client().post(f"/api/v1/auth/{route}/", body, content_type="application/json")


@pytest.fixture(autouse=True)
def middle_of_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still, so that no step of time ends between the making of a code and its check."""
    moment = time.time() // STEP * STEP + STEP / 2
    monkeypatch.setattr(time, "time", lambda: moment)


def said(answer: Any) -> str:
    return "ok" if answer.status_code in {200, 204} else answer.json()["code"]


def code_of(secret: str, steps: int = 0) -> str:
    """What the application shows so many steps from now."""
    totp = TOTP(b32decode(secret), 6, SHA1(), STEP)  # noqa: S303 - what applications know
    return totp.generate(int(time.time()) + steps * STEP).decode()


def set_up(person: Person) -> str:
    """The person has a second factor; the step before this one is used by it."""
    secret: str = send("otp", person).json()["secret"]
    assert said(send("otp/confirm", person, code=code_of(secret, -1))) == "ok"
    return secret


def test_code_is_asked_once_the_factor_is_confirmed(approver: Person) -> None:
    secret = send("otp", approver).json()["secret"]
    assert said(send("login", approver)) == "ok"

    assert said(send("otp/confirm", approver, code=code_of(secret, -1))) == "ok"

    assert said(send("login", approver)) == "otp_required"
    assert said(send("login", approver, otp=code_of(secret))) == "ok"


def test_application_is_told_account_and_issuer(approver: Person) -> None:
    uri = send("otp", approver).json()["uri"]

    assert uri.startswith("otpauth://totp/")
    assert approver.username in uri


def test_code_opens_once(approver: Person) -> None:
    secret = set_up(approver)
    code = code_of(secret)

    assert [said(send("login", approver, otp=code)) for _n in range(2)] == ["ok", "wrong_credentials"]
    assert said(send("login", approver, otp=code_of(secret, -1))) == "wrong_credentials"


@pytest.mark.parametrize("otp", ["000000", "12345", "abcdef", "１２３４５６", "' OR 1=1", "-1"])
def test_wrong_code_is_refused_and_counted(approver: Person, otp: str) -> None:
    set_up(approver)

    said_so_far = [said(send("login", approver, otp=otp)) for _n in range(11)]

    assert said_so_far == ["wrong_credentials"] * 10 + ["locked"]


def test_old_code_is_refused(approver: Person) -> None:
    secret = set_up(approver)

    assert said(send("login", approver, otp=code_of(secret, -4))) == "wrong_credentials"
    assert said(send("login", approver, otp=code_of(secret, 4))) == "wrong_credentials"


def test_password_alone_changes_neither_password_nor_factor(approver: Person) -> None:
    set_up(approver)
    body = {"username": approver.username, "old_password": PASSWORD, "new_password": "another long password"}

    changed = Client().post("/api/v1/auth/password/", body, content_type="application/json")

    assert changed.json()["code"] == "otp_required"
    assert said(send("otp", approver)) == "otp_required"


def test_new_secret_takes_the_place_of_the_old_one_when_confirmed(approver: Person) -> None:
    old = set_up(approver)
    new = send("otp", approver, otp=code_of(old)).json()["secret"]
    assert said(send("otp/confirm", approver, code=code_of(old, 1))) == "wrong_credentials"

    assert said(send("otp/confirm", approver, code=code_of(new, -1))) == "ok"

    assert said(send("login", approver, otp=code_of(old, 1))) == "wrong_credentials"
    assert said(send("login", approver, otp=code_of(new))) == "ok"


def test_secret_is_sealed_and_of_no_use_to_another(world: World, approver: Person) -> None:
    secret, other = set_up(approver), with_password(world.person("signer"))
    factor = SecondFactor.objects.get(person=approver)
    assert b32decode(secret) not in bytes(factor.sealed)

    SecondFactor.objects.create(person=other, sealed=factor.sealed, confirmed=True)

    assert said(send("login", other, otp=code_of(secret))) == "wrong_credentials"


@pytest.mark.parametrize(("role", "expected"), [("approver", "second_factor_required"), ("clerk", "ok")])
def test_policy_asks_it_of_who_approves(world: World, approver: Person, role: str, expected: str) -> None:
    Policy.objects.update_or_create(county=world.county, defaults={"second_factor": True})
    person = with_password(world.person(role))

    assert said(send("login", person)) == expected
    secret = set_up(person)
    assert said(send("login", person, otp=code_of(secret))) == "ok"


def test_policy_asks_it_of_who_approves_as_a_deputy(world: World, approver: Person) -> None:
    Policy.objects.update_or_create(county=world.county, defaults={"second_factor": True})
    clerk = with_password(world.person("auditor"))
    drop_guard("policy_confirmed")  # as two people would have done
    Policy.objects.filter(county=world.county).update(second_factor=False)
    assert said(send("login", clerk)) == "ok"
    Policy.objects.filter(county=world.county).update(second_factor=True)
    body = {
        "person": approver.username, "role": "approver", "deputy": clerk.username, "starts_on": str(TODAY),
        "ends_on": str(TODAY),
    }  # fmt: skip
    assert world.signed("security").post("deputies/", body).status_code == 201

    assert said(send("login", clerk)) == "second_factor_required"


def test_lost_telephone_is_forgotten_by_another_person(world: World, approver: Person) -> None:
    set_up(approver)
    signed, security = Signed(approver), world.signed("security")

    assert security.post(f"people/{approver.pk}/second-factor/end/").status_code == 200
    assert said(send("login", approver)) == "otp_required"
    row = Confirmation.objects.get(person=approver)
    assert world.signed("auditor").post(f"confirmations/{row.pk}/confirm/").status_code == 200

    assert signed.get("auth/me/").status_code == 401
    assert said(send("login", approver)) == "ok"
    own = security.post(f"people/{security.person.pk}/second-factor/end/")
    assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")


def test_pages_set_it_up_and_ask_for_it(approver: Person) -> None:
    client = Client(headers={"Accept-Language": "en"})
    account = {"/username": approver.username, "/password": PASSWORD}

    shown = client.post("/second-factor/", {"key": str(uuid.uuid4()), **account}).content.decode()
    [secret] = re.findall(r'<p class="code">([A-Z2-7]{32})</p>', shown)
    assert "data:image/svg+xml" in shown
    wrong = client.post("/second-factor/confirm/", {"key": "1", **account, "/code": "000000"})
    assert (wrong.status_code, wrong.context["form"]["/username"].value) == (401, approver.username)
    done = client.post("/second-factor/confirm/", {"key": "2", **account, "/code": code_of(secret, -1)})
    assert done.status_code == 302

    sign_in = {"username": approver.username, "password": PASSWORD}
    asked = client.post("/sign-in/", sign_in)
    assert (asked.status_code, 'name="otp"' in asked.content.decode()) == (401, True)
    assert client.post("/sign-in/", {**sign_in, "otp": code_of(secret)}).status_code == 302


def test_page_says_where_to_set_it_up(world: World, approver: Person) -> None:
    Policy.objects.update_or_create(county=world.county, defaults={"second_factor": True})

    asked = Client().post("/sign-in/", {"username": approver.username, "password": PASSWORD})

    assert f"/second-factor/?username={approver.username}" in asked.content.decode()


def test_factor_without_a_secret_is_refused_by_the_database(approver: Person) -> None:
    SecondFactor.objects.create(person=approver)
    breach = ["UPDATE organisation_secondfactor SET confirmed = true WHERE person_id = %s", [approver.pk]]

    with refused_by("second_factor_confirmed_with_secret"):
        execute(*breach)
    with transaction.atomic():
        drop_guard("second_factor_confirmed_with_secret")
    assert execute(*breach) == 1


def test_same_code_from_two_devices_opens_one(cloned_db: str) -> None:
    person = with_password(World().person("approver"))
    secret = set_up(person)
    code = code_of(secret)

    def knock() -> str:
        try:
            return said(send("login", person, otp=code))
        finally:
            connection.close()

    assert sorted(map(str, together([knock] * 3))) == ["ok"] + ["wrong_credentials"] * 2
