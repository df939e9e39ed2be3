from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("donations", "0012_item_unit")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="rhythm",
            field=models.CharField(
                blank=True,
                choices=[
                    ("five_days", "every 5 days (emergency)"),
                    ("monthly", "every month"),
                    ("quarterly", "every 3 months"),
                ],
                default="",
                max_length=9,
            ),
        ),
        migrations.AddField(model_name="campaign", name="closed_on", field=models.DateField(null=True)),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("rhythm__in", ["", "five_days", "monthly", "quarterly"])),
                name="campaign_rhythm_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("closed_on__isnull", True), ("state", "closed"), _connector="OR"),
                name="campaign_closed_on_when_closed",
            ),
        ),
    ]
