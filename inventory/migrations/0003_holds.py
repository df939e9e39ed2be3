from django.db import migrations

from core.guards import append_only


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_ledger")]

    operations = [
        append_only("inventory_hold", "inventory_holdrelease"),
    ]
