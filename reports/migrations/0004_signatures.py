import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

import core.constraints
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
        ("donations", "0003_rosters"),
        ("organisation", "0003_work_units"),
        ("reports", "0003_transfers"),
    ]

    operations = [
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                ("key_id", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("public", models.BinaryField()),
                ("first_used_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="bulletin",
            name="signature",
            field=models.BinaryField(null=True),
        ),
        migrations.CreateModel(
            name="BulletinFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        choices=[
                            ("bulletin.csv", "Csv"),
                            ("datapackage.json", "Package"),
                            ("bulletin.xlsx", "Xlsx"),
                        ],
                        max_length=24,
                    ),
                ),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("signature", models.BinaryField()),
                ("made_at", models.DateTimeField()),
                (
                    "bulletin",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="files",
                        to="reports.bulletin",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.county",
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reports.signingkey",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="bulletin",
            name="key",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reports.signingkey",
            ),
        ),
        # Bulletins published before there were signatures stay as they are.
        AddConstraintNotValid(
            model_name="bulletin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("key__isnull", False), ("signature__isnull", False), ("state", "published")),
                    models.Q(
                        models.Q(("state", "published"), _negated=True),
                        ("key__isnull", True),
                        ("signature__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="bulletin_signed_when_published",
            ),
        ),
        migrations.AddIndex(
            model_name="bulletinfile",
            index=models.Index(fields=["sha256"], name="bulletin_file_hash"),
        ),
        migrations.AddConstraint(
            model_name="bulletinfile",
            constraint=core.constraints.CountyKey(name="bulletin_file_key"),
        ),
        migrations.AddConstraint(
            model_name="bulletinfile",
            constraint=core.constraints.SameCounty(field="bulletin", name="bulletin_file_same_county"),
        ),
        migrations.AddConstraint(
            model_name="bulletinfile",
            constraint=models.UniqueConstraint(
                fields=("county", "bulletin", "name"), name="bulletin_file_once"
            ),
        ),
        migrations.RunSQL(SQL, BACK),
        append_only("reports_bulletinfile", "reports_signingkey"),
    ]
