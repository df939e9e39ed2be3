from django.db import migrations

# The database tells the days that were closed before it kept totals, through the same guard as any closing.
FILL = "UPDATE organisation_county SET closed_through = closed_through WHERE closed_through IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("reports", "0012_flow_totals")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
