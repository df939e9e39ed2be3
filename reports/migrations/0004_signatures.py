from django.db import migrations

from core.guards import append_only

# A file is of a published bulletin, and its hash is that of its bytes.
SQL = """
ALTER TABLE reports_bulletinfile ADD CONSTRAINT bulletin_file_hash_of_content
    CHECK (sha256 = encode(sha256(content), 'hex'));
CREATE FUNCTION bulletin_file_of_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM reports_bulletin
            WHERE id = NEW.bulletin_id AND county_id = NEW.county_id AND state = 'published'
    ) THEN
        PERFORM refuse('bulletin_file_of_published', 'files are made of published bulletins only');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER of_published BEFORE INSERT ON reports_bulletinfile
    FOR EACH ROW EXECUTE FUNCTION bulletin_file_of_published();
"""
BACK = """
DROP TRIGGER of_published ON reports_bulletinfile;
DROP FUNCTION bulletin_file_of_published;
ALTER TABLE reports_bulletinfile DROP CONSTRAINT bulletin_file_hash_of_content;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0003_transfers"),
        ("donations", "0002_custody_journal"),
        ("organisation", "0002_closed_days"),
    ]

    operations = [
        migrations.RunSQL(SQL, BACK),
        append_only("reports_bulletinfile", "reports_signingkey"),
    ]
