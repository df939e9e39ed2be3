from django.db import migrations

# A hand-out of a day before its goods were held is booked out of held: of a day on which they were still good.
# What leaves the shelf is judged with the other movements (movement_not_expired).
IN_DATE = """
CREATE FUNCTION ledger_held_in_date() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM fresh f
        JOIN inventory_account a ON a.id = f.from_account_id AND a.county_id = f.county_id
        JOIN inventory_batch t ON t.id = f.batch_id AND t.county_id = f.county_id
        WHERE f.kind = 'dispense' AND a.state = 'held' AND t.last_usable_day < f.business_day
    ) THEN
        PERFORM refuse('movement_held_not_expired', 'handed out after its last usable day');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_5_held_in_date AFTER INSERT ON inventory_movement
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_held_in_date();
"""
BACK = """
DROP TRIGGER ledger_5_held_in_date ON inventory_movement;
DROP FUNCTION ledger_held_in_date;
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0004_recalls")]

    operations = [
        migrations.RunSQL(IN_DATE, BACK),
    ]
