from django.db import migrations

# Beside the numbers of its rows a county has those of its entries in the audit log, one after the other, so that its
# auditors are told nothing of how much others do (core.0009).
BEGUN = """
CREATE OR REPLACE FUNCTION county_brought_in() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.begin_county_numbers(NEW.code, 0);
    EXECUTE format('CREATE SEQUENCE IF NOT EXISTS public.%I MAXVALUE 9007199254740991',
        'county_' || NEW.code || '_entries');
    RETURN NULL;
END $$;
"""
BEGUN_BEFORE = """
CREATE OR REPLACE FUNCTION county_brought_in() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.begin_county_numbers(NEW.code, 0);
    RETURN NULL;
END $$;
"""

# Entries that were written before keep the bytes that were hashed, without a number; they are counted all the same,
# and `verify_audit` knows both forms.
EVERYWHERE = """
DO $$
DECLARE county text; top bigint;
BEGIN
    FOR county IN SELECT code FROM organisation_county ORDER BY code LOOP
        EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I MAXVALUE 9007199254740991', 'county_' || county || '_entries');
    END LOOP;
    ALTER TABLE core_auditentry DISABLE TRIGGER append_only;
    UPDATE core_auditentry e SET number = counted.number FROM (
        SELECT id, row_number() OVER (PARTITION BY a.county ORDER BY id) AS number FROM core_auditentry a
        JOIN organisation_county c ON c.code = a.county
    ) counted WHERE counted.id = e.id AND e.number IS NULL;
    ALTER TABLE core_auditentry ENABLE TRIGGER append_only;
    FOR county, top IN SELECT c.code, max(e.number) FROM organisation_county c
        JOIN core_auditentry e ON e.county = c.code GROUP BY c.code
    LOOP
        PERFORM setval(format('%I', 'county_' || county || '_entries')::regclass, top);
    END LOOP;
END $$;
"""
BACK = """
DO $$
DECLARE county text;
BEGIN
    FOR county IN SELECT code FROM organisation_county LOOP
        EXECUTE format('DROP SEQUENCE IF EXISTS %I', 'county_' || county || '_entries');
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("organisation", "0016_county_numbers"), ("core", "0009_audit_numbers")]

    operations = [
        migrations.RunSQL(BEGUN, BEGUN_BEFORE),
        migrations.RunSQL(EVERYWHERE, BACK),
    ]
