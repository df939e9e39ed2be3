from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("county", models.CharField(blank=True, max_length=6)),
                ("at", models.DateTimeField()),
                ("actor", models.BigIntegerField(null=True)),
                ("command", models.UUIDField()),
                ("action", models.CharField(max_length=100)),
                ("subject", models.CharField(blank=True, max_length=100)),
                (
                    "result",
                    models.CharField(choices=[("done", "Done"), ("refused", "Refused")], max_length=8),
                ),
                ("code", models.CharField(blank=True, max_length=60)),
                ("address", models.GenericIPAddressField(null=True)),
                ("request_id", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "indexes": [models.Index(fields=["county", "-id"], name="audit_by_county")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("result__in", ["done", "refused"])), name="audit_result_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person", models.BigIntegerField()),
                ("route", models.CharField(max_length=100)),
                ("key", models.UUIDField()),
                ("body_mac", models.BinaryField(max_length=32)),
                ("status", models.PositiveSmallIntegerField()),
                ("answer", models.BinaryField(max_length=65536)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person", "route", "key"), name="idempotency_once"),
                    models.CheckConstraint(
                        condition=models.Q(("status__range", (200, 299))), name="idempotency_successes_only"
                    ),
                ],
                "indexes": [],
            },
        ),
    ]
