from django.db import migrations

from core.guards import append_only


class Migration(migrations.Migration):
    dependencies = [("donations", "0005_group_surplus"), ("organisation", "0002_closed_days")]

    operations = [
        append_only("donations_box"),
    ]
