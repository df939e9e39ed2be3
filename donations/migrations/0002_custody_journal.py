from django.db import migrations

from core.guards import append_only, kept_by_trigger

STATES = [
    "at_point", "on_the_way", "counted", "in_doubt", "accepted", "in_bin",
    "refused", "voided", "missing", "returned", "destroyed",
]  # fmt: skip
COLUMNS = ", ".join(STATES)
ZEROS = ", ".join("0" for _ in STATES)
ADDED = ", ".join(f"{state} = h.{state} + d.{state}" for state in STATES)
DELTAS = ", ".join(
    f"coalesce(sum(delta) FILTER (WHERE state = '{state}'), 0)::integer AS {state}" for state in STATES
)

# Missing rows first, then locks in key order, then one UPDATE: a negative delta in an upsert would trip the
# check although the result is legal, and unordered locks would let two statements wait for each other.
SQL = f"""
CREATE FUNCTION custody_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM book_open(county_id, min(booked_on)) FROM fresh GROUP BY county_id ORDER BY county_id;

    IF EXISTS (
        SELECT 1 FROM fresh f JOIN donations_custodyentry o ON o.id = f.reverses_id AND o.county_id = f.county_id
        WHERE o.kind = 'reversed' OR o.item_id IS DISTINCT FROM f.item_id OR o.quantity <> f.quantity
           OR o.to_state <> f.from_state
    ) THEN
        PERFORM refuse('custody_reversal_mirrors', 'a reversal takes back one whole entry, and no reversal');
    END IF;

    INSERT INTO donations_itemholdings (county_id, item_id, place_id, {COLUMNS})
        SELECT DISTINCT ON (item_id) county_id, item_id, place_id, {ZEROS} FROM fresh
        WHERE item_id IS NOT NULL ORDER BY item_id ON CONFLICT (item_id) DO NOTHING;
    INSERT INTO donations_groupholdings (county_id, group_id, {COLUMNS})
        SELECT DISTINCT ON (group_id) county_id, group_id, {ZEROS} FROM fresh
        WHERE group_id IS NOT NULL ORDER BY group_id ON CONFLICT (group_id) DO NOTHING;
    PERFORM 1 FROM donations_itemholdings
        WHERE item_id IN (SELECT item_id FROM fresh) ORDER BY item_id FOR UPDATE;
    PERFORM 1 FROM donations_groupholdings
        WHERE group_id IN (SELECT group_id FROM fresh) ORDER BY group_id FOR UPDATE;

    UPDATE donations_itemholdings h SET {ADDED}, place_id = d.place_id FROM (
        SELECT item_id, (array_agg(place_id ORDER BY id DESC))[1] AS place_id, {DELTAS} FROM (
            SELECT id, item_id, place_id, from_state AS state, -quantity AS delta FROM fresh
                WHERE group_id IS NULL OR kind = 'handed_over'
            UNION ALL
            SELECT id, item_id, place_id, to_state, quantity FROM fresh
                WHERE group_id IS NULL OR kind = 'received'
        ) legs WHERE item_id IS NOT NULL GROUP BY item_id
    ) d WHERE h.item_id = d.item_id;
    UPDATE donations_groupholdings h SET {ADDED} FROM (
        SELECT group_id, {DELTAS} FROM (
            SELECT group_id, from_state AS state, -quantity AS delta FROM fresh WHERE kind <> 'handed_over'
            UNION ALL
            SELECT group_id, to_state, quantity FROM fresh WHERE kind <> 'received'
        ) legs WHERE group_id IS NOT NULL GROUP BY group_id
    ) d WHERE h.group_id = d.group_id;

    INSERT INTO donations_custodyday AS day
        (county_id, booked_on, place_id, medicine_id, kind, from_state, to_state, reason, quantity, entries)
        SELECT f.county_id, f.booked_on, f.place_id, coalesce(i.medicine_id, g.medicine_id), f.kind,
               f.from_state, f.to_state, f.reason, sum(f.quantity), count(*)
        FROM fresh f
        LEFT JOIN donations_item i ON i.id = f.item_id
        LEFT JOIN donations_handovergroup g ON g.id = f.group_id
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
        ON CONFLICT ON CONSTRAINT custody_day_once
        DO UPDATE SET quantity = day.quantity + EXCLUDED.quantity, entries = day.entries + EXCLUDED.entries;
    RETURN NULL;
END $$;
CREATE TRIGGER custody_kept AFTER INSERT ON donations_custodyentry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION custody_kept();
"""
BACK = "DROP TRIGGER custody_kept ON donations_custodyentry; DROP FUNCTION custody_kept;"


class Migration(migrations.Migration):
    dependencies = [("donations", "0001_tables"), ("organisation", "0002_closed_days")]

    operations = [
        migrations.RunSQL(SQL, BACK),
        append_only("donations_custodyentry", "donations_donation", "donations_item"),
        kept_by_trigger("donations_itemholdings", "donations_groupholdings", "donations_custodyday"),
    ]
