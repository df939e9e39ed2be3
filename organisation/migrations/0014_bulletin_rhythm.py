from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0013_second_factor")]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="bulletin_rhythm",
            field=models.CharField(
                choices=[
                    ("five_days", "every 5 days (emergency)"),
                    ("monthly", "every month"),
                    ("quarterly", "every 3 months"),
                ],
                default="monthly",
                max_length=9,
            ),
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(("bulletin_rhythm__in", ["five_days", "monthly", "quarterly"])),
                name="policy_bulletin_rhythm",
            ),
        ),
    ]
