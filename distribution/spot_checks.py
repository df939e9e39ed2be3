"""Reads of spot checks."""

from __future__ import annotations

import datetime

from django.db.models import QuerySet

from core.errors import NotFound
from distribution.models.spot_checks import SpotCheck
from organisation.models import Place


def spot_checks_at(places: QuerySet[Place]) -> QuerySet[SpotCheck]:
    """Spot checks of these places, newest first."""
    return SpotCheck.objects.filter(place__in=places).select_related("place").order_by("-id")


def spot_check_at(places: QuerySet[Place], pk: int) -> SpotCheck:
    check = spot_checks_at(places).filter(pk=pk).first()
    if check is None:
        raise NotFound
    return check


def to_rectify(checks: QuerySet[SpotCheck]) -> QuerySet[SpotCheck]:
    return checks.filter(state=SpotCheck.State.OPEN)


def overdue_checks(checks: QuerySet[SpotCheck], on: datetime.date) -> QuerySet[SpotCheck]:
    """Those that are not put right although the last day for it has passed."""
    return to_rectify(checks).filter(rectify_by__lt=on)
