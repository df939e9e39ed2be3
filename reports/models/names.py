"""爱心名单: what opens the commitments of a published bulletin."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.constraints import CountyKey, SameCounty, county_fk
from donations.models import Donor
from organisation.models import County
from reports.models.bulletins import Bulletin


class NamedDonor(models.Model):
    """A donor who agreed to be named beside a bulletin (爱心名单).

    The bulletin holds `commitment` alone, a hash over name and salt. Both stand sealed in `opening` until the consent
    is narrowed or withdrawn: then a trigger on the donor empties it in every edition, for good, and the hash tells
    nothing any more.
    """

    class Shown(models.TextChoices):
        FULL = "full"
        MASKED = "masked"

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    bulletin = county_fk(Bulletin)
    donor = county_fk(Donor)
    shown = models.CharField(max_length=6, choices=Shown)
    commitment = models.CharField(max_length=64)
    opening = models.BinaryField(null=True)

    class Meta:
        constraints = [
            CountyKey(name="named_donor_key"),
            SameCounty(field="bulletin", name="named_donor_bulletin_same_county"),
            SameCounty(field="donor", name="named_donor_donor_same_county"),
            models.UniqueConstraint(fields=["county", "bulletin", "donor"], name="named_donor_once"),
            models.CheckConstraint(condition=Q(shown__in=["full", "masked"]), name="named_donor_shown"),
        ]
        indexes = [models.Index(fields=["county", "donor"], name="named_donor_donor")]
