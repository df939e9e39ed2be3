from django.db import migrations

from core.guards import append_only


class Migration(migrations.Migration):
    dependencies = [("donations", "0009_boxes_so_far"), ("organisation", "0002_closed_days")]

    operations = [
        append_only("donations_donorreturn", "donations_donorreturnline"),
    ]
