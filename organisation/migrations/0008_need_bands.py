from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0007_deputies")]

    operations = [
        migrations.AddField("policy", "band_minimum", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("policy", "band_buffer", models.PositiveSmallIntegerField(default=100)),
        migrations.AddConstraint(
            "policy",
            models.CheckConstraint(
                condition=models.Q(("band_buffer__range", (100, 1000)), ("band_minimum__lte", 99)),
                name="policy_bands",
            ),
        ),
    ]
