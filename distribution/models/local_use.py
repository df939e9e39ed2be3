"""How much of a medicine an institution may keep for its own patients (本地留用), as the county decides."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from catalogue.models import Medicine
from core.constraints import CountyKey
from organisation.models import County


class LocalUseRule(models.Model):
    """The share in percent: 100 is all, 0 none. Without a medicine, the county's rule for all that have none."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    medicine = models.ForeignKey(Medicine, models.PROTECT, null=True, related_name="+", db_index=False)
    percent = models.PositiveSmallIntegerField()
    set_by = models.BigIntegerField()
    set_on = models.DateField()

    class Meta:
        constraints = [
            CountyKey(name="local_use_rule_key"),
            models.UniqueConstraint(
                fields=["county", "medicine"], name="local_use_rule_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(percent__range=(0, 100)), name="local_use_rule_percent"),
        ]
