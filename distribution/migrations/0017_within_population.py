from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """No profile tells of more people than there are; one written before stands until it is written anew."""

    dependencies = [("distribution", "0016_known_needs")]

    operations = [
        AddConstraintNotValid(
            model_name="clinicprofile",
            constraint=models.CheckConstraint(
                condition=Q(population__gte=F("age_0_3") + F("age_4_14") + F("age_65_79") + F("age_80_up")),
                name="profile_ages_within_population",
            ),
        ),
        AddConstraintNotValid(
            model_name="clinicprofile",
            constraint=models.CheckConstraint(
                condition=Q(population__gte=F("tier_red") + F("tier_yellow") + F("tier_green")),
                name="profile_tiers_within_population",
            ),
        ),
    ]
