from django.db import migrations

# A correction that is sealed says of what figures or texts it differs. Those sealed before are left as they are.
CHANGES = """
ALTER TABLE reports_bulletin ADD CONSTRAINT bulletin_correction_changes CHECK (
    CASE WHEN corrects_id IS NULL OR content IS NULL THEN true
    ELSE (convert_from(content, 'UTF8')::jsonb -> 'changes') @? '$.*[*]' END
) NOT VALID;
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0025_public_numbers")]

    operations = [
        migrations.RunSQL(
            CHANGES, "ALTER TABLE reports_bulletin DROP CONSTRAINT bulletin_correction_changes;"
        )
    ]
