"""Where the season is played: the staff of every place, and commands carried out as one of them on a day."""

from __future__ import annotations

import datetime
import random
import uuid
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import connection

from config.demo.parts import Part
from core.commands import Act, Caller, Done, run_command
from organisation.models import PLACE_ROLES, County, Person, Place, Role, RoleGrant

T = TypeVar("T")
WHOLE = Part(0, 1, lambda: None)
NOON = datetime.time(12)
GROWING = [
    "inventory_balance", "inventory_movement", "inventory_account", "inventory_batch", "inventory_stockday",
    "inventory_sortingdecision", "donations_item", "donations_itemholdings", "donations_custodyentry",
    "donations_custodyday", "donations_donation", "distribution_shipment", "distribution_shipmentline",
]  # fmt: skip


class Stage:
    """One county with a person for each role and place, made when first needed; they cannot sign in.

    What happens at a place falls to the part that its pharmacy falls to.
    """

    def __init__(self, county: County, seed: int, part: Part = WHOLE) -> None:
        self.county, self.part = county, part
        self.chance = random.Random(seed)  # noqa: S311 - a story to be told again, not a secret
        self.places = list(Place.objects.filter(county=county).select_related("parent").order_by("code"))
        self._staff: dict[tuple[Role, int | None], Person] = {}

    @cached_property
    def pharmacies(self) -> list[Place]:
        """The county's own first; its code stands behind those of some health centres."""
        sorting = [place for place in self.places if place.sorts]
        return sorted(sorting, key=lambda place: place.kind != Place.Kind.HOSPITAL)

    @cached_property
    def points(self) -> list[Place]:
        return [place for place in self.places if place.takes_donations]

    @cached_property
    def clinics(self) -> list[Place]:
        return [place for place in self.places if place.hands_out]

    def own(self, places: Iterable[Place]) -> list[Place]:
        """Those of the places that fall to this part."""
        return [place for place in places if self.part.owns(self._number[self.pharmacy_of(place).pk])]

    @cached_property
    def _number(self) -> dict[int, int]:
        return {pharmacy.pk: number for number, pharmacy in enumerate(self.pharmacies)}

    def pharmacy_of(self, point: Place) -> Place:
        """Where a drop-off point brings its goods: itself, its health centre, or the county's pharmacy."""
        if point.sorts:
            return point
        return point.parent or self.pharmacies[0]

    def staff(self, role: Role, place: Place | None = None) -> Person:
        key = (role, place.pk if place else None)
        if key not in self._staff:
            self._staff[key] = self._hire(role, place)
        return self._staff[key]

    def _hire(self, role: Role, place: Place | None) -> Person:
        code = place.code if place else self.county.pk
        name = f"{place.name if place else self.county.name}{role.label}"
        # The other part may hire the same person at the same time.
        person, is_new = Person.objects.get_or_create(
            username=f"{role.value}@{code}",
            defaults={"name": name[:60], "county": self.county, "password": make_password(None)},
        )
        if is_new:
            self._grant(person, role, place)
        return person

    def _grant(self, person: Person, role: Role, place: Place | None) -> None:
        at_place = role in PLACE_ROLES
        RoleGrant.objects.create(
            person=person,
            county=self.county,
            role=role,
            place=place if at_place else None,
            township=place.township if place and not at_place else None,
        )

    def let_planner_look(self) -> None:
        """Renew the planner's figures: autovacuum comes too late for tables that grow by a season in a minute."""
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(GROWING)}")

    def play(
        self, actor: Person, on: datetime.date, route: str, work: Callable[[Act], T], *, about: str = ""
    ) -> T:
        """Carry out `work` as a command of `actor` on the day `on`, audited like one that came over HTTP."""
        noon = datetime.datetime.combine(on, NOON, ZoneInfo(self.county.time_zone))
        act = Act(
            actor_id=actor.pk,
            county_id=self.county.pk,
            on=on,
            closed_through=self.county.closed_through,
            at=noon,
        )
        results: list[T] = []

        def once() -> Done:
            results[:] = [work(act)]
            return Done({}, about)

        run_command(
            act=act, caller=Caller(route=f"POST {route}", request_id=str(uuid.uuid4())), body={}, work=once
        )
        return results[0]
