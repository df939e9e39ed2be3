"""Photos of donated goods, kept so that somebody elsewhere can look at them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.constraints import CountyKey, SameCounty, county_fk
from donations.models.intake import Item
from organisation.models import County

PHOTOS_PER_ITEM = 6


class ItemPhoto(models.Model):
    """One photo of an item: a JPEG of at most 1 MB without anything a phone adds to it. Append-only."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    item = county_fk(Item, related_name="photos")
    number = models.PositiveSmallIntegerField()
    image = models.BinaryField()
    taken_by = models.BigIntegerField()
    taken_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="item_photo_key"),
            SameCounty(field="item", name="item_photo_item_same_county"),
            models.UniqueConstraint(fields=["item", "number"], name="item_photo_numbered_once"),
            models.CheckConstraint(condition=Q(number__range=(1, PHOTOS_PER_ITEM)), name="item_photo_few"),
        ]
