from django.db import migrations

from reports.migrations._filling import filled_from


class Migration(migrations.Migration):
    dependencies = [("reports", "0015_flows_by_place")]

    operations = [
        # What closed days came to by place, for books that closed days before their flows were told apart so.
        migrations.RunSQL(filled_from("place_flows"), migrations.RunSQL.noop),
    ]
