"""Sealed lists on their way to a pharmacy."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from catalogue.models import Medicine
from core.constraints import CountyKey, SameCounty, county_fk
from donations.models.intake import Donation
from organisation.models import County, Place


class Handover(models.Model):
    """A sealed list of donations on its way from a drop-off point to a pharmacy.

    What the list says is fixed once it is sealed; a handover that was received or voided changes no more.
    """

    class State(models.TextChoices):
        OPEN = "open"
        RECEIVED = "received"
        VOIDED = "voided"

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    from_place = county_fk(Place)
    to_place = county_fk(Place)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    handed_over_on = models.DateField()
    handed_over_by = models.BigIntegerField()
    received_on = models.DateField(null=True)
    received_by = models.BigIntegerField(null=True)
    carrier = models.CharField(max_length=80, blank=True)
    vehicle = models.CharField(max_length=20, blank=True)
    # What is printed on the bag's own seal.
    seal_number = models.CharField(max_length=40, blank=True)
    # SHA-256 of what the list says (donations.sealed_lists); lists older than the field have none.
    list_seal = models.CharField(max_length=64, blank=True)
    seal_intact = models.BooleanField(null=True)
    seal_note = models.CharField(max_length=200, blank=True)
    voided_on = models.DateField(null=True)
    voided_by = models.BigIntegerField(null=True)
    void_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            CountyKey(name="handover_key"),
            SameCounty(field="from_place", name="handover_from_same_county"),
            SameCounty(field="to_place", name="handover_to_same_county"),
            models.CheckConstraint(condition=~Q(from_place=F("to_place")), name="handover_to_elsewhere"),
            models.CheckConstraint(
                condition=Q(received_by__isnull=True) | ~Q(received_by=F("handed_over_by")),
                name="handover_received_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="received", received_by__isnull=False, received_on__isnull=False)
                | Q(state__in=["open", "voided"], received_by__isnull=True, received_on__isnull=True),
                name="handover_received_or_open",
            ),
            models.CheckConstraint(
                condition=Q(state="voided", voided_by__isnull=False, voided_on__isnull=False)
                & ~Q(void_reason="")
                | ~Q(state="voided") & Q(voided_by__isnull=True, voided_on__isnull=True, void_reason=""),
                name="handover_voided_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="received") | Q(seal_number="") | Q(seal_intact__isnull=False),
                name="handover_seal_looked_at",
            ),
            models.CheckConstraint(
                condition=Q(seal_intact__isnull=True) | Q(seal_intact=True) | ~Q(seal_note=""),
                name="handover_broken_seal_told",
            ),
        ]


class HandoverDonation(models.Model):
    """A donation on a handover's list; while it is open no other handover may list it."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    handover = county_fk(Handover, related_name="listed")
    donation = county_fk(Donation)
    open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            SameCounty(field="handover", name="listed_handover_same_county"),
            SameCounty(field="donation", name="listed_donation_same_county"),
            models.UniqueConstraint(
                fields=["donation"], condition=Q(open=True), name="donation_in_one_open_handover"
            ),
            models.UniqueConstraint(fields=["handover", "donation"], name="listed_once"),
        ]


class HandoverGroup(models.Model):
    """Identical items of many donors, counted as one: same medicine, lot and day.

    A shortage stays on the group and on no named donor.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    handover = county_fk(Handover, related_name="groups")
    medicine = models.ForeignKey(Medicine, models.PROTECT, related_name="+")
    lot_number = models.CharField(max_length=40, blank=True)
    last_usable_day = models.DateField(null=True)
    declared = models.PositiveIntegerField()

    class Meta:
        constraints = [
            CountyKey(name="group_key"),
            SameCounty(field="handover", name="group_handover_same_county"),
        ]
