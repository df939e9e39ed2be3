from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0020_unit_reports"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReceiptGuesses",
            fields=[
                ("address_key", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("misses", models.PositiveIntegerField()),
                ("began_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["began_at"], name="receipt_guesses_age")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("misses__gte", 1)), name="receipt_guesses_some"
                    )
                ],
            },
        ),
    ]
