import datetime

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("organisation", "0018_names_of_accounts")]

    operations = [
        # The tables before stay for a program that still runs while its successor's steps are taken; the release
        # after this one drops organisation_signinfailures and organisation_knownaddress. What they hold counts for a
        # quarter of an hour, or is learned anew at the next sign-in.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel("SignInFailures"),
                migrations.DeleteModel("KnownAddress"),
            ]
        ),
        migrations.CreateModel(
            name="AttemptLane",
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
        migrations.CreateModel(
            name="KnownOrigin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name_key", models.BinaryField(max_length=32)),
                ("origin_key", models.BinaryField(max_length=32)),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["name_key", "origin_key"], name="known_origin_once")
                ]
            },
        ),
    ]
