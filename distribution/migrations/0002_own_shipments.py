from django.db import migrations

# The room below keeps the number of a shipment without knowing what one is; here is where it must exist.
SQL = """
ALTER TABLE inventory_account ADD CONSTRAINT account_shipment_same_county
    FOREIGN KEY (county_id, shipment_id) REFERENCES distribution_shipment (county_id, id);
"""
BACK = "ALTER TABLE inventory_account DROP CONSTRAINT account_shipment_same_county;"


class Migration(migrations.Migration):
    dependencies = [("distribution", "0001_tables"), ("inventory", "0002_ledger")]

    operations = [
        migrations.RunSQL(SQL, BACK),
    ]
