"""The papers behind a conversion: a label that was read wrongly and is corrected, a box that is opened."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.constraints import CountyKey, SameCounty, county_fk
from donations.models import QUANTITY_LIMIT
from inventory.models.batches import Batch
from inventory.models.ledger import Side
from organisation.models import County, Place


class Relabelling(models.Model):
    """A lot or expiry that was read wrongly: proposed by one person, carried out when another confirms it.

    `lot_number` and `last_usable_day` are what the label really says; `into` is the batch of that label, once the
    units stand under it.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        CONFIRMED = "confirmed", _("confirmed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    batch = county_fk(Batch)
    into = county_fk(Batch, null=True)
    lot_number = models.CharField(max_length=40, blank=True)
    expiry_raw = models.CharField(max_length=80, blank=True)
    last_usable_day = models.DateField(null=True)
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=9, choices=State, default=State.PROPOSED)
    proposed_by = models.BigIntegerField()
    proposed_on = models.DateField()
    ended_by = models.BigIntegerField(null=True)
    ended_on = models.DateField(null=True)
    # The command that carried it out: what it converted bears the same number.
    ended_command = models.UUIDField(null=True)
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="relabelling_key"),
            SameCounty(field="batch", name="relabelling_batch_same_county"),
            SameCounty(field="into", name="relabelling_into_same_county"),
            models.UniqueConstraint(
                fields=["batch"], condition=Q(state="proposed"), name="relabelling_proposed_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="relabelling_has_reason"),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | ~Q(ended_by=F("proposed_by")),
                name="relabelling_confirmed_by_another",
            ),
            models.CheckConstraint(condition=~Q(into=F("batch")), name="relabelling_changes_something"),
            models.CheckConstraint(
                condition=Q(
                    state="proposed",
                    into__isnull=True,
                    ended_by__isnull=True,
                    ended_on__isnull=True,
                    ended_command__isnull=True,
                )
                | Q(
                    state="withdrawn",
                    into__isnull=True,
                    ended_by__isnull=False,
                    ended_on__isnull=False,
                    ended_command__isnull=False,
                )
                | Q(
                    state="confirmed",
                    into__isnull=False,
                    ended_by__isnull=False,
                    ended_on__isnull=False,
                    ended_command__isnull=False,
                ),
                name="relabelling_ended_or_not",
            ),
        ]
        indexes = [
            models.Index(fields=["county", "-id"], name="relabelling_by_county"),
            models.Index(fields=["batch"], name="relabelling_from"),
            models.Index(fields=["into"], name="relabelling_into"),
            models.Index(fields=["ended_command"], name="relabelling_by_command"),
        ]


class Opening(models.Model):
    """Sealed boxes of a batch that were opened at one place, to be given out by the unit. Append-only."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    side = models.CharField(max_length=6, choices=Side)
    batch = county_fk(Batch)
    into = county_fk(Batch)
    quantity = models.PositiveIntegerField()
    opened_by = models.BigIntegerField()
    opened_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="opening_key"),
            SameCounty(field="place", name="opening_place_same_county"),
            SameCounty(field="batch", name="opening_batch_same_county"),
            SameCounty(field="into", name="opening_into_same_county"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="opening_side_known"),
            models.CheckConstraint(
                condition=Q(quantity__range=(1, QUANTITY_LIMIT)), name="opening_quantity_range"
            ),
        ]
        indexes = [
            models.Index(fields=["batch"], name="opening_from"),
            models.Index(fields=["into"], name="opening_into"),
            models.Index(fields=["command"], name="opening_by_command"),
        ]
