from django.db import migrations

from core.guards import DROP_REFUSE, REFUSE, append_only


class Migration(migrations.Migration):
    dependencies = [("core", "0001_tables")]

    operations = [
        migrations.RunSQL(REFUSE, DROP_REFUSE),
        append_only("core_auditentry", "core_idempotencyrecord"),
    ]
