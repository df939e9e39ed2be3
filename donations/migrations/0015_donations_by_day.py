from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0014_corrections"),
        ("organisation", "0007_deputies"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="donation",
            index=models.Index(fields=["county", "booked_on"], name="donation_by_day"),
        ),
    ]
