"""Shipments and what lies in them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.constraints import CountyKey, SameCounty, county_fk
from distribution.models.plans import Plan
from donations.models import QUANTITY_LIMIT
from inventory.models import Batch, Side
from organisation.models import County, Place


class Shipment(models.Model):
    """Goods promised to, on the road to, or received by one place. Its lines say what."""

    class State(models.TextChoices):
        RESERVED = "reserved", _("reserved")
        DISPATCHED = "dispatched", _("in transit")
        RECEIVED = "received", _("received")
        CANCELLED = "cancelled", _("cancelled")

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    plan = county_fk(Plan, null=True, related_name="shipments")
    from_place = county_fk(Place)
    from_side = models.CharField(max_length=6, choices=Side)
    to_place = county_fk(Place)
    to_side = models.CharField(max_length=6, choices=Side)
    state = models.CharField(max_length=10, choices=State, default=State.RESERVED)
    dispatched_by = models.BigIntegerField(null=True)
    dispatched_on = models.DateField(null=True)
    received_by = models.BigIntegerField(null=True)
    received_on = models.DateField(null=True)
    # The day on which its promise lapsed, where nobody sent it in time.
    expired_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            CountyKey(name="shipment_key"),
            SameCounty(field="plan", name="shipment_plan_same_county"),
            SameCounty(field="from_place", name="shipment_from_same_county"),
            SameCounty(field="to_place", name="shipment_to_same_county"),
            models.CheckConstraint(
                condition=Q(received_by__isnull=True) | ~Q(received_by=F("dispatched_by")),
                name="shipment_received_by_another",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["reserved", "cancelled"], dispatched_by__isnull=True, received_by__isnull=True
                )
                | Q(state="dispatched", dispatched_by__isnull=False, received_by__isnull=True)
                | Q(state="received", dispatched_by__isnull=False, received_by__isnull=False),
                name="shipment_state_and_hands",
            ),
            models.CheckConstraint(
                condition=Q(received_on__isnull=True)
                | Q(dispatched_on__isnull=False, received_on__gte=F("dispatched_on")),
                name="shipment_received_after_dispatch",
            ),
            models.CheckConstraint(
                condition=Q(expired_on__isnull=True) | Q(state="cancelled"), name="shipment_expired_unsent"
            ),
        ]
        indexes = [
            models.Index(fields=["from_place"], name="shipment_by_sender"),
            models.Index(fields=["to_place"], name="shipment_by_receiver"),
        ]


class ShipmentLine(models.Model):
    """Promised, picked, and what arrived of it; the three parts of an arrival add up to what was picked."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    shipment = county_fk(Shipment, related_name="lines")
    batch = county_fk(Batch)
    promised = models.PositiveIntegerField()
    picked = models.PositiveIntegerField(null=True)
    accepted = models.PositiveIntegerField(null=True)
    damaged = models.PositiveIntegerField(null=True)
    missing = models.PositiveIntegerField(null=True)
    pick_reason = models.CharField(max_length=200, blank=True)
    receipt_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            CountyKey(name="shipment_line_key"),
            SameCounty(field="shipment", name="shipment_line_shipment_same_county"),
            SameCounty(field="batch", name="shipment_line_batch_same_county"),
            models.UniqueConstraint(fields=["shipment", "batch"], name="shipment_line_once"),
            models.CheckConstraint(
                condition=Q(promised__range=(1, QUANTITY_LIMIT)), name="shipment_line_range"
            ),
            models.CheckConstraint(
                condition=Q(picked__isnull=True) | Q(picked__lte=F("promised")), name="picked_within_promise"
            ),
            models.CheckConstraint(
                condition=Q(accepted__isnull=True, damaged__isnull=True, missing__isnull=True)
                | Q(picked=F("accepted") + F("damaged") + F("missing")),
                name="receipt_adds_up",
            ),
        ]
