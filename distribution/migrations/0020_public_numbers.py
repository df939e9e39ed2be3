from django.db import migrations, models

import core.public_numbers


class Migration(migrations.Migration):
    dependencies = [("distribution", "0019_recomputable_shares")]

    operations = [
        migrations.AddField(
            "plan",
            "public_number",
            models.BigIntegerField(db_default=core.public_numbers.RandomNumber(), editable=False),
        ),
        migrations.AddConstraint(
            "plan",
            models.UniqueConstraint(fields=["public_number"], name="plan_public_number_once"),
        ),
        migrations.AddConstraint(
            "plan",
            models.CheckConstraint(
                condition=models.Q(("public_number__range", (100000000000, 999999999999))),
                name="plan_public_number_digits",
            ),
        ),
    ]
