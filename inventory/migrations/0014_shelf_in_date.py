from django.db import migrations

# The shelf never gains what is past its last usable day, by whatever movement: promised goods that come back, what a
# count finds, what is taken back. Over a whole statement, so that it may pass over the shelf into hold; by the day of
# the deed, for a receipt that is entered late lets in what was still good when it came.
IN_DATE = """
CREATE FUNCTION ledger_shelf_in_date() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (
            SELECT county_id, to_account_id AS account, batch_id, business_day, quantity::bigint AS delta FROM fresh
            UNION ALL
            SELECT county_id, from_account_id, batch_id, business_day, -quantity::bigint FROM fresh
        ) legs
        JOIN inventory_account a ON a.id = legs.account AND a.county_id = legs.county_id AND a.state = 'available'
        JOIN inventory_batch t ON t.id = legs.batch_id AND t.county_id = legs.county_id
            AND t.last_usable_day < legs.business_day
        GROUP BY legs.county_id, legs.account, legs.batch_id HAVING sum(delta) > 0
    ) THEN
        PERFORM refuse('movement_shelf_in_date', 'what has expired does not come to a shelf');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_9_shelf_in_date AFTER INSERT ON inventory_movement
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_shelf_in_date();
"""
BACK = "DROP TRIGGER ledger_9_shelf_in_date ON inventory_movement; DROP FUNCTION ledger_shelf_in_date;"


class Migration(migrations.Migration):
    dependencies = [("inventory", "0013_kits")]

    operations = [
        migrations.RunSQL(IN_DATE, BACK),
    ]
