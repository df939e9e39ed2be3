from django.db import migrations

# Closing days takes the county's book exclusively, writing an entry takes it shared: a day that is being closed
# waits for the entries under way, and later entries see that it is closed. All guards that read other rows under a
# lock rest on READ COMMITTED, where every statement sees what was committed before it.
SQL = """
CREATE FUNCTION county_closes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('book ' || NEW.code, 0));
    IF OLD.closed_through IS NOT NULL AND (NEW.closed_through IS NULL OR NEW.closed_through < OLD.closed_through) THEN
        PERFORM refuse('closed_days_stay_closed', 'closed days of a county stay closed');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER county_closes BEFORE UPDATE OF closed_through ON organisation_county
    FOR EACH ROW EXECUTE FUNCTION county_closes();

CREATE FUNCTION book_open(county text, first_day date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM refuse('book_read_committed', 'an older snapshot would not see what other writers booked');
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('book ' || county, 0));
    IF EXISTS (SELECT 1 FROM organisation_county WHERE code = county AND closed_through >= first_day) THEN
        PERFORM refuse('booking_day_open', 'day ' || first_day || ' of county ' || county || ' is closed');
    END IF;
END $$;
"""
BACK = """
DROP TRIGGER county_closes ON organisation_county;
DROP FUNCTION county_closes;
DROP FUNCTION book_open(text, date);
"""


class Migration(migrations.Migration):
    dependencies = [("organisation", "0001_tables"), ("core", "0002_append_only_log")]

    operations = [
        migrations.RunSQL(SQL, BACK),
    ]
