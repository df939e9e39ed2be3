from django.db import migrations

from core.guards import DROP_FILLED_ONCE, FILLED_ONCE


class Migration(migrations.Migration):
    dependencies = [("core", "0006_audit_moments")]

    operations = [migrations.RunSQL(FILLED_ONCE, DROP_FILLED_ONCE)]
