from django.db import migrations, models

# A number that was not given to this very row stands above all that follow, or before all that are sealed. The writer
# has no right to look at the sequence: the function looks for it.
NUMBERED = """
CREATE FUNCTION audit_entry_numbered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.id <> currval('core_auditentry_id_seq') THEN
        PERFORM refuse('audit_entry_numbered', 'the database numbers the entries');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER numbered BEFORE INSERT ON core_auditentry FOR EACH ROW EXECUTE FUNCTION audit_entry_numbered();
"""
NOT_NUMBERED = "DROP TRIGGER numbered ON core_auditentry; DROP FUNCTION audit_entry_numbered;"

# What the chain was where a verification ended, so that the next can tell whether it was cut since.
SEEN = """
CREATE FUNCTION audit_verification_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.chain := (SELECT chain FROM core_auditlink WHERE position = NEW.through);
    IF NEW.through <> 0 AND NEW.chain IS NULL THEN
        PERFORM refuse('audit_verification_of_chain', 'the chain does not reach so far');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER made BEFORE INSERT ON core_auditverification FOR EACH ROW EXECUTE FUNCTION audit_verification_made();
"""
NOT_SEEN = "DROP TRIGGER made ON core_auditverification; DROP FUNCTION audit_verification_made;"


class Migration(migrations.Migration):
    dependencies = [("core", "0007_filled_once")]

    operations = [
        migrations.AddField("auditverification", "chain", models.BinaryField(max_length=32, null=True)),
        migrations.RunSQL(NUMBERED, NOT_NUMBERED),
        migrations.RunSQL(SEEN, NOT_SEEN),
    ]
