"""Who may call what: one table of route, method and roles, which is both the documentation and the rule.

A route that is not listed is refused, and a test fails the build. `PUBLIC` needs no sign-in; `SIGNED_IN` any role.
Within a route, what a person sees and touches is scoped further by county and place (organisation.queries.Reach).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import Resolver404, get_resolver, resolve, reverse
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.days import local_day
from core.refusals import note_refusal
from organisation.access import Access, grant_access
from organisation.authentication import of_session
from organisation.models import CONFIRMING, AccessToken, Person
from organisation.models import Role as R
from organisation.pins import CO_SIGNED
from organisation.queries import Reach

PUBLIC = frozenset({"public"})
SIGNED_IN = frozenset({"signed_in"})
# A program that shows APP_METRICS_TOKEN, and no person whatever their roles.
MACHINE = frozenset({"metrics_token"})
BASE = "api/v1/"

READERS = {R.LEAD_PHARMACIST, R.AUDITOR}


def roles(*names: R) -> frozenset[str]:
    return frozenset(str(name) for name in names)


def both(allowed: frozenset[str]) -> dict[str, frozenset[str]]:
    """Of a screen with a form: who may open it may send it."""
    return {"GET": allowed, "POST": allowed}


DESK = roles(R.CLERK, R.PHARMACIST)
SORTERS = roles(R.PHARMACIST, R.LEAD_PHARMACIST)
STOCK_READERS = SORTERS | roles(R.CHECKER, R.CLINIC, R.ALLOCATOR, R.APPROVER, R.AUDITOR)
COUNTERS = SORTERS | roles(R.CHECKER, R.CLINIC)
WITNESSES = SORTERS | roles(R.CHECKER, R.CLINIC, R.CLERK)
PLANNERS = roles(R.ALLOCATOR, R.APPROVER, *READERS)
SENDERS = roles(R.PHARMACIST, R.LEAD_PHARMACIST, R.CLINIC)
CONFIRMERS = roles(*CONFIRMING)
PRESS = roles(R.PUBLISHER, R.SIGNER)
UNIT_READERS = DESK | roles(R.CHECKER, R.ADMINISTRATOR, *READERS)

ACCESS: dict[str, dict[str, frozenset[str]]] = {
    "schema/": {"GET": PUBLIC},
    "docs/": {"GET": PUBLIC},
    # organisation
    "auth/login/": {"POST": PUBLIC},
    "auth/password/": {"POST": PUBLIC},
    "auth/otp/": {"POST": PUBLIC},
    "auth/otp/confirm/": {"POST": PUBLIC},
    "auth/pins/": {"POST": PUBLIC},
    "auth/pin/": {"POST": PUBLIC},
    "auth/co-sign/": {"POST": SIGNED_IN},
    "auth/logout/": {"POST": SIGNED_IN},
    "auth/sign-ins/": {"GET": SIGNED_IN},
    "auth/sign-ins/<int:pk>/end/": {"POST": SIGNED_IN},
    "auth/sign-ins/end-others/": {"POST": SIGNED_IN},
    "auth/me/": {"GET": SIGNED_IN},
    "deputies/": {
        "GET": roles(R.SECURITY, R.ADMINISTRATOR, *READERS),
        "POST": roles(R.SECURITY),
    },
    "deputies/<int:pk>/end/": {"POST": roles(R.SECURITY)},
    "auth/sign-ins/end/": {"POST": SIGNED_IN},
    "auth/sign-ins/entry-code/": {"POST": SIGNED_IN},
    "people/": {
        "GET": roles(R.SECURITY, R.AUDITOR),
        **dict.fromkeys(("POST", "PUT"), roles(R.SECURITY)),
    },
    "people/read/": {"POST": roles(R.SECURITY)},
    "people/template.xlsx": {"GET": roles(R.SECURITY)},
    "people/<int:pk>/": {"GET": roles(R.SECURITY, R.AUDITOR), "PATCH": roles(R.SECURITY)},
    "people/<int:pk>/password/": {"POST": roles(R.SECURITY)},
    "people/<int:pk>/sign-ins/end/": {"POST": roles(R.SECURITY)},
    "people/<int:pk>/second-factor/end/": {"POST": roles(R.SECURITY)},
    "people/<int:pk>/entry-code/": {"POST": roles(R.SECURITY)},
    "people/<int:pk>/roles/": {"POST": roles(R.SECURITY)},
    "people/<int:pk>/roles/<int:grant>/end/": {"POST": roles(R.SECURITY)},
    "confirmations/": {"GET": CONFIRMERS},
    "confirmations/<int:pk>/confirm/": {"POST": CONFIRMERS},
    "places/": {"GET": SIGNED_IN, "POST": roles(R.ADMINISTRATOR)},
    "places/<str:code>/": {"GET": SIGNED_IN, "PATCH": roles(R.ADMINISTRATOR)},
    "holidays/": {"GET": SIGNED_IN, "POST": roles(R.ADMINISTRATOR)},
    "holidays/<int:pk>/remove/": {"POST": roles(R.ADMINISTRATOR)},
    "policies/": {"GET": SIGNED_IN, "PUT": roles(R.ADMINISTRATOR)},
    "unit-categories/": {"GET": SIGNED_IN, "POST": roles(R.ADMINISTRATOR)},
    "work-units/": {"GET": SIGNED_IN, **dict.fromkeys(("POST", "PUT"), roles(R.ADMINISTRATOR))},
    "work-units/read/": {"POST": roles(R.ADMINISTRATOR)},
    "work-units/import/": {"POST": roles(R.ADMINISTRATOR)},
    # catalogue
    "medicines/": {"GET": SIGNED_IN},
    "medicines/<str:code>/": {"GET": SIGNED_IN},
    "products/": {"GET": SIGNED_IN, "POST": SORTERS},
    "products/<int:pk>/": {"GET": SIGNED_IN},
    "products/<int:pk>/retire/": {"POST": SORTERS},
    # donations
    "campaigns/": {"GET": SIGNED_IN, "POST": roles(R.ADMINISTRATOR)},
    "campaigns/<int:pk>/rhythm/": {"PUT": roles(R.ADMINISTRATOR)},
    "campaigns/<int:pk>/close/": {"POST": roles(R.ADMINISTRATOR)},
    "donations/": {"GET": DESK | roles(R.CHECKER, *READERS), "POST": DESK},
    "donations/<int:pk>/": {"GET": DESK | roles(R.CHECKER, *READERS)},
    "donations/<int:pk>/void/": {"POST": DESK},
    "donations/<int:pk>/leave/": {"POST": DESK},
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
    "donations/<int:pk>/correct/": both(SORTERS),
    "donation-corrections/": {"GET": DESK | roles(R.CHECKER, *READERS)},
    "donations/find/": {"POST": DESK | roles(*READERS)},
    "donors/find/": {"POST": roles(R.SECURITY)},
    "donors/<int:pk>/": {"GET": DESK | roles(*READERS)},
    "donors/<int:pk>/export/": {"GET": roles(R.SECURITY)},
    "donors/<int:pk>/consent/": {"POST": roles(R.SECURITY)},
    "donors/<int:pk>/erase/": {"POST": roles(R.SECURITY)},
    "donor-returns/": {"GET": DESK | roles(*READERS), "POST": DESK | SORTERS},
    "donor-returns/<int:pk>/slip.pdf": {"GET": DESK | roles(*READERS)},
    "unfit-goods/": {"GET": DESK | roles(R.CHECKER, *READERS)},
    "items/<int:pk>/photos/": {"POST": DESK | SORTERS | roles(R.CHECKER)},
    "privacy-notice/": {"GET": SIGNED_IN, "PUT": roles(R.ADMINISTRATOR)},
    "barcodes/": {"POST": DESK | SORTERS},
    "screenings/": {"POST": DESK | SORTERS},
    "intake-kit/": {"GET": DESK},
    "intake-kit/medicines/": {"GET": DESK},
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
    "labels/": {"POST": SENDERS},
    "labels/<int:pk>.pdf": {"GET": SENDERS},
    "label-codes/<str:code>/": {"GET": STOCK_READERS},
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
    "device-uses/": {"GET": STOCK_READERS, "POST": roles(R.CLINIC)},
    "device-uses/<int:pk>/give-back/": {"POST": roles(R.CLINIC)},
    "counts/": {"GET": STOCK_READERS, "POST": COUNTERS},
    "counts/<int:pk>/": {"GET": STOCK_READERS},
    "counts/<int:pk>/lines/": {"GET": STOCK_READERS, "POST": COUNTERS},
    "counts/<int:pk>/uncounted/": {"GET": STOCK_READERS},
    "counts/<int:pk>/finish/": {"POST": COUNTERS},
    "counts/<int:pk>/reopen/": {"POST": COUNTERS},
    "counts/<int:pk>/abandon/": {"POST": COUNTERS},
    "counts/<int:pk>/approve/": {"POST": SORTERS | roles(R.CHECKER)},
    "counts/<int:pk>/sheet.pdf": {"GET": STOCK_READERS},
    "counts/<int:pk>/sheet.xlsx": {"GET": STOCK_READERS},
    "kit-templates/": {"GET": STOCK_READERS, "POST": roles(R.LEAD_PHARMACIST)},
    "kit-templates/<int:pk>/retire/": {"POST": roles(R.LEAD_PHARMACIST)},
    "kits/": {"GET": STOCK_READERS, "POST": SENDERS},
    "kits/<int:pk>/": {"GET": STOCK_READERS},
    "kits/<int:pk>/unpack/": {"POST": SENDERS},
    "kits/<int:pk>/labels.pdf": {"GET": STOCK_READERS},
    # distribution
    "kits/<int:pk>/dispense/": {"POST": roles(R.CLINIC)},
    "needs/": {"GET": PLANNERS | roles(R.CLINIC), "PUT": roles(R.ALLOCATOR, R.CLINIC)},
    "clinic-profiles/": {"GET": PLANNERS | roles(R.CLINIC), "PUT": roles(R.ALLOCATOR)},
    "clinic-profiles/read/": {"POST": roles(R.ALLOCATOR)},
    "clinic-profiles/template.xlsx": {"GET": roles(R.ALLOCATOR)},
    "clinic-profiles/<str:place>/": {"GET": PLANNERS | roles(R.CLINIC), "PUT": roles(R.ALLOCATOR)},
    "population-shifts/": {
        "GET": PLANNERS | roles(R.CLINIC),
        **dict.fromkeys(("POST", "PUT"), roles(R.ALLOCATOR)),
    },
    "population-shifts/read/": {"POST": roles(R.ALLOCATOR)},
    "population-shifts/template.xlsx": {"GET": roles(R.ALLOCATOR)},
    "population-shifts/<int:pk>/end/": {"POST": roles(R.ALLOCATOR)},
    "interchangeable-medicines/": {
        "GET": PLANNERS | roles(R.ADMINISTRATOR),
        "PUT": roles(R.ADMINISTRATOR, R.LEAD_PHARMACIST),
    },
    "clinic-outlook/": {"GET": SENDERS | PLANNERS},
    "plans/": {"GET": PLANNERS, "POST": roles(R.ALLOCATOR)},
    "plans/<int:pk>/": {"GET": PLANNERS},
    "plans/<int:pk>/lines/": {"GET": PLANNERS},
    "plans/<int:pk>/lines/<int:line>/": {"PATCH": roles(R.ALLOCATOR)},
    "plans/<int:pk>/clinics/": {"GET": PLANNERS},
    "plans/<int:pk>/submit/": {"POST": roles(R.ALLOCATOR)},
    "plans/<int:pk>/approve/": {"POST": roles(R.APPROVER)},
    "plans/<int:pk>/publish/": {"POST": roles(R.APPROVER)},
    "plans/<int:pk>/recompute/": {"POST": roles(R.ALLOCATOR)},
    "plans/<int:pk>/cancel/": {"POST": roles(R.ALLOCATOR, R.APPROVER)},
    "shipments/": {"GET": SENDERS | PLANNERS | roles(R.CHECKER)},
    "shipments/<int:pk>/": {"GET": SENDERS | PLANNERS | roles(R.CHECKER)},
    "shipments/<int:pk>/dispatch/": {"POST": SENDERS},
    "shipments/<int:pk>/receive/": {"POST": SENDERS},
    "shipments/<int:pk>/picklist.pdf": {"GET": SENDERS | PLANNERS | roles(R.CHECKER)},
    "shipments/<int:pk>/note.pdf": {"GET": SENDERS | PLANNERS | roles(R.CHECKER)},
    "urgent-issues/": {"GET": SENDERS | PLANNERS, "POST": SORTERS | roles(R.ALLOCATOR)},
    "urgent-issues/<int:pk>/countersign/": {"POST": roles(R.APPROVER)},
    "returns/": {"POST": roles(R.CLINIC)},
    "returns/<int:pk>/receive/": {"POST": SENDERS},
    "swaps/": {"GET": SENDERS | PLANNERS, "POST": SENDERS},
    "local-uses/": {"POST": SORTERS},
    "local-use-rules/": {"GET": SORTERS | PLANNERS | roles(R.ADMINISTRATOR), "PUT": roles(R.ADMINISTRATOR)},
    "spot-checks/": {"GET": STOCK_READERS | roles(R.CLERK), "POST": roles(R.AUDITOR)},
    "spot-checks/<int:pk>/rectify/": {"POST": SENDERS | roles(R.CLERK)},
    "spot-checks/<int:pk>/close/": {"POST": roles(R.AUDITOR)},
    "dispensing-limits/": {"GET": SENDERS | PLANNERS | roles(R.ADMINISTRATOR), "PUT": roles(R.ADMINISTRATOR)},
    "dispensing-registers/": {"POST": roles(R.CLINIC)},
    "dispensing-registers/read/": {"POST": roles(R.CLINIC)},
    "dispensing-registers/template.xlsx": {"GET": SIGNED_IN},
    "unusual-hand-outs/": {"GET": roles(*READERS)},
    "dispensings/": {"GET": roles(R.CLINIC, R.PHARMACIST, *READERS), "POST": roles(R.CLINIC)},
    "dispensings/<int:pk>/reverse/": {"POST": roles(R.CLINIC)},
    # reports
    "figures/": {"GET": SIGNED_IN},
    "figures/accounts/": {"GET": SIGNED_IN},
    "figures/received/": {"GET": SIGNED_IN},
    "figures/allotted/": {"GET": SIGNED_IN},
    "bulletins/": {"GET": PRESS | roles(*READERS), "POST": roles(R.PUBLISHER)},
    "daily-form/": {"PUT": roles(R.PUBLISHER)},
    "daily-reports/<str:day>.pdf": {"GET": PRESS | roles(*READERS)},
    "daily-reports/<str:day>.xlsx": {"GET": PRESS | roles(*READERS)},
    "daily-reports/<str:day>/": {"GET": PRESS | roles(*READERS)},
    "bulletin-calendar/": {"GET": PRESS | roles(*READERS)},
    "bulletins/closing/": {"POST": roles(R.PUBLISHER)},
    "bulletins/units/": {"POST": roles(R.PUBLISHER)},
    "bulletins/<int:pk>/stamped/": {"POST": PRESS},
    "bulletins/<int:pk>/draft.pdf": {"GET": PRESS},
    "bulletins/<int:pk>/files/<str:name>": {"GET": PRESS | roles(*READERS)},
    "bulletins/<int:pk>/": {"GET": PRESS | roles(*READERS)},
    "bulletins/<int:pk>/submit/": {"POST": roles(R.PUBLISHER)},
    "bulletins/<int:pk>/correct/": {"POST": roles(R.PUBLISHER)},
    "bulletins/<int:pk>/send-back/": {"POST": roles(R.PUBLISHER, R.SIGNER)},
    "bulletins/<int:pk>/withdraw/": {"POST": roles(R.PUBLISHER)},
    "bulletins/<int:pk>/publish/": {"POST": roles(R.SIGNER)},
    "questions/": {"GET": PRESS | roles(R.ADMINISTRATOR, *READERS)},
    "questions/<int:pk>/answer/": {"POST": roles(R.PUBLISHER)},
    "questions/<int:pk>/assign/": {"POST": roles(R.PUBLISHER, R.ADMINISTRATOR)},
    "public/questions/": {"GET": PUBLIC, "POST": PUBLIC},
    "todo/": {"GET": SIGNED_IN},
    "audit/": {"GET": roles(R.AUDITOR, R.SECURITY)},
    "audit/chain/": {"GET": roles(R.AUDITOR, R.SECURITY)},
    "audit/checkpoints/": {"GET": roles(R.AUDITOR, R.SECURITY)},
    "restore-drills/": {"GET": roles(R.ADMINISTRATOR, R.SECURITY, R.AUDITOR)},
    "processing-record/": {"GET": roles(R.ADMINISTRATOR, R.SECURITY, R.AUDITOR)},
    "health/": {"GET": PUBLIC},
    "health/live/": {"GET": PUBLIC},
    "metrics/": {"GET": MACHINE},
    "public/counties/<str:code>/summary/": {"GET": PUBLIC},
    "public/counties/<str:code>/drop-off-points/": {"GET": PUBLIC},
    "public/bulletins/": {"GET": PUBLIC},
    "public/bulletins/<int:pk>.json": {"GET": PUBLIC},
    "public/bulletins/<int:pk>.csv": {"GET": PUBLIC},
    "public/bulletins/<int:pk>.xlsx": {"GET": PUBLIC},
    "public/bulletins/<int:pk>.pdf": {"GET": PUBLIC},
    "public/bulletins/<int:pk>.archive.zip": {"GET": PUBLIC},
    "public/bulletins/<int:pk>.stamped.pdf": {"GET": PUBLIC},
    "public/bulletins/<int:pk>.names.json": {"GET": PUBLIC},
    "public/bulletins/<int:pk>.datapackage.json": {"GET": PUBLIC},
    "public/bulletins/<int:pk>.seal.json": {"GET": PUBLIC},
    "public/counties/<str:code>/ledger-days/": {"GET": PUBLIC},
    "public/audit-checkpoints/": {"GET": PUBLIC},
    "public/plans/": {"GET": PUBLIC},
    "public/plans/<int:pk>/": {"GET": PUBLIC},
    "public/plans/<int:pk>/clinics/": {"GET": PUBLIC},
    "public/keys/": {"GET": PUBLIC},
    "public/verify_bulletin.py": {"GET": PUBLIC},
    "public/trace/<str:receipt_code>/": {"GET": PUBLIC},
    "public/verify/<str:sha256>/": {"GET": PUBLIC},
}

# Pages that are the same for everybody: who asks is not even looked at, so that one copy may be kept for all.
PUBLIC_PAGES: dict[str, dict[str, frozenset[str]]] = {
    "counties/<str:code>/": {"GET": PUBLIC},
    "counties/<str:code>/bulletins/": {"GET": PUBLIC},
    "counties/<str:code>/questions/": {"GET": PUBLIC},
    "counties/<str:code>/plans/": {"GET": PUBLIC},
    "counties/<str:code>/clinic-stock/": {"GET": PUBLIC},
    "counties/<str:code>/privacy/": {"GET": PUBLIC},
    "shares/<int:pk>/": {"GET": PUBLIC},
    "counties/<str:code>/questions/ask/": {"GET": PUBLIC, "POST": PUBLIC},
    "bulletins/<int:pk>/": {"GET": PUBLIC},
    "bulletins/<int:pk>/names/": {"GET": PUBLIC},
    "verify/": {"GET": PUBLIC},
    "verify/<str:sha256>/": {"GET": PUBLIC},
    "receipts/": {"GET": PUBLIC, "POST": PUBLIC},
    # The page that a device keeps; it holds nothing of anybody, and asks the API like any other.
    "intake/offline/": {"GET": PUBLIC},
    "intake/worker.js": {"GET": PUBLIC},
}
# The screens, by their whole route. What a screen does it does through the API, which decides once more.
PAGES: dict[str, dict[str, frozenset[str]]] = {
    **PUBLIC_PAGES,
    "": {"GET": PUBLIC},
    "sign-in/": {"GET": PUBLIC, "POST": PUBLIC},
    "password/": {"GET": PUBLIC, "POST": PUBLIC},
    "sign-out/": {"POST": SIGNED_IN},
    "language/setlang/": {"POST": PUBLIC},
    "search/": both(SIGNED_IN),
    "here/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "sign-in/pin/": both(PUBLIC),
    "pin/": both(PUBLIC),
    "sign-ins/": {"GET": SIGNED_IN},
    "sign-ins/<int:pk>/end/": both(SIGNED_IN),
    "sign-ins/end-others/": both(SIGNED_IN),
    "sign-ins/entry-code/": both(SIGNED_IN),
    "sign-out-everywhere/": both(SIGNED_IN),
    "second-factor/": both(PUBLIC),
    "second-factor/confirm/": both(PUBLIC),
    "people/<int:pk>/second-factor/": both(roles(R.SECURITY)),
    "donors/": both(roles(R.SECURITY)),
    "donors/<int:pk>/": {"GET": roles(R.SECURITY)},
    "donors/<int:pk>/consent/": both(roles(R.SECURITY)),
    "donors/<int:pk>/erase/": both(roles(R.SECURITY)),
    "people/": {"GET": roles(R.SECURITY, R.AUDITOR)},
    "people/new/": both(roles(R.SECURITY)),
    "people/read/": both(roles(R.SECURITY)),
    "people/enter/": {"POST": roles(R.SECURITY)},
    "people/<int:pk>/": {"GET": roles(R.SECURITY, R.AUDITOR)},
    "people/<int:pk>/change/": both(roles(R.SECURITY)),
    "people/<int:pk>/password/": both(roles(R.SECURITY)),
    "people/<int:pk>/sign-out/": both(roles(R.SECURITY)),
    "confirmations/": {"GET": CONFIRMERS},
    "confirmations/<int:pk>/confirm/": both(CONFIRMERS),
    "people/<int:pk>/entry-code/": both(roles(R.SECURITY)),
    "people/<int:pk>/roles/": both(roles(R.SECURITY)),
    "people/<int:pk>/roles/<int:grant>/end/": both(roles(R.SECURITY)),
    "places/": {"GET": SIGNED_IN},
    "places/new/": both(roles(R.ADMINISTRATOR)),
    "places/<str:code>/": both(roles(R.ADMINISTRATOR)),
    "deputies/": {"GET": roles(R.SECURITY, R.ADMINISTRATOR, *READERS)},
    "deputies/new/": both(roles(R.SECURITY)),
    "deputies/<int:pk>/end/": both(roles(R.SECURITY)),
    "campaigns/": {"GET": SIGNED_IN},
    "campaigns/new/": both(roles(R.ADMINISTRATOR)),
    "campaigns/<int:pk>/rhythm/": both(roles(R.ADMINISTRATOR)),
    "campaigns/<int:pk>/close/": both(roles(R.ADMINISTRATOR)),
    "holidays/": {"GET": SIGNED_IN},
    "holidays/new/": both(roles(R.ADMINISTRATOR)),
    "holidays/<int:pk>/remove/": both(roles(R.ADMINISTRATOR)),
    "policies/": both(roles(R.ADMINISTRATOR)),
    "privacy-notice/": {"GET": SIGNED_IN},
    "processing-record/": {"GET": roles(R.ADMINISTRATOR, R.SECURITY, R.AUDITOR)},
    "privacy-notice/set/": both(roles(R.ADMINISTRATOR)),
    # organisation
    "work-units/": {"GET": UNIT_READERS},
    "work-units/save/": both(roles(R.ADMINISTRATOR)),
    "work-units/read/": both(roles(R.ADMINISTRATOR)),
    "work-units/enter/": {"POST": roles(R.ADMINISTRATOR)},
    "unit-categories/": {"GET": UNIT_READERS},
    "unit-categories/save/": both(roles(R.ADMINISTRATOR)),
    # catalogue
    "medicines/": {"GET": SIGNED_IN},
    "medicines/<str:code>/": {"GET": SIGNED_IN},
    "products/": {"GET": SIGNED_IN},
    "products/new/": both(SORTERS),
    "products/<int:pk>/": {"GET": SIGNED_IN},
    "products/<int:pk>/retire/": both(SORTERS),
    # donations
    "intake/": {"GET": DESK},
    "donations/": {"GET": DESK | roles(R.CHECKER, *READERS)},
    "donations/<int:pk>/": {"GET": DESK | roles(R.CHECKER, *READERS)},
    "donations/<int:pk>/void/": {"GET": DESK, "POST": DESK},
    "donations/<int:pk>/leave/": both(DESK),
    "donations/<int:pk>/items/<int:item>/photos/": both(DESK | SORTERS | roles(R.CHECKER)),
    "donations/<int:pk>/count/": both(SORTERS | roles(R.CHECKER)),
    "donations/<int:pk>/correct/": both(SORTERS),
    "donation-corrections/": {"GET": DESK | roles(R.CHECKER, *READERS)},
    "handovers/": {"GET": DESK | roles(R.CHECKER, *READERS)},
    "handovers/new/": {"GET": DESK, "POST": DESK},
    "handovers/<int:pk>/": {"GET": DESK | roles(R.CHECKER, *READERS)},
    "handovers/<int:pk>/receive/": {"GET": SORTERS | roles(R.CHECKER), "POST": SORTERS | roles(R.CHECKER)},
    "handovers/<int:pk>/void/": {"GET": DESK, "POST": DESK},
    "rosters/": {"GET": DESK, "POST": DESK},
    "rosters/<int:pk>/commit/": {"POST": DESK},
    # inventory
    "sorting-queue/": {"GET": SORTERS | roles(R.AUDITOR)},
    "sorting-queue/<int:item>/": both(SORTERS),
    "sorting-queue/<int:item>/photos/": both(SORTERS),
    "sortings/": {"GET": SORTERS | roles(R.AUDITOR)},
    "sortings/<int:pk>/reverse/": both(SORTERS),
    "sortings/awaiting/": {"GET": SORTERS | roles(R.AUDITOR)},
    "sortings/<int:pk>/confirm/": both(SORTERS),
    "stock/": {"GET": STOCK_READERS},
    "stock/summary/": {"GET": STOCK_READERS},
    "stock-card/": {"GET": STOCK_READERS},
    "expiry-calendar/": {"GET": STOCK_READERS},
    "movements/": {"GET": STOCK_READERS},
    "holds/": {"GET": STOCK_READERS},
    "holds/new/": both(SORTERS),
    "holds/<int:pk>/release/": both(SORTERS),
    "batches/<int:pk>/": {"GET": STOCK_READERS},
    "batches/<int:pk>/open/": both(SENDERS),
    "batches/<int:pk>/relabel/": both(roles(R.LEAD_PHARMACIST)),
    "batches/<int:pk>/relabel/confirm/": both(SORTERS),
    "batches/<int:pk>/relabel/withdraw/": both(SORTERS),
    "relabellings/": {"GET": STOCK_READERS},
    "labels/new/": both(SENDERS),
    "recalls/": {"GET": STOCK_READERS | roles(R.CLERK)},
    "recalls/new/": both(SORTERS),
    "recalls/<int:pk>/": {"GET": STOCK_READERS | roles(R.CLERK)},
    "recalls/<int:pk>/acknowledge/": both(SENDERS),
    "recalls/<int:pk>/lift/": both(SORTERS),
    "recalls/<int:pk>/trace/": {"GET": SORTERS | roles(R.CLINIC, R.AUDITOR)},
    "adverse-reactions/": {"GET": SENDERS | roles(R.AUDITOR)},
    "adverse-reactions/new/": both(SENDERS),
    "counts/": {"GET": STOCK_READERS},
    "device-uses/": {"GET": STOCK_READERS},
    "device-uses/new/": both(roles(R.CLINIC)),
    "device-uses/<int:pk>/give-back/": both(roles(R.CLINIC)),
    "counts/new/": both(COUNTERS),
    "counts/<int:pk>/": {"GET": STOCK_READERS, "POST": COUNTERS},
    "counts/<int:pk>/lines/": both(COUNTERS),
    "counts/<int:pk>/found/": both(COUNTERS),
    "counts/<int:pk>/abandon/": both(COUNTERS),
    "destructions/": {"GET": STOCK_READERS | roles(R.CLERK)},
    "destructions/new/": both(SORTERS),
    "destructions/<int:pk>/": {"GET": STOCK_READERS | roles(R.CLERK)},
    "destructions/<int:pk>/confirm/": both(WITNESSES),
    "destructions/<int:pk>/withdraw/": both(WITNESSES),
    "destructions/<int:pk>/co-sign/": both(WITNESSES),
    "counts/<int:pk>/co-sign/": both(COUNTERS),
    "unfit-goods/": {"GET": DESK | roles(R.CHECKER, *READERS)},
    "donor-returns/": {"GET": DESK | roles(*READERS)},
    "donor-returns/new/": both(DESK | SORTERS),
    # distribution
    "clinic/": {"GET": roles(R.CLINIC)},
    "dispense/": {"GET": roles(R.CLINIC), "POST": roles(R.CLINIC)},
    "dispensings/": {"GET": roles(R.CLINIC, R.PHARMACIST, *READERS)},
    "dispensings/<int:pk>/reverse/": {"GET": roles(R.CLINIC), "POST": roles(R.CLINIC)},
    "kits/": {"GET": STOCK_READERS},
    "kits/new/": both(SENDERS),
    "kits/<int:pk>/dispense/": both(roles(R.CLINIC)),
    "kits/<int:pk>/unpack/": both(SENDERS),
    "kit-templates/": {"GET": STOCK_READERS},
    "kit-templates/new/": both(roles(R.LEAD_PHARMACIST)),
    "kit-templates/<int:pk>/retire/": both(roles(R.LEAD_PHARMACIST)),
    "local-uses/": both(SORTERS),
    "returns/": {"GET": roles(R.CLINIC), "POST": roles(R.CLINIC)},
    "dispensing-limits/": {"GET": SENDERS | PLANNERS | roles(R.ADMINISTRATOR)},
    "dispensing-limits/set/": both(roles(R.ADMINISTRATOR)),
    "local-use-rules/": {"GET": SORTERS | PLANNERS | roles(R.ADMINISTRATOR)},
    "local-use-rules/set/": both(roles(R.ADMINISTRATOR)),
    "clinic-outlook/": {"GET": SENDERS | PLANNERS},
    "swaps/": {"GET": SENDERS | PLANNERS},
    "swaps/send/": both(SENDERS),
    "unusual-hand-outs/": {"GET": roles(*READERS)},
    "interchangeable-medicines/": {"GET": PLANNERS | roles(R.ADMINISTRATOR)},
    "interchangeable-medicines/set/": both(roles(R.ADMINISTRATOR, R.LEAD_PHARMACIST)),
    "clinic-profiles/": {"GET": PLANNERS | roles(R.CLINIC)},
    "clinic-profiles/set/": both(roles(R.ALLOCATOR)),
    "clinic-profiles/read/": both(roles(R.ALLOCATOR)),
    "clinic-profiles/enter/": {"POST": roles(R.ALLOCATOR)},
    "population-shifts/": {"GET": PLANNERS | roles(R.CLINIC)},
    "population-shifts/new/": both(roles(R.ALLOCATOR)),
    "population-shifts/read/": both(roles(R.ALLOCATOR)),
    "population-shifts/enter/": {"POST": roles(R.ALLOCATOR)},
    "population-shifts/<int:pk>/end/": both(roles(R.ALLOCATOR)),
    "needs/": {"GET": PLANNERS | roles(R.CLINIC)},
    "needs/ask/": {"GET": roles(R.ALLOCATOR, R.CLINIC), "POST": roles(R.ALLOCATOR, R.CLINIC)},
    "shipments/": {"GET": SENDERS | PLANNERS | roles(R.CHECKER)},
    "shipments/<int:pk>/": {"GET": SENDERS | PLANNERS | roles(R.CHECKER)},
    "shipments/<int:pk>/dispatch/": {"GET": SENDERS, "POST": SENDERS},
    "shipments/<int:pk>/receive/": {"GET": SENDERS, "POST": SENDERS},
    "dispensing-registers/": dict.fromkeys(("GET", "POST"), roles(R.CLINIC)),
    "dispensing-registers/read/": dict.fromkeys(("GET", "POST"), roles(R.CLINIC)),
    "dispensing-registers/enter/": {"POST": roles(R.CLINIC)},
    "plans/": {"GET": PLANNERS},
    "plans/new/": dict.fromkeys(("GET", "POST"), roles(R.ALLOCATOR)),
    "plans/<int:pk>/": {"GET": PLANNERS},
    "plans/<int:pk>/lines/<int:line>/": dict.fromkeys(("GET", "POST"), roles(R.ALLOCATOR)),
    "plans/<int:pk>/submit/": dict.fromkeys(("GET", "POST"), roles(R.ALLOCATOR)),
    "plans/<int:pk>/approve/": dict.fromkeys(("GET", "POST"), roles(R.APPROVER)),
    "plans/<int:pk>/publish/": both(roles(R.APPROVER)),
    "plans/<int:pk>/recompute/": dict.fromkeys(("GET", "POST"), roles(R.ALLOCATOR)),
    "plans/<int:pk>/cancel/": dict.fromkeys(("GET", "POST"), roles(R.ALLOCATOR, R.APPROVER)),
    "urgent-issues/": {"GET": SENDERS | PLANNERS},
    "urgent-issues/new/": dict.fromkeys(("GET", "POST"), SORTERS | roles(R.ALLOCATOR)),
    "urgent-issues/<int:pk>/countersign/": dict.fromkeys(("GET", "POST"), roles(R.APPROVER)),
    "spot-checks/": {"GET": STOCK_READERS | roles(R.CLERK)},
    "spot-checks/new/": dict.fromkeys(("GET", "POST"), roles(R.AUDITOR)),
    "spot-checks/<int:pk>/rectify/": dict.fromkeys(("GET", "POST"), SENDERS | roles(R.CLERK)),
    "spot-checks/<int:pk>/close/": dict.fromkeys(("GET", "POST"), roles(R.AUDITOR)),
    # reports
    "figures/": {"GET": SIGNED_IN},
    "figures/received/": {"GET": SIGNED_IN},
    "figures/allotted/": {"GET": SIGNED_IN},
    "bulletins/": {"GET": PRESS | roles(*READERS)},
    "bulletin-calendar/": {"GET": PRESS | roles(*READERS)},
    "bulletins/closing/": dict.fromkeys(("GET", "POST"), roles(R.PUBLISHER)),
    "bulletins/units/": dict.fromkeys(("GET", "POST"), roles(R.PUBLISHER)),
    "bulletins/new/": dict.fromkeys(("GET", "POST"), roles(R.PUBLISHER)),
    "bulletins/<int:pk>/desk/": {"GET": PRESS | roles(*READERS)},
    "bulletins/<int:pk>/submit/": dict.fromkeys(("GET", "POST"), roles(R.PUBLISHER)),
    "bulletins/<int:pk>/send-back/": dict.fromkeys(("GET", "POST"), roles(R.PUBLISHER, R.SIGNER)),
    "bulletins/<int:pk>/withdraw/": dict.fromkeys(("GET", "POST"), roles(R.PUBLISHER)),
    "bulletins/<int:pk>/publish/": dict.fromkeys(("GET", "POST"), roles(R.SIGNER)),
    "bulletins/<int:pk>/correct/": dict.fromkeys(("GET", "POST"), roles(R.PUBLISHER)),
    "bulletins/<int:pk>/stamped/": dict.fromkeys(("GET", "POST"), PRESS),
    "daily-report/": {"GET": PRESS | roles(*READERS)},
    "daily-form/": dict.fromkeys(("GET", "POST"), roles(R.PUBLISHER)),
    "questions/": {"GET": PRESS | roles(R.ADMINISTRATOR, *READERS)},
    "questions/<int:pk>/answer/": dict.fromkeys(("GET", "POST"), roles(R.PUBLISHER)),
    "questions/<int:pk>/assign/": dict.fromkeys(("GET", "POST"), roles(R.PUBLISHER, R.ADMINISTRATOR)),
    "audit/": {"GET": roles(R.AUDITOR, R.SECURITY)},
    "verification/": {"GET": roles(R.AUDITOR, R.SECURITY)},
    "restore-drills/": {"GET": roles(R.ADMINISTRATOR, R.SECURITY, R.AUDITOR)},
}


def listed(route: str, method: str) -> frozenset[str] | None:
    """The roles of a route and method, or None where the tables have no line."""
    methods = ACCESS.get(route.removeprefix(BASE)) if route.startswith(BASE) else PAGES.get(route)
    return None if methods is None else methods.get("GET" if method == "HEAD" else method)


def spent(token: AccessToken, route: str) -> bool:
    """Whether this co-signature is for such a route and had not been used; now it is."""
    return route.removeprefix(BASE) in CO_SIGNED and AccessToken.objects.filter(pk=token.pk).delete()[0] == 1


class RoutePermission(BasePermission):
    """Reads the table; leaves the person's roles that opened the door on the request, for scoping."""

    def has_permission(self, request: Request, view: Any) -> bool:
        match = request.resolver_match
        if match is None:
            return False
        # What a route takes stands in the OpenAPI document, and OPTIONS says so to nobody.
        if request.method == "OPTIONS" or request.method not in view.allowed_methods:
            raise MethodNotAllowed(request.method or "")
        allowed = listed(match.route, request.method or "")
        token: Any = request.auth
        if getattr(token, "beside", None) and not spent(token, match.route):
            return False
        if allowed == PUBLIC:
            return True
        if allowed == MACHINE:
            return _shows_token(request)
        if allowed is None or not isinstance(request.user, Person):
            return False
        reach = Reach(request.user, local_day(request.user.county.time_zone))
        roles_here = frozenset(reach.roles & allowed)
        grant_access(request, Access(request.user, reach, roles_here))
        return allowed == SIGNED_IN or bool(roles_here)


def _shows_token(request: Request) -> bool:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    return bool(wanted) and scheme.lower() == "bearer" and compare_digest(token.encode(), wanted.encode())


class PageGate:
    """Reads the same table for the screens: who is not signed in is asked to, who may not is told so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        route = request.resolver_match.route if request.resolver_match else ""
        if route.startswith(BASE) or (
            listed(route, request.method or "") == PUBLIC and route in PUBLIC_PAGES
        ):
            return None
        reach = _reach_of_session(request)
        request.may_open = lambda path: _may_open(path, reach)  # type: ignore[attr-defined]
        allowed = listed(route, request.method or "")
        if allowed is None and route in PAGES:
            return HttpResponseNotAllowed(sorted(PAGES[route]))
        if reach is not None:
            held = reach.roles if allowed in (PUBLIC, SIGNED_IN) else reach.roles & (allowed or set())
            request.access = Access(reach.person, reach, frozenset(held))  # type: ignore[attr-defined]
        if _passes(allowed, reach):
            return None
        if reach is None and allowed is not None:
            return _to_sign_in(request)
        note_refusal(request, reach and reach.person, "not_allowed")
        # Answered and not raised: a refusal is a line of the log, and no traceback of ours.
        refuse: Callable[..., HttpResponse] = get_resolver().resolve_error_handler(403)
        return refuse(request, exception=PermissionDenied())


def _reach_of_session(request: HttpRequest) -> Reach | None:
    """The signed-in person with their grants, read once for all that the page asks of the API."""
    found = of_session(request)
    if found is None:
        return None
    request.user = found[0]
    return Reach(found[0], local_day(found[0].county.time_zone))


def _passes(allowed: frozenset[str] | None, reach: Reach | None) -> bool:
    if allowed is None or allowed == PUBLIC:
        return allowed == PUBLIC
    return reach is not None and (allowed == SIGNED_IN or bool(reach.roles & allowed))


def _may_open(path: str, reach: Reach | None) -> bool:
    """Whether there is a screen at this address, and it is one for these roles."""
    route = _route_of(path)
    return not route.startswith(BASE) and _passes(listed(route, "GET"), reach)


@lru_cache(maxsize=1024)
def _route_of(path: str) -> str:
    """Kept: every page asks for the whole menu."""
    try:
        return str(resolve(path).route)
    except Resolver404:
        return BASE


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    target = request.get_full_path() if request.method == "GET" else "/"
    address = f"{reverse('sign-in')}?{urlencode({'next': target})}"
    if "HX-Request" in request.headers:  # a part of a page is to be replaced; the page itself has to go
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
