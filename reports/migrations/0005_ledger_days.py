from django.db import migrations

from core.guards import append_only


class Migration(migrations.Migration):
    dependencies = [("reports", "0004_signatures"), ("organisation", "0002_closed_days")]

    operations = [
        append_only("reports_ledgerday"),
    ]
