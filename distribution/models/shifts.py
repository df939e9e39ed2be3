"""People who come or go for a time, as at the Spring Festival (返乡), by township or clinic."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.constraints import CountyKey, SameCounty, county_fk
from organisation.models import County, Division, Place

HEADS_LIMIT = 1_000_000


class PopulationShift(models.Model):
    """So many more people (fewer, below zero) than the profiles say, from one day to another, both included."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    township = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+")
    place = county_fk(Place, null=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    percent = models.SmallIntegerField(null=True)
    heads = models.IntegerField(null=True)
    entered_by = models.BigIntegerField()
    entered_on = models.DateField()

    class Meta:
        constraints = [
            CountyKey(name="population_shift_key"),
            SameCounty(field="place", name="population_shift_place_same_county"),
            models.CheckConstraint(
                condition=Q(township__isnull=False, place__isnull=True)
                | Q(township__isnull=True, place__isnull=False),
                name="population_shift_of_one",
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="population_shift_days"),
            models.CheckConstraint(
                condition=Q(percent__isnull=False, heads__isnull=True, percent__range=(-100, 1000))
                | Q(percent__isnull=True, heads__isnull=False, heads__range=(-HEADS_LIMIT, HEADS_LIMIT)),
                name="population_shift_how_many",
            ),
        ]
        indexes = [models.Index(fields=["county", "ends_on"], name="population_shift_by_end")]
