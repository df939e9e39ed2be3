"""Tables of destruction, and of what of a hold is gone."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.constraints import CountyKey, SameCounty, county_fk
from donations.models import QUANTITY_LIMIT, Item
from inventory.models.batches import Batch
from inventory.models.holds import Hold
from inventory.models.ledger import Side
from organisation.models import County, Person, Place


class Destruction(models.Model):
    """A list of goods to be destroyed: one person proposes it, and the witness named in it sees it done.

    Its words are never changed; it ends once, confirmed by the witness or withdrawn.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        CONFIRMED = "confirmed", _("destroyed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    method = models.CharField(max_length=60)
    state = models.CharField(max_length=9, choices=State, default=State.PROPOSED)
    proposed_by = county_fk(Person)
    proposed_on = models.DateField()
    witness = county_fk(Person)
    ended_by = county_fk(Person, null=True)
    ended_on = models.DateField(null=True)
    # Why it was withdrawn.
    reason = models.CharField(max_length=200, blank=True)
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="destruction_key"),
            SameCounty(field="place", name="destruction_place_same_county"),
            SameCounty(field="proposed_by", name="destruction_proposer_same_county"),
            SameCounty(field="witness", name="destruction_witness_same_county"),
            SameCounty(field="ended_by", name="destruction_ender_same_county"),
            models.CheckConstraint(condition=~Q(method=""), name="destruction_has_method"),
            models.CheckConstraint(
                condition=~Q(witness=F("proposed_by")), name="destruction_witness_is_another"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", ended_by__isnull=True, ended_on__isnull=True)
                | Q(state="confirmed", ended_by__isnull=False, ended_by=F("witness"), ended_on__isnull=False)
                | Q(state="withdrawn", ended_by__isnull=False, ended_on__isnull=False),
                name="destruction_ended_by_whom",
            ),
        ]
        indexes = [models.Index(fields=["place", "-id"], name="destruction_by_place")]


class DestructionLine(models.Model):
    """Units on the list: held stock of a batch, or units of an item in the bin. Append-only."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    destruction = county_fk(Destruction, related_name="lines")
    line = models.PositiveSmallIntegerField()
    batch = county_fk(Batch, null=True)
    side = models.CharField(max_length=6, choices=Side, blank=True)
    item = county_fk(Item, null=True)
    quantity = models.PositiveIntegerField()
    # Why the goods are unfit: in the proposer's words, or a code of the decision table.
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            SameCounty(field="destruction", name="destruction_line_same_county"),
            SameCounty(field="batch", name="destruction_line_batch_same_county"),
            SameCounty(field="item", name="destruction_line_item_same_county"),
            models.UniqueConstraint(fields=["destruction", "line"], name="destruction_line_once"),
            models.UniqueConstraint(
                fields=["destruction", "batch", "side"], name="destruction_batch_once",
                condition=Q(batch__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["destruction", "item"], name="destruction_item_once", condition=Q(item__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(quantity__range=(1, QUANTITY_LIMIT)), name="destruction_quantity_range"
            ),
            models.CheckConstraint(
                condition=Q(batch__isnull=False, item__isnull=True, side__in=Side.values)
                | Q(batch__isnull=True, item__isnull=False, side=""),
                name="destruction_of_batch_or_item",
            ),
        ]  # fmt: skip


class HoldSpent(models.Model):
    """Units of a hold that left the held shelf without being released. Append-only.

    Destroyed, missed at a count, or handed out before they were held and entered late. They may not be released any
    more, for what stands on the shelf is then of another hold; unless the paper by which they left is taken back.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    hold = county_fk(Hold, related_name="spent")
    side = models.CharField(max_length=6, choices=Side)
    quantity = models.PositiveIntegerField()
    # The paper behind it, as in the ledger.
    document_type = models.CharField(max_length=20)
    document_id = models.BigIntegerField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            SameCounty(field="hold", name="spent_hold_same_county"),
            models.CheckConstraint(
                condition=Q(quantity__range=(1, QUANTITY_LIMIT)), name="spent_quantity_range"
            ),
        ]
        indexes = [models.Index(fields=["hold"], name="spent_by_hold")]
