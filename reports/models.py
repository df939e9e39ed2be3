from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.constraints import CountyKey, SameCounty, county_fk
from donations.models import Campaign
from inventory.models import Batch, Side
from organisation.models import County, Place


class Bulletin(models.Model):
    """A published account of a period: numbered per county and year, frozen as published bytes."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("awaiting signature")
        PUBLISHED = "published", _("published")

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    campaign = county_fk(Campaign)
    period_start = models.DateField()
    period_end = models.DateField()
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    drafted_by = models.BigIntegerField()
    drafted_at = models.DateTimeField()
    signed_by = models.BigIntegerField(null=True)
    published_at = models.DateTimeField(null=True)
    year = models.PositiveSmallIntegerField(null=True)
    number = models.PositiveIntegerField(null=True)
    content = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            CountyKey(name="bulletin_key"),
            SameCounty(field="campaign", name="bulletin_campaign_same_county"),
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")), name="bulletin_days_in_order"
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | ~Q(signed_by=F("drafted_by")),
                name="bulletin_signed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="published",
                    signed_by__isnull=False,
                    published_at__isnull=False,
                    number__isnull=False,
                    content__isnull=False,
                    sha256__isnull=False,
                )
                | (~Q(state="published") & Q(number__isnull=True, content__isnull=True, sha256__isnull=True)),
                name="bulletin_whole_when_published",
            ),
            models.UniqueConstraint(fields=["county", "year", "number"], name="bulletin_number_once"),
            models.UniqueConstraint(fields=["sha256"], name="bulletin_hash_once"),
        ]


class TransferDay(models.Model):
    """What was sent from one side to another, rolled up per day from the ledger as it is written.

    The ledger's own rollup knows from where a dispatch left but not for whom; here the shipment's receiver stands.
    Local use is the step from the store to the clinic of one institution. Kept by trigger, reversals netted.
    """

    class Kind(models.TextChoices):
        DISPATCH = "dispatch"
        LOCAL_USE = "local_use"

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    booked_on = models.DateField()
    kind = models.CharField(max_length=9, choices=Kind)
    batch = county_fk(Batch)
    from_place = county_fk(Place)
    from_side = models.CharField(max_length=6, choices=Side)
    to_place = county_fk(Place)
    to_side = models.CharField(max_length=6, choices=Side)
    quantity = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=[
                    "county", "booked_on", "kind", "batch", "from_place", "from_side", "to_place", "to_side",
                ], name="transfer_day_once",)
        ]  # fmt: skip
