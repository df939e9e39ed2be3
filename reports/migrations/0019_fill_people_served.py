from django.db import migrations

from reports.migrations._filling import filled_from


class Migration(migrations.Migration):
    dependencies = [("reports", "0018_people_served")]

    operations = [
        # How many people closed days served, for books that closed days before that was counted.
        migrations.RunSQL(filled_from("people_flows"), migrations.RunSQL.noop),
    ]
