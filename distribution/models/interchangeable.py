"""Which medicines stand in for each other when a county's plans are drafted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from catalogue.models import Medicine
from core.constraints import CountyKey
from organisation.models import County

# A plan shares out so many medicines together at most, and a county has so many groups.
LARGEST_GROUP = 4
MOST_GROUPS = 50


class InterchangeableMedicine(models.Model):
    """One medicine in one of the county's numbered groups, in no more than one of them."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    group_number = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    medicine = models.ForeignKey(Medicine, models.PROTECT, related_name="+", db_index=False)
    set_by = models.BigIntegerField()
    set_on = models.DateField()

    class Meta:
        constraints = [
            CountyKey(name="interchangeable_key"),
            models.UniqueConstraint(fields=["county", "medicine"], name="interchangeable_in_one_group"),
            models.UniqueConstraint(
                fields=["county", "group_number", "position"], name="interchangeable_place_once"
            ),
            models.CheckConstraint(
                condition=Q(group_number__range=(1, MOST_GROUPS), position__range=(1, LARGEST_GROUP)),
                name="interchangeable_few",
            ),
        ]
