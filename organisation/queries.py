"""Who a person is and where their roles reach."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from core.errors import NotFound
from organisation.models import Deputy, Division, Person, Place, Policy, RoleGrant


@dataclass
class Reach:
    """The roles a person holds on one day, and the places each of them covers."""

    person: Person
    on: datetime.date

    @cached_property
    def grants(self) -> list[RoleGrant]:
        """As they were read at sign-in with the person (organisation.sign_in), else as they stand."""
        held = self.person.held_grants
        granted = RoleGrant.objects.filter(pk__in=self._held()).order_by("pk") if held is None else held
        return [grant for grant in granted if grant.in_force(self.on)]

    def _held(self) -> QuerySet[Any, Any]:
        """One's own, and those of colleagues one stands in for that day."""
        own = RoleGrant.objects.filter(county_id=self.person.county_id, person=self.person).values("pk")
        return own.union(deputies_on(self.person, self.on).values("grant"))

    @property
    def roles(self) -> set[str]:
        return {grant.role for grant in self.grants}

    def places(self, roles: Iterable[str]) -> QuerySet[Place]:
        """The places that any of `roles` covers for this person; a health centre's role covers its villages."""
        granted = [grant for grant in self.grants if grant.role in set(roles)]
        places = Place.objects.filter(county_id=self.person.county_id)
        if any(grant.place_id is None and grant.township_id is None for grant in granted):
            return places
        own = [grant.place_id for grant in granted if grant.place_id]
        townships = [grant.township_id for grant in granted if grant.township_id]
        return places.filter(Q(id__in=own) | Q(parent_id__in=own) | Q(township_id__in=townships))

    def place(self, roles: Iterable[str], code: str, *, pointer: str = "/place") -> Place:
        """The place with this code, if one of `roles` covers it; else as if it did not exist."""
        place = self.places(roles).filter(code=code).first()
        if place is None:
            raise NotFound(pointer=pointer)
        return place


def people_covering(place: Place, roles: Iterable[str], on: datetime.date) -> QuerySet[Person]:
    """Those whose own grants, or grants they stand in for, cover a place on a day: what `Reach.places` asks of one.

    In the order of their names; who may not sign in is left out.
    """
    begun, going = (
        Q(starts_on__isnull=True) | Q(starts_on__lte=on),
        Q(ends_on__isnull=True) | Q(ends_on__gte=on),
    )
    at = Q(place_id__in=[place.pk, place.parent_id]) | Q(township__isnull=False, township=place.township_id)
    grants = RoleGrant.objects.filter(
        begun,
        going,
        at | Q(place=None, township=None),
        county_id=place.county_id,
        role__in=set(roles),
        waits=False,
    )
    standing = Deputy.objects.filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=on),
        county_id=place.county_id,
        starts_on__lte=on,
        ends_on__gte=on,
        grant__in=grants,
    )
    people = Person.objects.filter(county_id=place.county_id, is_active=True)
    held = Q(pk__in=grants.values("person")) | Q(pk__in=standing.values("deputy"))
    return people.filter(held).order_by("name", "username")


def deputies_on(person: Person, on: datetime.date) -> QuerySet[Deputy]:
    """As what this person stands in on a day for others of their county."""
    standing = Deputy.objects.filter(
        county_id=person.county_id, deputy=person, starts_on__lte=on, ends_on__gte=on
    )
    return standing.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on))


def roles_told(person: Person, on: datetime.date) -> list[dict[str, Any]]:
    """The roles of a day as a person reads them: own ones, then those held for a colleague and until when."""
    own = person.grants.select_related("place").order_by("role", "place__code")
    standing = (
        deputies_on(person, on).select_related("grant__person", "grant__place").order_by("ends_on", "pk")
    )
    told = [(grant, None, grant.ends_on) for grant in own]
    told += [(row.grant, row.grant.person.name, row.ends_on) for row in standing]
    return [
        {
            "role": grant.role,
            "place": grant.place and grant.place.code,
            "township": grant.township_id,
            "deputy_for": colleague,
            "until": until,
        }
        for grant, colleague, until in told
        if grant.in_force(on)
    ]


def deputies_of(county_id: str) -> QuerySet[Deputy]:
    """All of the county, newest first."""
    rows = Deputy.objects.filter(county_id=county_id).order_by("-id")
    return rows.select_related("grant__person", "grant__place", "deputy")


def people_of(county_id: str) -> QuerySet[Person]:
    """All of the county with their roles, by user name."""
    grants = RoleGrant.objects.select_related("place").order_by("role", "pk")
    people = Person.objects.filter(county_id=county_id).order_by("username")
    return people.prefetch_related(Prefetch("grants", grants))


def person_of(county_id: str, pk: int) -> Person:
    """One of them."""
    person = people_of(county_id).filter(pk=pk).first()
    if person is None:
        raise NotFound
    return person


def names_of(people: Iterable[int]) -> dict[int, str]:
    """What people of one's own county are called."""
    return dict(Person.objects.filter(pk__in=people).values_list("pk", "name"))


def place_by_code(county_id: str, code: str, *, pointer: str = "/place") -> Place:
    """Any place of the county."""
    place = Place.objects.filter(county_id=county_id, code=code).first()
    if place is None:
        raise NotFound(pointer=pointer)
    return place


def policy_of(county_id: str) -> Policy:
    """The county's policy; the defaults where it has set none."""
    return Policy.objects.filter(county_id=county_id).first() or Policy(county_id=county_id)


def townships(county_id: str) -> QuerySet[Division]:
    """The townships of a county."""
    return Division.objects.filter(county_id=county_id, level=Division.Level.TOWNSHIP)


def township_of(county_id: str, code: str | None, *, pointer: str = "/township") -> str | None:
    """The code of a township of the county, or None for none given."""
    if not code:
        return None
    if not townships(county_id).filter(code=code).exists():
        raise NotFound(pointer=pointer)
    return code


def townships_of(county_id: str) -> list[Division]:
    return list(Division.objects.filter(county_id=county_id, level=Division.Level.TOWNSHIP).order_by("code"))


def drop_off_points(county_id: str) -> list[Place]:
    """Where donations may be brought in this county."""
    return list(Place.objects.filter(county_id=county_id, takes_donations=True, active=True).order_by("code"))


def place_names(county_id: str) -> dict[str, str]:
    """The names of the county's places by their codes, told apart."""
    return told_apart(Place.objects.filter(county_id=county_id))


def told_apart(places: QuerySet[Place]) -> dict[str, str]:
    """The names of places by their codes, in their order: equal ones (卫生室) with their township, else their code.

    One statement.
    """
    rows = list(places.values_list("code", "name", "township__name"))
    named = Counter(name for _code, name, _township in rows)
    there = Counter((name, township) for _code, name, township in rows)

    def told(code: str, name: str, township: str | None) -> str:
        if named[name] == 1:
            return name
        return f"{name}（{township if township and there[name, township] == 1 else code}）"

    return {code: told(code, name, township) for code, name, township in rows}


def place_options(places: QuerySet[Place]) -> list[tuple[str, str]]:
    """Places to choose one from, as codes and names told apart. One statement."""
    return list(told_apart(places).items())
