from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0002_recalls"),
        ("distribution", "0015_interchangeable"),
        ("organisation", "0010_safety_learned"),
    ]

    operations = [
        migrations.AlterField("planshare", "explanation_zh", models.CharField(max_length=800)),
        migrations.AlterField("planshare", "explanation_en", models.CharField(max_length=800)),
        migrations.AddField(
            model_name="planshare",
            name="learned_days",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="planshare",
            name="need_basis",
            field=models.CharField(
                choices=[
                    ("learned", "learned"),
                    ("estimated", "estimated"),
                    ("mixed", "mixed"),
                    ("unknown", "unknown"),
                ],
                default="estimated",
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="planshare",
            name="need_formula",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="planshare",
            name="rate_days",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="planshare",
            name="rate_units",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="planshare",
            name="safety_percent",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name="planshare",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("learned_days__gte", 1),
                        ("need_basis__in", ["learned", "mixed"]),
                        ("rate_days__gte", 1),
                        ("rate_units__isnull", False),
                        ("safety_percent__isnull", False),
                    ),
                    models.Q(
                        ("learned_days", 0),
                        ("need_basis__in", ["estimated", "unknown"]),
                        ("rate_units__isnull", True),
                        ("rate_days__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="plan_share_learned_from_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="planshare",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("safety_percent__isnull", True), ("safety_percent__range", (1, 100)), _connector="OR"
                ),
                name="plan_share_safety_percent",
            ),
        ),
    ]
