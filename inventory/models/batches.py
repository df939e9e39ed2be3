"""One lot of one medicine with one expiry."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine, Product
from core.constraints import CountyKey
from organisation.models import County


class Pack(models.TextChoices):
    SEALED = "sealed", _("sealed")
    OPENED = "opened", _("opened")


class Batch(models.Model):
    """What stands on the box: medicine, product, lot, last usable day, sealed or opened. Nothing about where."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    medicine = models.ForeignKey(Medicine, models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+")
    # Empty and null only for catalogue entries that need none (reusable devices): checked by trigger.
    lot_number = models.CharField(max_length=40, blank=True)
    last_usable_day = models.DateField(null=True)
    pack = models.CharField(max_length=6, choices=Pack)

    class Meta:
        constraints = [
            CountyKey(name="batch_key"),
            models.UniqueConstraint(fields=["county", "medicine", "lot_number", "last_usable_day", "pack", "product"],
                name="batch_once", nulls_distinct=False,),
        ]  # fmt: skip
        indexes = [models.Index(fields=["county", "last_usable_day"], name="batch_by_last_day")]
