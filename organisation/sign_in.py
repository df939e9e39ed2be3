"""Whose a sign-in is, with everything that decides what this person may do: read in one statement."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models

from core.days import local_day
from organisation.models import (
    ASKED_OF,
    IDLE_MINUTES,
    PLACE_ROLES,
    AccessToken,
    County,
    Person,
    Policy,
    RoleGrant,
)
from organisation.queries import Reach

Row = TypeVar("Row", bound=models.Model)
PARTS: list[type[models.Model]] = [AccessToken, Person, County, Policy, RoleGrant]


PROGRAM = "organisation_accesstoken.digest = %s"
# A session names its sign-in by number; a program's has a token, and no number opens it.
SESSION = "organisation_accesstoken.digest IS NULL AND organisation_accesstoken.id = %s"


def signed_in(key: bytes | int, at: datetime.datetime) -> tuple[Person, AccessToken] | None:
    """The person of a token's digest, or of a session's sign-in by its number; active, and the sign-in neither
    expired nor idle too long. With county, policy and the roles held at this moment: the person's own, and those of
    colleagues whose deputy they are that day; of a sign-in by PIN only those of places."""
    with connection.cursor() as cursor:
        statement = _statement(SESSION if isinstance(key, int) else PROGRAM)
        cursor.execute(statement, [at, key, at, at, IDLE_MINUTES])
        rows = cursor.fetchall()
    if not rows:
        return None
    token, person, county, policy, _grant = (_part(model, rows[0]) for model in PARTS)
    person.county, token.person = county, person
    county.policy = policy if policy.pk else Policy(county=county)
    held = [grant for row in rows if (grant := _part(RoleGrant, row)).pk]
    person.held_grants = [grant for grant in held if grant.role in PLACE_ROLES] if token.by_pin else held
    return person, token


def lacks_second_factor(person: Person, token: AccessToken) -> bool:
    """Whether the county asks one of the roles held today and this sign-in was made without: before the policy came
    into force, before the role was given, or with a PIN."""
    if token.with_second_factor or not person.county.policy.second_factor:
        return False
    return bool(Reach(person, local_day(person.county.time_zone)).roles.intersection(ASKED_OF))


@cache
def _statement(which: str) -> str:
    """Every column of every part, so that a column added to one of them is read here too."""
    columns = ", ".join(
        f'{model._meta.db_table}."{field.column}"' for model in PARTS for field in model._meta.concrete_fields
    )
    return f"""
        SELECT {columns} FROM organisation_accesstoken
        JOIN organisation_person ON organisation_person.id = organisation_accesstoken.person_id
        JOIN organisation_county ON organisation_county.code = organisation_person.county_id
        LEFT JOIN organisation_policy ON organisation_policy.county_id = organisation_county.code
        LEFT JOIN LATERAL (
            SELECT own.* FROM organisation_rolegrant own WHERE own.person_id = organisation_person.id
            UNION
            SELECT lent.* FROM organisation_deputy d JOIN organisation_rolegrant lent ON lent.id = d.grant_id
            CROSS JOIN (SELECT (%s AT TIME ZONE organisation_county.time_zone)::date AS day) AS today
            WHERE d.county_id = organisation_county.code AND d.deputy_id = organisation_person.id
                AND today.day BETWEEN d.starts_on AND d.ends_on AND (d.ended_on IS NULL OR d.ended_on > today.day)
        ) AS organisation_rolegrant ON true
        WHERE {which} AND organisation_accesstoken.expires_at > %s
            AND organisation_accesstoken.used_at
                > %s - make_interval(mins => COALESCE(organisation_policy.idle_minutes, %s))
            AND organisation_person.is_active
        """  # noqa: S608 - tables and columns of our own


@cache
def _span(model: type[models.Model]) -> tuple[list[str], int, int]:
    """The model's field names, and where its columns begin and end in a row."""
    begin = sum(len(part._meta.concrete_fields) for part in PARTS[: PARTS.index(model)])
    names = [field.attname for field in model._meta.concrete_fields]
    return names, begin, begin + len(names)


def _part(model: type[Row], row: Any) -> Any:
    names, begin, end = _span(model)
    return model.from_db("default", names, row[begin:end])
