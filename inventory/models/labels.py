"""Labels: the short codes of batches, and what was printed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.constraints import CountyKey, SameCounty, county_fk
from inventory.models.batches import Batch
from organisation.models import County, Place

COPIES_LIMIT = 240


class BatchCode(models.Model):
    """The code by which labels name a batch, kept without dashes; given when its first label is printed."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    batch = county_fk(Batch, related_name="codes")
    code = models.CharField(max_length=9)

    class Meta:
        constraints = [
            CountyKey(name="batch_code_key"),
            SameCounty(field="batch", name="batch_code_batch_same_county"),
            models.UniqueConstraint(fields=["batch"], name="batch_code_once"),
            models.UniqueConstraint(fields=["code"], name="batch_code_unique"),
            # The alphabet of the codes; and none that one would try first.
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9A-HJKMNP-TV-Z]{9}$") & ~Q(code__regex=r"(.)\1\1"),
                name="batch_code_opaque",
            ),
        ]


class LabelRun(models.Model):
    """Labels that somebody had printed at a place, to be printed again just so. Append-only."""

    class Layout(models.TextChoices):
        SHEET = "sheet"
        SINGLE = "single"
        BAGS = "bags"

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    layout = models.CharField(max_length=6, choices=Layout)
    printed_by = models.BigIntegerField()
    printed_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="label_run_key"),
            SameCounty(field="place", name="label_run_place_same_county"),
        ]
        indexes = [models.Index(fields=["place", "-id"], name="label_run_by_place")]


class LabelLine(models.Model):
    """So many equal labels of a batch; on bags of loose units also how many are in and how they are taken."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    run = county_fk(LabelRun, related_name="lines")
    batch = county_fk(Batch)
    copies = models.PositiveSmallIntegerField()
    quantity = models.PositiveIntegerField(null=True)
    usage = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            SameCounty(field="run", name="label_line_run_same_county"),
            SameCounty(field="batch", name="label_line_batch_same_county"),
            models.CheckConstraint(condition=Q(copies__range=(1, COPIES_LIMIT)), name="label_line_copies"),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True, usage="") | (Q(quantity__gte=1) & ~Q(usage="")),
                name="label_line_bag_whole",
            ),
        ]
        indexes = [models.Index(fields=["run"], name="label_line_by_run")]
