from django.db import migrations, models

from core.audit import SEALER
from core.guards import append_only, numbered_by_database

# The byte form is said in words in core/audit_bytes.py, which does the same anew.
BYTES = """
CREATE FUNCTION audit_framed(piece bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(int4send(octet_length(piece)) || piece, '\\xffffffff'::bytea)
$$;
CREATE FUNCTION audit_text(piece text) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT audit_framed(convert_to(piece, 'UTF8'))
$$;
CREATE FUNCTION audit_moment(at timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT (extract(epoch FROM at) * 1000000)::bigint
$$;
CREATE FUNCTION audit_digest(entry core_auditentry) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(
        audit_text('donated-medicine-audit/1') || audit_text(entry.id::text) || audit_text(entry.county)
        || audit_text(audit_moment(entry.at)::text) || audit_text(entry.actor::text)
        || audit_text(entry.command::text) || audit_text(entry.action) || audit_text(entry.subject)
        || audit_text(entry.result) || audit_text(entry.code) || audit_framed(entry.origin)
        || audit_text(entry.request_id)
    )
$$;
CREATE FUNCTION audit_commitment(salt bytea, address inet) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(salt || convert_to(host(address), 'UTF8'))
$$;
"""
NO_BYTES = """
DROP FUNCTION audit_commitment(bytea, inet);
DROP FUNCTION audit_digest(core_auditentry);
DROP FUNCTION audit_moment(timestamptz);
DROP FUNCTION audit_text(text);
DROP FUNCTION audit_framed(bytea);
"""

# Entries written before there was a digest get one as they stand.
FILL = """
ALTER TABLE core_auditentry DISABLE TRIGGER append_only;
INSERT INTO core_auditaddress (entry, at, salt, address)
    SELECT id, at, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), address FROM core_auditentry WHERE address IS NOT NULL;
UPDATE core_auditentry entry SET address = NULL, origin = audit_commitment(apart.salt, apart.address)
    FROM core_auditaddress apart WHERE apart.entry = entry.id;
UPDATE core_auditentry entry SET digest = audit_digest(entry);
ALTER TABLE core_auditentry ENABLE TRIGGER append_only;
"""

ENTRY = """
CREATE FUNCTION audit_entry_written() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE salt bytea;
BEGIN
    NEW.origin := NULL;
    IF NEW.address IS NOT NULL THEN
        salt := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
        NEW.origin := audit_commitment(salt, NEW.address);
        INSERT INTO core_auditaddress (entry, at, salt, address) VALUES (NEW.id, NEW.at, salt, NEW.address);
        NEW.address := NULL;
    END IF;
    NEW.digest := audit_digest(NEW);
    RETURN NEW;
END $$;
CREATE TRIGGER written BEFORE INSERT ON core_auditentry FOR EACH ROW EXECUTE FUNCTION audit_entry_written();
"""
NO_ENTRY = "DROP TRIGGER written ON core_auditentry; DROP FUNCTION audit_entry_written;"

ADDRESS = """
CREATE FUNCTION audit_address_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        PERFORM refuse('audit_address_as_written', 'an address is written with its entry and stays as it is');
    ELSIF EXISTS (SELECT FROM gone WHERE at > now() - interval '180 days') THEN
        PERFORM refuse('audit_address_kept_180_days', 'an address is kept for 180 days');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER as_written BEFORE INSERT OR UPDATE ON core_auditaddress FOR EACH STATEMENT
    WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION audit_address_kept();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON core_auditaddress FOR EACH STATEMENT
    EXECUTE FUNCTION audit_address_kept();
CREATE TRIGGER kept AFTER DELETE ON core_auditaddress REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
    EXECUTE FUNCTION audit_address_kept();
"""
NO_ADDRESS = """
DROP TRIGGER as_written ON core_auditaddress;
DROP TRIGGER kept_whole ON core_auditaddress;
DROP TRIGGER kept ON core_auditaddress;
DROP FUNCTION audit_address_kept;
"""

# Whoever adds a link waits for who is adding one: each statement here then sees the last link as it stands.
LINK = f"""
CREATE FUNCTION audit_link_made() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last core_auditlink; digest_of_entry bytea;
BEGIN
    PERFORM pg_advisory_xact_lock({SEALER});
    SELECT * INTO last FROM core_auditlink ORDER BY position DESC LIMIT 1;
    SELECT digest INTO digest_of_entry FROM core_auditentry WHERE id = NEW.entry;
    IF digest_of_entry IS NULL THEN
        PERFORM refuse('audit_link_of_entry', 'there is no such entry');
    END IF;
    NEW.position := coalesce(last.position, 0) + 1;
    NEW.highest := greatest(last.highest, NEW.entry);
    NEW.chain := sha256(
        coalesce(last.chain, sha256('donated-medicine-audit/1')) || int8send(NEW.position) || int8send(NEW.entry)
        || digest_of_entry || int8send(audit_moment(NEW.sealed_at))
    );
    RETURN NEW;
END $$;
CREATE TRIGGER made BEFORE INSERT ON core_auditlink FOR EACH ROW EXECUTE FUNCTION audit_link_made();
"""
NO_LINK = "DROP TRIGGER made ON core_auditlink; DROP FUNCTION audit_link_made;"


class Migration(migrations.Migration):
    dependencies = [("core", "0004_audit_tables")]

    operations = [
        migrations.RunSQL(BYTES, NO_BYTES),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "auditentry",
            models.CheckConstraint(condition=models.Q(address__isnull=True), name="audit_address_apart"),
        ),
        migrations.RunSQL(ENTRY, NO_ENTRY),
        migrations.RunSQL(ADDRESS, NO_ADDRESS),
        migrations.RunSQL(LINK, NO_LINK),
        append_only("core_auditlink", "core_auditverification"),
        numbered_by_database("core_auditentry"),
    ]
