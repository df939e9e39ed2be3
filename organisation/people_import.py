"""Many people at once: a list read without writing anything, and its accounts made, all of them or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.commands import Act
from core.errors import Fault
from core.language import in_language
from core.spreadsheets import SheetRefused, read_spreadsheet
from organisation.confirmations import ask_for_role, first_password
from organisation.errors import PeopleListHasErrors
from organisation.models import PLACE_ROLES, TOWNSHIP_ROLES, WATCHING, Person, Place, Policy, Role, RoleGrant
from organisation.people import ADMINISTRATIONS, named_in_county, own_part
from organisation.people_lists import (
    APART,
    PeopleList,
    PeopleWords,
    against_account,
    against_role,
    are_apart,
    read_people_list,
)
from organisation.queries import told_apart, townships_of

# Each first password is hashed as slowly as any other: a list of so many takes some seconds.
PEOPLE_LIMIT = 100
HEADINGS = ("姓名", "用户名", "角色", "机构", "乡镇")


def read_people(county_id: str, content: bytes) -> PeopleList:
    """A list of people as a spreadsheet has it, with every cell at fault; nothing is written.

    Raises PeopleListHasErrors for what is no list at all.
    """
    try:
        rows = read_spreadsheet(content)
    except SheetRefused as error:
        raise _unreadable(error.code, in_language(error.message, error.message_en)) from None
    texts = (own_part(county_id, cell.text) for row in rows for cell in row.cells)
    found = read_people_list(rows, _words(county_id, texts))
    if found is None:
        raise _unreadable(
            "header_not_found", _("No header found: %(heads)s are needed.") % {"heads": "姓名、用户名"}
        )
    if not found.lines and not found.faults:
        raise _unreadable("nothing_listed", _("There is nothing on this list."))
    if len(found.people) > PEOPLE_LIMIT:
        raise _unreadable(
            "too_many", _("At most %(most)d people at once; divide the list.") % {"most": PEOPLE_LIMIT}
        )
    return found


def hashed_passwords(count: int) -> list[tuple[str, str]]:
    """So many first passwords, each with its hash; made before the transaction, for hashing is slow on purpose."""
    passwords = [first_password() for _person in range(count)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(zip(passwords, pool.map(make_password, passwords), strict=True))


def add_people(*, act: Act, people: Sequence[Mapping[str, Any]], hashes: Sequence[str]) -> list[Person]:
    """Accounts with their roles, all of them or none; a constant number of statements.

    `hashes` are of their first passwords, in their order. A refusal names who and what: /people/3/roles/0/place.
    """
    words = _words(act.county_id, [own_part(act.county_id, person["username"]) for person in people])
    if faults := [
        each for at, person in enumerate(people) for each in _faults(act.county_id, at, person, words)
    ]:
        raise PeopleListHasErrors(faults=faults)
    made = Person.objects.bulk_create(
        [
            Person(
                county_id=act.county_id,
                username=named_in_county(act.county_id, person["username"]),
                name=person["name"],
                password=hashed,
                is_claimed=False,
            )
            for person, hashed in zip(people, hashes, strict=True)
        ]
    )
    _give_roles(act, made, people)
    return made


def _give_roles(act: Act, made: Sequence[Person], people: Sequence[Mapping[str, Any]]) -> None:
    """Those of the list; of a role that watches or signs it is asked that a second person confirms it."""
    places = dict(Place.objects.filter(county_id=act.county_id).values_list("code", "pk"))
    grants = RoleGrant.objects.bulk_create(
        [
            RoleGrant(
                county_id=act.county_id,
                person=account,
                role=role["role"],
                place_id=places[role["place"]] if role["place"] else None,
                township_id=role["township"],
                granted_by=act.actor_id,
                waits=role["role"] in WATCHING,
            )
            for account, person in zip(made, people, strict=True)
            for role in person["roles"]
        ]
    )
    for grant in grants:
        ask_for_role(act, grant)


def _faults(county_id: str, at: int, person: Mapping[str, Any], words: PeopleWords) -> Iterator[Fault]:
    for where, code, message in against_account(own_part(county_id, person["username"]), words):
        yield Fault(f"/people/{at}/{where}", code, message)
    for number, role in enumerate(person["roles"]):
        held = against_role(role["role"], role["place"] or "", role["township"] or "", words)
        for where, code, message in held:
            yield Fault(f"/people/{at}/roles/{number}/{where}", code, message)
    if are_apart({role["role"] for role in person["roles"]}, words):
        yield Fault(f"/people/{at}/roles", "administrations_apart", str(APART))


def _words(county_id: str, asked: Iterable[str]) -> PeopleWords:
    """What the county knows, and which of the user names that are `asked` for are taken in it.

    By its name a place is meant only where no other bears it; villages of one name bear their township's too.
    """
    joint = Policy.objects.filter(county_id=county_id, joint_administration=True).exists()
    places = told_apart(Place.objects.filter(county_id=county_id))
    townships = townships_of(county_id)
    before = f"{county_id}-"
    known = Person.objects.filter(county_id=county_id).annotate(lower=Lower("username"))
    held = known.filter(lower__in={before + name.casefold() for name in asked})
    return PeopleWords(
        roles=_role_words(),
        places={code: code for code in places} | {name: code for code, name in places.items()},
        townships={each.pk: each.pk for each in townships} | {each.name: each.pk for each in townships},
        at_places={str(role) for role in PLACE_ROLES},
        at_townships={str(role) for role in TOWNSHIP_ROLES},
        apart=set() if joint else {str(role) for role in ADMINISTRATIONS},
        taken={name.removeprefix(before) for name in held.values_list("lower", flat=True)},
    )


def _role_words() -> dict[str, str]:
    named: dict[str, str] = {}
    for language in ("zh-hans", "en"):
        with override(language):
            named |= {str(role.label): str(role) for role in Role}
    return named | {str(role): str(role) for role in Role}


def _unreadable(code: str, message: str) -> PeopleListHasErrors:
    return PeopleListHasErrors(faults=[Fault("/file", code, message)])
