"""Deputies: a colleague's role for some days."""

from __future__ import annotations

import datetime

from core.commands import Act
from core.errors import NotFound
from organisation.errors import (
    DeputyAlready,
    DeputyDays,
    DeputyEnded,
    DeputyWatchesNot,
    NoSuchRole,
    OwnDeputy,
)
from organisation.models import DEPUTY_DAYS, WATCHING, Deputy, Person, RoleGrant
from organisation.people import check_apart


def name_deputy(
    *, act: Act, grant: RoleGrant, deputy: Person, starts_on: datetime.date, ends_on: datetime.date
) -> Deputy:
    """Let somebody hold a colleague's role from one day to another, both included.

    Neither the colleague nor who names the deputy may be the deputy. A role that watches or signs is lent only to who
    holds one, which a second person has confirmed: security could else lend it to an account of its own making. What
    a deputy does is their own deed, so that no rule of two persons is met by one of them twice.
    """
    Person.objects.select_for_update().get(
        pk=deputy.pk
    )  # so that of two roles at once the second sees the first
    grant = RoleGrant.objects.select_for_update().get(pk=grant.pk)
    _refuse_unfit(act, grant, deputy, starts_on, ends_on)
    return Deputy.objects.create(
        county_id=act.county_id,
        grant=grant,
        deputy=deputy,
        starts_on=starts_on,
        ends_on=ends_on,
        appointed_by=act.actor_id,
        appointed_on=act.on,
    )


def _refuse_unfit(
    act: Act, grant: RoleGrant, deputy: Person, starts_on: datetime.date, ends_on: datetime.date
) -> None:
    """Refused: DeputyDays, OwnDeputy, DeputyWatchesNot, AdministrationsApart, DeputyAlready."""
    if not act.on <= starts_on <= ends_on < starts_on + datetime.timedelta(days=DEPUTY_DAYS):
        raise DeputyDays(pointer="/starts_on" if starts_on < act.on else "/ends_on")
    if deputy.pk in (grant.person_id, act.actor_id):
        raise OwnDeputy(pointer="/deputy")
    if grant.role in WATCHING and not _watches(deputy, act.on):
        raise DeputyWatchesNot(pointer="/deputy")
    check_apart(act.county_id, deputy, grant.role, act.on)
    standing = Deputy.objects.filter(
        grant=grant, deputy=deputy, starts_on__lte=ends_on, ends_on__gte=starts_on
    )
    if standing.exclude(ended_on__lte=starts_on).exists():
        raise DeputyAlready(pointer="/deputy")


def _watches(person: Person, on: datetime.date) -> bool:
    own = RoleGrant.objects.filter(county_id=person.county_id, person=person, role__in=WATCHING, waits=False)
    return any(grant.in_force(on) for grant in own)


def end_deputy(*, act: Act, pk: int) -> Deputy:
    """End it before its time: from this moment on the role is the colleague's alone."""
    row = Deputy.objects.select_for_update().filter(county_id=act.county_id, pk=pk).first()
    if row is None:
        raise NotFound
    if row.ended_on is not None or row.ends_on < act.on:
        raise DeputyEnded
    row.ended_on, row.ended_by = act.on, act.actor_id
    row.save(update_fields=["ended_on", "ended_by"])
    return row


def person_named(county_id: str, username: str, *, pointer: str) -> Person:
    """An active person of the county."""
    person = Person.objects.filter(county_id=county_id, username=username, is_active=True).first()
    if person is None:
        raise NotFound(pointer=pointer)
    return person


def grant_held(
    person: Person,
    role: str,
    *,
    place: str | None,
    township: str | None,
    days: tuple[datetime.date, datetime.date],
) -> RoleGrant:
    """The person's own grant of this role, at this place or for this township, in force on one of the days."""
    own = RoleGrant.objects.filter(
        county_id=person.county_id, person=person, role=role, place__code=place, township_id=township
    )
    for grant in own:
        first, last = days
        if (grant.starts_on is None or grant.starts_on <= last) and (
            grant.ends_on is None or first <= grant.ends_on
        ):
            return grant
    raise NoSuchRole(pointer="/role")
