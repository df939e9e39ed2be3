from django.db import migrations

# A county's numbers are 10,000 apart and end in four digits of its own: no two counties share one, and none can tell
# from its own how many others were given. One sequence serves all tables of a county. 2^53 is the last number that
# every reader of JSON holds exactly.
BEGUN = """
CREATE FUNCTION begin_county_numbers(county text, above bigint) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE first bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('numbers of counties', 0));
    SELECT max(s.seqstart) + 1 INTO first FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname LIKE 'county\\_%\\_numbers';
    first := coalesce(first, (above / 10000 + 2) * 10000 + 1);
    IF first % 10000 = 0 THEN
        RAISE EXCEPTION 'there are numbers for 9,999 counties' USING ERRCODE = 'program_limit_exceeded';
    END IF;
    EXECUTE format(
        'CREATE SEQUENCE IF NOT EXISTS public.%I INCREMENT 10000 MINVALUE %s START %2$s MAXVALUE 9007199254740991',
        'county_' || county || '_numbers', first);
END $$;

CREATE FUNCTION county_brought_in() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.begin_county_numbers(NEW.code, 0);
    RETURN NULL;
END $$;
CREATE TRIGGER numbered AFTER INSERT ON organisation_county FOR EACH ROW EXECUTE FUNCTION county_brought_in();

CREATE FUNCTION last_county_number(county text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE last bigint;
BEGIN
    EXECUTE format('SELECT CASE WHEN is_called THEN last_value ELSE last_value - 10000 END FROM public.%I',
        'county_' || county || '_numbers') INTO last;
    RETURN last;
END $$;
"""

# A table whose numbers nobody may choose stays one. The trigger's name makes it the first of its row: others look at
# the number. It fires also where triggers are set aside, for there is no other way to a number.
NUMBERED = """
CREATE FUNCTION number_of_county() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.id IS NULL THEN
        NEW.id := nextval(format('public.%I', 'county_' || NEW.county_id || '_numbers')::regclass);
    ELSIF TG_ARGV[0] = 'always' AND current_setting('session_replication_role') = 'origin' THEN
        RAISE EXCEPTION 'the database numbers the rows of %', TG_TABLE_NAME USING ERRCODE = 'generated_always';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION number_of_persons_county() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.id IS NULL THEN
        SELECT nextval(format('public.%I', 'county_' || county_id || '_numbers')::regclass) INTO NEW.id
            FROM public.organisation_person WHERE id = NEW.person_id;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION number_by_county(target regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE kept text; from_where text;
BEGIN
    SELECT CASE attidentity WHEN 'a' THEN 'always' ELSE 'missing' END INTO kept
        FROM pg_attribute WHERE attrelid = target AND attname = 'id';
    SELECT CASE count(*) WHEN 0 THEN 'number_of_persons_county' ELSE 'number_of_county' END INTO from_where
        FROM pg_attribute WHERE attrelid = target AND attname = 'county_id';
    EXECUTE format('ALTER TABLE %s ALTER COLUMN id DROP IDENTITY IF EXISTS', target);
    EXECUTE format('CREATE TRIGGER "0_number" BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION %I(%L)',
        target, from_where, kept);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER "0_number"', target);
END $$;
"""

# Of every room, as they are now; a table made later is numbered by its own step (core.guards.numbered_by_county).
# What is numbered keeps its number, and the first new ones stand above all of them.
EVERYWHERE = """
DO $$
DECLARE target regclass; county text; above bigint := 0; top bigint;
BEGIN
    FOR target IN SELECT c.oid FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> ''
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname = 'id'
        AND (c.relname = 'organisation_accesstoken'
            OR EXISTS (SELECT FROM pg_attribute o WHERE o.attrelid = c.oid AND o.attname = 'county_id'))
    LOOP
        PERFORM number_by_county(target);
        EXECUTE format('SELECT max(id) FROM %s', target) INTO top;
        above := greatest(above, top);
    END LOOP;
    FOR county IN SELECT code FROM organisation_county ORDER BY code LOOP
        PERFORM begin_county_numbers(county, above);
    END LOOP;
END $$;
"""

BACK = """
DO $$
DECLARE target regclass; county text; kept text; top bigint;
BEGIN
    FOR target, kept IN SELECT t.tgrelid, CASE WHEN t.tgargs = 'always\\000' THEN 'ALWAYS' ELSE 'BY DEFAULT' END
        FROM pg_trigger t WHERE t.tgname = '0_number'
    LOOP
        EXECUTE format('DROP TRIGGER "0_number" ON %s', target);
        EXECUTE format('SELECT coalesce(max(id), 0) + 1 FROM %s', target) INTO top;
        EXECUTE format('ALTER TABLE %s ALTER COLUMN id ADD GENERATED %s AS IDENTITY (START %s)', target, kept, top);
    END LOOP;
    FOR county IN SELECT code FROM organisation_county LOOP
        EXECUTE format('DROP SEQUENCE %I', 'county_' || county || '_numbers');
    END LOOP;
END $$;
DROP FUNCTION number_by_county;
DROP FUNCTION number_of_persons_county;
DROP FUNCTION number_of_county;
DROP FUNCTION last_county_number;
DROP TRIGGER numbered ON organisation_county;
DROP FUNCTION county_brought_in;
DROP FUNCTION begin_county_numbers;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0015_holidays"),
        ("catalogue", "0002_recalls"),
        ("donations", "0018_open_campaign"),
        ("inventory", "0017_expired_is_past"),
        ("distribution", "0019_recomputable_shares"),
        ("reports", "0024_names_sealed_anew"),
    ]

    operations = [migrations.RunSQL(BEGUN + NUMBERED, ""), migrations.RunSQL(EVERYWHERE, BACK)]
