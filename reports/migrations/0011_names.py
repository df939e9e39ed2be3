import django.db.models.deletion
from django.db import migrations, models

# A name is published with its edition, and afterwards only withdrawn, together with its salt.
SQL = """
CREATE FUNCTION named_donor_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('DELETE', 'TRUNCATE') OR NEW.opening IS NOT NULL
        OR (OLD.id, OLD.county_id, OLD.bulletin_id, OLD.donor_id, OLD.shown, OLD.commitment)
            IS DISTINCT FROM (NEW.id, NEW.county_id, NEW.bulletin_id, NEW.donor_id, NEW.shown, NEW.commitment)
    THEN
        PERFORM refuse('named_donor_kept', 'a published name is only withdrawn');
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON reports_nameddonor
    FOR EACH ROW EXECUTE FUNCTION named_donor_kept();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON reports_nameddonor
    FOR EACH STATEMENT EXECUTE FUNCTION named_donor_kept();

CREATE FUNCTION named_donor_of_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM reports_bulletin
            WHERE id = NEW.bulletin_id AND county_id = NEW.county_id AND state = 'published'
    ) THEN
        PERFORM refuse('named_donor_of_published', 'names stand beside published bulletins only');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER of_published BEFORE INSERT ON reports_nameddonor
    FOR EACH ROW EXECUTE FUNCTION named_donor_of_published();

CREATE FUNCTION donor_unnamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE reports_nameddonor SET opening = NULL
        WHERE county_id = NEW.county_id AND donor_id = NEW.id AND opening IS NOT NULL
            AND (NEW.publish IS NULL OR NEW.publish NOT IN ('full', shown));
    RETURN NULL;
END $$;
CREATE TRIGGER unnamed AFTER UPDATE OF publish ON donations_donor
    FOR EACH ROW WHEN (OLD.publish IS DISTINCT FROM NEW.publish) EXECUTE FUNCTION donor_unnamed();
"""
BACK = """
DROP TRIGGER unnamed ON donations_donor;
DROP FUNCTION donor_unnamed;
DROP TRIGGER of_published ON reports_nameddonor;
DROP FUNCTION named_donor_of_published;
DROP TRIGGER kept ON reports_nameddonor;
DROP TRIGGER kept_whole ON reports_nameddonor;
DROP FUNCTION named_donor_kept;
"""


def _inside(to: str) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to=to,
    )


class Migration(migrations.Migration):
    dependencies = [("reports", "0010_closing_accounts"), ("donations", "0011_item_photos")]

    operations = [
        migrations.RunSQL(SQL, BACK),
    ]
