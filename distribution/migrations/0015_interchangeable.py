import django.db.models.deletion
from django.db import migrations, models

import core.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0002_recalls"),
        ("distribution", "0014_published_plans"),
        ("organisation", "0008_need_bands"),
    ]

    operations = [
        migrations.CreateModel(
            name="InterchangeableMedicine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("group_number", models.PositiveSmallIntegerField()),
                ("position", models.PositiveSmallIntegerField()),
                ("set_by", models.BigIntegerField()),
                ("set_on", models.DateField()),
                (
                    "county",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.county",
                    ),
                ),
                (
                    "medicine",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalogue.medicine",
                    ),
                ),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="interchangeable_key"),
                    models.UniqueConstraint(
                        fields=("county", "medicine"), name="interchangeable_in_one_group"
                    ),
                    models.UniqueConstraint(
                        fields=("county", "group_number", "position"), name="interchangeable_place_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("group_number__range", (1, 50)), ("position__range", (1, 4))),
                        name="interchangeable_few",
                    ),
                ],
            },
        ),
    ]
