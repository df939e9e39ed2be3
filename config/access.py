"""Who may call what: one table of route, method and roles, which is both the documentation and the rule.

A route that is not listed is refused, and a test fails the build. `PUBLIC` needs no sign-in; `SIGNED_IN` any role.
Within a route, what a person sees and touches is scoped further by county and place (organisation.queries.Reach).
"""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.days import local_day
from organisation.access import Access, grant_access
from organisation.models import Person
from organisation.models import Role as R
from organisation.queries import Reach

PUBLIC = frozenset({"public"})
SIGNED_IN = frozenset({"signed_in"})
BASE = "api/v1/"

READERS = {R.LEAD_PHARMACIST, R.AUDITOR}


def roles(*names: R) -> frozenset[str]:
    return frozenset(str(name) for name in names)


DESK = roles(R.CLERK, R.PHARMACIST)
SORTERS = roles(R.PHARMACIST, R.LEAD_PHARMACIST)

ACCESS: dict[str, dict[str, frozenset[str]]] = {
    "schema/": {"GET": PUBLIC},
    "docs/": {"GET": PUBLIC},
    # organisation
    "auth/login/": {"POST": PUBLIC},
    "auth/password/": {"POST": PUBLIC},
    "auth/logout/": {"POST": SIGNED_IN},
    "auth/me/": {"GET": SIGNED_IN},
    "places/": {"GET": SIGNED_IN},
    "unit-categories/": {"GET": SIGNED_IN, "POST": roles(R.ADMINISTRATOR)},
    "work-units/": {"GET": SIGNED_IN, "POST": roles(R.ADMINISTRATOR)},
    "work-units/import/": {"POST": roles(R.ADMINISTRATOR)},
    # catalogue
    "medicines/": {"GET": SIGNED_IN},
    # donations
    "campaigns/": {"GET": SIGNED_IN, "POST": roles(R.ADMINISTRATOR)},
    "campaigns/<int:pk>/close/": {"POST": roles(R.ADMINISTRATOR)},
    "donations/": {"GET": DESK | roles(R.CHECKER, *READERS), "POST": DESK},
    "donations/<int:pk>/": {"GET": DESK | roles(R.CHECKER, *READERS)},
    "donations/<int:pk>/void/": {"POST": DESK},
    "donations/<int:pk>/count/": {"POST": SORTERS | roles(R.CHECKER)},
    "donations/<int:pk>/receipt.pdf": {"GET": DESK | roles(*READERS)},
    "roster.pdf": {"GET": DESK | roles(*READERS)},
    "roster.xlsx": {"GET": DESK | roles(*READERS)},
    "rosters/": {"POST": DESK},
    "rosters/template.xlsx": {"GET": SIGNED_IN},
    "rosters/<int:pk>/": {"GET": DESK},
    "rosters/<int:pk>/commit/": {"POST": DESK},
    "donations/<int:pk>/correct/": {"POST": SORTERS},
    "donors/find/": {"POST": roles(R.SECURITY)},
    "donors/<int:pk>/export/": {"GET": roles(R.SECURITY)},
    "donors/<int:pk>/consent/": {"POST": roles(R.SECURITY)},
    "donors/<int:pk>/erase/": {"POST": roles(R.SECURITY)},
    "screenings/": {"POST": DESK | SORTERS},
    "handovers/": {"GET": DESK | roles(R.CHECKER, *READERS), "POST": DESK},
    "handovers/<int:pk>/receive/": {"POST": SORTERS | roles(R.CHECKER)},
}


def listed(route: str, method: str) -> frozenset[str] | None:
    """The roles of a route and method, or None where the table has no line."""
    methods = ACCESS.get(route.removeprefix(BASE))
    return None if methods is None else methods.get("GET" if method == "HEAD" else method)


class RoutePermission(BasePermission):
    """Reads the table; leaves the person's roles that opened the door on the request, for scoping."""

    def has_permission(self, request: Request, view: Any) -> bool:
        match = request.resolver_match
        if match is None:
            return False
        if request.method == "OPTIONS":
            return request.user is not None
        allowed = listed(match.route, request.method or "")
        if allowed == PUBLIC:
            return True
        if allowed is None or not isinstance(request.user, Person):
            return False
        reach = Reach(request.user, local_day(request.user.county.time_zone))
        roles_here = frozenset(reach.roles & allowed)
        grant_access(request, Access(request.user, reach, roles_here))
        return allowed == SIGNED_IN or bool(roles_here)
