from django.db import migrations

# Each received row is judged by itself, along three keys. Written as one join, the planner chose by the size that the
# tables had when it last looked, read them whole in a county that had just begun, and took ten milliseconds for every
# movement, also for those that receive nothing.
FUNCTION = """
CREATE OR REPLACE FUNCTION ledger_arrives() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM fresh f WHERE {judged}) THEN
        PERFORM refuse('movement_arrives_at_receiver', 'a shipment is received where it was sent to');
    END IF;
    RETURN NULL;
END $$;
"""
BY_KEY = """
        f.kind = 'receive' AND (
            SELECT (b.place_id, b.side) <> (s.to_place_id, s.to_side)
            FROM inventory_account a, inventory_account b, distribution_shipment s
            WHERE a.id = f.from_account_id AND a.county_id = f.county_id
            AND b.id = f.to_account_id AND b.county_id = f.county_id
            AND s.id = a.shipment_id AND s.county_id = a.county_id)
"""
JOINED = """
        EXISTS (
            SELECT 1 FROM inventory_account a
            JOIN distribution_shipment s ON s.id = a.shipment_id AND s.county_id = a.county_id
            JOIN inventory_account b ON b.id = f.to_account_id AND b.county_id = f.county_id
            WHERE a.id = f.from_account_id AND a.county_id = f.county_id
            AND f.kind = 'receive' AND (b.place_id, b.side) <> (s.to_place_id, s.to_side))
"""


class Migration(migrations.Migration):
    dependencies = [("distribution", "0020_public_numbers")]

    operations = [
        migrations.RunSQL(FUNCTION.format(judged=BY_KEY), FUNCTION.format(judged=JOINED)),
    ]
