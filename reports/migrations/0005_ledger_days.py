import django.db.models.deletion
from django.db import migrations, models

import core.constraints
from core.guards import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0003_work_units"),
        ("reports", "0004_signatures"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("signature", models.BinaryField()),
                (
                    "county",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.county",
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reports.signingkey",
                    ),
                ),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="ledger_day_key"),
                    models.UniqueConstraint(fields=("county", "day"), name="ledger_day_once"),
                ],
            },
        ),
        append_only("reports_ledgerday"),
    ]
