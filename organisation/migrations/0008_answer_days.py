from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0007_deputies"),
    ]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="answer_days",
            field=models.PositiveSmallIntegerField(default=7),
        ),
    ]
