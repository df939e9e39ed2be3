from django.db import migrations

# As in 0007, but a closing account repeats the days of a whole campaign, up to the last one published.
NEXT = """
CREATE OR REPLACE FUNCTION bulletin_next(fresh reports_bulletin) RETURNS void LANGUAGE plpgsql AS $$
DECLARE last_day date; last_number integer;
BEGIN
    SELECT max(period_end), max(number) FILTER (WHERE year = fresh.year) INTO last_day, last_number
        FROM reports_bulletin WHERE county_id = fresh.county_id AND state = 'published' AND id <> fresh.id;
    IF fresh.corrects_id IS NULL AND {ordinary}fresh.period_start <> last_day + 1 THEN
        PERFORM refuse('bulletin_periods_consecutive', 'the period before ended on ' || last_day);
    END IF;
    {closing}
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
CLOSING = """IF fresh.corrects_id IS NULL AND fresh.kind = 'closing' AND fresh.period_end IS DISTINCT FROM last_day THEN
        PERFORM refuse('bulletin_closing_ends_with_periods', 'the last period ended on ' || last_day);
    END IF;"""
ORDINARY = "fresh.kind = 'period' AND "
FITS = """
CREATE OR REPLACE FUNCTION bulletin_correction_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (OLD.corrects_id, OLD.reason{kind_old}) IS DISTINCT FROM (NEW.corrects_id, NEW.reason{kind_new}) THEN
        PERFORM refuse('bulletin_state_forward', 'what was drafted as a correction stays one, for its reason');
    END IF;
    IF NEW.corrects_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM reports_bulletin was
            WHERE was.county_id = NEW.county_id AND was.id = NEW.corrects_id AND was.state = 'published'
                AND (was.campaign_id, was.period_start, was.period_end{kind_was})
                    = (NEW.campaign_id, NEW.period_start, NEW.period_end{kind_new})
    ) THEN
        PERFORM refuse('bulletin_correction_of_published', 'a correction is of a published edition, for its days');
    END IF;
    RETURN NEW;
END $$;
"""
KIND = {"kind_old": ", OLD.kind", "kind_new": ", NEW.kind", "kind_was": ", was.kind"}
NAMES = [
    ("bulletin.csv", "Csv"),
    ("datapackage.json", "Package"),
    ("bulletin.xlsx", "Xlsx"),
    ("bulletin.pdf", "Pdf"),
    ("archive.zip", "Archive"),
]


class Migration(migrations.Migration):
    dependencies = [("reports", "0009_withdrawals")]

    operations = [
        migrations.RunSQL(
            NEXT.format(ordinary=ORDINARY, closing=CLOSING), NEXT.format(ordinary="", closing="")
        ),
        migrations.RunSQL(FITS.format(**KIND), FITS.format(kind_old="", kind_new="", kind_was="")),
    ]
