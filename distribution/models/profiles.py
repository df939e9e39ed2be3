"""Who a clinic serves."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.constraints import SameCounty
from organisation.models import County, Place


class ClinicProfile(models.Model):
    """Who a clinic serves: the figures from which its need is estimated, with the day they were taken."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = models.OneToOneField(Place, models.DO_NOTHING, db_constraint=False, related_name="profile")
    population = models.PositiveIntegerField(default=0)
    age_0_3 = models.PositiveIntegerField(default=0)
    age_4_14 = models.PositiveIntegerField(default=0)
    age_65_79 = models.PositiveIntegerField(default=0)
    age_80_up = models.PositiveIntegerField(default=0)
    pregnant = models.PositiveIntegerField(default=0)
    living_alone_elderly = models.PositiveIntegerField(default=0)
    destitute_low_income = models.PositiveIntegerField(default=0)
    disabled = models.PositiveIntegerField(default=0)
    chronic_patients = models.PositiveIntegerField(default=0)
    tier_red = models.PositiveIntegerField(default=0)
    tier_yellow = models.PositiveIntegerField(default=0)
    tier_green = models.PositiveIntegerField(default=0)
    current_fever_cases = models.PositiveIntegerField(default=0)
    travel_minutes = models.PositiveIntegerField(default=0)
    data_date = models.DateField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            SameCounty(field="place", name="profile_place_same_county"),
            models.CheckConstraint(
                condition=Q(population__gte=F("age_0_3") + F("age_4_14") + F("age_65_79") + F("age_80_up")),
                name="profile_ages_within_population",
            ),
            models.CheckConstraint(
                condition=Q(population__gte=F("tier_red") + F("tier_yellow") + F("tier_green")),
                name="profile_tiers_within_population",
            ),
        ]
