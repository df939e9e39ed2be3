"""Who may call what: one table of route, method and roles, which is both the documentation and the rule.

A route that is not listed is refused, and a test fails the build. `PUBLIC` needs no sign-in; `SIGNED_IN` any role.
Within a route, what a person sees and touches is scoped further by county and place (organisation.queries.Reach).
"""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import MethodNotAllowed
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
STOCK_READERS = SORTERS | roles(R.CHECKER, R.CLINIC, R.ALLOCATOR, R.APPROVER, R.AUDITOR)
WITNESSES = SORTERS | roles(R.CHECKER, R.CLINIC, R.CLERK)
PLANNERS = roles(R.ALLOCATOR, R.APPROVER, *READERS)
SENDERS = roles(R.PHARMACIST, R.LEAD_PHARMACIST, R.CLINIC)
PRESS = roles(R.PUBLISHER, R.SIGNER)

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
    "products/": {"GET": SIGNED_IN, "POST": SORTERS},
    # donations
    "campaigns/": {"GET": SIGNED_IN, "POST": roles(R.ADMINISTRATOR)},
    "campaigns/<int:pk>/close/": {"POST": roles(R.ADMINISTRATOR)},
    "donations/": {"GET": DESK | roles(R.CHECKER, *READERS), "POST": DESK},
    "donations/<int:pk>/": {"GET": DESK | roles(R.CHECKER, *READERS)},
    "donations/<int:pk>/void/": {"POST": DESK},
    "donations/<int:pk>/count/": {"POST": SORTERS | roles(R.CHECKER)},
    "donations/<int:pk>/receipt.pdf": {"GET": DESK | roles(*READERS)},
    "receipt-slips.pdf": {"GET": DESK | roles(R.ADMINISTRATOR)},
    "roster.pdf": {"GET": DESK | roles(*READERS)},
    "roster.xlsx": {"GET": DESK | roles(*READERS)},
    "rosters/": {"POST": DESK},
    "rosters/template.xlsx": {"GET": SIGNED_IN},
    "rosters/<int:pk>/": {"GET": DESK},
    "rosters/<int:pk>/collector/": {"GET": DESK | roles(*READERS)},
    "rosters/<int:pk>/commit/": {"POST": DESK},
    "donations/<int:pk>/correct/": {"POST": SORTERS},
    "donors/find/": {"POST": roles(R.SECURITY)},
    "donors/<int:pk>/export/": {"GET": roles(R.SECURITY)},
    "donors/<int:pk>/consent/": {"POST": roles(R.SECURITY)},
    "donors/<int:pk>/erase/": {"POST": roles(R.SECURITY)},
    "donor-returns/": {"GET": DESK | roles(*READERS), "POST": DESK | SORTERS},
    "donor-returns/<int:pk>/slip.pdf": {"GET": DESK | roles(*READERS)},
    "unfit-goods/": {"GET": DESK | roles(R.CHECKER, *READERS)},
    "items/<int:pk>/photos/": {"POST": DESK | SORTERS | roles(R.CHECKER)},
    "barcodes/": {"POST": DESK | SORTERS},
    "screenings/": {"POST": DESK | SORTERS},
    "handovers/": {"GET": DESK | roles(R.CHECKER, *READERS), "POST": DESK},
    "handovers/<int:pk>/": {"GET": DESK | roles(R.CHECKER, *READERS)},
    "handovers/<int:pk>/list.pdf": {"GET": DESK | roles(R.CHECKER, *READERS)},
    "handovers/<int:pk>/receive/": {"POST": SORTERS | roles(R.CHECKER)},
    "handovers/<int:pk>/void/": {"POST": DESK},
    # inventory
    "sorting-queue/": {"GET": SORTERS | roles(R.AUDITOR)},
    "sortings/": {"GET": SORTERS | roles(R.AUDITOR), "POST": SORTERS},
    "sortings/awaiting/": {"GET": SORTERS | roles(R.AUDITOR)},
    "sortings/<int:pk>/": {"GET": SORTERS | roles(R.AUDITOR)},
    "sortings/<int:pk>/reverse/": {"POST": SORTERS},
    "sortings/<int:pk>/confirm/": {"POST": SORTERS},
    "photos/<int:pk>.jpg": {"GET": DESK | SORTERS | roles(R.CHECKER, R.AUDITOR)},
    "stock/": {"GET": STOCK_READERS},
    "stock/summary/": {"GET": STOCK_READERS},
    "stock-card/": {"GET": STOCK_READERS},
    "expiry-calendar/": {"GET": STOCK_READERS},
    "batches/<int:pk>/": {"GET": STOCK_READERS},
    "batches/<int:pk>/trace/": {"GET": SORTERS | roles(R.AUDITOR)},
    "batches/<int:pk>/relabel/": {"POST": roles(R.LEAD_PHARMACIST)},
    "batches/<int:pk>/relabel/withdraw/": {"POST": SORTERS},
    "batches/<int:pk>/relabel/confirm/": {"POST": SORTERS},
    "batches/<int:pk>/open/": {"POST": SENDERS},
    "relabellings/": {"GET": STOCK_READERS},
    "movements/": {"GET": STOCK_READERS},
    "holds/": {"GET": STOCK_READERS, "POST": SORTERS},
    "holds/<int:pk>/release/": {"POST": SORTERS},
    "recalls/": {"GET": STOCK_READERS | roles(R.CLERK), "POST": SORTERS},
    "recalls/reach/": {"GET": SORTERS},
    "recalls/<int:pk>/": {"GET": STOCK_READERS | roles(R.CLERK)},
    "recalls/<int:pk>/acknowledge/": {"POST": SENDERS},
    "recalls/<int:pk>/lift/": {"POST": SORTERS},
    "recalls/<int:pk>/trace/": {"GET": SORTERS | roles(R.CLINIC, R.AUDITOR)},
    "adverse-reactions/": {"GET": SENDERS | roles(R.AUDITOR), "POST": SENDERS},
    "destructions/": {"GET": STOCK_READERS | roles(R.CLERK), "POST": SORTERS},
    "destructions/<int:pk>/": {"GET": STOCK_READERS | roles(R.CLERK)},
    "destructions/<int:pk>/confirm/": {"POST": WITNESSES},
    "destructions/<int:pk>/withdraw/": {"POST": WITNESSES},
    "destructions/<int:pk>/manifest.pdf": {"GET": STOCK_READERS | roles(R.CLERK)},
    # distribution
    "needs/": {"GET": PLANNERS | roles(R.CLINIC), "PUT": roles(R.ALLOCATOR, R.CLINIC)},
    "clinic-profiles/<str:place>/": {"GET": PLANNERS | roles(R.CLINIC), "PUT": roles(R.ALLOCATOR)},
    "plans/": {"GET": PLANNERS, "POST": roles(R.ALLOCATOR)},
    "plans/<int:pk>/": {"GET": PLANNERS},
    "plans/<int:pk>/lines/": {"GET": PLANNERS},
    "plans/<int:pk>/lines/<int:line>/": {"PATCH": roles(R.ALLOCATOR)},
    "plans/<int:pk>/clinics/": {"GET": PLANNERS},
    "plans/<int:pk>/submit/": {"POST": roles(R.ALLOCATOR)},
    "plans/<int:pk>/approve/": {"POST": roles(R.APPROVER)},
    "plans/<int:pk>/recompute/": {"POST": roles(R.ALLOCATOR)},
    "plans/<int:pk>/cancel/": {"POST": roles(R.ALLOCATOR, R.APPROVER)},
    "shipments/": {"GET": SENDERS | PLANNERS | roles(R.CHECKER)},
    "shipments/<int:pk>/": {"GET": SENDERS | PLANNERS | roles(R.CHECKER)},
    "shipments/<int:pk>/dispatch/": {"POST": SENDERS},
    "shipments/<int:pk>/receive/": {"POST": SENDERS},
    "urgent-issues/": {"GET": SENDERS | PLANNERS, "POST": SORTERS | roles(R.ALLOCATOR)},
    "urgent-issues/<int:pk>/countersign/": {"POST": roles(R.APPROVER)},
    "returns/": {"POST": roles(R.CLINIC)},
    "returns/<int:pk>/receive/": {"POST": SENDERS},
    "local-uses/": {"POST": SORTERS},
    "local-use-rules/": {"GET": SORTERS | PLANNERS | roles(R.ADMINISTRATOR), "PUT": roles(R.ADMINISTRATOR)},
    "dispensings/": {"GET": roles(R.CLINIC, R.PHARMACIST, *READERS), "POST": roles(R.CLINIC)},
    "dispensings/<int:pk>/reverse/": {"POST": roles(R.CLINIC)},
    # reports
    "figures/": {"GET": SIGNED_IN},
    "figures/received/": {"GET": SIGNED_IN},
    "figures/allotted/": {"GET": SIGNED_IN},
    "bulletins/": {"GET": PRESS | roles(*READERS), "POST": roles(R.PUBLISHER)},
    "bulletins/<int:pk>/": {"GET": PRESS | roles(*READERS)},
    "bulletins/<int:pk>/submit/": {"POST": roles(R.PUBLISHER)},
    "bulletins/<int:pk>/publish/": {"POST": roles(R.SIGNER)},
    "todo/": {"GET": SIGNED_IN},
    "audit/": {"GET": roles(R.AUDITOR, R.SECURITY)},
    "health/": {"GET": PUBLIC},
    "public/counties/<str:code>/summary/": {"GET": PUBLIC},
    "public/counties/<str:code>/drop-off-points/": {"GET": PUBLIC},
    "public/bulletins/": {"GET": PUBLIC},
    "public/bulletins/<int:pk>.json": {"GET": PUBLIC},
    "public/bulletins/<int:pk>.csv": {"GET": PUBLIC},
    "public/bulletins/<int:pk>.xlsx": {"GET": PUBLIC},
    "public/bulletins/<int:pk>.datapackage.json": {"GET": PUBLIC},
    "public/bulletins/<int:pk>.seal.json": {"GET": PUBLIC},
    "public/counties/<str:code>/ledger-days/": {"GET": PUBLIC},
    "public/keys/": {"GET": PUBLIC},
    "public/verify_bulletin.py": {"GET": PUBLIC},
    "public/trace/<str:receipt_code>/": {"GET": PUBLIC},
    "public/verify/<str:sha256>/": {"GET": PUBLIC},
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
        if request.method not in view.allowed_methods:
            raise MethodNotAllowed(request.method or "")
        allowed = listed(match.route, request.method or "")
        if allowed == PUBLIC:
            return True
        if allowed is None or not isinstance(request.user, Person):
            return False
        reach = Reach(request.user, local_day(request.user.county.time_zone))
        roles_here = frozenset(reach.roles & allowed)
        grant_access(request, Access(request.user, reach, roles_here))
        return allowed == SIGNED_IN or bool(roles_here)
