"""What a request may reach: the person behind it, and the places of the roles that opened the route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from organisation.models import Person, Place, Policy
from organisation.queries import Reach


@dataclass(frozen=True)
class Access:
    """Made by the permission check for every signed-in request."""

    person: Person
    reach: Reach
    roles: frozenset[str]

    @property
    def county_id(self) -> str:
        return self.person.county_id

    @property
    def policy(self) -> Policy:
        """The county's policy as it stood at sign-in, read there with the person; the defaults where none is set."""
        try:
            return self.person.county.policy
        except Policy.DoesNotExist:
            return Policy(county_id=self.county_id)

    def places(self) -> QuerySet[Place]:
        """The places that the roles which opened this route cover."""
        return self.reach.places(self.roles)

    def covers(self, place: Place) -> bool:
        """Whether the place is another's, over which one of those roles is held: a village clinic of one's centre."""
        return place.parent_id is not None and any(
            grant.place_id == place.parent_id for grant in self.reach.grants if grant.role in self.roles
        )

    def place(self, code: str, *, pointer: str = "/place") -> Place:
        """One of those places by its code; any other is as if it did not exist."""
        return self.reach.place(self.roles, code, pointer=pointer)


def access_of(request: Any) -> Access:
    access: Access = getattr(request, "_request", request).access
    return access


def grant_access(request: Any, access: Access) -> None:
    request._request.access = access
