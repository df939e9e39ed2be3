"""Two people for what would let one take over another's account: a new password, the end of a second factor, roles
that watch or sign, and a policy that would guard accounts less.

Security asks, of policy an administrator, and another of those who look after accounts, policy or log confirms. Of a
new password who asked hands over the first part and who confirmed the second, so that neither can sign in
with it before its owner.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection
from django.utils import timezone

from core.commands import SYSTEM, Act
from core.errors import NotFound
from organisation import second_factor
from organisation.errors import (
    NewPasswordUnconfirmed,
    NothingToConfirm,
    NotYetClaimed,
    SecondPersonByPolicy,
    SecondPersonNeeded,
)
from organisation.models import CONFIRMING, WATCHING, Confirmation, Person, Policy, RoleGrant, SecondPerson
from organisation.policies import change, locked_policy
from organisation.sign_ins import end_every_sign_in

PASSWORD_LENGTH = 16
PART_LENGTH = PASSWORD_LENGTH // 2
# Left out of first passwords: what is misread on paper.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
Kind = Confirmation.Kind


def first_password(length: int = PASSWORD_LENGTH) -> str:
    return "".join(secrets.choice(LETTERS) for _letter in range(length))


def ask(
    act: Act,
    person: Person | None,
    kind: Kind,
    grant: RoleGrant | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Confirmation:
    """Write down what is asked; `alone` tells whether it counts at once. What was asked before is over.

    Who asks holds an office themselves: a deputy of one's own naming would else ask what one then confirms.
    """
    if not _holds_office(act):
        raise SecondPersonNeeded
    same = Confirmation.objects.filter(
        county_id=act.county_id, person=person, kind=kind, grant=grant, ended_at__isnull=True
    )
    same.update(ended_at=act.at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT stands_alone(%s, %s, %s)", [person.pk if person else None, kind, act.actor_id])
        alone = cursor.fetchone()[0]
    return Confirmation.objects.create(
        county_id=act.county_id, person=person, kind=kind, grant=grant, changes=changes, asked_by=act.actor_id,
        asked_at=act.at, alone=alone,
    )  # fmt: skip


def ask_for_role(act: Act, grant: RoleGrant) -> None:
    """A role that watches or signs opens nothing until a second person has confirmed it; others count at once."""
    if grant.role not in WATCHING or act.actor_id == SYSTEM:
        return
    row = ask(act, grant.person, Kind.ROLE, grant)
    if row.alone:
        _carry_out(act, row)


def ask_for_factor(act: Act, person: Person) -> None:
    """Forget somebody's second factor, once a second person has confirmed that the telephone is lost."""
    row = ask(act, person, Kind.FACTOR)
    if row.alone:
        _carry_out(act, row)


def ask_for_policy(act: Act, policy: Policy, changes: Mapping[str, Any]) -> None:
    """Let policy guard accounts less, once a second person has confirmed it."""
    wanted = {
        "second_person": policy.second_person,
        "joint_administration": policy.joint_administration,
        **changes,
    }
    if wanted["second_person"] == SecondPerson.NOBODY and not wanted["joint_administration"]:
        raise SecondPersonByPolicy
    row = ask(act, None, Kind.POLICY, changes=changes)
    if row.alone:
        _carry_out(act, row)


def policy_awaiting(county_id: str) -> dict[str, Any]:
    """What of the county's policy was asked for and waits for a second person, by its fields."""
    rows = Confirmation.objects.filter(
        county_id=county_id, kind=Kind.POLICY, ended_at__isnull=True, confirmed_at__isnull=True, alone=False
    )
    waiting: dict[str, Any] | None = rows.values_list("changes", flat=True).first()
    return waiting or {}


def confirm(*, act: Act, pk: int) -> tuple[Confirmation, str]:
    """Let it count, as the second person; the second part of a password, kept nowhere, where there is one."""
    row = Confirmation.objects.select_for_update().filter(county_id=act.county_id, pk=pk).first()
    if row is None:
        raise NotFound
    if row.alone or row.confirmed_at is not None or row.ended_at is not None:
        raise NothingToConfirm
    if act.actor_id in (row.asked_by, row.person_id) or not _holds_office(act):
        raise SecondPersonNeeded
    part = ""
    if row.kind == Kind.ROLE and row.person is not None:
        part = _second_part_for(act, row, row.person)
    elif row.kind == Kind.PASSWORD:
        part = first_password(PART_LENGTH)
        row.second = make_password(part)
    row.confirmed_by, row.confirmed_at = act.actor_id, act.at
    row.save(update_fields=["confirmed_by", "confirmed_at", "second"])
    _carry_out(act, row)
    return row, part


def _second_part_for(act: Act, row: Confirmation, person: Person) -> str:
    """The second part of the password of who gets a role that watches, where one person alone gave them theirs;
    NotYetClaimed as long as nobody has set one of their own.

    Whoever made the account may have signed in to it before asking for its role; with this part, which the second
    person hands over, only its owner goes on, behind the password they have, and sets another.
    """
    if not person.is_claimed:
        raise NotYetClaimed
    last = Confirmation.objects.filter(
        county_id=act.county_id, person=person, kind=Kind.PASSWORD
    ).order_by("-pk").first()  # fmt: skip
    if last is not None and not last.alone and (last.confirmed_at is not None or last.ended_at is None):
        return ""
    end_reset(person)
    part = first_password(PART_LENGTH)
    Confirmation.objects.create(
        county_id=act.county_id, person=person, kind=Kind.PASSWORD, asked_by=row.asked_by, asked_at=act.at,
        confirmed_by=act.actor_id, confirmed_at=act.at, second=make_password(part),
    )  # fmt: skip
    Person.objects.filter(pk=person.pk).update(must_change_password=True, password_set_at=act.at)
    end_every_sign_in(person)
    return part


def fits(person: Person, password: str) -> bool:
    """Whether this is the person's password: of one that two people gave, both parts, one after the other.

    `NewPasswordUnconfirmed` where the second part is not there yet.
    """
    row = _open_reset(person) if person.must_change_password else None
    if row is None or row.alone:
        return person.check_password(password)
    if row.confirmed_at is None:
        if person.check_password(password[:PART_LENGTH]):
            raise NewPasswordUnconfirmed
        return False
    if not person.check_password(password[:-PART_LENGTH]):
        return False
    return check_password(password[-PART_LENGTH:], row.second)


def unconfirmed(people: Sequence[Person]) -> set[int]:
    """Those whose new password waits for a second person."""
    rows = Confirmation.objects.filter(
        person__in=[person.pk for person in people], kind=Kind.PASSWORD, ended_at__isnull=True,
        confirmed_at__isnull=True, alone=False,
    )  # fmt: skip
    return set(rows.values_list("person_id", flat=True))


def end_reset(person: Person) -> None:
    """The owner has set a password, or is given another one: what was asked for is over."""
    Confirmation.objects.filter(person=person, kind=Kind.PASSWORD, ended_at__isnull=True).update(
        ended_at=timezone.now()
    )


def _open_reset(person: Person) -> Confirmation | None:
    return Confirmation.objects.filter(person=person, kind=Kind.PASSWORD, ended_at__isnull=True).first()


def _holds_office(act: Act) -> bool:
    """Who runs the installation, or who holds the role themselves: a deputy is named by security alone."""
    if act.actor_id == SYSTEM:
        return True
    own = RoleGrant.objects.filter(county_id=act.county_id, person=act.actor_id, role__in=CONFIRMING)
    return any(grant.in_force(act.on) for grant in own)


def _carry_out(act: Act, row: Confirmation) -> None:
    if row.kind == Kind.PASSWORD and row.person is not None:
        # Its hours begin when it can be used.
        Person.objects.filter(pk=row.person.pk).update(password_set_at=act.at)
        return
    if row.kind == Kind.POLICY:
        change(locked_policy(row.county_id), row.changes or {})
    if row.kind == Kind.FACTOR and row.person is not None:
        second_factor.end(row.person)
        end_every_sign_in(row.person)
    if row.grant is not None:
        RoleGrant.objects.filter(pk=row.grant.pk).update(waits=False)
    row.ended_at = act.at
    row.save(update_fields=["ended_at"])
