from django.db import migrations, models

# The bytes of an entry that has a number begin with another name and hold it (core/audit_bytes.py).
DIGEST = """
CREATE OR REPLACE FUNCTION audit_digest(entry core_auditentry) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(
        audit_text('donated-medicine-audit/' || CASE WHEN entry.number IS NULL THEN '1' ELSE '2' END)
        || audit_text(entry.id::text) || audit_text(entry.county)
        || audit_text(audit_moment(entry.at)::text) || audit_text(entry.actor::text)
        || audit_text(entry.command::text) || audit_text(entry.action) || audit_text(entry.subject)
        || audit_text(entry.result) || audit_text(entry.code) || audit_framed(entry.origin)
        || audit_text(entry.request_id)
        || CASE WHEN entry.number IS NULL THEN ''::bytea ELSE audit_text(entry.number::text) END
    )
$$;
"""
DIGEST_BEFORE = """
CREATE OR REPLACE FUNCTION audit_digest(entry core_auditentry) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(
        audit_text('donated-medicine-audit/1') || audit_text(entry.id::text) || audit_text(entry.county)
        || audit_text(audit_moment(entry.at)::text) || audit_text(entry.actor::text)
        || audit_text(entry.command::text) || audit_text(entry.action) || audit_text(entry.subject)
        || audit_text(entry.result) || audit_text(entry.code) || audit_framed(entry.origin)
        || audit_text(entry.request_id)
    )
$$;
"""

# Nobody chooses the number. The sequence is made with the county (organisation.0017); what is of none has no number.
# The trigger's name makes it run before `written`, which hashes the entry.
NUMBERED = """
CREATE FUNCTION audit_county_numbered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE numbers regclass := to_regclass(format('public.%I', 'county_' || NEW.county || '_entries'));
BEGIN
    NEW.number := CASE WHEN numbers IS NULL THEN NULL ELSE nextval(numbers) END;
    RETURN NEW;
END $$;
CREATE TRIGGER county_numbered BEFORE INSERT ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_county_numbered();
"""
NOT_NUMBERED = "DROP TRIGGER county_numbered ON core_auditentry; DROP FUNCTION audit_county_numbered;"


class Migration(migrations.Migration):
    dependencies = [("core", "0008_audit_ends")]

    operations = [
        migrations.AddField("auditentry", "number", models.BigIntegerField(editable=False, null=True)),
        migrations.AddConstraint(
            "auditentry",
            models.UniqueConstraint(fields=("county", "number"), name="audit_number_once"),
        ),
        migrations.AddField("auditverification", "by_county", models.JSONField(db_default={}, default=dict)),
        migrations.RunSQL(DIGEST, DIGEST_BEFORE),
        migrations.RunSQL(NUMBERED, NOT_NUMBERED),
    ]
