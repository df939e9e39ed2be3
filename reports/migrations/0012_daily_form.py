import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0015_report_cut_off"), ("reports", "0011_names")]

    operations = [
        migrations.CreateModel(
            name="DailyForm",
            fields=[
                (
                    "county",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="organisation.county",
                    ),
                ),
                ("content", models.BinaryField()),
                ("uploaded_by", models.BigIntegerField()),
                ("uploaded_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("content", b""), _negated=True), name="daily_form_holds_something"
                    )
                ]
            },
        ),
    ]
