"""Campaigns, donors and what they bring."""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine
from core.constraints import CountyKey, SameCounty, county_fk
from core.days import FIRST_DAY, LAST_DAY
from organisation.models import County, Division, Place, Rhythm

QUANTITY_LIMIT = 1_000_000


class Campaign(models.Model):
    """What frames everything: name, days, who legally receives (donee) and who coordinates, and the scope."""

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    county = models.ForeignKey(County, models.PROTECT, related_name="campaigns")
    code = models.CharField(max_length=24)
    name = models.CharField(max_length=80)
    starts_on = models.DateField()
    ends_on = models.DateField()
    donee = county_fk(Place)
    coordinator = models.CharField(max_length=80)
    contact = models.CharField(max_length=80, blank=True)
    supervision_phone = models.CharField(max_length=40, blank=True)
    # Categories of the catalogue that are asked for; empty means all.
    categories = models.JSONField(default=list)
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    # How often it publishes; empty: as the county's policy says.
    rhythm = models.CharField(max_length=9, choices=Rhythm, blank=True, default="")
    closed_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            CountyKey(name="campaign_key"),
            models.CheckConstraint(
                condition=Q(rhythm__in=["", "five_days", "monthly", "quarterly"]),
                name="campaign_rhythm_known",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(state="closed"), name="campaign_closed_on_when_closed"
            ),
            SameCounty(field="donee", name="campaign_donee_same_county"),
            models.UniqueConstraint(fields=["county", "code"], name="campaign_code_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="campaign_days_in_order"),
            models.CheckConstraint(
                condition=Q(starts_on__gte=FIRST_DAY, ends_on__lte=LAST_DAY),
                name="campaign_days_of_this_century",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def last_day(self) -> datetime.date:
        """The day on which it ended, or is to end."""
        return min(self.ends_on, self.closed_on) if self.closed_on else self.ends_on


class Donor(models.Model):
    """Somebody who gives. Who it is stands apart, encrypted, in DonorIdentity."""

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        WORK_UNIT = "work_unit", _("work unit")
        ANONYMOUS = "anonymous", _("anonymous")

    class Publish(models.TextChoices):
        FULL = "full", _("full name")
        MASKED = "masked", _("surname only")
        ANONYMOUS = "anonymous", _("not shown")

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    # Null: the donor was not asked.
    publish = models.CharField(max_length=10, choices=Publish, null=True)
    township = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [CountyKey(name="donor_key")]


class DonorIdentity(models.Model):
    """The sealed name, phone and work unit of a donor: erasable without touching the books."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    donor = county_fk(Donor, related_name="identities")
    sealed = models.BinaryField()
    name_mac = models.BinaryField(max_length=32, null=True)
    phone_mac = models.BinaryField(max_length=32, null=True)

    class Meta:
        constraints = [
            SameCounty(field="donor", name="identity_donor_same_county"),
            models.UniqueConstraint(fields=["donor"], name="identity_once"),
        ]
        indexes = [
            models.Index(fields=["county", "name_mac"], name="identity_by_name"),
            models.Index(fields=["county", "phone_mac"], name="identity_by_phone"),
        ]


class Donation(models.Model):
    """One donor at one drop-off point on one day, with the items brought. Its words are never changed.

    What a handover's groups held beyond their list is an anonymous donation of its own, `found_in` that handover:
    nobody knows which of the donors gave it.
    """

    class Unfit(models.TextChoices):
        RETURN = "return", _("return to donor")
        DESTROY = "destroy", _("leave for disposal")

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    campaign = county_fk(Campaign)
    place = county_fk(Place)
    donor = county_fk(Donor, related_name="donations")
    receipt_code = models.CharField(max_length=17)
    received_on = models.DateField()
    booked_on = models.DateField()
    registered_by = models.BigIntegerField()
    registered_at = models.DateTimeField()
    source_confirmed = models.BooleanField()
    unfit = models.CharField(max_length=8, choices=Unfit)
    found_in = county_fk("donations.Handover", null=True)

    class Meta:
        constraints = [
            CountyKey(name="donation_key"),
            SameCounty(field="campaign", name="donation_campaign_same_county"),
            SameCounty(field="place", name="donation_place_same_county"),
            SameCounty(field="donor", name="donation_donor_same_county"),
            SameCounty(field="found_in", name="donation_found_in_same_county"),
            models.UniqueConstraint(fields=["receipt_code"], name="receipt_code_once"),
            models.UniqueConstraint(
                fields=["found_in"], condition=Q(found_in__isnull=False), name="donation_found_once"
            ),
        ]
        indexes = [
            models.Index(fields=["county", "place", "-id"], name="donation_by_place"),
            models.Index(fields=["donor"], name="donation_by_donor"),
            models.Index(fields=["county", "booked_on"], name="donation_by_day"),
        ]


class Seen(models.TextChoices):
    """Whether something printed on the unit handed over was read."""

    READ = "read"
    NOT_READ = "not_read"
    NOT_PRINTED = "not_printed"


# What quantities count, the commonest first: the smallest units of the catalogue.
UNITS = ("片", "粒", "袋", "瓶", "支", "丸", "贴", "只", "枚", "台", "盒", "人份")


class Item(models.Model):
    """One medicine of a donation as the clerk saw it. Quantities live in the custody journal."""

    class Container(models.TextChoices):
        BLISTER = "blister"
        BOTTLE = "bottle"
        SACHET = "sachet"
        LOOSE = "loose"

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    donation = county_fk(Donation, related_name="items")
    line = models.PositiveSmallIntegerField()
    medicine = models.ForeignKey(Medicine, models.PROTECT, null=True, related_name="+")
    description = models.CharField(max_length=200, blank=True)
    specification = models.CharField(max_length=120, blank=True)
    manufacturer = models.CharField(max_length=120, blank=True)
    approval_number = models.CharField(max_length=40, blank=True)
    lot_number = models.CharField(max_length=40, blank=True)
    lot_state = models.CharField(max_length=12, choices=Seen)
    expiry_raw = models.CharField(max_length=80, blank=True)
    expiry_precision = models.CharField(max_length=5, blank=True)
    last_usable_day = models.DateField(null=True)
    expiry_state = models.CharField(max_length=12, choices=Seen)
    quantity = models.PositiveIntegerField()
    # What the quantity counts; empty where the medicine or its specification says so.
    unit = models.CharField(max_length=8, blank=True, default="", db_default="")
    opened = models.BooleanField(default=False)
    container = models.CharField(max_length=8, choices=Container, blank=True)
    findings = models.JSONField(default=list)
    trace_codes = models.JSONField(default=list)
    barcode = models.CharField(max_length=128, blank=True)
    outcome = models.CharField(max_length=6)
    reasons = models.JSONField(default=list)

    class Meta:
        constraints = [
            CountyKey(name="item_key"),
            SameCounty(field="donation", name="item_donation_same_county"),
            models.UniqueConstraint(fields=["donation", "line"], name="item_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__range=(1, QUANTITY_LIMIT)), name="item_quantity_range"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["accept", "review", "refuse"]), name="item_outcome_known"
            ),
            models.CheckConstraint(condition=Q(unit__in=["", *UNITS]), name="item_unit_known"),
            models.CheckConstraint(
                condition=Q(expiry_state="read", last_usable_day__isnull=False)
                | (~Q(expiry_state="read") & Q(last_usable_day__isnull=True)),
                name="item_expiry_read_or_absent",
            ),
        ]

    @property
    def label(self) -> str:
        return str(self.medicine) if self.medicine else self.description
