from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0003_command_claim")]

    operations = [
        migrations.CreateModel(
            name="AuditAddress",
            fields=[
                ("entry", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("salt", models.BinaryField(max_length=32)),
                ("address", models.GenericIPAddressField()),
            ],
            options={"indexes": [BrinIndex(fields=["at"], name="audit_address_by_age")]},
        ),
        migrations.CreateModel(
            name="AuditLink",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry", models.BigIntegerField()),
                ("chain", models.BinaryField(max_length=32)),
                ("highest", models.BigIntegerField()),
                ("sealed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("entry",), name="audit_link_once")],
            },
        ),
        migrations.CreateModel(
            name="AuditVerification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("through", models.BigIntegerField()),
                ("waiting", models.BigIntegerField()),
                ("faults", models.BigIntegerField()),
                ("first_position", models.BigIntegerField(null=True)),
                ("first_entry", models.BigIntegerField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="auditentry",
            name="digest",
            field=models.BinaryField(default=b"", max_length=32),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="auditentry",
            name="origin",
            field=models.BinaryField(max_length=32, null=True),
        ),
    ]
