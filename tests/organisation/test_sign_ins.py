"""One's own sign-ins: how long they last, where they stand, and how they end."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from organisation.attempts import Origin
from organisation.models import AccessToken, Person, Policy, Role, RoleGrant, SecondFactor
from organisation.services import sign_in
from organisation.sign_ins import AT_ONCE, END_SURPLUS, issue_token, network_of, tidy_sign_ins
from tests.plain_sql import drop_guard, execute, refused_by, value
from tests.world import PASSWORD, Signed, World

pytestmark = pytest.mark.usefixtures("quick_argon2")
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def clerk(world: World) -> Person:
    return world.person("clerk")


def on_screens(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def unused_for(minutes: float) -> None:
    AccessToken.objects.update(used_at=timezone.now() - datetime.timedelta(minutes=minutes))


def opens(clerk: Signed, page: Client) -> tuple[int, int]:
    return clerk.get("auth/me/").status_code, page.get("/donations/").status_code


def test_sign_in_that_nobody_uses_ends(clerk: Person) -> None:
    signed, page = Signed(clerk), on_screens(clerk)

    unused_for(29)
    assert opens(signed, page) == (200, 200)
    unused_for(31)
    assert opens(signed, page) == (401, 302)


def test_use_is_kept_to_the_minute_and_keeps_it_open(clerk: Person) -> None:
    signed = Signed(clerk)
    unused_for(20)
    signed.get("auth/me/")
    used_at = AccessToken.objects.get().used_at

    signed.get("auth/me/")

    assert timezone.now() - used_at < MINUTE
    assert AccessToken.objects.get().used_at == used_at


def test_county_sets_both_limits(world: World, clerk: Person) -> None:
    Policy.objects.create(county=world.county, idle_minutes=5, sign_in_hours=2)
    signed, page = Signed(clerk), on_screens(clerk)

    assert {row.expires_at - row.created_at for row in AccessToken.objects.all()} == {120 * MINUTE}
    unused_for(6)
    assert opens(signed, page) == (401, 302)


def test_session_ends_with_its_hours_however_much_it_is_used(clerk: Person) -> None:
    page = on_screens(clerk)
    AccessToken.objects.update(expires_at=timezone.now())

    assert page.get("/donations/").status_code == 302


def test_limits_of_another_kind_are_refused_by_the_database(world: World) -> None:
    Policy.objects.create(county=world.county)
    drop_guard("policy_confirmed")
    for breach in ("idle_minutes = 4", "sign_in_hours = 25"):
        with refused_by("policy_sign_ins"):
            execute(f"UPDATE organisation_policy SET {breach}")
    drop_guard("policy_sign_ins")
    execute("UPDATE organisation_policy SET idle_minutes = 0")


def test_own_sign_ins_are_listed_without_any_secret(clerk: Person, world: World) -> None:
    signed, _page = Signed(clerk), on_screens(clerk)
    world.signed("pharmacist")
    AccessToken.objects.filter(digest__isnull=False).update(network=network_of("198.51.100.77"))

    rows = signed.get("auth/sign-ins/").json()["results"]

    assert [(row["is_this"], row["on_screens"], row["network"]) for row in rows] == [
        (False, True, ""),
        (True, False, "198.51.100.0/24"),
    ]
    assert set(rows[0]) == {
        "id", "created_at", "used_at", "expires_at", "network", "on_screens", "by_pin", "with_second_factor",
        "is_this",
    }  # fmt: skip


def test_address_is_kept_as_its_network_only(clerk: Person) -> None:
    clerk.set_password(PASSWORD)
    clerk.must_change_password = False
    clerk.save()
    Client(REMOTE_ADDR="2001:db8:aa:bb::7").post(
        "/sign-in/", {"username": clerk.username, "password": PASSWORD}
    )

    assert AccessToken.objects.get().network == "2001:db8:aa::/48"
    assert (network_of(""), network_of("unix:")) == ("", "")


def test_one_is_ended_and_the_others_stay(clerk: Person) -> None:
    signed, other, page = Signed(clerk), Signed(clerk), on_screens(clerk)
    rows = signed.get("auth/sign-ins/").json()["results"]
    (of_page,) = [row["id"] for row in rows if row["on_screens"]]

    assert signed.post(f"auth/sign-ins/{of_page}/end/").json() == {"id": of_page}

    assert page.get("/donations/").status_code == 302
    assert other.get("auth/me/").status_code == 200


def test_all_others_are_ended_and_this_one_stays(clerk: Person) -> None:
    signed, other, page = Signed(clerk), Signed(clerk), on_screens(clerk)

    assert signed.post("auth/sign-ins/end-others/").json() == {"ended": 2}

    assert (signed.get("auth/me/").status_code, other.get("auth/me/").status_code) == (200, 401)
    assert page.get("/donations/").status_code == 302


def test_sign_in_of_another_person_is_not_there(clerk: Person, world: World) -> None:
    mine, theirs = Signed(clerk), world.signed("pharmacist")
    pk = theirs.get("auth/sign-ins/").json()["results"][0]["id"]

    answer = mine.post(f"auth/sign-ins/{pk}/end/")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert theirs.get("auth/me/").status_code == 200


def test_screen_lists_them_and_ends_them(clerk: Person) -> None:
    page, signed = on_screens(clerk), Signed(clerk)
    pk = AccessToken.objects.get(digest__isnull=False).pk

    shown = page.get("/sign-ins/").content.decode()
    assert f"/sign-ins/{pk}/end/" in shown
    page.post(f"/sign-ins/{pk}/end/", {"key": "4d1c7d2e-7a4e-4f0e-9c0e-111111111111"})

    assert signed.get("auth/me/").status_code == 401
    page.post("/sign-ins/end-others/", {"key": "4d1c7d2e-7a4e-4f0e-9c0e-222222222222"})
    assert page.get("/donations/").status_code == 200


def test_signing_out_of_the_screens_ends_the_row(clerk: Person) -> None:
    page = on_screens(clerk)
    kept = page.cookies["sessionid"].value

    page.post("/sign-out/")
    page.cookies["sessionid"] = kept

    assert AccessToken.objects.count() == 0
    assert page.get("/donations/").status_code == 302


def test_signing_in_again_on_the_screens_ends_the_sign_in_before(clerk: Person) -> None:
    clerk.set_password(PASSWORD)
    clerk.save()
    page = on_screens(clerk)
    before = page.cookies["sessionid"].value

    page.post("/sign-in/", {"username": clerk.username, "password": PASSWORD})

    assert AccessToken.objects.count() == 1
    assert page.get("/donations/").status_code == 200
    assert page.cookies["sessionid"].value != before
    page.cookies["sessionid"] = before
    assert page.get("/donations/").status_code == 302


def test_number_of_a_token_is_no_session(clerk: Person) -> None:
    page = on_screens(clerk)
    _token, row = issue_token(clerk)
    session = page.session
    session["sign_in"] = row.pk
    session.save()

    assert page.get("/donations/").status_code == 302


def test_most_at_once_is_bounded(clerk: Person) -> None:
    clerk.set_password(PASSWORD)
    clerk.must_change_password = False
    clerk.save()
    first = Signed(clerk)
    for _more in range(AT_ONCE - 1):
        issue_token(clerk)
    assert first.get("auth/me/").status_code == 200

    sign_in(username=clerk.username, password=PASSWORD, origin=Origin())

    assert AccessToken.objects.count() == AT_ONCE
    assert first.get("auth/me/").status_code == 401
    assert "OFFSET" in END_SURPLUS


def test_what_has_ended_is_dropped_at_night(clerk: Person, world: World) -> None:
    Policy.objects.create(county=world.county, idle_minutes=60)
    on_screens(clerk)
    _token, live = issue_token(clerk)
    Session.objects.update(expire_date=timezone.now() - MINUTE)
    AccessToken.objects.exclude(pk=live.pk).update(used_at=timezone.now() - 61 * MINUTE)
    AccessToken.objects.filter(pk=live.pk).update(used_at=timezone.now() - 59 * MINUTE)

    tidy_sign_ins()

    assert list(AccessToken.objects.values_list("pk", flat=True)) == [live.pk]
    assert Session.objects.count() == 0


@pytest.mark.parametrize("asked", [False, True])
def test_sign_in_before_the_policy_of_second_factors_does_not_pass_it(world: World, asked: bool) -> None:
    approver = world.person("approver")
    signed, page, clerk = Signed(approver), on_screens(approver), world.signed("clerk")
    assert (signed.get("plans/").status_code, page.get("/plans/").status_code) == (200, 200)

    Policy.objects.create(county=world.county, second_factor=asked)

    answer = signed.get("plans/")
    assert answer.status_code == (401 if asked else 200)
    assert page.get("/plans/").status_code == (302 if asked else 200)
    assert clerk.get("auth/me/").status_code == 200
    if asked:
        assert answer.json()["code"] == "second_factor_required"


def test_sign_in_with_a_second_factor_passes_the_policy(world: World) -> None:
    approver = world.person("approver")
    SecondFactor.objects.create(person=approver, sealed=b"sealed", confirmed=True)
    signed, page = Signed(approver), on_screens(approver)
    Policy.objects.create(county=world.county, second_factor=True)

    assert (signed.get("plans/").status_code, page.get("/plans/").status_code) == (200, 200)


def test_role_given_after_the_sign_in_is_under_the_policy_too(world: World) -> None:
    Policy.objects.create(county=world.county, second_factor=True)
    clerk = world.person("clerk")
    signed = Signed(clerk)
    assert signed.get("auth/me/").status_code == 200

    RoleGrant.objects.create(person=clerk, county=world.county, role=Role.APPROVER)

    assert signed.get("auth/me/").json()["code"] == "second_factor_required"


def test_nothing_of_a_sign_in_names_anybody_but_the_person(db: Any) -> None:
    columns = value(
        "SELECT string_agg(column_name, ' ' ORDER BY column_name) FROM information_schema.columns"
        " WHERE table_name = 'organisation_accesstoken'"
    )

    assert columns == (
        "beside by_pin created_at digest expires_at id network person_id used_at with_second_factor"
    )
