import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0006_roster_collector"),
        ("organisation", "0003_work_units"),
    ]

    operations = [
        migrations.AlterField(
            model_name="campaign",
            name="code",
            field=models.CharField(max_length=24),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.UniqueConstraint(fields=("county", "code"), name="campaign_code_once"),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on__lte", datetime.date(2100, 1, 1)), ("starts_on__gte", datetime.date(2000, 1, 1))
                ),
                name="campaign_days_of_this_century",
            ),
        ),
    ]
