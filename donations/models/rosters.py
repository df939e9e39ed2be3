"""Rosters that were uploaded."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.constraints import CountyKey, SameCounty, county_fk
from donations.models.intake import Campaign, Donation
from organisation.models import County, Place


class RosterFile(models.Model):
    """A roster that was uploaded: looked at first, then registered as a whole or not at all.

    The file names donors, so that it is sealed, and it is let go once it is registered, or after some days.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    campaign = county_fk(Campaign)
    sealed = models.BinaryField(null=True)
    # Who brought it for many (单位经办人), sealed; kept when the file is let go.
    collector = models.BinaryField(null=True)
    faults = models.PositiveIntegerField()
    rows = models.PositiveIntegerField()
    uploaded_by = models.BigIntegerField()
    uploaded_at = models.DateTimeField()
    committed_by = models.BigIntegerField(null=True)
    committed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CountyKey(name="roster_key"),
            SameCounty(field="place", name="roster_place_same_county"),
            SameCounty(field="campaign", name="roster_campaign_same_county"),
            models.CheckConstraint(
                condition=Q(committed_by__isnull=True, committed_at__isnull=True)
                | Q(committed_by__isnull=False, committed_at__isnull=False, faults=0, sealed__isnull=True),
                name="roster_committed_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["county", "uploaded_at"], name="roster_waiting", condition=Q(sealed__isnull=False)
            )
        ]


class RosterDonation(models.Model):
    """A donation that came from a roster; its fingerprint keeps the same line of another file from coming twice."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    roster = county_fk(RosterFile, related_name="donations")
    donation = county_fk(Donation)
    fingerprint = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            SameCounty(field="roster", name="roster_donation_roster_same_county"),
            SameCounty(field="donation", name="roster_donation_same_county"),
            models.UniqueConstraint(fields=["donation"], name="roster_donation_once"),
            models.UniqueConstraint(fields=["county", "fingerprint"], name="roster_line_once"),
        ]
