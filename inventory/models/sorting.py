"""What a pharmacist decides on donated items, and which are wanted first."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine
from core.constraints import CountyKey, SameCounty, county_fk
from donations.models import QUANTITY_LIMIT, CustodyEntry, Item
from inventory.checklist import WHOLE_CHECKLIST
from inventory.models.batches import Batch
from organisation.models import County, Place


class SortingDecision(models.Model):
    """A pharmacist's word on some units of an item, with the checklist that was gone through. Append-only."""

    class Outcome(models.TextChoices):
        ACCEPT = "accept", _("accept")
        REJECT = "reject", _("reject")
        HOLD = "hold", _("in doubt")

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    item = county_fk(Item, related_name="decisions")
    place = county_fk(Place)
    outcome = models.CharField(max_length=6, choices=Outcome)
    quantity = models.PositiveIntegerField()
    # The custody entry it was carried out by; none where units in doubt stay in doubt.
    custody = county_fk(CustodyEntry, null=True)
    medicine = models.ForeignKey(Medicine, models.PROTECT, null=True, related_name="+", db_index=False)
    batch = county_fk(Batch, null=True)
    # As read from the unit, where it could be read.
    lot_number = models.CharField(max_length=40, blank=True)
    expiry_raw = models.CharField(max_length=80, blank=True)
    last_usable_day = models.DateField(null=True)
    reason = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=200, blank=True)
    checklist = models.JSONField(default=dict)
    checklist_version = models.PositiveSmallIntegerField(default=1)
    screening = models.JSONField(default=dict)
    decided_by = models.BigIntegerField()
    decided_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="decision_key"),
            SameCounty(field="item", name="decision_item_same_county"),
            SameCounty(field="place", name="decision_place_same_county"),
            SameCounty(field="custody", name="decision_custody_same_county"),
            SameCounty(field="batch", name="decision_batch_same_county"),
            models.UniqueConstraint(
                fields=["custody"], condition=Q(custody__isnull=False), name="decision_of_one_custody_entry"
            ),
            models.CheckConstraint(
                condition=Q(quantity__range=(1, QUANTITY_LIMIT)), name="decision_quantity_range"
            ),
            models.CheckConstraint(
                condition=Q(outcome="accept", batch__isnull=False)
                | (~Q(outcome="accept") & Q(batch__isnull=True)),
                name="decision_batch_iff_accepted",
            ),
            models.CheckConstraint(
                condition=Q(outcome="accept") | ~Q(reason=""), name="decision_reason_unless_accepted"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="accept") | Q(checklist__contains=WHOLE_CHECKLIST),
                name="decision_checklist_whole",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="accept") | ~Q(screening__contains={"outcome": "refuse"}),
                name="decision_screening_obeyed",
            ),
            models.CheckConstraint(
                condition=~Q(reason="expired")
                | Q(last_usable_day__isnull=True)
                | Q(last_usable_day__lt=F("decided_on")),
                name="decision_expired_is_past",
            ),
        ]
        indexes = [
            models.Index(fields=["item"], name="decision_by_item"),
            models.Index(fields=["place", "-id"], name="decision_by_place"),
        ]


class Priority(models.Model):
    """What is needed most, written here by the room above for the order of the sorting queue."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    medicine = models.ForeignKey(Medicine, models.PROTECT, related_name="+")
    rank = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "medicine"], name="priority_once")]
