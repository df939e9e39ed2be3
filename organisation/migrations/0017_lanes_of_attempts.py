import datetime

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("organisation", "0016_county_numbers")]

    operations = [
        # What it held counts for a quarter of an hour only.
        migrations.DeleteModel("SignInFailures"),
        migrations.CreateModel(
            name="SignInFailures",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "name_key",
                        "origin_key",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name_key", models.BinaryField(max_length=32)),
                ("origin_key", models.BinaryField(max_length=32)),
                ("full_at", models.DateTimeField()),
                ("reserved_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(full_at__lte=F("reserved_at") + datetime.timedelta(minutes=15)),
                        name="sign_in_attempts_bounded",
                    )
                ]
            },
        ),
        migrations.RenameModel("KnownAddress", "KnownOrigin"),
        migrations.RenameField("knownorigin", "address_key", "origin_key"),
        # Addresses are keyed apart from devices from now on: each is learned anew at its next sign-in.
        migrations.RunSQL("DELETE FROM organisation_knownorigin", ""),
        migrations.RemoveConstraint("knownorigin", "known_address_once"),
        migrations.AddConstraint(
            "knownorigin",
            models.UniqueConstraint(fields=["name_key", "origin_key"], name="known_origin_once"),
        ),
    ]
