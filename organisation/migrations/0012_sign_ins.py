import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("organisation", "0011_public_needs")]

    operations = [
        migrations.AddField("policy", "idle_minutes", models.PositiveSmallIntegerField(default=30)),
        migrations.AddField("policy", "sign_in_hours", models.PositiveSmallIntegerField(default=12)),
        migrations.AddField("policy", "pins", models.BooleanField(default=False)),
        migrations.AddConstraint(
            "policy",
            models.CheckConstraint(
                condition=Q(("idle_minutes__range", (5, 720)), ("sign_in_hours__range", (1, 24))),
                name="policy_sign_ins",
            ),
        ),
        migrations.AlterField(
            "accesstoken", "digest", models.BinaryField(max_length=32, null=True, unique=True)
        ),
        # Whoever is signed in while this runs has used it just now.
        migrations.AddField(
            "accesstoken",
            "used_at",
            models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            "accesstoken",
            "network",
            models.CharField(blank=True, default="", max_length=43),
            preserve_default=False,
        ),
        migrations.AddField("accesstoken", "with_second_factor", models.BooleanField(default=False)),
        migrations.AddField("accesstoken", "by_pin", models.BooleanField(default=False)),
        migrations.AddField("accesstoken", "beside", models.BigIntegerField(null=True)),
        migrations.AddConstraint(
            "accesstoken",
            models.CheckConstraint(
                condition=Q(
                    ("beside__isnull", True), Q(("by_pin", True), ("digest__isnull", False)), _connector="OR"
                ),
                name="token_co_signs_by_pin",
            ),
        ),
        migrations.AddConstraint(
            "accesstoken",
            models.CheckConstraint(
                condition=Q(("beside", F("person")), _negated=True), name="token_beside_another"
            ),
        ),
        migrations.CreateModel(
            name="DevicePin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("device", models.BinaryField(max_length=32)),
                ("pin", models.CharField(max_length=128)),
                ("created_at", models.DateTimeField()),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("tried_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pins",
                        to="organisation.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person", "device"), name="device_pin_once"),
                    models.CheckConstraint(condition=Q(("failures__lte", 5)), name="device_pin_attempts"),
                    models.CheckConstraint(
                        condition=Q(("pin__startswith", "argon2$")), name="device_pin_hashed"
                    ),
                ],
            },
        ),
    ]
