"""Tables of counting: a count of a place, what was counted line by line, and what came of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine
from core.constraints import CountyKey, SameCounty, county_fk
from donations.models import Donation, Item
from inventory.models.batches import Batch, Pack
from inventory.models.ledger import Side
from organisation.models import County, Person, Place

COUNTED_LIMIT = 1_000_000


class Spot(models.TextChoices):
    """What a counter sees: goods on the shelf, whether promised to a shipment or not, and goods put aside."""

    SHELF = "shelf", _("on the shelf")
    HELD = "held", _("held")


class StockCount(models.Model):
    """A blind count of one place. While it is under way goods come and go as always; one at a time per place."""

    class State(models.TextChoices):
        OPEN = "open", _("being counted")
        FINISHED = "finished", _("waiting for approval")
        APPROVED = "approved", _("approved")
        ABANDONED = "abandoned", _("abandoned")

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    started_by = county_fk(Person)
    started_on = models.DateField()
    started_at = models.DateTimeField()
    # The ledger's last number when the count began: no line is counted before it.
    position = models.BigIntegerField()
    finished_by = county_fk(Person, null=True)
    finished_on = models.DateField(null=True)
    ended_by = county_fk(Person, null=True)
    ended_on = models.DateField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    # What was found beyond all that the books can explain.
    donation = county_fk(Donation, null=True)

    class Meta:
        constraints = [
            CountyKey(name="count_key"),
            SameCounty(field="place", name="count_place_same_county"),
            SameCounty(field="started_by", name="count_starter_same_county"),
            SameCounty(field="finished_by", name="count_finisher_same_county"),
            SameCounty(field="ended_by", name="count_ender_same_county"),
            SameCounty(field="donation", name="count_donation_same_county"),
            models.UniqueConstraint(
                fields=["place"], condition=Q(state__in=["open", "finished"]), name="count_one_under_way"
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_by__isnull=True, ended_on__isnull=True)
                | Q(state="finished", finished_by__isnull=False, ended_by__isnull=True, ended_on__isnull=True)
                | Q(
                    state="approved",
                    finished_by__isnull=False,
                    ended_by__isnull=False,
                    ended_on__isnull=False,
                )
                | Q(state="abandoned", ended_by__isnull=False, ended_on__isnull=False),
                name="count_state_and_people",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(ended_by=F("finished_by")),
                name="count_approver_is_another",
            ),
        ]
        indexes = [models.Index(fields=["place", "-id"], name="count_by_place")]


class CountLine(models.Model):
    """Units counted of one batch at one spot, or of a label that the books do not know. Append-only.

    The last line of a batch and spot (or of a label) counts, so that a recount is one more line.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    count = county_fk(StockCount, related_name="lines")
    batch = county_fk(Batch, null=True)
    side = models.CharField(max_length=6, choices=Side, blank=True)
    spot = models.CharField(max_length=5, choices=Spot, blank=True)
    counted = models.PositiveIntegerField()
    # What the books had at the moment of counting: the balance under lock at entry (`position` is then the ledger's
    # last number), without what was recorded after `counted_at`.
    book = models.PositiveBigIntegerField()
    position = models.BigIntegerField()
    counted_at = models.DateTimeField()
    counted_on = models.DateField()
    counted_by = county_fk(Person)
    # As read from the unit, where the books do not know it.
    medicine = models.ForeignKey(Medicine, models.PROTECT, null=True, related_name="+", db_index=False)
    description = models.CharField(max_length=200, blank=True)
    lot_number = models.CharField(max_length=40, blank=True)
    expiry_raw = models.CharField(max_length=80, blank=True)
    last_usable_day = models.DateField(null=True)
    pack = models.CharField(max_length=6, choices=Pack, blank=True)
    container = models.CharField(max_length=8, choices=Item.Container, blank=True)
    command = models.UUIDField()

    LABEL = ("batch", "side", "spot", "medicine", "description", "lot_number", "last_usable_day", "pack")

    class Meta:
        constraints = [
            CountyKey(name="count_line_key"),
            SameCounty(field="count", name="count_line_same_county"),
            SameCounty(field="batch", name="count_line_batch_same_county"),
            SameCounty(field="counted_by", name="count_line_person_same_county"),
            models.CheckConstraint(
                condition=Q(counted__range=(0, COUNTED_LIMIT)), name="count_line_quantity_range"
            ),
            models.CheckConstraint(
                condition=Q(
                    batch__isnull=False, side__in=Side.values, spot__in=Spot.values, medicine__isnull=True,
                    description="", lot_number="", pack="",
                )
                | (Q(batch__isnull=True, side="", spot="", book=0, pack__in=Pack.values)
                   & (Q(medicine__isnull=False) | ~Q(description=""))),
                name="count_line_of_batch_or_label",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["count", "-id"], name="count_line_by_count")]


class CountResult(models.Model):
    """What came of a line when its count was approved. Append-only.

    counted = expected - lost + regained + donated, all in smallest units; `regained` are units lost before and
    found again, `donated` those that nobody can explain, which enter the books as an anonymous donation (`item`).
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    line = county_fk(CountLine, related_name="results")
    # The book at the moment of counting, with what was entered later of days before.
    expected = models.PositiveBigIntegerField()
    lost = models.PositiveIntegerField(default=0)
    regained = models.PositiveIntegerField(default=0)
    donated = models.PositiveIntegerField(default=0)
    item = county_fk(Item, null=True)

    class Meta:
        constraints = [
            SameCounty(field="line", name="count_result_line_same_county"),
            SameCounty(field="item", name="count_result_item_same_county"),
            models.UniqueConstraint(fields=["line"], name="count_result_once"),
            models.CheckConstraint(
                condition=Q(lost=0) | Q(regained=0, donated=0), name="count_result_lost_or_found"
            ),
            models.CheckConstraint(
                condition=Q(donated=0, item__isnull=True) | Q(donated__gt=0, item__isnull=False),
                name="count_result_donated_as_item",
            ),
        ]
