"""What a recall asks of each place, and suspected adverse reactions."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from catalogue.models import Recall
from core.constraints import CountyKey, SameCounty, county_fk
from inventory.models.batches import Batch
from organisation.models import County, Place


class RecallNotice(models.Model):
    """A place that a recall concerns, for it has or had such goods: it must acknowledge. Append-only."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    recall = county_fk(Recall, related_name="notices")
    place = county_fk(Place)

    class Meta:
        constraints = [
            CountyKey(name="notice_key"),
            SameCounty(field="recall", name="notice_recall_same_county"),
            SameCounty(field="place", name="notice_place_same_county"),
            models.UniqueConstraint(fields=["recall", "place"], name="notice_once"),
        ]
        indexes = [models.Index(fields=["place"], name="notice_by_place")]


class RecallAcknowledgement(models.Model):
    """Somebody's word that their place has read the notice and looked through its shelves. Append-only."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    notice = county_fk(RecallNotice, related_name="acknowledgements")
    note = models.CharField(max_length=200, blank=True)
    acknowledged_by = models.BigIntegerField()
    acknowledged_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            SameCounty(field="notice", name="acknowledged_notice_same_county"),
            models.UniqueConstraint(fields=["notice"], name="acknowledged_once"),
        ]


class AdverseReaction(models.Model):
    """A suspected adverse reaction (不良反应) to a batch, without any name; the lot is stopped by its `recall`."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    batch = county_fk(Batch)
    recall = county_fk(Recall)
    happened_on = models.DateField()
    description = models.CharField(max_length=500)
    register_ref = models.CharField(max_length=40, blank=True)
    reported_by = models.BigIntegerField()
    reported_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="reaction_key"),
            SameCounty(field="place", name="reaction_place_same_county"),
            SameCounty(field="batch", name="reaction_batch_same_county"),
            SameCounty(field="recall", name="reaction_recall_same_county"),
            models.CheckConstraint(condition=~Q(description=""), name="reaction_described"),
            models.CheckConstraint(
                condition=Q(happened_on__lte=F("reported_on")), name="reaction_happened_before"
            ),
        ]
        indexes = [models.Index(fields=["recall"], name="reaction_by_recall")]
