"""Urgent issues (紧急调拨): goods that a clinic gets on the same day, before anybody has approved a plan."""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import F, Q

from core.constraints import CountyKey, SameCounty, county_fk
from distribution.models.shipments import Shipment
from organisation.models import County

# Within this time after the goods left an approver has to countersign, and the leader has agreed before it.
WITHIN = datetime.timedelta(hours=24)


class UrgentIssue(models.Model):
    """Which leader agreed to send a shipment without a plan, when, why, and who countersigned it afterwards."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    shipment = county_fk(Shipment)
    # A leader need not be somebody who signs in.
    agreed_by = models.CharField(max_length=60)
    agreed_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    issued_by = models.BigIntegerField()
    issued_at = models.DateTimeField()
    countersigned_by = models.BigIntegerField(null=True)
    countersigned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CountyKey(name="urgent_issue_key"),
            SameCounty(field="shipment", name="urgent_issue_shipment_same_county"),
            models.UniqueConstraint(fields=["shipment"], name="urgent_issue_once"),
            models.CheckConstraint(
                condition=Q(countersigned_by__isnull=True, countersigned_at__isnull=True)
                | Q(
                    countersigned_by__isnull=False,
                    countersigned_at__isnull=False,
                    countersigned_at__gte=F("issued_at"),
                ),
                name="urgent_issue_countersigned_whole",
            ),
            models.CheckConstraint(
                condition=Q(countersigned_by__isnull=True) | ~Q(countersigned_by=F("issued_by")),
                name="urgent_issue_countersigned_by_another",
            ),
            models.CheckConstraint(
                condition=Q(agreed_at__lte=F("issued_at"), agreed_at__gte=F("issued_at") - WITHIN),
                name="urgent_issue_agreed_in_time",
            ),
            models.CheckConstraint(condition=~Q(agreed_by="") & ~Q(reason=""), name="urgent_issue_says_why"),
        ]
        indexes = [models.Index(fields=["county", "-id"], name="urgent_issue_by_county")]

    @property
    def due_at(self) -> datetime.datetime:
        return self.issued_at + WITHIN
