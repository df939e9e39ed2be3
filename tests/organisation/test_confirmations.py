"""Nobody takes over another's account alone: new passwords, forgotten second factors, roles that watch or sign."""

from __future__ import annotations

import re
import threading
import time
import uuid
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import AuditEntry, IdempotencyRecord
from organisation.authentication import issue_token
from organisation.confirmations import PART_LENGTH, PASSWORD_LENGTH
from organisation.confirmations import confirm as confirm_as_second
from organisation.models import (
    WATCHING,
    AccessToken,
    Confirmation,
    Deputy,
    Person,
    Policy,
    RoleGrant,
    SecondFactor,
)
from tests.cloned import together
from tests.plain_sql import Breach, Breaches, drop_guard, execute, refused_by, value
from tests.world import PASSWORD, TODAY, Signed, World

NEW = "乡里的药箱今年冬天都不上锁"
breaks = Breaches()
pytestmark = pytest.mark.usefixtures("quick_argon2")


@pytest.fixture
def security(world: World) -> Signed:
    return world.signed("security")


@pytest.fixture
def auditor(world: World) -> Person:
    person = world.person("auditor")
    person.set_password(PASSWORD)
    person.save()
    return person


def said(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "") if answer.content else ""


def sign_in(person: Person, password: str) -> str:
    body = {"username": person.username, "password": password}
    return said(Client().post("/api/v1/auth/login/", body, content_type="application/json"))[1] or "ok"


def change(person: Person, old: str) -> str:
    body = {"username": person.username, "old_password": old, "new_password": NEW}
    return said(Client().post("/api/v1/auth/password/", body, content_type="application/json"))[1] or "ok"


def reset(security: Signed, person: Person) -> str:
    answer = security.post(f"people/{person.pk}/password/")
    assert answer.status_code == 200, answer.json()
    return str(answer.json()["first_password"])


def last() -> Confirmation:
    return Confirmation.objects.latest("pk")


def confirm(who: Signed, row: Confirmation | None = None, **options: Any) -> Any:
    return who.post(f"confirmations/{(row or last()).pk}/confirm/", **options)


def policy(world: World, **changes: Any) -> None:
    Policy.objects.update_or_create(county=world.county, defaults=changes)


def test_new_password_opens_nothing_until_a_second_person_confirms_it(
    world: World, security: Signed, auditor: Person
) -> None:
    first = reset(security, auditor)

    assert sign_in(auditor, PASSWORD) == "wrong_credentials"
    assert {sign_in(auditor, first), change(auditor, first)} == {"new_password_unconfirmed"}
    assert security.get(f"people/{auditor.pk}/").json()["awaits_second_person"] is True
    second = confirm(world.signed("administrator")).json()["second_part"]

    assert (len(first), len(second)) == (PART_LENGTH, PART_LENGTH)
    # Neither of the two can sign in with what they saw.
    assert {change(auditor, first), change(auditor, second)} == {"wrong_credentials"}
    assert sign_in(auditor, first + second) == "password_change_required"
    assert change(auditor, first + second) == "ok"
    assert sign_in(auditor, NEW) == "ok"
    assert security.get(f"people/{auditor.pk}/").json()["awaits_second_person"] is False


def test_second_person_is_neither_who_asked_nor_whose_account_it_is_nor_a_deputy(
    world: World, security: Signed, auditor: Person
) -> None:
    own = Signed(auditor)
    drop_guard("deputy_watches")  # as one that was named before it had to be held
    Deputy.objects.create(
        county=world.county, grant=RoleGrant.objects.get(person=world.person("administrator")),
        deputy=world.person("clerk"), starts_on=TODAY, ends_on=TODAY, appointed_by=security.person.pk,
        appointed_on=TODAY,
    )  # fmt: skip
    security.post(f"people/{auditor.pk}/second-factor/end/")
    execute("UPDATE organisation_person SET sign_ins_ended = 0")
    again = Signed(auditor)

    answers = [confirm(who) for who in (security, again, world.signed("clerk"))]

    assert own.get("auth/me/").status_code == 401
    assert [said(each) for each in answers] == [(403, "second_person_needed")] * 3
    assert confirm(world.signed("approver")).status_code == 403
    assert confirm(world.signed("administrator", foreign=True)).status_code == 404
    assert confirm(world.signed("administrator")).status_code == 200
    assert said(confirm(world.signed("administrator"))) == (409, "confirmation_done")


def test_second_part_is_shown_once_and_kept_nowhere(world: World, security: Signed, auditor: Person) -> None:
    reset(security, auditor)
    key = uuid.uuid4()

    first, again = (confirm(world.signed("administrator"), key=key) for _n in range(2))

    assert again.json() == {**first.json(), "second_part": None}
    secret = first.json()["second_part"].encode()
    assert not any(secret in bytes(each.answer) for each in IdempotencyRecord.objects.all())
    assert AuditEntry.objects.filter(
        action__contains="confirmations", subject=f"person {auditor.pk}"
    ).exists()


def test_new_reset_takes_the_place_of_the_one_before(world: World, security: Signed, auditor: Person) -> None:
    reset(security, auditor)
    old = last()
    first = reset(security, auditor)

    assert said(confirm(world.signed("administrator"), old)) == (409, "confirmation_done")
    assert sign_in(auditor, first) == "new_password_unconfirmed"


def test_second_factor_stays_through_a_new_password_and_until_two_agree(
    world: World, security: Signed, auditor: Person
) -> None:
    SecondFactor.objects.create(person=auditor, sealed=b"x", confirmed=True)

    first = reset(security, auditor)
    second = confirm(world.signed("administrator")).json()["second_part"]
    assert change(auditor, first + second) == "otp_required"
    security.post(f"people/{auditor.pk}/second-factor/end/")
    assert SecondFactor.objects.filter(person=auditor).exists()

    assert confirm(world.signed("administrator")).json()["second_part"] is None

    assert not SecondFactor.objects.filter(person=auditor).exists()
    assert change(auditor, first + second) == "ok"


@pytest.mark.parametrize(
    ("mode", "waiting"),
    [("all", {"clerk", "auditor"}), ("watching", {"auditor"}), ("nobody", set())],
)
def test_policy_says_for_which_accounts(
    world: World, security: Signed, auditor: Person, mode: str, waiting: set[str]
) -> None:
    policy(world, second_person=mode, joint_administration=mode == "nobody")
    people = {"clerk": world.person("clerk"), "auditor": auditor}

    passwords = {role: reset(security, person) for role, person in people.items()}

    lengths = {role: PART_LENGTH if role in waiting else PASSWORD_LENGTH for role in people}
    assert {role: len(password) for role, password in passwords.items()} == lengths
    assert {
        role for role in people if sign_in(people[role], passwords[role]) == "new_password_unconfirmed"
    } == (waiting)
    shown = Signed(world.person("administrator")).get("confirmations/").json()["results"]
    assert {row["username"] for row in shown if row["counts_alone"]} == {
        people[role].username for role in people.keys() - waiting
    }


def test_taking_a_role_away_first_does_not_help(world: World, security: Signed, auditor: Person) -> None:
    policy(world, second_person="watching")
    grant = RoleGrant.objects.get(person=auditor)
    security.post(f"people/{auditor.pk}/roles/{grant.pk}/end/")

    assert sign_in(auditor, reset(security, auditor)) == "new_password_unconfirmed"


def test_policy_lets_nobody_confirm_only_where_one_person_looks_after_all(world: World) -> None:
    administrator = world.signed("administrator")

    refused = administrator.put("policies/", {"second_person": "nobody"})

    assert said(refused) == (422, "second_person_by_policy")
    both = {"second_person": "nobody", "joint_administration": True}
    assert administrator.put("policies/", both).status_code == 200
    assert said(administrator.put("policies/", {"joint_administration": False}))[0] == 422


LOOSER = {
    "second_person": "watching", "joint_administration": True, "second_factor": False, "password_composition": False,
    "password_days": 0, "first_password_hours": 73, "idle_minutes": 31, "sign_in_hours": 13, "pins": True,
}  # fmt: skip


def test_policy_that_guards_accounts_less_counts_once_two_agree(world: World, auditor: Person) -> None:
    policy(world, second_factor=True, password_composition=True, password_days=90)
    kept = {name: getattr(Policy.objects.get(), name) for name in LOOSER}
    administrator = world.signed("administrator")
    AccessToken.objects.update(with_second_factor=True)

    answer = administrator.put("policies/", {**LOOSER, "horizon_days": 9, "answer_days": 8}).json()

    assert answer["awaits_second_person"] == LOOSER
    assert {name: answer[name] for name in LOOSER} == kept
    assert (answer["horizon_days"], answer["answer_days"]) == (9, 8)
    assert said(confirm(administrator)) == (403, "second_person_needed")
    assert confirm(world.signed("auditor", foreign=True)).status_code == 404
    assert confirm(Signed(auditor)).json()["second_part"] is None
    shown = administrator.get("policies/").json()
    assert {name: shown[name] for name in LOOSER} == LOOSER
    assert shown["awaits_second_person"] == {}
    assert AuditEntry.objects.filter(
        action__contains="confirmations", subject="policy", result="done"
    ).exists()


def test_policy_that_guards_accounts_more_counts_at_once(world: World, auditor: Person) -> None:
    policy(world, joint_administration=True, second_person="watching", password_days=90, pins=True)
    strict = {
        "joint_administration": False, "second_person": "all", "password_days": 30, "pins": False,
        "second_factor": True, "idle_minutes": 5,
    }  # fmt: skip

    shown = world.signed("administrator").put("policies/", strict).json()

    assert {name: shown[name] for name in strict} == strict
    assert not Confirmation.objects.exists()


def test_policy_is_loosened_by_no_deputy_and_the_last_word_replaces_the_one_before(
    world: World, security: Signed, auditor: Person
) -> None:
    administrator, approver = world.signed("administrator"), world.person("approver")
    Deputy.objects.create(
        county=world.county, grant=RoleGrant.objects.get(person=administrator.person), deputy=approver,
        starts_on=TODAY, ends_on=TODAY, appointed_by=security.person.pk, appointed_on=TODAY,
    )  # fmt: skip

    assert said(Signed(approver).put("policies/", {"pins": True})) == (403, "second_person_needed")
    assert said(administrator.put("policies/", {"second_person": "nobody"})) == (
        422,
        "second_person_by_policy",
    )
    administrator.put("policies/", {"pins": True})
    first = last()
    administrator.put("policies/", {"idle_minutes": 60})

    assert said(confirm(security, first)) == (409, "confirmation_done")
    out = StringIO()
    call_command("confirm_alone", world.county.pk, stdout=out)
    assert "policy: confirmed" in out.getvalue()
    assert (Policy.objects.get().idle_minutes, Policy.objects.get().pins) == (60, False)


def test_policy_page_says_what_waits_and_the_list_what_it_is(world: World, auditor: Person) -> None:
    asking, confirming = Client(headers={"Accept-Language": "en"}), Client(headers={"Accept-Language": "en"})
    administrator = world.person("administrator")
    asking.force_login(administrator)
    confirming.force_login(auditor)
    Signed(administrator).put("policies/", {"pins": True, "second_person": "watching", "idle_minutes": 60})

    rows = confirming.get("/confirmations/").content.decode()
    page = confirming.get(f"/confirmations/{last().pk}/confirm/").content.decode()

    words = "PIN on a known device for staff of places: yes"
    assert all(words in each and administrator.username in each for each in (rows, page))
    assert ("Sign-in unused, in minutes: 60" in page, ">None<" in rows) == (True, False)


def test_account_of_ones_own_making_gets_no_role_that_watches_without_its_owner(
    world: World, security: Signed
) -> None:
    """Security signs in to what it made before it asks for the role: the second part goes to the owner alone."""
    administrator = world.signed("administrator")
    made = security.post("people/", {"username": "puppet", "name": "新审计"}).json()
    puppet = Person.objects.get(pk=made["id"])
    assert change(puppet, made["first_password"]) == "ok"
    security.post(f"people/{puppet.pk}/roles/", {"role": "auditor"})

    second = confirm(administrator).json()["second_part"]

    assert (sign_in(puppet, NEW), len(second)) == ("wrong_credentials", PART_LENGTH)
    assert sign_in(puppet, second) == "wrong_credentials"
    assert sign_in(puppet, NEW + second) == "password_change_required"
    own = "城外的石桥边有三棵老榕树"
    body = {"username": puppet.username, "old_password": NEW + second, "new_password": own}
    assert Client().post("/api/v1/auth/password/", body, content_type="application/json").status_code == 204
    assert sign_in(puppet, own) == "ok"
    # Whoever has their password from two people already is asked for nothing more.
    security.post(f"people/{puppet.pk}/roles/", {"role": "approver"})
    assert confirm(administrator).json()["second_part"] is None
    assert sign_in(puppet, own) == "ok"


def test_account_that_nobody_has_made_theirs_is_given_another_first_password_by_one(
    world: World, security: Signed
) -> None:
    told = security.post("people/", {"username": "yang.qin", "name": "杨芹"}).json()
    person = Person.objects.get(pk=told["id"])

    password = reset(security, person)

    assert change(person, password) == "ok"
    assert sign_in(person, reset(security, person)) == "new_password_unconfirmed"


def test_role_that_watches_or_signs_counts_once_two_agree(world: World, security: Signed) -> None:
    world.person("auditor")
    clerk = world.person("clerk")
    clerk.set_password(PASSWORD)
    clerk.save()

    shown = [security.post(f"people/{clerk.pk}/roles/", {"role": role}) for role in ("signer", "publisher")]

    roles = {row["role"]: row["waits"] for row in shown[-1].json()["roles"]}
    assert roles == {"clerk": False, "signer": True, "publisher": False}
    assert Signed(clerk).post("bulletins/1/publish/").status_code == 403
    second = confirm(world.signed("auditor")).json()["second_part"]
    assert change(clerk, PASSWORD + second) == "ok"
    assert "signer" in {row["role"] for row in Signed(clerk).get("auth/me/").json()["roles"]}


def test_security_makes_no_second_person_of_its_own(world: World, security: Signed, auditor: Person) -> None:
    """The one way round it would be: an account of one's own making that confirms what one asks."""
    clerk = world.person("clerk")
    security.post(f"people/{clerk.pk}/roles/", {"role": "administrator"})
    reset(security, auditor)

    assert confirm(Signed(clerk)).status_code == 403
    lent = {
        "person": auditor.username, "role": "auditor", "deputy": clerk.username, "starts_on": str(TODAY),
        "ends_on": str(TODAY),
    }  # fmt: skip
    assert security.post("deputies/", lent).json()["code"] == "deputy_watches_not"
    assert confirm(Signed(clerk)).status_code == 403


def test_deputy_of_security_asks_nothing_that_security_confirms(
    world: World, security: Signed, auditor: Person
) -> None:
    """Lent before it had to be held: who asks as a deputy is refused, whoever named them."""
    clerk, grant = world.person("clerk"), RoleGrant.objects.get(person=security.person, role="security")
    drop_guard("deputy_watches")
    Deputy.objects.create(
        county=world.county, grant=grant, deputy=clerk, starts_on=TODAY, ends_on=TODAY,
        appointed_by=security.person.pk, appointed_on=TODAY,
    )  # fmt: skip

    asked = Signed(clerk).post(f"people/{auditor.pk}/password/")

    assert (asked.status_code, asked.json()["code"]) == (403, "second_person_needed")
    assert not Confirmation.objects.exists()


def test_role_that_watches_is_confirmed_once_the_account_is_somebodys(world: World, security: Signed) -> None:
    administrator = world.signed("administrator")
    world.person("auditor")
    made = security.post("people/", {"username": "newauditor", "name": "新审计"}).json()
    security.post(f"people/{made['id']}/roles/", {"role": "auditor"})

    refused = confirm(administrator)
    Person.objects.filter(pk=made["id"]).update(is_claimed=True)

    assert (refused.status_code, refused.json()["code"]) == (409, "not_yet_claimed")
    assert confirm(administrator).status_code == 200


def test_first_of_a_county_brings_in_the_second_alone_and_nobody_after(
    world: World, security: Signed
) -> None:
    clerk, checker = world.person("clerk"), world.person("checker")

    first = security.post(f"people/{clerk.pk}/roles/", {"role": "administrator"}).json()["roles"]
    second = security.post(f"people/{checker.pk}/roles/", {"role": "auditor"}).json()["roles"]

    assert [row["waits"] for row in first if row["role"] == "administrator"] == [False]
    assert [row["waits"] for row in second if row["role"] == "auditor"] == [True]
    RoleGrant.objects.filter(person=clerk).update(ends_on=TODAY.replace(year=TODAY.year - 1))
    third = security.post(f"people/{world.person('pharmacist').pk}/roles/", {"role": "administrator"}).json()
    assert [row["waits"] for row in third["roles"] if row["role"] == "administrator"] == [True]


def test_role_given_anew_still_counts_against_who_would_be_alone(
    world: World, security: Signed, auditor: Person
) -> None:
    """Security ends and gives back what another holds: while that waits, nobody else would confirm anything."""
    administrator = world.person("administrator")
    again = f"people/{auditor.pk}/roles/"
    security.post(f"{again}{RoleGrant.objects.get(person=auditor).pk}/end/")
    waits = security.post(again, {"role": "auditor"}).json()["roles"]

    told = security.post(f"people/{administrator.pk}/roles/", {"role": "approver"}).json()["roles"]

    assert [row["waits"] for row in waits] == [True]
    assert [row["waits"] for row in told if row["role"] == "approver"] == [True]


def test_list_of_people_gives_no_role_that_watches_by_one(
    world: World, security: Signed, auditor: Person
) -> None:
    roles = [{"role": role, "place": None, "township": None} for role in ("approver", "publisher")]
    security.put("people/", {"people": [{"name": "石秀兰", "username": "shi.xl", "roles": roles}]})

    granted = dict(RoleGrant.objects.filter(person__username="522633-shi.xl").values_list("role", "waits"))

    assert granted == {"approver": True, "publisher": False}


def test_who_runs_the_installation_confirms_where_nobody_else_can(security: Signed, auditor: Person) -> None:
    first, out = reset(security, auditor), StringIO()

    call_command("confirm_alone", auditor.username, stdout=out)

    assert change(auditor, first + out.getvalue().split()[-1]) == "ok"
    assert AuditEntry.objects.filter(action="manage.py confirm_alone").exists()
    with pytest.raises(CommandError, match="Nothing waits"):
        call_command("confirm_alone", auditor.username)


def test_list_sends_the_same_statements_for_one_row_and_three(
    world: World, security: Signed, auditor: Person
) -> None:
    reader, counts = world.signed("administrator"), []
    for n in (1, 3):
        while Confirmation.objects.count() < n:
            reset(security, auditor)
        with CaptureQueriesContext(connection) as captured:
            rows = reader.get("confirmations/").json()["results"]
        assert (len(rows), rows[0]["asked_by"]) == (n, security.person.name)
        assert rows[0]["asked_by_username"] == security.person.username
        counts.append(len(captured))
    assert reader.get("confirmations/", waiting="true").json()["count"] == 1
    assert counts[0] == counts[1]


def test_screens_lead_from_asking_to_confirming(world: World, security: Signed, auditor: Person) -> None:
    asking, confirming = Client(headers={"Accept-Language": "en"}), Client(headers={"Accept-Language": "en"})
    asking.force_login(security.person)
    confirming.force_login(world.person("administrator"))

    slip = asking.post(f"/people/{auditor.pk}/password/", {"key": str(uuid.uuid4())}).content.decode()
    assert "First part of the password" in slip
    assert "waits for a second person" in asking.get(f"/people/{auditor.pk}/").content.decode()
    page = confirming.get("/confirmations/").content.decode()
    [link] = re.findall(r'href="(/confirmations/\d+/confirm/)"', page)
    assert auditor.username in confirming.get(link).content.decode()
    done = confirming.post(link, {"key": str(uuid.uuid4())}).content.decode()

    assert re.search(rf'<dd class="code">\w{{{PART_LENGTH}}}</dd>', done)
    assert security.person.name in confirming.get("/confirmations/?waiting=false").content.decode()


def waiting(world: World, kind: str = "password", **changes: Any) -> Confirmation:
    values: dict[str, Any] = {
        "county": world.county, "person": world.person("auditor"), "kind": kind, "asked_at": timezone.now(),
        "asked_by": world.person("security").pk, **changes,
    }  # fmt: skip
    return Confirmation.objects.create(**values)


def set_confirmed(world: World, by: int) -> int:
    row = waiting(world)
    return execute(
        "UPDATE organisation_confirmation SET confirmed_by = %s, confirmed_at = now() WHERE id = %s",
        [by, row.pk],
    )


@breaks("confirmed_by_second_person")
def who_asked_confirms(world: World) -> int:
    return set_confirmed(world, world.person("security").pk)


@breaks("confirmed_by_second_person")
def whose_account_it_is_confirms(world: World) -> int:
    return set_confirmed(world, world.person("auditor").pk)


@breaks("confirmation_asked_by_another")
def ask_for_oneself(world: World) -> Confirmation:
    return waiting(world, asked_by=world.person("auditor").pk)


@breaks("confirmation_asked_by_office")
def asked_by_a_deputy(world: World) -> Confirmation:
    return waiting(world, asked_by=world.person("clerk").pk)


@breaks("role_of_somebody", "role_of_owner")
def role_of_nobody_yet(world: World) -> int:
    person = Person.objects.create(
        username="522633-new", name="新人", county=world.county, is_claimed=False, must_change_password=True
    )
    grant = RoleGrant.objects.create(person=person, county=world.county, role="auditor", waits=True)
    row = waiting(world, kind="role", person=person, grant=grant)
    return execute(
        "UPDATE organisation_confirmation SET confirmed_by = %s, confirmed_at = now() WHERE id = %s",
        [world.person("administrator").pk, row.pk],
    )


@breaks("role_of_owner")
def role_of_who_has_a_password_from_one(world: World) -> int:
    clerk = world.person("clerk")
    grant = RoleGrant.objects.create(person=clerk, county=world.county, role="auditor", waits=True)
    row = waiting(world, kind="role", person=clerk, grant=grant)
    return execute(
        "UPDATE organisation_confirmation SET confirmed_by = %s, confirmed_at = now() WHERE id = %s",
        [world.person("administrator").pk, row.pk],
    )


def loosen(world: World) -> int:
    policy(world)
    return execute("UPDATE organisation_policy SET second_person = 'watching', pins = true")


@breaks("policy_confirmed")
def loosen_unasked(world: World) -> int:
    return loosen(world)


@breaks("policy_confirmed")
def loosen_unconfirmed(world: World) -> int:
    waiting(world, kind="policy", person=None, changes={"second_person": "watching", "pins": True})
    return loosen(world)


@breaks("policy_confirmed")
def loosen_more_than_was_confirmed(world: World) -> int:
    row = waiting(world, kind="policy", person=None, changes={"pins": True})
    execute(
        "UPDATE organisation_confirmation SET confirmed_by = %s, confirmed_at = now() WHERE id = %s",
        [world.person("administrator").pk, row.pk],
    )
    return loosen(world)


@breaks("confirmation_of_person_or_policy")
def policy_of_a_person(world: World) -> Confirmation:
    return waiting(world, kind="policy", changes={})


@breaks("deputy_watches")
def lent_to_who_watches_nothing(world: World) -> Deputy:
    grant = RoleGrant.objects.get(person=world.person("auditor"), role="auditor")
    return Deputy.objects.create(
        county=world.county, grant=grant, deputy=world.person("clerk"), starts_on=TODAY, ends_on=TODAY,
        appointed_by=world.person("security").pk, appointed_on=TODAY,
    )  # fmt: skip


@breaks("confirmed_or_not")
def confirmed_by_nobody(world: World) -> int:
    return execute(
        "UPDATE organisation_confirmation SET confirmed_at = now() WHERE id = %s", [waiting(world).pk]
    )


@breaks("confirmation_of_grant")
def role_without_a_role(world: World) -> Confirmation:
    return waiting(world, kind="role")


@breaks("confirmation_once")
def two_of_one_kind(world: World) -> Confirmation:
    waiting(world)
    return waiting(world)


@breaks("alone_by_policy")
def alone_without_a_policy(world: World) -> Confirmation:
    return waiting(world, alone=True)


@breaks("confirmation_stays")
def another_account_after_the_fact(world: World) -> int:
    row, other = waiting(world), world.person("clerk").pk
    return execute("UPDATE organisation_confirmation SET person_id = %s WHERE id = %s", [other, row.pk])


@breaks("confirmation_stays")
def forget_that_it_was_asked(world: World) -> int:
    return execute("DELETE FROM organisation_confirmation WHERE id = %s", [waiting(world).pk])


@breaks("confirmation_stays")
def confirm_what_is_over(world: World) -> int:
    row, by = waiting(world, ended_at=timezone.now()), world.person("administrator").pk
    return execute(
        "UPDATE organisation_confirmation SET confirmed_by = %s, confirmed_at = now() WHERE id = %s",
        [by, row.pk],
    )


@breaks("confirmed_first")
def sign_in_unconfirmed(world: World) -> Any:
    return issue_token(waiting(world).person)


@breaks("confirmed_first")
def sign_in_between_two_parts(world: World) -> Any:
    row = waiting(world)
    execute(
        "UPDATE organisation_confirmation SET confirmed_by = %s, confirmed_at = now() WHERE id = %s",
        [world.person("administrator").pk, row.pk],
    )
    return issue_token(row.person)


@breaks("confirmed_first")
def set_a_password_unconfirmed(world: World) -> int:
    person = waiting(world).person_id
    execute("UPDATE organisation_person SET must_change_password = true WHERE id = %s", [person])
    return execute("UPDATE organisation_person SET must_change_password = false WHERE id = %s", [person])


@breaks("confirmed_first")
def forget_a_factor_unconfirmed(world: World) -> int:
    person = waiting(world, kind="factor").person_id
    SecondFactor.objects.create(person_id=person, sealed=b"x", confirmed=True)
    return execute("DELETE FROM organisation_secondfactor WHERE person_id = %s", [person])


@breaks("confirmed_first")
def give_a_role_unconfirmed(world: World) -> RoleGrant:
    return RoleGrant.objects.create(
        person=world.person("clerk"), county=world.county, role=WATCHING[0],
        granted_by=world.person("security").pk,
    )  # fmt: skip


@breaks("person_claimed_for_good")
def make_somebodys_account_nobodys(world: World) -> int:
    person = world.person("clerk").pk
    return execute(
        "UPDATE organisation_person SET must_change_password = true, is_claimed = false WHERE id = %s",
        [person],
    )


@breaks("person_claimed_by_password")
def set_a_password_of_nobodys(world: World) -> int:
    person = Person.objects.create(county=world.county, username="new", name="x", is_claimed=False)
    return execute("UPDATE organisation_person SET must_change_password = false WHERE id = %s", [person.pk])


@breaks("policy_second_person", "policy_confirmed")
def nobody_although_three_look_after(world: World) -> int:
    policy(world)
    return execute("UPDATE organisation_policy SET second_person = 'nobody'")


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_is_refused_and_goes_in_without_its_guard(world: World, breach: Breach) -> None:
    for role in ("auditor", "security", "administrator", "clerk"):
        world.person(role)
    with refused_by(breach.guard):
        for guard in breach.behind:
            drop_guard(guard)
        breach.attempt(world)
    with transaction.atomic():
        for guard in (breach.guard, *breach.behind):
            drop_guard(guard)

    assert breach.attempt(world)


def test_confirming_twice_at_once_hands_out_one_part(world: World, security: Signed, auditor: Person) -> None:
    """The row is locked; whoever got there without would be refused by the guard."""
    reset(security, auditor)
    row = last()
    confirm(world.signed("administrator"))

    with pytest.raises(IntegrityError, match="stays as it was written"), transaction.atomic():
        Confirmation.objects.filter(pk=row.pk).update(second="another")


def test_maker_who_changes_the_password_at_that_moment_keeps_nothing(cloned_db: str) -> None:
    """The password was judged before the second part was there; what it would have set is refused afterwards."""
    world = World()
    clerk, confirming = world.person("clerk"), world.person("auditor")
    clerk.set_password(PASSWORD)
    clerk.save()
    world.signed("security").post(f"people/{clerk.pk}/roles/", {"role": "approver"})
    act, waits = (
        world.act_of(confirming),
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
    )

    def confirming_first() -> str:
        with transaction.atomic():
            Person.objects.select_for_update().get(pk=clerk.pk)
            begun.set()
            while not value(waits):
                time.sleep(0.01)
            return confirm_as_second(act=act, pk=last().pk)[1]

    def changing() -> str:
        begun.wait(timeout=30)
        return change(clerk, PASSWORD)

    begun = threading.Event()
    second, told = together([confirming_first, changing])

    assert (told, sign_in(clerk, NEW)) == ("wrong_credentials", "wrong_credentials")
    assert sign_in(clerk, PASSWORD + str(second)) == "password_change_required"
