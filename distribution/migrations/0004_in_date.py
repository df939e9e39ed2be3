from django.db import migrations

# No plan gives what had expired when it was drafted, and no hand-out what expires before its course ends, counted
# from its own day: last usable day >= dispensing day + days of supply - 1.
IN_DATE = """
CREATE FUNCTION plan_line_in_date() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM fresh l
        JOIN distribution_plan p ON p.id = l.plan_id AND p.county_id = l.county_id
        JOIN inventory_batch b ON b.id = l.batch_id AND b.county_id = l.county_id
        WHERE b.last_usable_day < p.planned_on
    ) THEN
        PERFORM refuse('plan_line_not_expired', 'planned after its last usable day');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER plan_line_in_date AFTER INSERT ON distribution_planline
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION plan_line_in_date();

CREATE FUNCTION dispensing_line_in_date() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM fresh l
        JOIN distribution_dispensing d ON d.id = l.dispensing_id AND d.county_id = l.county_id
        JOIN inventory_batch b ON b.id = l.batch_id AND b.county_id = l.county_id
        WHERE b.last_usable_day < d.dispensed_on + l.days_supply - 1
    ) THEN
        PERFORM refuse('dispensing_line_lasts', 'expires before the course ends');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER dispensing_line_in_date AFTER INSERT ON distribution_dispensingline
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION dispensing_line_in_date();
"""
BACK = """
DROP TRIGGER plan_line_in_date ON distribution_planline;
DROP FUNCTION plan_line_in_date;
DROP TRIGGER dispensing_line_in_date ON distribution_dispensingline;
DROP FUNCTION dispensing_line_in_date;
"""


class Migration(migrations.Migration):
    dependencies = [("distribution", "0003_shipment_ends")]

    operations = [
        migrations.RunSQL(IN_DATE, BACK),
    ]
