"""What places ask for, medicine by medicine."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from catalogue.models import Medicine
from core.constraints import CountyKey, SameCounty, county_fk
from donations.models import QUANTITY_LIMIT
from organisation.models import County, Place


class NeedSheet(models.Model):
    """What a place asks for in a period; it caps shares and never weights them."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    period_start = models.DateField()
    period_end = models.DateField()
    entered_by = models.BigIntegerField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            CountyKey(name="need_sheet_key"),
            SameCounty(field="place", name="need_sheet_place_same_county"),
            models.UniqueConstraint(
                fields=["county", "place", "period_start", "period_end"], name="need_sheet_once"
            ),
            models.CheckConstraint(condition=Q(period_end__gte=F("period_start")), name="need_sheet_days"),
        ]


class NeedLine(models.Model):
    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    sheet = county_fk(NeedSheet, related_name="lines")
    medicine = models.ForeignKey(Medicine, models.PROTECT, related_name="+")
    requested = models.PositiveIntegerField()

    class Meta:
        constraints = [
            SameCounty(field="sheet", name="need_line_sheet_same_county"),
            models.UniqueConstraint(fields=["sheet", "medicine"], name="need_line_once"),
            models.CheckConstraint(condition=Q(requested__lte=QUANTITY_LIMIT), name="need_line_range"),
        ]
