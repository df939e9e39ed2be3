from django.db import migrations

from core.guards import append_only


class Migration(migrations.Migration):
    """Without the row the same line of another file would be registered again."""

    dependencies = [("core", "0007_filled_once"), ("donations", "0015_donations_by_day")]

    operations = [append_only("donations_rosterdonation")]
