"""Days of the ledger rolled up: sealed checkpoints, and what was sent from one side to another."""

from __future__ import annotations

from django.db import models

from core.constraints import CountyKey, county_fk
from inventory.models import Batch, Side
from organisation.models import County, Place
from reports.models.bulletins import SigningKey


class LedgerDay(models.Model):
    """The checkpoint of one booking day of a ledger: sealed, signed, bound to the day before. Append-only."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    key = models.ForeignKey(SigningKey, models.PROTECT, related_name="+", db_index=False)
    signature = models.BinaryField()

    class Meta:
        constraints = [
            CountyKey(name="ledger_day_key"),
            models.UniqueConstraint(fields=["county", "day"], name="ledger_day_once"),
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
