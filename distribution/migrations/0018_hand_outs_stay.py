from django.db import migrations

from core.guards import append_only, filled_once


class Migration(migrations.Migration):
    """What somebody was handed out stays as it was written; who took it back, and when, is noted once."""

    dependencies = [("core", "0007_filled_once"), ("distribution", "0017_within_population")]

    operations = [
        append_only("distribution_dispensingline"),
        filled_once("distribution_dispensing", "reversed_by", "reversed_at"),
    ]
