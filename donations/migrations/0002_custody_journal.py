from django.db import migrations

from core.guards import append_only, kept_by_trigger, numbered_by_database

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

# What one entry may say beside the grammar of kinds and states. A reversal takes back one whole sorting entry. Goods
# stay where they stand, except that a handover takes them from its one place to its other. What a group takes in or
# gives out is an item of its handover with its label, while a shortage falls on the group alone, and a surplus on an
# item, since nothing could be sorted out of a group.
# Holdings rows are made where missing and locked in key order first: all that follows is judged under that lock.
JUDGED = f"""
CREATE FUNCTION custody_judged() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE broken text;
BEGIN
    PERFORM book_open(county_id, min(booked_on)) FROM fresh GROUP BY county_id ORDER BY county_id;

    INSERT INTO donations_itemholdings (county_id, item_id, place_id, {COLUMNS})
        SELECT DISTINCT ON (item_id) county_id, item_id, place_id, {ZEROS} FROM fresh
        WHERE item_id IS NOT NULL ORDER BY item_id, id ON CONFLICT (item_id) DO NOTHING;
    INSERT INTO donations_groupholdings (county_id, group_id, {COLUMNS})
        SELECT DISTINCT ON (group_id) county_id, group_id, {ZEROS} FROM fresh
        WHERE group_id IS NOT NULL ORDER BY group_id ON CONFLICT (group_id) DO NOTHING;
    PERFORM 1 FROM donations_itemholdings
        WHERE item_id IN (SELECT item_id FROM fresh) ORDER BY item_id FOR UPDATE;
    PERFORM 1 FROM donations_groupholdings
        WHERE group_id IN (SELECT group_id FROM fresh) ORDER BY group_id FOR UPDATE;

    SELECT rule INTO broken FROM (
        SELECT f.id, CASE
            WHEN f.kind = 'reversed' AND (o.kind NOT IN ('accepted', 'rejected', 'in_doubt')
                OR o.item_id IS DISTINCT FROM f.item_id OR o.quantity <> f.quantity OR o.to_state <> f.from_state)
                THEN 'custody_reversal_mirrors'
            WHEN 'on_the_way' IN (f.from_state, f.to_state) AND v.id IS NULL
                OR 'on_the_way' NOT IN (f.from_state, f.to_state) AND f.kind <> 'surplus' AND v.id IS NOT NULL
                THEN 'custody_names_its_handover'
            WHEN v.id IS NULL AND f.place_id <> h.place_id
                OR f.kind = 'handed_over' AND (f.place_id <> h.place_id OR f.place_id <> v.from_place_id)
                OR f.kind <> 'handed_over' AND f.place_id <> v.to_place_id
                THEN 'custody_stays_in_place'
            WHEN g.id IS NOT NULL AND (f.kind = 'surplus' OR g.handover_id IS DISTINCT FROM f.handover_id
                OR (i.id IS NOT NULL) <> (f.kind IN ('handed_over', 'received'))
                OR i.medicine_id IS DISTINCT FROM g.medicine_id AND i.id IS NOT NULL
                OR i.lot_number <> g.lot_number
                OR i.last_usable_day IS DISTINCT FROM g.last_usable_day AND i.id IS NOT NULL)
                THEN 'custody_of_its_group'
        END AS rule
        FROM fresh f
        LEFT JOIN donations_custodyentry o ON o.id = f.reverses_id AND o.county_id = f.county_id
        LEFT JOIN donations_itemholdings h ON h.item_id = f.item_id
        LEFT JOIN donations_item i ON i.id = f.item_id AND i.county_id = f.county_id
        LEFT JOIN donations_handovergroup g ON g.id = f.group_id AND g.county_id = f.county_id
        LEFT JOIN donations_handover v ON v.id = f.handover_id AND v.county_id = f.county_id
    ) judged WHERE rule IS NOT NULL ORDER BY id LIMIT 1;
    IF broken IS NOT NULL THEN
        PERFORM refuse(broken, 'the custody journal refuses this entry: ' || broken);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER custody_1_judged AFTER INSERT ON donations_custodyentry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION custody_judged();
"""

# One UPDATE: a negative delta in an upsert would trip the check although the result is legal.
HELD = f"""
CREATE FUNCTION custody_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
    RETURN NULL;
END $$;
CREATE TRIGGER custody_2_held AFTER INSERT ON donations_custodyentry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION custody_held();
"""

# What needs all entries of an item, read after its lock: nothing is registered twice, and no more of an item comes
# off a handover's list than was put on it.
ADDED_UP = """
CREATE FUNCTION custody_added_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM donations_custodyentry e JOIN donations_item i ON i.id = e.item_id
        WHERE e.kind IN ('registered', 'refused')
        AND e.item_id IN (SELECT item_id FROM fresh WHERE kind IN ('registered', 'refused'))
        GROUP BY i.id, i.county_id HAVING sum(e.quantity) > i.quantity
    ) THEN
        PERFORM refuse('custody_registered_once', 'more would be registered of the item than was brought');
    END IF;
    IF EXISTS (
        SELECT 1 FROM donations_custodyentry e
        WHERE e.item_id IN (SELECT item_id FROM fresh WHERE from_state = 'on_the_way')
        GROUP BY e.item_id, e.handover_id, e.group_id
        HAVING sum(e.quantity) FILTER (WHERE e.from_state = 'on_the_way')
            > coalesce(sum(e.quantity) FILTER (WHERE e.to_state = 'on_the_way'), 0)
    ) THEN
        PERFORM refuse('custody_within_list', 'more would come off the list of the item than was put on it');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER custody_3_added_up AFTER INSERT ON donations_custodyentry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION custody_added_up();
"""

ROLLED_UP = """
CREATE FUNCTION custody_rolled_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
CREATE TRIGGER custody_4_rolled_up AFTER INSERT ON donations_custodyentry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION custody_rolled_up();
"""
BACK = """
DROP TRIGGER custody_1_judged ON donations_custodyentry;
DROP TRIGGER custody_2_held ON donations_custodyentry;
DROP TRIGGER custody_3_added_up ON donations_custodyentry;
DROP TRIGGER custody_4_rolled_up ON donations_custodyentry;
DROP FUNCTION custody_judged;
DROP FUNCTION custody_held;
DROP FUNCTION custody_added_up;
DROP FUNCTION custody_rolled_up;
"""


class Migration(migrations.Migration):
    dependencies = [("donations", "0001_tables"), ("organisation", "0002_closed_days")]

    operations = [
        migrations.RunSQL(JUDGED + HELD + ADDED_UP + ROLLED_UP, BACK),
        append_only("donations_custodyentry", "donations_donation", "donations_item"),
        numbered_by_database(
            "donations_custodyentry", "donations_donation", "donations_item", "donations_handovergroup"
        ),
        kept_by_trigger("donations_itemholdings", "donations_groupholdings", "donations_custodyday"),
    ]
