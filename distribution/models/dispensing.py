"""Hand-outs: who they were for, and what was given."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.constraints import CountyKey, SameCounty, county_fk
from donations.models import QUANTITY_LIMIT
from inventory.models import Batch
from inventory.models.kits import Kit
from organisation.models import County, Place


class AgeBand(models.TextChoices):
    """One band per hand-out, so that the bands add up."""

    INFANT = "0-3", _("0-3 years")
    CHILD = "4-14", _("4-14 years")
    ADULT = "15-64", _("15-64 years")
    ELDER = "65-79", _("65-79 years")
    OLDEST = "80+", _("80 years and above")


class Mark(models.TextChoices):
    """Who a hand-out reached, as any number of marks that are reported and never added up."""

    PREGNANT = "pregnant", _("pregnant")
    LIVING_ALONE = "living_alone", _("elderly living alone")
    DESTITUTE = "destitute", _("destitute, supported by the state")
    LOW_INCOME = "low_income", _("on subsistence allowance")
    DISABLED = "disabled", _("disabled")
    CHRONIC = "chronic", _("chronically ill")
    TIER_RED = "tier_red", _("red tier")
    TIER_YELLOW = "tier_yellow", _("yellow tier")
    TIER_GREEN = "tier_green", _("green tier")
    OTHER = "other", _("other")


class Dispensing(models.Model):
    """One hand-out (人次), free of charge: a day, an age band, marks, and no name."""

    class CollectedBy(models.TextChoices):
        SELF = "self", _("in person")
        FAMILY = "family", _("family")
        VILLAGE_CADRE = "village_cadre", _("village cadre")
        DELIVERED = "delivered", _("brought home")

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    dispensed_on = models.DateField()
    booked_on = models.DateField()
    recipients = models.PositiveSmallIntegerField(default=1)
    age_band = models.CharField(max_length=5, choices=AgeBand)
    marks = models.JSONField(default=list)
    register_ref = models.CharField(max_length=40, blank=True)
    collected_by = models.CharField(max_length=13, choices=CollectedBy)
    entered_for = models.BooleanField(default=False)
    # The health kit that it was, handed out whole.
    kit = county_fk(Kit, null=True)
    dispensed_by = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    reversed_by = models.BigIntegerField(null=True)
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CountyKey(name="dispensing_key"),
            SameCounty(field="place", name="dispensing_place_same_county"),
            SameCounty(field="kit", name="dispensing_kit_same_county"),
            models.UniqueConstraint(
                fields=["kit"],
                condition=Q(kit__isnull=False, reversed_by__isnull=True),
                name="dispensing_of_one_kit",
            ),
            models.CheckConstraint(
                condition=Q(recipients__range=(1, 500)), name="dispensing_recipients_range"
            ),
            models.CheckConstraint(
                condition=Q(age_band__in=AgeBand.values), name="dispensing_age_band_known"
            ),
            models.CheckConstraint(
                condition=Q(dispensed_on__lte=F("booked_on")), name="dispensing_booked_not_before"
            ),
        ]
        indexes = [
            models.Index(fields=["county", "place", "-id"], name="dispensing_by_place"),
            # What was handed out lately, however old the books are.
            models.Index(fields=["county", "dispensed_on"], name="dispensing_by_day"),
            models.Index(fields=["county", "booked_on"], name="dispensing_by_booking"),
        ]


class DispensingLine(models.Model):
    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    dispensing = county_fk(Dispensing, related_name="lines")
    batch = county_fk(Batch)
    quantity = models.PositiveIntegerField()
    days_supply = models.PositiveSmallIntegerField(default=1)
    prescriber = models.CharField(max_length=60, blank=True)
    flagged = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            SameCounty(field="dispensing", name="dispensing_line_same_county"),
            SameCounty(field="batch", name="dispensing_line_batch_same_county"),
            models.CheckConstraint(
                condition=Q(quantity__range=(1, QUANTITY_LIMIT)), name="dispensing_line_range"
            ),
            models.CheckConstraint(condition=Q(days_supply__range=(1, 366)), name="dispensing_days_range"),
        ]
        indexes = [models.Index(fields=["dispensing"], name="dispensing_line_of")]
