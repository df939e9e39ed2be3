from importlib import import_module

from django.db import migrations

widened = import_module("inventory.migrations.0015_devices_in_use").widened

# A device whose label names a last usable day is neither kept in use nor lent after it.
SPENT = "f.kind IN ('reserve', 'dispatch', 'local_use')"
SPENT_TOO = "f.kind IN ('reserve', 'dispatch', 'local_use', 'put_in_use', 'lend')"


class Migration(migrations.Migration):
    dependencies = [("inventory", "0015_devices_in_use")]

    operations = [widened("ledger_judged", SPENT, SPENT_TOO)]
