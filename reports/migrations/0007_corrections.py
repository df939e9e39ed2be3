from django.db import migrations

# Drafts say nothing but their period; of several for the same one the furthest stays.
ONE_DRAFT = """
DELETE FROM reports_bulletin b USING reports_bulletin kept
WHERE b.state <> 'published' AND kept.state <> 'published' AND kept.county_id = b.county_id
    AND (kept.campaign_id, kept.period_start, kept.period_end) = (b.campaign_id, b.period_start, b.period_end)
    AND (kept.state = 'submitted', -kept.id) > (b.state = 'submitted', -b.id);
"""

# As in 0002, but a correction repeats the period of the published edition that it names, and names it for good.
NEXT = """
CREATE OR REPLACE FUNCTION bulletin_next(fresh reports_bulletin) RETURNS void LANGUAGE plpgsql AS $$
DECLARE last_day date; last_number integer;
BEGIN
    SELECT max(period_end), max(number) FILTER (WHERE year = fresh.year) INTO last_day, last_number
        FROM reports_bulletin WHERE county_id = fresh.county_id AND state = 'published' AND id <> fresh.id;
    IF {ordinary}fresh.period_start <> last_day + 1 THEN
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
"""
STRAYS = """
CREATE FUNCTION bulletin_correction_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.corrects_id, OLD.reason) IS DISTINCT FROM (NEW.corrects_id, NEW.reason) THEN
        PERFORM refuse('bulletin_state_forward', 'what was drafted as a correction stays one, for its reason');
    END IF;
    IF NEW.corrects_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM reports_bulletin was
            WHERE was.county_id = NEW.county_id AND was.id = NEW.corrects_id AND was.state = 'published'
                AND (was.campaign_id, was.period_start, was.period_end)
                    = (NEW.campaign_id, NEW.period_start, NEW.period_end)
    ) THEN
        PERFORM refuse('bulletin_correction_of_published', 'a correction is of a published edition, for its days');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fits BEFORE INSERT OR UPDATE ON reports_bulletin
    FOR EACH ROW EXECUTE FUNCTION bulletin_correction_fits();
"""
BACK = """
DROP TRIGGER fits ON reports_bulletin;
DROP FUNCTION bulletin_correction_fits;
"""
ORDINARY = "fresh.corrects_id IS NULL AND "


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_ledger_days")]

    operations = [
        migrations.RunSQL(ONE_DRAFT, migrations.RunSQL.noop),
        migrations.RunSQL(NEXT.format(ordinary=ORDINARY), NEXT.format(ordinary="")),
        migrations.RunSQL(STRAYS, BACK),
    ]
