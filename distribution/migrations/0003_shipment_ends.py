from django.db import migrations

# A shipment's goods are promised at the side of the place that sends them and arrive at the side of the place that
# receives them: neither can be anywhere else, nor can a shipment's ends be changed once something stands under it.
SQL = """
ALTER TABLE distribution_shipment ADD CONSTRAINT shipment_sender
    UNIQUE (county_id, id, from_place_id, from_side);
ALTER TABLE inventory_account ADD CONSTRAINT account_at_sender
    FOREIGN KEY (county_id, shipment_id, place_id, side)
    REFERENCES distribution_shipment (county_id, id, from_place_id, from_side);

CREATE FUNCTION ledger_arrives() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM fresh f
        JOIN inventory_account a ON a.id = f.from_account_id AND a.county_id = f.county_id
        JOIN inventory_account b ON b.id = f.to_account_id AND b.county_id = f.county_id
        JOIN distribution_shipment s ON s.id = a.shipment_id AND s.county_id = a.county_id
        WHERE f.kind = 'receive' AND (b.place_id, b.side) <> (s.to_place_id, s.to_side)
    ) THEN
        PERFORM refuse('movement_arrives_at_receiver', 'a shipment is received where it was sent to');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_6_arrives AFTER INSERT ON inventory_movement
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_arrives();
"""
BACK = """
DROP TRIGGER ledger_6_arrives ON inventory_movement;
DROP FUNCTION ledger_arrives;
ALTER TABLE inventory_account DROP CONSTRAINT account_at_sender;
ALTER TABLE distribution_shipment DROP CONSTRAINT shipment_sender;
"""


class Migration(migrations.Migration):
    dependencies = [("distribution", "0002_own_shipments"), ("inventory", "0004_recalls")]

    operations = [
        migrations.RunSQL(SQL, BACK),
    ]
