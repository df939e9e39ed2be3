"""Boxes that bear a number of their own."""

from __future__ import annotations

from django.db import models

from core.constraints import SameCounty, county_fk
from donations.models.intake import Item
from organisation.models import County

CODE_LENGTH = 128


class Box(models.Model):
    """One box among an item's goods, by the code that no other box bears (traceability code, GTIN with serial).

    Spelt in one way, so that the same box is found again however it was scanned. Two items may bring the same
    code: that is no mistake to be refused but evidence to be looked at (回流药). Append-only like its item.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    item = county_fk(Item, related_name="boxes")
    code = models.CharField(max_length=CODE_LENGTH)

    class Meta:
        constraints = [
            SameCounty(field="item", name="box_item_same_county"),
            models.UniqueConstraint(fields=["item", "code"], name="box_once_in_its_item"),
        ]
        indexes = [models.Index(fields=["county", "code"], name="box_by_code")]
