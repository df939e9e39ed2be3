from django.db import migrations

from core.guards import kept_by_trigger

SQL = """
CREATE FUNCTION transfers_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_transferday AS day
        (county_id, booked_on, kind, batch_id, from_place_id, from_side, to_place_id, to_side, quantity)
        SELECT f.county_id, f.booked_on, coalesce(o.kind, f.kind), f.batch_id, a.place_id, a.side,
               coalesce(s.to_place_id, b.place_id), coalesce(s.to_side, b.side),
               sum(CASE WHEN f.kind = 'reversal' THEN -f.quantity ELSE f.quantity END)
        FROM fresh f
        LEFT JOIN inventory_movement o ON o.id = f.reverses_id AND o.county_id = f.county_id
        JOIN inventory_account a
            ON a.id = coalesce(o.from_account_id, f.from_account_id) AND a.county_id = f.county_id
        JOIN inventory_account b
            ON b.id = coalesce(o.to_account_id, f.to_account_id) AND b.county_id = f.county_id
        LEFT JOIN distribution_shipment s ON s.id = b.shipment_id AND s.county_id = f.county_id
        WHERE f.kind IN ('dispatch', 'local_use', 'reversal')
          AND coalesce(o.kind, f.kind) IN ('dispatch', 'local_use')
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
        ON CONFLICT ON CONSTRAINT transfer_day_once
        DO UPDATE SET quantity = day.quantity + EXCLUDED.quantity;
    RETURN NULL;
END $$;
CREATE TRIGGER transfers_kept AFTER INSERT ON inventory_movement
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION transfers_kept();
"""
BACK = "DROP TRIGGER transfers_kept ON inventory_movement; DROP FUNCTION transfers_kept;"


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0002_frozen"),
        ("distribution", "0002_own_shipments"),
        ("inventory", "0002_ledger"),
    ]

    operations = [
        migrations.RunSQL(SQL, BACK),
        kept_by_trigger("reports_transferday"),
    ]
