"""Unfit goods that went back to their donor against a signature."""

from __future__ import annotations

from django.db import models

from core.constraints import CountyKey, SameCounty, county_fk
from donations.models.custody import CustodyEntry
from donations.models.intake import Donation
from organisation.models import County, Place


class DonorReturn(models.Model):
    """What was left or rejected of one donation, given back on one day at one place against a signature."""

    class CollectedBy(models.TextChoices):
        DONOR = "donor"
        PROXY = "proxy"

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    donation = county_fk(Donation, related_name="returns")
    collected_by = models.CharField(max_length=5, choices=CollectedBy)
    returned_on = models.DateField()
    returned_by = models.BigIntegerField()

    class Meta:
        constraints = [
            CountyKey(name="donor_return_key"),
            SameCounty(field="place", name="donor_return_place_same_county"),
            SameCounty(field="donation", name="donor_return_donation_same_county"),
            models.CheckConstraint(
                condition=models.Q(collected_by__in=["donor", "proxy"]), name="donor_return_collector_known"
            ),
        ]
        indexes = [
            models.Index(fields=["county", "place", "-id"], name="donor_return_by_place"),
            models.Index(fields=["donation"], name="donor_return_by_donation"),
        ]


class DonorReturnLine(models.Model):
    """The entry of the custody journal by which units of an item went back."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    donor_return = county_fk(DonorReturn, related_name="lines")
    entry = county_fk(CustodyEntry)

    class Meta:
        constraints = [
            SameCounty(field="donor_return", name="return_line_same_county"),
            SameCounty(field="entry", name="return_line_entry_same_county"),
            models.UniqueConstraint(fields=["entry"], name="returned_in_one_line"),
        ]
        indexes = [models.Index(fields=["donor_return"], name="return_line_by_return")]


class ReturnCollector(models.Model):
    """The sealed name of whoever fetched the goods in the donor's place; erased together with the donor."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    donor_return = county_fk(DonorReturn, related_name="collectors")
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            SameCounty(field="donor_return", name="collector_return_same_county"),
            models.UniqueConstraint(fields=["donor_return"], name="collector_once"),
        ]
