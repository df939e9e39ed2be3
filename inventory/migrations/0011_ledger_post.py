from django.db import migrations

# The accounts found or made, in the order given. Each statement of a volatile function sees what was committed before
# it, also an account that somebody else made while the one before it waited.
ACCOUNTS = """
CREATE FUNCTION ledger_accounts(county text, places bigint[], sides text[], states text[], shipments bigint[])
    RETURNS bigint[] LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO inventory_account (county_id, place_id, side, state, shipment_id)
        SELECT county, w.place, w.side, w.state, w.shipment
        FROM unnest(places, sides, states, shipments)
            WITH ORDINALITY AS w(place, side, state, shipment, ordinal)
        WHERE NOT EXISTS (
            SELECT 1 FROM inventory_account a WHERE a.county_id = county AND a.place_id = w.place
            AND a.side = w.side AND a.state = w.state AND a.shipment_id IS NOT DISTINCT FROM w.shipment)
        ORDER BY w.ordinal
        ON CONFLICT DO NOTHING;
    RETURN ARRAY(
        SELECT a.id FROM unnest(places, sides, states, shipments)
            WITH ORDINALITY AS w(place, side, state, shipment, ordinal)
        LEFT JOIN inventory_account a ON a.county_id = county AND a.place_id = w.place
            AND a.side = w.side AND a.state = w.state AND a.shipment_id IS NOT DISTINCT FROM w.shipment
        ORDER BY w.ordinal);
END $$;
"""

# What `inventory.ledger.post` asks of the database, in one round trip: the county's book beside other writers, the
# accounts found or made, the balances locked in key order and judged under that lock, and one INSERT for all
# movements; or no movement at all, and every entry that is short with what is there. The guards stand behind it as
# behind any INSERT. `places` … `shipments` are the accounts in key order, `sources` and `targets` point into them.
POST = """
CREATE FUNCTION ledger_post(county text, places bigint[], sides text[], states text[], shipments bigint[],
    unbounded text[], sources integer[], targets integer[], batches bigint[], quantities integer[], kinds text[],
    document_types text[], document_ids bigint[], details text[], decisions bigint[], reversals bigint[],
    business_days date[], by_actor bigint, booking_day date, moment timestamptz, of_command uuid) RETURNS
    TABLE (entry bigint, movement bigint, there bigint) LANGUAGE plpgsql VOLATILE AS $$
DECLARE accounts bigint[]; locked_accounts bigint[]; locked_batches bigint[]; locked_quantities bigint[];
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('book ' || county, 0));

    accounts := ledger_accounts(county, places, sides, states, shipments);

    SELECT array_agg(l.account_id), array_agg(l.batch_id), array_agg(l.quantity)
        INTO locked_accounts, locked_batches, locked_quantities
        FROM ledger_lock(county, ARRAY(SELECT accounts[s] FROM unnest(sources || targets) AS s), batches || batches) l;

    RETURN QUERY
        WITH entries AS (
            SELECT e.ordinal, accounts[e.source] AS source, accounts[e.target] AS target, e.batch, e.quantity,
                states[e.source] <> ALL (unbounded) AS bounded
            FROM unnest(sources, targets, batches, quantities)
                WITH ORDINALITY AS e(source, target, batch, quantity, ordinal)
        ), ends AS (
            SELECT account, batch, sum(delta) AS delta FROM (
                SELECT source AS account, batch, -quantity::bigint AS delta FROM entries
                UNION ALL SELECT target, batch, quantity FROM entries
            ) legs GROUP BY account, batch
        )
        SELECT e.ordinal, NULL::bigint, b.quantity
        FROM unnest(locked_accounts, locked_batches, locked_quantities) AS b(account, batch, quantity)
        JOIN ends ON ends.account = b.account AND ends.batch = b.batch AND b.quantity + ends.delta < 0
        JOIN entries e ON e.source = b.account AND e.batch = b.batch AND e.bounded
        ORDER BY e.ordinal;
    IF FOUND THEN
        RETURN;
    END IF;

    RETURN QUERY
        WITH written AS (
            INSERT INTO inventory_movement (county_id, batch_id, quantity, from_account_id, to_account_id, kind,
                document_type, document_id, detail, decision_id, reverses_id, actor, business_day, booked_on,
                recorded_at, command)
            SELECT county, e.batch, e.quantity, accounts[e.source], accounts[e.target], e.kind,
                e.document_type, e.document_id, e.detail, e.decision, e.reversal, by_actor, e.business_day, booking_day,
                moment, of_command
            FROM unnest(batches, quantities, sources, targets, kinds, document_types, document_ids, details, decisions,
                reversals, business_days) WITH ORDINALITY AS e(batch, quantity, source, target, kind, document_type,
                document_id, detail, decision, reversal, business_day, ordinal)
            ORDER BY e.ordinal
            RETURNING id
        )
        SELECT row_number() OVER (ORDER BY written.id), written.id, NULL::bigint FROM written;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0010_labels")]

    operations = [
        migrations.RunSQL(ACCOUNTS + POST, "DROP FUNCTION ledger_post; DROP FUNCTION ledger_accounts;"),
    ]
