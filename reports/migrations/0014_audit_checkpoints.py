import django.db.models.deletion
from django.db import migrations, models

from core.guards import append_only


class Migration(migrations.Migration):
    dependencies = [("reports", "0013_fill_flow_totals")]

    operations = [
        migrations.CreateModel(
            name="AuditCheckpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(unique=True)),
                ("position", models.BigIntegerField()),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "key",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reports.signingkey",
                    ),
                ),
                ("signature", models.BinaryField()),
            ],
        ),
        append_only("reports_auditcheckpoint"),
    ]
