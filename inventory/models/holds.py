"""Holding goods and releasing them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from catalogue.models import Recall
from core.constraints import CountyKey, SameCounty, county_fk
from inventory.models.batches import Batch
from inventory.models.ledger import Side
from organisation.models import County, Place


class Hold(models.Model):
    """Somebody's word that a batch at a place is not to be used. Append-only.

    How much it holds are the movements with document ("hold", id) less what was released of it, and `arrived`: the
    units that a recall let in from the road on this side as held.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    batch = county_fk(Batch)
    reason = models.CharField(max_length=200)
    # The recall it carries out, and what of it came from the road.
    recall = county_fk(Recall, null=True)
    arrived = models.PositiveIntegerField(default=0)
    arrived_side = models.CharField(max_length=6, choices=Side, blank=True)
    placed_by = models.BigIntegerField()
    placed_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="hold_key"),
            SameCounty(field="place", name="hold_place_same_county"),
            SameCounty(field="batch", name="hold_batch_same_county"),
            SameCounty(field="recall", name="hold_recall_same_county"),
            models.CheckConstraint(condition=~Q(reason=""), name="hold_has_reason"),
            models.CheckConstraint(
                condition=Q(arrived=0, arrived_side="")
                | Q(arrived__gt=0, arrived_side__in=Side.values, recall__isnull=False),
                name="hold_arrived_of_a_recall",
            ),
        ]
        indexes = [
            models.Index(fields=["place", "-id"], name="hold_by_place"),
            models.Index(fields=["batch"], name="hold_by_batch"),
        ]


class HoldRelease(models.Model):
    """Somebody's word that a hold, or a part of it, is over. Append-only."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    hold = county_fk(Hold, related_name="releases")
    reason = models.CharField(max_length=200, blank=True)
    released_by = models.BigIntegerField()
    released_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [SameCounty(field="hold", name="release_hold_same_county")]
        indexes = [models.Index(fields=["hold"], name="release_by_hold")]
