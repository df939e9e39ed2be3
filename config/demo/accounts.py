"""One account for each role, with passwords made anew for every installation."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.hashers import make_password

from organisation.models import County, Division, Person, Place, Role, RoleGrant

R = Role
COUNTY_ROLES = [
    R.LEAD_PHARMACIST,
    R.ALLOCATOR,
    R.APPROVER,
    R.PUBLISHER,
    R.SIGNER,
    R.AUDITOR,
    R.ADMINISTRATOR,
    R.SECURITY,
]
PLACE_ROLES = [R.CLERK, R.CHECKER, R.PHARMACIST]


@dataclass(frozen=True)
class Account:
    """A sign-in: one person with a grant of each role at each of the places."""

    username: str
    name: str
    county: County
    roles: Sequence[Role]
    places: Sequence[Place] = ()
    township: Division | None = None


@dataclass(frozen=True)
class Desks:
    """Where a county's accounts stand: its pharmacy, a health centre, and a drop-off point that sorts nothing."""

    hospital: Place
    centre: Place
    point: Place


def demo_accounts(county: County, desks: Desks) -> Iterator[Account]:
    """The accounts of one county; the clerk registers at the pharmacy and at a point that hands over."""
    suffix = {"522633": "", "611022": "-danfeng", "522622": "-huangping"}[county.pk]
    for role in PLACE_ROLES:
        places = [desks.hospital, desks.point] if role == R.CLERK else [desks.hospital]
        yield Account(f"{role.value}{suffix}", str(role.label), county, [role], places)
    yield Account(f"{R.CLINIC.value}{suffix}", str(R.CLINIC.label), county, [R.CLINIC], [desks.centre])
    for role in COUNTY_ROLES:
        yield Account(f"{role.value}{suffix}", str(role.label), county, [role])
    if not suffix:
        several = [R.PHARMACIST, R.ALLOCATOR, R.CLINIC]
        yield Account("centre", desks.centre.name, county, several, [desks.centre], desks.centre.township)


def make_accounts(accounts: Sequence[Account], file: Path) -> None:
    """Create the people and write their sign-ins to `file`, readable by its owner only."""
    rows = []
    passwords = [secrets.token_urlsafe(12) for _account in accounts]
    with ThreadPoolExecutor(2) as pool:  # each hash takes a core a fifth of a second
        hashes = list(pool.map(make_password, passwords))
    for account, password, hashed in zip(accounts, passwords, hashes, strict=True):
        person = Person.objects.create(
            username=account.username,
            password=hashed,
            name=account.name,
            county=account.county,
            must_change_password=False,
        )
        RoleGrant.objects.bulk_create(_grants(account, person))
        rows += [
            {
                "username": account.username,
                "password": password,
                "role": role.value,
                "places": [place.code for place in _places(account, role) if place],
                "county": account.county.pk,
            }
            for role in account.roles
        ]
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as sheet:
        os.fchmod(sheet.fileno(), 0o600)
        json.dump(rows, sheet, ensure_ascii=False, indent=1)


def _grants(account: Account, person: Person) -> Iterator[RoleGrant]:
    for role in account.roles:
        for place in _places(account, role):
            yield RoleGrant(
                person=person,
                county=account.county,
                role=role,
                place=place,
                township=account.township if role in {R.ALLOCATOR, R.APPROVER} else None,
            )


def _places(account: Account, role: Role) -> Sequence[Place | None]:
    """Where the account holds the role; none but the county as a whole for its offices."""
    return account.places if role in {*PLACE_ROLES, R.CLINIC} else [None]
