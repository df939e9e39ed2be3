from importlib import import_module

from django.db import migrations

from core.guards import append_only

# What is recalled can be held, lost or destroyed, and nothing else: no shelf, promise or road gains of it (over a
# whole statement, so that a hand-out taken back may pass over the shelf into hold), and none is handed out, unless
# the hand-out was before the recall and is only entered late. Read after book_open has taken the county's book: a
# recall under way has it alone.
RECALLED = """
CREATE VIEW recalls_in_force AS
    SELECT * FROM catalogue_recall r
    WHERE NOT EXISTS (SELECT 1 FROM catalogue_recalllift l WHERE l.recall_id = r.id AND l.county_id = r.county_id);

CREATE FUNCTION ledger_recalled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM recalls_in_force WHERE county_id IN (SELECT county_id FROM fresh)) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT 1 FROM (
            SELECT county_id, account, batch_id FROM (
                SELECT county_id, from_account_id AS account, batch_id, -quantity::bigint AS delta FROM fresh
                UNION ALL SELECT county_id, to_account_id, batch_id, quantity FROM fresh
            ) legs GROUP BY county_id, account, batch_id HAVING sum(delta) > 0
        ) risen
        JOIN inventory_account a ON a.id = risen.account AND a.county_id = risen.county_id
            AND a.state IN ('available', 'reserved', 'in_transit')
        JOIN inventory_batch t ON t.id = risen.batch_id AND t.county_id = risen.county_id
        JOIN recalls_in_force r ON r.county_id = t.county_id AND r.medicine_id = t.medicine_id
            AND (r.place_id IS NULL OR r.place_id = a.place_id)
            AND recall_covers(r.product_id, r.lot_key, t.product_id, t.lot_number)
    ) OR EXISTS (
        SELECT 1 FROM fresh f
        JOIN inventory_account a ON a.id = f.from_account_id AND a.county_id = f.county_id
        JOIN inventory_batch t ON t.id = f.batch_id AND t.county_id = f.county_id
        JOIN recalls_in_force r ON r.county_id = t.county_id AND r.medicine_id = t.medicine_id
            AND (r.place_id IS NULL OR r.place_id = a.place_id)
            AND recall_covers(r.product_id, r.lot_key, t.product_id, t.lot_number)
        WHERE f.kind = 'dispense' AND (a.state <> 'held' OR r.raised_on <= f.business_day)
    ) THEN
        PERFORM refuse('movement_not_recalled', 'these goods are recalled: they can only be held, lost or destroyed');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_5_recalled AFTER INSERT ON inventory_movement
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_recalled();
"""
RECALLED_BACK = """
DROP TRIGGER ledger_5_recalled ON inventory_movement;
DROP FUNCTION ledger_recalled;
DROP VIEW recalls_in_force;
"""

# Taking a promise away in order to hold it is done under the paper of the hold, so that it can be counted and
# released with it; everything else that touches promised goods stays under the paper of their shipment.
JUDGED = import_module("inventory.migrations.0002_ledger").JUDGED.split("CREATE TRIGGER")[0]
PROMISE = "AND coalesce(a.shipment_id, b.shipment_id) IS NOT NULL"
HELD_BY = f"{PROMISE}\n                AND (f.kind, f.document_type) <> ('hold', 'hold')"
OLD_JUDGED = JUDGED.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
NEW_JUDGED = OLD_JUDGED.replace(PROMISE, HELD_BY)


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0003_holds"),
        ("catalogue", "0002_recalls"),
        ("organisation", "0002_closed_days"),
    ]

    operations = [
        migrations.RunSQL(NEW_JUDGED, OLD_JUDGED),
        migrations.RunSQL(RECALLED, RECALLED_BACK),
        append_only("inventory_recallnotice", "inventory_recallacknowledgement", "inventory_adversereaction"),
    ]
