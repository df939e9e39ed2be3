from django.db import migrations

from core.guards import append_only, kept_by_trigger, numbered_by_database

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

# Missing rows first, then locks in key order, then (in the trigger) one UPDATE: a negative delta in an upsert would
# trip the check although the result is legal, and unordered locks would let two statements wait for each other.
LOCK = """
CREATE FUNCTION ledger_lock(county text, accounts bigint[], batches bigint[]) RETURNS
    TABLE (account_id bigint, batch_id bigint, quantity bigint) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO inventory_balance (county_id, account_id, batch_id, state, quantity)
        SELECT DISTINCT county, a.id, pair.batch, a.state, 0
        FROM unnest(accounts, batches) AS pair(account, batch)
        JOIN inventory_account a ON a.id = pair.account AND a.county_id = county
        WHERE NOT EXISTS (
            SELECT 1 FROM inventory_balance b WHERE b.account_id = pair.account AND b.batch_id = pair.batch)
        ORDER BY 2, 3
        ON CONFLICT DO NOTHING;
    RETURN QUERY
        SELECT b.account_id, b.batch_id, b.quantity
        FROM unnest(accounts, batches) AS pair(account, batch)
        JOIN inventory_balance b ON b.account_id = pair.account AND b.batch_id = pair.batch
        ORDER BY b.account_id, b.batch_id FOR UPDATE OF b;
END $$;
"""

# What one movement may say: a known step, in one place but for a receipt, with the source of what was donated and
# the paper of what is promised, nothing handed on that is past its last usable day, and a reversal of one whole
# movement that is none itself. What touches `converted` comes back whole to the account it left, as the same
# medicine, in the same statement: also when a conversion is taken back.
JUDGED = f"""
CREATE FUNCTION ledger_judged() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE broken text;
BEGIN
    PERFORM book_open(county_id, min(booked_on)) FROM fresh GROUP BY county_id ORDER BY county_id;

    SELECT rule INTO broken FROM (
        SELECT f.id, CASE
            WHEN f.kind <> 'reversal' AND (f.kind, a.state, b.state) NOT IN ({VALUES}) THEN 'movement_step_known'
            WHEN f.kind = 'reversal' AND (o.kind = 'reversal'
                OR (o.batch_id, o.quantity, o.from_account_id, o.to_account_id)
                    <> (f.batch_id, f.quantity, f.to_account_id, f.from_account_id)
                OR o.decision_id IS DISTINCT FROM f.decision_id) THEN 'movement_reversal_mirrors'
            WHEN ('donated' IN (a.state, b.state)) <> (d.id IS NOT NULL) THEN 'movement_accept_has_source'
            WHEN (a.place_id <> b.place_id AND f.kind NOT IN ('receive', 'reversal'))
                OR (a.side <> b.side AND f.kind NOT IN ('receive', 'reversal', 'local_use'))
                OR (f.kind = 'local_use' AND (a.side, b.side) <> ('store', 'clinic'))
                OR d.place_id <> a.place_id THEN 'movement_stays_in_place'
            WHEN 'converted' NOT IN (a.state, b.state)
                AND coalesce(a.shipment_id, b.shipment_id) IS NOT NULL
                AND (f.document_type, coalesce(a.shipment_id, f.document_id), coalesce(b.shipment_id, f.document_id))
                    IS DISTINCT FROM ('shipment', f.document_id, f.document_id) THEN 'movement_own_reservation'
            WHEN t.last_usable_day < f.business_day
                AND (f.kind IN ('reserve', 'dispatch', 'local_use')
                    OR (f.kind = 'dispense' AND a.state = 'available')
                    OR (f.kind IN ('accept', 'release', 'receive') AND b.state = 'available'))
                THEN 'movement_not_expired'
        END AS rule
        FROM fresh f
        JOIN inventory_account a ON a.id = f.from_account_id AND a.county_id = f.county_id
        JOIN inventory_account b ON b.id = f.to_account_id AND b.county_id = f.county_id
        JOIN inventory_batch t ON t.id = f.batch_id AND t.county_id = f.county_id
        LEFT JOIN inventory_sortingdecision d ON d.id = f.decision_id AND d.county_id = f.county_id
        LEFT JOIN inventory_movement o ON o.id = f.reverses_id AND o.county_id = f.county_id
    ) judged WHERE rule IS NOT NULL ORDER BY id LIMIT 1;
    IF broken IS NOT NULL THEN
        PERFORM refuse(broken, 'the ledger refuses this movement: ' || broken);
    END IF;

    IF EXISTS (
        SELECT 1 FROM fresh f
        JOIN inventory_account a ON a.id = f.from_account_id AND a.county_id = f.county_id
        JOIN inventory_account b ON b.id = f.to_account_id AND b.county_id = f.county_id
        JOIN inventory_batch t ON t.id = f.batch_id AND t.county_id = f.county_id
        WHERE 'converted' IN (a.state, b.state)
        GROUP BY f.command, CASE WHEN b.state = 'converted' THEN a.id ELSE b.id END, t.medicine_id
        HAVING sum(CASE WHEN b.state = 'converted' THEN f.quantity ELSE -f.quantity END) <> 0
    ) THEN
        PERFORM refuse('movement_convert_balanced', 'what is converted comes back whole to where it was');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_1_judged AFTER INSERT ON inventory_movement
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_judged();
"""

KEPT = """
CREATE FUNCTION ledger_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_2_kept AFTER INSERT ON inventory_movement
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_kept();
"""

ROLLED_UP = """
CREATE FUNCTION ledger_rolled_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
CREATE TRIGGER ledger_4_rolled_up AFTER INSERT ON inventory_movement
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_rolled_up();
"""

# Nothing enters stock that nobody donated: what leaves `donated` is at most what its decision says, is the batch
# the decision names, and all decisions of an item together yield at most what custody saw accepted; nor can custody
# take back an acceptance whose goods still stand in the ledger. The item's holdings are the lock of all three.
SOURCES = """
CREATE FUNCTION ledger_check_items(items bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM inventory_sortingdecision d
        JOIN inventory_movement m ON m.decision_id = d.id AND m.county_id = d.county_id
        LEFT JOIN donations_itemholdings h ON h.item_id = d.item_id
        WHERE d.item_id = ANY (items)
        GROUP BY d.item_id, h.accepted
        HAVING sum(CASE WHEN m.kind = 'accept' THEN m.quantity ELSE -m.quantity END) > coalesce(h.accepted, 0)
    ) THEN
        PERFORM refuse('movement_within_count', 'more stands in the ledger than custody saw accepted of the item');
    END IF;
END $$;

CREATE FUNCTION ledger_sourced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE items bigint[];
BEGIN
    items := ARRAY(SELECT DISTINCT d.item_id FROM fresh f
        JOIN inventory_sortingdecision d ON d.id = f.decision_id AND d.county_id = f.county_id);
    IF items = '{}' THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM donations_itemholdings WHERE item_id = ANY (items) ORDER BY item_id FOR UPDATE;
    IF EXISTS (
        SELECT 1 FROM inventory_movement m
        JOIN inventory_sortingdecision d ON d.id = m.decision_id AND d.county_id = m.county_id
        WHERE m.decision_id IN (SELECT decision_id FROM fresh)
        GROUP BY d.id, d.outcome, d.quantity
        HAVING d.outcome <> 'accept' OR bool_or(m.batch_id IS DISTINCT FROM d.batch_id)
            OR sum(CASE WHEN m.kind = 'accept' THEN m.quantity ELSE -m.quantity END) > d.quantity
    ) THEN
        PERFORM refuse('movement_within_decision', 'more was accepted than the decision says');
    END IF;
    PERFORM ledger_check_items(items);
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_3_sourced AFTER INSERT ON inventory_movement
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_sourced();

CREATE FUNCTION custody_sourced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_check_items(array_agg(item_id)) FROM fresh WHERE from_state = 'accepted' HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER custody_5_sourced AFTER INSERT ON donations_custodyentry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION custody_sourced();
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
    RETURN NEW;
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
DROP TRIGGER ledger_1_judged ON inventory_movement;
DROP TRIGGER ledger_2_kept ON inventory_movement;
DROP TRIGGER ledger_3_sourced ON inventory_movement;
DROP TRIGGER ledger_4_rolled_up ON inventory_movement;
DROP TRIGGER custody_5_sourced ON donations_custodyentry;
DROP FUNCTION ledger_judged;
DROP FUNCTION ledger_kept;
DROP FUNCTION ledger_sourced;
DROP FUNCTION ledger_rolled_up;
DROP FUNCTION custody_sourced;
DROP FUNCTION ledger_check_items;
DROP FUNCTION ledger_lock;
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_tables"), ("donations", "0002_custody_journal")]

    operations = [
        migrations.RunSQL(LOCK + JUDGED + KEPT + SOURCES + ROLLED_UP + BATCH + BALANCE, BACK),
        append_only(
            "inventory_movement", "inventory_account", "inventory_batch", "inventory_sortingdecision"
        ),
        numbered_by_database(
            "inventory_movement", "inventory_account", "inventory_batch", "inventory_sortingdecision"
        ),
        kept_by_trigger("inventory_stockday"),
    ]
