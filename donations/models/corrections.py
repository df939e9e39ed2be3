"""Corrections of donations that can no longer be voided: who put what right, and why."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.constraints import CountyKey, SameCounty, county_fk
from donations.models.intake import Donation
from organisation.models import County


class Correction(models.Model):
    """One correction of one donation. What it moved stands in the custody journal under the same `command`.

    Append-only. `renamed`: the donor's name, phone or unit was put right; who the donor was before is not kept.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    donation = county_fk(Donation, related_name="corrections")
    reason = models.CharField(max_length=200)
    renamed = models.BooleanField()
    corrected_by = models.BigIntegerField()
    corrected_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="correction_key"),
            SameCounty(field="donation", name="correction_donation_same_county"),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_has_reason"),
            models.UniqueConstraint(fields=["command", "county"], name="correction_once"),
        ]
        indexes = [
            models.Index(fields=["county", "-id"], name="correction_by_county"),
            models.Index(fields=["donation"], name="correction_by_donation"),
        ]
