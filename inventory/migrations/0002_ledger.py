from django.db import migrations

from core.guards import append_only, kept_by_trigger

# The grammar of the ledger as it stood when this step was written; inventory.models.MOVEMENT_STEPS is compared
# with it by a test.
STEPS = [
    ("accept", "donated", "available"), ("accept", "donated", "held"),
    ("hold", "available", "held"), ("hold", "reserved", "held"), ("release", "held", "available"),
    ("reserve", "available", "reserved"), ("unreserve", "reserved", "available"),
    ("dispatch", "reserved", "in_transit"),
    ("receive", "in_transit", "available"), ("receive", "in_transit", "held"),
    ("local_use", "available", "available"),
    ("dispense", "available", "dispensed"), ("dispense", "held", "dispensed"),
    ("destroy", "held", "destroyed"),
    ("lose", "available", "lost"), ("lose", "held", "lost"), ("lose", "in_transit", "lost"),
    ("adjust", "available", "adjusted"), ("adjust", "adjusted", "available"),
    ("convert", "available", "converted"), ("convert", "held", "converted"),
    ("convert", "reserved", "converted"), ("convert", "in_transit", "converted"),
    ("convert", "converted", "available"), ("convert", "converted", "held"),
    ("convert", "converted", "reserved"), ("convert", "converted", "in_transit"),
]  # fmt: skip
VALUES = ", ".join(f"('{kind}', '{source}', '{target}')" for kind, source, target in STEPS)

LOCK = """
CREATE FUNCTION ledger_lock(county text, accounts bigint[], batches bigint[]) RETURNS
    TABLE (account_id bigint, batch_id bigint, quantity bigint) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO inventory_balance (county_id, account_id, batch_id, state, quantity)
        SELECT DISTINCT county, a.id, pair.batch, a.state, 0
        FROM unnest(accounts, batches) AS pair(account, batch)
        JOIN inventory_account a ON a.id = pair.account AND a.county_id = county
        ORDER BY 2, 3
        ON CONFLICT DO NOTHING;
    RETURN QUERY
        SELECT b.account_id, b.batch_id, b.quantity FROM inventory_balance b
        WHERE (b.account_id, b.batch_id) IN (SELECT * FROM unnest(accounts, batches))
        ORDER BY b.account_id, b.batch_id FOR UPDATE;
END $$;
"""

KEPT = f"""
CREATE FUNCTION ledger_broken_rule(
    m inventory_movement, a inventory_account, b inventory_account, expires date
) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN m.kind <> 'reversal' AND (m.kind, a.state, b.state) NOT IN ({VALUES}) THEN 'movement_step_known'
        WHEN (a.shipment_id IS NOT NULL OR b.shipment_id IS NOT NULL) AND m.kind <> 'convert'
            AND NOT (m.document_type = 'shipment' AND m.document_id IS NOT NULL
                     AND m.document_id = coalesce(a.shipment_id, m.document_id)
                     AND m.document_id = coalesce(b.shipment_id, m.document_id))
            THEN 'movement_own_reservation'
        WHEN (a.state = 'donated' OR b.state = 'donated') <> (m.decision_id IS NOT NULL)
            THEN 'movement_accept_has_source'
        WHEN m.kind NOT IN ('receive', 'reversal') AND a.place_id <> b.place_id THEN 'movement_stays_in_place'
        WHEN m.kind NOT IN ('receive', 'reversal', 'local_use') AND a.side <> b.side THEN 'movement_stays_in_place'
        WHEN m.kind = 'local_use' AND NOT (a.side = 'store' AND b.side = 'clinic') THEN 'movement_stays_in_place'
        WHEN m.kind IN ('reserve', 'dispatch', 'local_use', 'dispense') AND a.state <> 'held'
            AND expires < m.business_day THEN 'movement_not_expired'
    END
$$;

CREATE FUNCTION ledger_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE broken text;
BEGIN
    PERFORM book_open(county_id, min(booked_on)) FROM fresh GROUP BY county_id ORDER BY county_id;

    SELECT ledger_broken_rule(m, a, b, t.last_usable_day) INTO broken
        FROM fresh f
        JOIN inventory_movement m ON m.id = f.id AND m.county_id = f.county_id
        JOIN inventory_account a ON a.id = m.from_account_id AND a.county_id = m.county_id
        JOIN inventory_account b ON b.id = m.to_account_id AND b.county_id = m.county_id
        JOIN inventory_batch t ON t.id = m.batch_id AND t.county_id = m.county_id
        WHERE ledger_broken_rule(m, a, b, t.last_usable_day) IS NOT NULL LIMIT 1;
    IF broken IS NOT NULL THEN
        PERFORM refuse(broken, 'the ledger refuses this movement: ' || broken);
    END IF;
    IF EXISTS (
        SELECT 1 FROM fresh f JOIN inventory_movement o ON o.id = f.reverses_id AND o.county_id = f.county_id
        WHERE o.kind = 'reversal' OR o.batch_id <> f.batch_id OR o.quantity <> f.quantity
           OR o.from_account_id <> f.to_account_id OR o.to_account_id <> f.from_account_id
           OR o.decision_id IS DISTINCT FROM f.decision_id
    ) THEN
        PERFORM refuse('movement_reversal_mirrors', 'a reversal takes back one whole movement, and no reversal');
    END IF;
    IF EXISTS (
        SELECT 1 FROM fresh f
        JOIN inventory_account a ON a.id = f.from_account_id AND a.county_id = f.county_id
        JOIN inventory_account b ON b.id = f.to_account_id AND b.county_id = f.county_id
        WHERE f.kind = 'convert' GROUP BY f.command, a.place_id, a.side
        HAVING sum(CASE WHEN b.state = 'converted' THEN f.quantity ELSE -f.quantity END) <> 0
    ) THEN
        PERFORM refuse('movement_convert_balanced', 'what is converted comes back in the same place, whole');
    END IF;

    PERFORM 1 FROM donations_itemholdings WHERE item_id IN (
        SELECT d.item_id FROM fresh f JOIN inventory_sortingdecision d ON d.id = f.decision_id
    ) ORDER BY item_id FOR UPDATE;
    PERFORM ledger_lock(county_id, array_agg(account), array_agg(batch_id)) FROM (
        SELECT county_id, from_account_id AS account, batch_id FROM fresh
        UNION SELECT county_id, to_account_id, batch_id FROM fresh
    ) legs GROUP BY county_id ORDER BY county_id;
    UPDATE inventory_balance b SET quantity = b.quantity + d.delta FROM (
        SELECT account, batch_id, sum(delta) AS delta FROM (
            SELECT from_account_id AS account, batch_id, -quantity::bigint AS delta FROM fresh
            UNION ALL SELECT to_account_id, batch_id, quantity FROM fresh
        ) legs GROUP BY account, batch_id
    ) d WHERE b.account_id = d.account AND b.batch_id = d.batch_id;

    PERFORM ledger_check_sources(array_agg(DISTINCT decision_id)) FROM fresh
        WHERE decision_id IS NOT NULL HAVING count(*) > 0;

    INSERT INTO inventory_stockday AS day
        (county_id, booked_on, medicine_id, kind, from_place_id, from_side, from_state,
         to_place_id, to_side, to_state, detail, quantity, entries)
        SELECT f.county_id, f.booked_on, t.medicine_id, f.kind, a.place_id, a.side, a.state,
               b.place_id, b.side, b.state, f.detail, sum(f.quantity), count(*)
        FROM fresh f
        JOIN inventory_account a ON a.id = f.from_account_id AND a.county_id = f.county_id
        JOIN inventory_account b ON b.id = f.to_account_id AND b.county_id = f.county_id
        JOIN inventory_batch t ON t.id = f.batch_id AND t.county_id = f.county_id
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
        ON CONFLICT ON CONSTRAINT stock_day_once
        DO UPDATE SET quantity = day.quantity + EXCLUDED.quantity, entries = day.entries + EXCLUDED.entries;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_kept AFTER INSERT ON inventory_movement
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_kept();
"""

# Nothing enters stock that nobody donated: what leaves `donated` is at most what its decision says, is the batch
# the decision names, and all decisions of an item together yield at most what custody saw accepted.
SOURCES = """
CREATE FUNCTION ledger_check_sources(decisions bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM inventory_movement m JOIN inventory_sortingdecision d ON d.id = m.decision_id
        WHERE m.decision_id = ANY (decisions)
        GROUP BY d.id, d.outcome, d.quantity
        HAVING d.outcome <> 'accept' OR bool_or(m.batch_id <> d.batch_id)
            OR sum(CASE WHEN m.kind = 'accept' THEN m.quantity ELSE -m.quantity END) > d.quantity
    ) THEN
        PERFORM refuse('movement_within_decision', 'more was accepted than the decision says');
    END IF;
    IF EXISTS (
        SELECT 1 FROM inventory_sortingdecision d
        JOIN inventory_movement m ON m.decision_id = d.id
        LEFT JOIN donations_itemholdings h ON h.item_id = d.item_id
        WHERE d.item_id IN (SELECT item_id FROM inventory_sortingdecision WHERE id = ANY (decisions))
        GROUP BY d.item_id, h.accepted
        HAVING sum(CASE WHEN m.kind = 'accept' THEN m.quantity ELSE -m.quantity END) > coalesce(h.accepted, 0)
    ) THEN
        PERFORM refuse('movement_within_count', 'more was accepted than was counted of the item');
    END IF;
END $$;
"""

BATCH = """
CREATE FUNCTION batch_dated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM catalogue_medicine WHERE id = NEW.medicine_id
        AND ((requires_lot AND NEW.lot_number = '') OR (requires_expiry AND NEW.last_usable_day IS NULL))
    ) THEN
        PERFORM refuse('batch_lot_and_day_read', 'this medicine needs its lot number and last usable day');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER batch_dated BEFORE INSERT ON inventory_batch FOR EACH ROW EXECUTE FUNCTION batch_dated();
"""

# A balance row may be made empty beforehand (ledger_lock does); quantities come from movements only.
BALANCE = """
ALTER TABLE inventory_balance ADD CONSTRAINT balance_account_state
    FOREIGN KEY (account_id, county_id, state) REFERENCES inventory_account (id, county_id, state);
ALTER TABLE inventory_balance ADD CONSTRAINT balance_batch_same_county
    FOREIGN KEY (county_id, batch_id) REFERENCES inventory_batch (county_id, id);
CREATE FUNCTION balance_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse('balance_kept_by_ledger', 'balances are kept by the ledger');
    RETURN NULL;
END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON inventory_balance
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION balance_kept();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON inventory_balance
    FOR EACH STATEMENT EXECUTE FUNCTION balance_kept();
CREATE TRIGGER kept_empty BEFORE INSERT ON inventory_balance
    FOR EACH ROW WHEN (NEW.quantity <> 0) EXECUTE FUNCTION balance_kept();
"""

BACK = """
DROP TRIGGER kept ON inventory_balance;
DROP TRIGGER kept_whole ON inventory_balance;
DROP TRIGGER kept_empty ON inventory_balance;
DROP FUNCTION balance_kept;
ALTER TABLE inventory_balance DROP CONSTRAINT balance_account_state;
ALTER TABLE inventory_balance DROP CONSTRAINT balance_batch_same_county;
DROP TRIGGER batch_dated ON inventory_batch;
DROP FUNCTION batch_dated;
DROP TRIGGER ledger_kept ON inventory_movement;
DROP FUNCTION ledger_kept;
DROP FUNCTION ledger_broken_rule;
DROP FUNCTION ledger_check_sources;
DROP FUNCTION ledger_lock;
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_tables"), ("donations", "0002_custody_journal")]

    operations = [
        migrations.RunSQL(LOCK + SOURCES + KEPT + BATCH + BALANCE, BACK),
        append_only(
            "inventory_movement", "inventory_account", "inventory_batch", "inventory_sortingdecision"
        ),
        kept_by_trigger("inventory_stockday"),
    ]
