"""The people of a county: who signs in, in which roles, and until when."""

from __future__ import annotations

import datetime
import re
import unicodedata

from django.contrib.auth.hashers import make_password

from core.commands import SYSTEM, Act
from core.errors import NotFound, Stale
from organisation.attempts import forget, new_entry_code
from organisation.confirmations import (
    PART_LENGTH,
    PASSWORD_LENGTH,
    Kind,
    ask,
    ask_for_factor,
    ask_for_role,
    end_reset,
    first_password,
)
from organisation.errors import (
    AdministrationsApart,
    GrantDays,
    GrantEnded,
    OwnAccount,
    RoleHeld,
    ScopeDoesNotFit,
    UsernameTaken,
    UsernameUnfit,
)
from organisation.models import (
    PLACE_ROLES,
    TOWNSHIP_ROLES,
    WATCHING,
    Deputy,
    Person,
    Policy,
    Role,
    RoleGrant,
)
from organisation.queries import place_by_code, township_of
from organisation.sign_ins import end_every_sign_in

USERNAME = re.compile(r"[\w.@+-]{3,60}")
# System, security and audit, which different people look after unless the county's policy joins them.
ADMINISTRATIONS = {Role.ADMINISTRATOR.value, Role.SECURITY.value, Role.AUDITOR.value}


def add_person(*, act: Act, username: str, name: str) -> tuple[Person, str]:
    """Somebody new with no role yet, and the first password, which is kept nowhere and changed at first sign-in.

    The user name is what was asked for behind the county's code (`522633-lihua`), so that one that is taken is taken
    in this county. Refused: UsernameUnfit, UsernameTaken.
    """
    if not USERNAME.fullmatch(own_part(act.county_id, username)):
        raise UsernameUnfit(pointer="/username")
    username = named_in_county(act.county_id, username)
    if Person.objects.filter(username__iexact=username).exists():
        raise UsernameTaken(pointer="/username")
    password = first_password()
    person = Person.objects.create(
        county_id=act.county_id, username=username, name=name, password=make_password(password),
        password_set_at=act.at, is_claimed=False,
    )  # fmt: skip
    return person, password


def own_part(county_id: str, username: str) -> str:
    """What somebody typed of a user name, without the county's code that the program puts before it."""
    return unicodedata.normalize("NFKC", username).removeprefix(f"{county_id}-")


def named_in_county(county_id: str, username: str) -> str:
    """A user name as the program makes it: `522633-lihua` of 从江, so that no two counties want the same."""
    return f"{county_id}-{own_part(county_id, username)}"


def change_person(
    *, act: Act, pk: int, name: str | None = None, is_active: bool | None = None, version: int | None = None
) -> Person:
    """Another name, or the end or new beginning of an account; with its end every sign-in of it ends."""
    person = _locked(act, pk)
    if version is not None and version != person.version:
        raise Stale(pointer="/version")
    if is_active is not None and person.pk == act.actor_id:
        raise OwnAccount(pointer="/is_active")
    person.name = person.name if name is None else name
    person.is_active = person.is_active if is_active is None else is_active
    person.version += 1
    person.save(update_fields=["name", "is_active", "version"])
    if not person.is_active:
        end_every_sign_in(person)
    return person


def renew_password(*, act: Act, pk: int) -> tuple[Person, str]:
    """A new first password for somebody who lost theirs; every sign-in of theirs ends, and no lock stays.

    Where a second person confirms it, this is its first part.
    """
    person = _locked(act, pk)
    if person.pk == act.actor_id:
        raise OwnAccount
    end_reset(person)
    alone = act.actor_id == SYSTEM or ask(act, person, Kind.PASSWORD).alone
    password = first_password(PASSWORD_LENGTH if alone else PART_LENGTH)
    person.password, person.must_change_password = make_password(password), True
    person.password_set_at = act.at
    person.save(update_fields=["password", "must_change_password", "password_set_at"])
    forget(person.username)
    end_every_sign_in(person)
    return person, password


def end_sign_ins(*, act: Act, pk: int) -> Person:
    """Sign somebody out of every device at once."""
    person = _locked(act, pk)
    end_every_sign_in(person)
    return person


def admit_device(*, act: Act, pk: int) -> tuple[Person, str]:
    """A code with which this person signs in on a new device, whoever else fails in their name at the same desk."""
    person = _locked(act, pk)
    return person, new_entry_code(person.username)


def end_second_factor(*, act: Act, pk: int) -> Person:
    """Forget somebody's second factor, once a second person confirms it, and sign them out everywhere at once:
    whoever holds the telephone stays outside."""
    person = _locked(act, pk)
    if person.pk == act.actor_id:
        raise OwnAccount
    ask_for_factor(act, person)
    end_every_sign_in(person)
    return person


def grant_role(
    *,
    act: Act,
    pk: int,
    role: str,
    place: str | None,
    township: str | None,
    starts_on: datetime.date | None,
    ends_on: datetime.date | None,
) -> RoleGrant:
    """Give somebody a role where roles of its kind are held, from one day to another or for good."""
    person = _locked(act, pk)
    if person.pk == act.actor_id:
        raise OwnAccount
    _check_scope(role, place, township)
    if ends_on is not None and ends_on < (starts_on or act.on):
        raise GrantDays(pointer="/ends_on")
    at = place_by_code(act.county_id, place) if place else None
    division = township_of(act.county_id, township)
    grants = list(RoleGrant.objects.filter(county_id=act.county_id, person=person))
    check_apart(act.county_id, person, role, act.on)
    same = (role, at and at.pk, division)
    known = next((g for g in grants if (g.role, g.place_id, g.township_id) == same), None)
    if known is not None and not _is_over(known, act.on):
        raise RoleHeld(pointer="/role")
    grant = known or RoleGrant(
        county_id=act.county_id, person=person, role=role, place=at, township_id=division
    )
    grant.starts_on, grant.ends_on = starts_on, ends_on
    return _given(act, grant)


def _given(act: Act, grant: RoleGrant) -> RoleGrant:
    """The role as it is given, or given again; one that watches or signs waits for a second person."""
    is_new = grant.pk is None
    grant.granted_by, grant.waits = act.actor_id, grant.role in WATCHING and act.actor_id != SYSTEM
    grant.save(update_fields=None if is_new else ["starts_on", "ends_on", "granted_by", "waits"])
    ask_for_role(act, grant)
    return grant


def end_role(*, act: Act, pk: int, grant: int) -> RoleGrant:
    """Take a role back from this moment on; that it was held stays on record."""
    person = _locked(act, pk)
    if person.pk == act.actor_id:
        raise OwnAccount
    row = RoleGrant.objects.filter(county_id=act.county_id, person=person, pk=grant).first()
    if row is None:
        raise NotFound
    if _is_over(row, act.on):
        raise GrantEnded
    yesterday = act.on - datetime.timedelta(days=1)
    row.starts_on = min(row.starts_on, yesterday) if row.starts_on else None
    row.ends_on = yesterday
    row.save(update_fields=["starts_on", "ends_on"])
    return row


def check_apart(county_id: str, person: Person, role: str, on: datetime.date) -> None:
    """`AdministrationsApart` if the person, holding this role too, would look after two administrations: by roles of
    their own, or by those of colleagues whose deputy they are or will be."""
    if role not in ADMINISTRATIONS:
        return
    own = RoleGrant.objects.filter(county_id=county_id, person=person)
    lent = Deputy.objects.filter(county_id=county_id, deputy=person, ends_on__gte=on, ended_on__isnull=True)
    held = [grant.role for grant in own if not _is_over(grant, on)]
    held += lent.values_list("grant__role", flat=True)
    if not (ADMINISTRATIONS - {role}).intersection(held):
        return
    if not Policy.objects.filter(county_id=county_id, joint_administration=True).exists():
        raise AdministrationsApart(pointer="/role")


def _check_scope(role: str, place: str | None, township: str | None) -> None:
    if (role in PLACE_ROLES) != bool(place):
        raise ScopeDoesNotFit(pointer="/place")
    if township and role not in TOWNSHIP_ROLES:
        raise ScopeDoesNotFit(pointer="/township")


def _is_over(grant: RoleGrant, on: datetime.date) -> bool:
    return grant.ends_on is not None and grant.ends_on < on


def _locked(act: Act, pk: int) -> Person:
    person = Person.objects.select_for_update().filter(county_id=act.county_id, pk=pk).first()
    if person is None:
        raise NotFound
    return person
