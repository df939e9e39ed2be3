from django.db import migrations

# A published name is withdrawn, or sealed anew under another key (manage.py rotate_donor_key): then it begins with
# another key's mark and is as long as before, but for the mark that old values lack. What it says is held against its
# commitment by verify_bulletins.
SEALED_ANEW = """
        AND NOT (
            OLD.opening IS NOT NULL AND substring(NEW.opening FROM 1 FOR 1) = '\\x02'
            AND substring(NEW.opening FROM 1 FOR 5) <> substring(OLD.opening FROM 1 FOR 5)
            AND length(NEW.opening) = length(OLD.opening)
                + CASE substring(OLD.opening FROM 1 FOR 1) WHEN '\\x01'::bytea THEN 4 ELSE 0 END
        )"""
GUARD = """
CREATE OR REPLACE FUNCTION named_donor_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('DELETE', 'TRUNCATE') OR (NEW.opening IS NOT NULL%(besides)s)
        OR (OLD.id, OLD.county_id, OLD.bulletin_id, OLD.donor_id, OLD.shown, OLD.commitment)
            IS DISTINCT FROM (NEW.id, NEW.county_id, NEW.bulletin_id, NEW.donor_id, NEW.shown, NEW.commitment)
    THEN
        PERFORM refuse('named_donor_kept', 'a published name is only withdrawn');
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0023_people_looked_up")]

    operations = [migrations.RunSQL(GUARD % {"besides": SEALED_ANEW}, GUARD % {"besides": ""})]
