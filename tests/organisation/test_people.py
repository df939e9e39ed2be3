"""Accounts and roles: made, changed and ended by those in charge of security, never their own."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry, IdempotencyRecord
from organisation import passwords
from organisation.models import AccessToken, Person, Policy, RoleGrant
from tests.plain_sql import Breach, Breaches, drop_guard, execute, refused_by
from tests.world import PASSWORD, TODAY, Signed, World

DAY = datetime.timedelta(days=1)
NEW = {"username": "yang.qin", "name": "杨芹"}
AT_HOSPITAL = {"role": "clerk", "place": "P-522633-01"}
breaks = Breaches()


@pytest.fixture
def security(world: World) -> Signed:
    return world.signed("security")


def hired(security: Signed, **changes: Any) -> Any:
    answer = security.post("people/", {**NEW, **changes})
    assert answer.status_code == 201, answer.json()
    return answer.json()


def refusal(answer: Any) -> tuple[int, str, str]:
    told = answer.json()
    return answer.status_code, told["code"], told["errors"][0]["pointer"] if told["errors"] else ""


def sign_in(username: str, password: str) -> Any:
    body = {"username": username, "password": password}
    return Client().post("/api/v1/auth/login/", body, content_type="application/json")


def test_new_installation_has_no_account(db: None) -> None:
    assert not Person.objects.exists()
    assert not RoleGrant.objects.exists()


def test_account_begins_with_a_password_that_must_be_changed(security: Signed) -> None:
    told = hired(security)

    assert told["roles"] == []
    assert sign_in("522633-yang.qin", told["first_password"]).json()["code"] == "password_change_required"
    body = {
        "username": "522633-yang.qin",
        "old_password": told["first_password"],
        "new_password": "乡里的药箱今年冬天都不上锁",
    }
    Client().post("/api/v1/auth/password/", body, content_type="application/json")
    assert sign_in("522633-yang.qin", body["new_password"]).status_code == 200


def test_first_password_is_kept_nowhere(security: Signed) -> None:
    key = uuid.uuid4()
    first = security.post("people/", NEW, key=key).json()
    again = security.post("people/", NEW, key=key)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == {**first, "first_password": None}
    kept = [*IdempotencyRecord.objects.values_list("answer", flat=True)]
    assert not any(first["first_password"].encode() in bytes(answer) for answer in kept)
    assert not AuditEntry.objects.filter(subject__contains=first["first_password"]).exists()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"username": "YANG.QIN"}, (409, "username_taken", "/username")),
        ({"username": "yang qin"}, (422, "username_unfit", "/username")),
        ({"username": "yq"}, (422, "username_unfit", "/username")),
        ({"username": ""}, (400, "invalid", "/username")),
        ({"name": ""}, (400, "invalid", "/name")),
        ({"name": "杨" * 61}, (400, "invalid", "/name")),
        ({"is_active": True}, (400, "invalid", "/is_active")),
    ],
)
def test_account_that_does_not_fit_is_refused(security: Signed, changes: Any, expected: Any) -> None:
    hired(security)
    before = Person.objects.count()

    assert refusal(security.post("people/", {**NEW, **changes})) == expected
    assert Person.objects.count() == before


def test_role_opens_its_place_from_its_first_day_to_its_last(world: World, security: Signed) -> None:
    told = hired(security)
    person = Person.objects.get(pk=told["id"])

    answer = security.post(f"people/{person.pk}/roles/", {**AT_HOSPITAL, "ends_on": str(TODAY)})

    assert answer.status_code == 201, answer.json()
    [grant] = answer.json()["roles"]
    assert {**AT_HOSPITAL, "ends_on": str(TODAY)}.items() <= grant.items()
    assert Signed(person).get("donations/", place="P-522633-01").status_code == 200
    RoleGrant.objects.filter(pk=grant["id"]).update(ends_on=TODAY - DAY)
    assert Signed(person).get("donations/").status_code == 403


def test_role_that_is_taken_back_ends_at_once_and_may_be_given_again(world: World, security: Signed) -> None:
    person = Person.objects.get(pk=hired(security)["id"])
    [grant] = security.post(f"people/{person.pk}/roles/", AT_HOSPITAL).json()["roles"]
    signed = Signed(person)

    ended = security.post(f"people/{person.pk}/roles/{grant['id']}/end/")

    assert ended.json()["roles"][0]["ends_on"] == str(TODAY - DAY)
    assert signed.get("donations/").status_code == 403
    twice = security.post(f"people/{person.pk}/roles/{grant['id']}/end/")
    assert refusal(twice) == (409, "grant_ended", "")
    again = security.post(f"people/{person.pk}/roles/", AT_HOSPITAL)
    assert [role["id"] for role in again.json()["roles"]] == [grant["id"]]
    assert signed.get("donations/").status_code == 200


def test_role_that_begins_later_can_be_taken_back_before(world: World, security: Signed) -> None:
    pk = hired(security)["id"]
    later = {**AT_HOSPITAL, "starts_on": str(TODAY + 5 * DAY), "ends_on": str(TODAY + 9 * DAY)}
    [grant] = security.post(f"people/{pk}/roles/", later).json()["roles"]

    answer = security.post(f"people/{pk}/roles/{grant['id']}/end/")

    assert (answer.status_code, answer.json()["roles"][0]["ends_on"]) == (200, str(TODAY - DAY))


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        ({"role": "clerk"}, (422, "scope_does_not_fit", "/place")),
        ({"role": "auditor", "place": "P-522633-01"}, (422, "scope_does_not_fit", "/place")),
        ({**AT_HOSPITAL, "township": "522633100"}, (422, "scope_does_not_fit", "/township")),
        ({"role": "auditor", "township": "522633100"}, (422, "scope_does_not_fit", "/township")),
        ({"role": "clerk", "place": "P-522622-01"}, (404, "not_found", "/place")),
        ({"role": "allocator", "township": "522622100"}, (404, "not_found", "/township")),
        ({**AT_HOSPITAL, "ends_on": str(TODAY - DAY)}, (422, "grant_days", "/ends_on")),
        (
            {**AT_HOSPITAL, "starts_on": str(TODAY + DAY), "ends_on": str(TODAY)},
            (422, "grant_days", "/ends_on"),
        ),
        ({"role": "king"}, (400, "invalid", "/role")),
        ({"role": "checker", "place": "P-522633-01"}, (409, "role_held", "/role")),
    ],
)
def test_role_that_does_not_fit_is_refused(
    world: World, security: Signed, grant: dict[str, Any], expected: Any
) -> None:
    pk = hired(security)["id"]
    security.post(f"people/{pk}/roles/", {"role": "checker", "place": "P-522633-01"})
    before = list(RoleGrant.objects.values_list())

    assert refusal(security.post(f"people/{pk}/roles/", grant)) == expected
    assert list(RoleGrant.objects.values_list()) == before


def test_nobody_changes_their_own_account(world: World, security: Signed) -> None:
    own = security.person.pk
    grant = RoleGrant.objects.get(person=own).pk

    answers = [
        security.post(f"people/{own}/roles/", AT_HOSPITAL),
        security.post(f"people/{own}/roles/{grant}/end/"),
        security.post(f"people/{own}/password/"),
        security.patch(f"people/{own}/", {"is_active": False, "version": 1}),
    ]

    assert {refusal(answer)[:2] for answer in answers} == {(403, "second_person_needed")}


def test_people_of_another_county_are_not_there(world: World, security: Signed) -> None:
    foreign = world.person("clerk", foreign=True).pk

    answers = [
        security.get(f"people/{foreign}/"),
        security.patch(f"people/{foreign}/", {"name": "x", "version": 1}),
        security.post(f"people/{foreign}/password/"),
        security.post(f"people/{foreign}/sign-ins/end/"),
        security.post(f"people/{foreign}/roles/", AT_HOSPITAL),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert foreign not in {row["id"] for row in security.get("people/").json()["results"]}


def test_system_security_and_audit_stay_apart_unless_policy_joins_them(
    world: World, security: Signed
) -> None:
    pk = hired(security)["id"]
    security.post(f"people/{pk}/roles/", {"role": "administrator"})

    apart = security.post(f"people/{pk}/roles/", {"role": "security"})
    Policy.objects.update_or_create(county=world.county, defaults={"joint_administration": True})
    joined = security.post(f"people/{pk}/roles/", {"role": "security"})

    assert refusal(apart) == (422, "administrations_apart", "/role")
    assert joined.status_code == 201


def test_deputy_does_not_join_what_stays_apart(world: World, security: Signed) -> None:
    administrator, auditor = world.person("administrator"), world.person("auditor")
    body = {
        "person": administrator.username, "role": "administrator", "deputy": auditor.username,
        "starts_on": str(TODAY), "ends_on": str(TODAY),
    }  # fmt: skip

    assert refusal(security.post("deputies/", body))[:2] == (422, "administrations_apart")


def test_deputy_of_one_administration_is_not_the_deputy_of_another(world: World, security: Signed) -> None:
    clerk, other = world.person("clerk"), world.signed("security", name="another")
    world.grant(clerk, "approver")
    days = {"deputy": clerk.username, "starts_on": str(TODAY), "ends_on": str(TODAY)}
    lent = [
        other.post("deputies/", {"person": world.person(role).username, "role": role, **days})
        for role in ("administrator", "auditor", "security")
    ]

    assert [answer.status_code for answer in lent] == [201, 422, 422]
    granted = security.post(f"people/{clerk.pk}/roles/", {"role": "auditor"})
    assert refusal(granted)[:2] == (422, "administrations_apart")


def test_account_that_is_ended_loses_every_sign_in_at_once(world: World, security: Signed) -> None:
    clerk = world.person("clerk")
    clerk.set_password(PASSWORD)
    clerk.save()
    signed, page = Signed(clerk), Client()
    page.force_login(clerk)
    assert page.get("/donations/").status_code == 200

    answer = security.patch(f"people/{clerk.pk}/", {"is_active": False, "version": clerk.version})

    assert answer.json()["is_active"] is False
    assert signed.get("donations/").status_code == 401
    assert page.get("/donations/").status_code == 302
    assert sign_in(clerk.username, PASSWORD).json()["code"] == "wrong_credentials"


@pytest.mark.parametrize("by", ["oneself", "security", "a new password"])
def test_every_sign_in_ends_at_once(world: World, security: Signed, by: str) -> None:
    clerk = world.person("clerk")
    signed, page = Signed(clerk), Client()
    page.force_login(clerk)

    who, route = {
        "oneself": (signed, "auth/sign-ins/end/"),
        "security": (security, f"people/{clerk.pk}/sign-ins/end/"),
        "a new password": (security, f"people/{clerk.pk}/password/"),
    }[by]
    assert who.post(route).status_code == 200

    assert signed.get("auth/me/").status_code == 401
    assert page.get("/donations/").status_code == 302
    assert not AccessToken.objects.filter(person=clerk).exists()


def test_new_password_ends_the_lock_and_must_be_changed(world: World, security: Signed) -> None:
    clerk = world.person("clerk")
    clerk.set_password(PASSWORD)
    clerk.save()
    for _attempt in range(10):
        sign_in(clerk.username, "a wrong password")
    assert sign_in(clerk.username, PASSWORD).json()["code"] == "locked"
    assert security.get(f"people/{clerk.pk}/").json()["is_locked"] is True

    password = security.post(f"people/{clerk.pk}/password/").json()["first_password"]

    assert sign_in(clerk.username, password).json()["code"] == "new_password_unconfirmed"
    assert security.get(f"people/{clerk.pk}/").json()["is_locked"] is False
    assert sign_in(clerk.username, PASSWORD).json()["code"] == "wrong_credentials"


def test_change_of_what_another_has_changed_is_refused(world: World, security: Signed) -> None:
    clerk = world.person("clerk")
    security.patch(f"people/{clerk.pk}/", {"name": "龙秀英", "version": 1})

    answer = security.patch(f"people/{clerk.pk}/", {"name": "吴秀英", "version": 1})

    assert refusal(answer) == (409, "stale", "/version")
    clerk.refresh_from_db()
    assert (clerk.name, clerk.version) == ("龙秀英", 2)


def test_people_are_found_by_name_role_and_place(world: World, security: Signed) -> None:
    hired(security)
    world.person("clerk")

    def found(**query: Any) -> list[str]:
        return [row["username"] for row in security.get("people/", **query).json()["results"]]

    assert found(q="杨") == ["522633-yang.qin"]
    assert found(q="YANG") == ["522633-yang.qin"]
    assert found(role="clerk", place="P-522633-01") == [world.person("clerk").username]
    assert found(is_active="false") == []


@pytest.mark.parametrize("people", [1, 30])
def test_list_asks_as_much_for_many_as_for_one(world: World, security: Signed, people: int) -> None:
    for n in range(people):
        person = Person.objects.create(username=f"person{n}", name="x", county=world.county, password="!")
        RoleGrant.objects.create(person=person, county=world.county, role="clerk", place=world.hospital)

    with CaptureQueriesContext(connection) as captured:
        assert len(security.get("people/").json()["results"]) == people + 1

    assert len(captured) == 6


def test_first_password_is_not_kept_by_changing_it_to_itself(security: Signed) -> None:
    told = hired(security)
    body = {
        "username": "522633-yang.qin",
        "old_password": told["first_password"],
        "new_password": told["first_password"],
    }

    answer = Client().post("/api/v1/auth/password/", body, content_type="application/json")

    assert refusal(answer) == (422, "weak_password", "/new_password")
    assert sign_in("522633-yang.qin", told["first_password"]).json()["code"] == "password_change_required"


def test_change_that_began_before_a_reset_comes_to_nothing(
    world: World, security: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who knows the old password is checked first, then security resets it, then the change would be written."""
    clerk = world.person("clerk")
    clerk.set_password(PASSWORD)
    clerk.save()
    reset: list[str] = []

    def meanwhile(password: str, person: Person) -> None:
        reset.append(security.post(f"people/{person.pk}/password/").json()["first_password"])

    monkeypatch.setattr(passwords, "validate_password", meanwhile)
    body = {
        "username": clerk.username,
        "old_password": PASSWORD,
        "new_password": "乡里的药箱今年冬天都不上锁",
    }

    answer = Client().post("/api/v1/auth/password/", body, content_type="application/json")

    assert answer.json()["code"] == "wrong_credentials"
    clerk.refresh_from_db()
    assert clerk.check_password(reset[0])


@breaks("grant_by_another")
def give_oneself_a_role(world: World) -> int:
    person = world.person("clerk").pk
    return execute("UPDATE organisation_rolegrant SET granted_by = person_id WHERE person_id = %s", [person])


@breaks("grant_days_in_order")
def end_before_the_beginning(world: World) -> int:
    person = world.person("clerk").pk
    days = [str(TODAY), str(TODAY - DAY), person]
    return execute(
        "UPDATE organisation_rolegrant SET starts_on = %s, ends_on = %s WHERE person_id = %s", days
    )


@breaks("person_username_once")
def differ_by_case_alone(world: World) -> int:
    taken, other = world.person("clerk").username, world.person("pharmacist").pk
    return execute("UPDATE organisation_person SET username = upper(%s) WHERE id = %s", [taken, other])


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_is_refused_and_goes_in_without_its_guard(world: World, breach: Breach) -> None:
    _there = world.person("clerk"), world.person("pharmacist")
    with refused_by(breach.guard):
        breach.attempt(world)
    with transaction.atomic():
        drop_guard(breach.guard)

    assert breach.attempt(world)
