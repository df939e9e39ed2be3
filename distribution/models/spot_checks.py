"""Spot checks (督查记录): what an auditor found at a place, by when it is put right, and how it was."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.constraints import CountyKey, SameCounty, county_fk
from organisation.models import County, Place


class SpotCheck(models.Model):
    """Written by an auditor; answered by the place; closed by an auditor. Without a deadline nothing was wrong."""

    class State(models.TextChoices):
        OPEN = "open", _("to rectify")
        RECTIFIED = "rectified", _("rectified, to be looked at")
        CLOSED = "closed", _("closed")

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    checked_on = models.DateField()
    findings = models.CharField(max_length=1000)
    rectify_by = models.DateField(null=True)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    checked_by = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    rectification = models.CharField(max_length=1000, blank=True)
    rectified_by = models.BigIntegerField(null=True)
    rectified_on = models.DateField(null=True)
    closed_by = models.BigIntegerField(null=True)
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            CountyKey(name="spot_check_key"),
            SameCounty(field="place", name="spot_check_place_same_county"),
            models.CheckConstraint(condition=~Q(findings=""), name="spot_check_says_what"),
            models.CheckConstraint(
                condition=Q(rectify_by__isnull=True) | Q(rectify_by__gte=F("checked_on")),
                name="spot_check_deadline_after",
            ),
            models.CheckConstraint(
                condition=Q(state="open", rectify_by__isnull=False, rectified_by__isnull=True, closed_by__isnull=True)
                | Q(state="rectified", rectified_by__isnull=False, rectified_on__isnull=False, closed_by__isnull=True)
                | Q(state="closed", rectified_by__isnull=False, closed_by__isnull=False, closed_on__isnull=False)
                | Q(state="closed", rectify_by__isnull=True, rectified_by__isnull=True, closed_by__isnull=True),
                name="spot_check_state_and_hands",
            ),
            models.CheckConstraint(
                condition=Q(rectified_by__isnull=True) | ~Q(rectification=""), name="spot_check_says_how"
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True) | ~Q(closed_by=F("rectified_by")),
                name="spot_check_closed_by_another",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["county", "place", "-id"], name="spot_check_by_place")]
