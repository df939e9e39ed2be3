from django.db import migrations

# The last word on bulletins: drafted, submitted, published, in that order and never back; a published one never
# changes and never goes; its hash is that of its bytes, its number the next of its county and year, its period the
# one after the last published, and its days closed. The publisher holds the county's row, so the counts here stand.
SQL = """
CREATE FUNCTION bulletin_next(fresh reports_bulletin) RETURNS void LANGUAGE plpgsql AS $$
DECLARE last_day date; last_number integer;
BEGIN
    SELECT max(period_end), max(number) FILTER (WHERE year = fresh.year) INTO last_day, last_number
        FROM reports_bulletin WHERE county_id = fresh.county_id AND state = 'published' AND id <> fresh.id;
    IF fresh.period_start <> last_day + 1 THEN
        PERFORM refuse('bulletin_periods_consecutive', 'the period before ended on ' || last_day);
    END IF;
    IF fresh.number <> coalesce(last_number, 0) + 1 THEN
        PERFORM refuse('bulletin_number_next', 'numbers of a county and year have no gaps');
    END IF;
    IF fresh.sha256 <> encode(sha256(fresh.content), 'hex') THEN
        PERFORM refuse('bulletin_hash_of_content', 'the hash is not that of the bytes');
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM organisation_county WHERE code = fresh.county_id AND closed_through >= fresh.period_end
    ) THEN
        PERFORM refuse('bulletin_days_closed', 'the days of the period are still open');
    END IF;
END $$;

CREATE FUNCTION bulletin_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            PERFORM refuse('bulletin_begins_as_draft', 'a bulletin begins as a draft');
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'published' THEN
        PERFORM refuse('bulletin_frozen', 'a published bulletin stays as it is');
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF (OLD.state, NEW.state) NOT IN (
        ('draft', 'draft'), ('draft', 'submitted'), ('submitted', 'submitted'), ('submitted', 'published')
    ) THEN
        PERFORM refuse('bulletin_state_forward', 'a bulletin goes from draft to submitted to published');
    END IF;
    IF (OLD.id, OLD.county_id, OLD.drafted_by, OLD.drafted_at)
        IS DISTINCT FROM (NEW.id, NEW.county_id, NEW.drafted_by, NEW.drafted_at)
        OR OLD.state = 'submitted' AND (OLD.campaign_id, OLD.period_start, OLD.period_end)
        IS DISTINCT FROM (NEW.campaign_id, NEW.period_start, NEW.period_end)
    THEN
        PERFORM refuse('bulletin_state_forward', 'what was submitted is what is signed');
    END IF;
    IF NEW.state = 'published' THEN
        PERFORM bulletin_next(NEW);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER moves_on BEFORE INSERT OR UPDATE OR DELETE ON reports_bulletin
    FOR EACH ROW EXECUTE FUNCTION bulletin_moves_on();

CREATE FUNCTION bulletin_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse('bulletin_frozen', 'published bulletins stay');
    RETURN NULL;
END $$;
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON reports_bulletin
    FOR EACH STATEMENT EXECUTE FUNCTION bulletin_kept();
"""
BACK = """
DROP TRIGGER moves_on ON reports_bulletin;
DROP TRIGGER kept_whole ON reports_bulletin;
DROP FUNCTION bulletin_kept;
DROP FUNCTION bulletin_moves_on;
DROP FUNCTION bulletin_next(reports_bulletin);
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_tables"), ("organisation", "0002_closed_days")]

    operations = [
        migrations.RunSQL(SQL, BACK),
    ]
