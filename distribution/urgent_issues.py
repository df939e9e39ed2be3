"""Reads of urgent issues: which there are, which still want a countersignature, what a clinic got already."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable

from django.db.models import Q, QuerySet, Sum

from core.errors import NotFound
from distribution.models import ShipmentLine
from distribution.models.urgent import WITHIN, UrgentIssue
from organisation.models import Place


def urgent_issues_of(places: QuerySet[Place]) -> QuerySet[UrgentIssue]:
    """Urgent issues that these places send or get, newest first, with both places."""
    here = Q(shipment__from_place__in=places) | Q(shipment__to_place__in=places)
    return (
        UrgentIssue.objects.filter(here)
        .select_related("shipment__from_place", "shipment__to_place")
        .order_by("-id")
    )


def urgent_issue_of(places: QuerySet[Place], pk: int) -> UrgentIssue:
    issue = urgent_issues_of(places).filter(pk=pk).first()
    if issue is None:
        raise NotFound
    return issue


def not_countersigned(issues: QuerySet[UrgentIssue]) -> QuerySet[UrgentIssue]:
    return issues.filter(countersigned_at__isnull=True)


def overdue(issues: QuerySet[UrgentIssue], now: datetime.datetime) -> QuerySet[UrgentIssue]:
    """Those that nobody countersigned within 24 hours."""
    return not_countersigned(issues).filter(issued_at__lt=now - WITHIN)


def got_today(place: Place, medicines: Iterable[int], on: datetime.date) -> Counter[int]:
    """Units by medicine that were urgently sent to a place on a day."""
    issues = UrgentIssue.objects.filter(county_id=place.county_id, shipment__to_place=place)
    lines = ShipmentLine.objects.filter(
        shipment__in=issues.filter(shipment__dispatched_on=on).values("shipment"),
        batch__medicine__in=list(medicines),
    )
    units = lines.order_by().values_list("batch__medicine").annotate(units=Sum("picked"))
    return Counter(dict(units))
