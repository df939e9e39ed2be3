import datetime

from django.db import migrations, models

from core.guards import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0016_fill_flows_by_place"),
    ]

    operations = [
        migrations.CreateModel(
            name="RestoreDrill",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("good", models.BooleanField()),
                ("backup_taken_at", models.DateTimeField(null=True)),
                ("seconds", models.PositiveIntegerField()),
                ("detail", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("at__gte", datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.UTC)),
                            ("at__lt", datetime.datetime(2200, 1, 1, 0, 0, tzinfo=datetime.UTC)),
                        ),
                        name="restore_drill_of_our_age",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("backup_taken_at__isnull", False), ("detail", ""), ("good", True)),
                            models.Q(("good", False), models.Q(("detail", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="restore_drill_says_what_failed",
                    ),
                ],
            },
        ),
        append_only("reports_restoredrill"),
    ]
