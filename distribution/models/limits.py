"""How much of a medicine one hand-out may give, and one fever, as the county decides (for instance 6 tablets)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from catalogue.models import Medicine
from core.constraints import CountyKey
from donations.models import QUANTITY_LIMIT
from organisation.models import County


class HandOutLimit(models.Model):
    """Units for each recipient: of one hand-out, and of one register number within `fever_days` days."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    medicine = models.ForeignKey(Medicine, models.PROTECT, related_name="+", db_index=False)
    per_hand_out = models.PositiveIntegerField(null=True)
    per_fever = models.PositiveIntegerField(null=True)
    fever_days = models.PositiveSmallIntegerField(default=7)
    set_by = models.BigIntegerField()
    set_on = models.DateField()

    class Meta:
        constraints = [
            CountyKey(name="hand_out_limit_key"),
            models.UniqueConstraint(fields=["county", "medicine"], name="hand_out_limit_once"),
            models.CheckConstraint(
                condition=(Q(per_hand_out__isnull=True) | Q(per_hand_out__range=(1, QUANTITY_LIMIT)))
                & (Q(per_fever__isnull=True) | Q(per_fever__range=(1, QUANTITY_LIMIT)))
                & Q(fever_days__range=(1, 366)),
                name="hand_out_limit_range",
            ),
        ]
