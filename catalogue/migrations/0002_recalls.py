import django.db.models.deletion
from django.db import migrations, models

import core.constraints
from core.guards import append_only

# Lots as recalls compare them, and whether a recall is about goods of a product and lot: catalogue/recalls.py says
# the same in Python. What nobody wrote down may be what is recalled.
COVERS = r"""
CREATE FUNCTION key_of_lot(lot text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT upper(regexp_replace(
        normalize(lot, NFKC), '[\s\u200b-\u200f\u2060\ufeff\u2010-\u2015\u2212_./·-]+', '', 'g'))
$$;
CREATE FUNCTION recall_covers(recalled_product bigint, recalled_lot text, product bigint, lot text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (recalled_product IS NULL OR product IS NULL OR product = recalled_product)
        AND (recalled_lot = '' OR key_of_lot(lot) IN ('', recalled_lot))
$$;
"""

# A recall waits for the writers under way and lets no others begin until it commits: what it finds is all there is,
# and whoever writes next sees it. Without this, units that are being accepted while it looks would escape it.
GUARDS = """
ALTER TABLE catalogue_recall ADD CONSTRAINT recall_lot_compared
    CHECK (lot_key = key_of_lot(lot_number) AND (lot_number = '') = (lot_key = ''));
CREATE FUNCTION recall_raised() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM refuse('book_read_committed', 'an older snapshot would not see what other writers booked');
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('book ' || NEW.county_id, 0));
    IF NEW.product_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM catalogue_product WHERE id = NEW.product_id AND medicine_id = NEW.medicine_id
    ) THEN
        PERFORM refuse('recall_product_of_medicine', 'the recalled product is of another medicine');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER recall_raised BEFORE INSERT ON catalogue_recall FOR EACH ROW EXECUTE FUNCTION recall_raised();

CREATE FUNCTION recall_lifted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM catalogue_recall WHERE id = NEW.recall_id AND raised_by = NEW.lifted_by) THEN
        PERFORM refuse('recall_lifted_by_another', 'who raised a recall does not lift it');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER recall_lifted BEFORE INSERT ON catalogue_recalllift FOR EACH ROW EXECUTE FUNCTION recall_lifted();
"""
BACK = """
DROP TRIGGER recall_raised ON catalogue_recall;
DROP TRIGGER recall_lifted ON catalogue_recalllift;
DROP FUNCTION recall_raised;
DROP FUNCTION recall_lifted;
ALTER TABLE catalogue_recall DROP CONSTRAINT recall_lot_compared;
"""
COVERS_BACK = "DROP FUNCTION recall_covers; DROP FUNCTION key_of_lot;"


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0001_tables"),
        ("organisation", "0003_work_units"),
        ("core", "0002_append_only_log"),
    ]

    operations = [
        migrations.RunSQL(COVERS, COVERS_BACK),
        migrations.CreateModel(
            name="Recall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("lot_number", models.CharField(blank=True, max_length=40)),
                ("lot_key", models.TextField(blank=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("recall", "Recall"), ("reaction", "Reaction")],
                        default="recall",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("reference", models.CharField(blank=True, max_length=120)),
                ("raised_by", models.BigIntegerField()),
                ("raised_on", models.DateField()),
                ("command", models.UUIDField()),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.county",
                    ),
                ),
                (
                    "medicine",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalogue.medicine",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organisation.place",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalogue.product",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RecallLift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("lifted_by", models.BigIntegerField()),
                ("lifted_on", models.DateField()),
                ("command", models.UUIDField()),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.county",
                    ),
                ),
                (
                    "recall",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="lifts",
                        to="catalogue.recall",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="recall",
            index=models.Index(fields=["county", "medicine"], name="recall_by_medicine"),
        ),
        migrations.AddConstraint(
            model_name="recall",
            constraint=core.constraints.CountyKey(name="recall_key"),
        ),
        migrations.AddConstraint(
            model_name="recall",
            constraint=core.constraints.SameCounty(field="place", name="recall_place_same_county"),
        ),
        migrations.AddConstraint(
            model_name="recall",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["recall", "reaction"])), name="recall_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="recall",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="recall_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="recalllift",
            constraint=core.constraints.SameCounty(field="recall", name="lift_recall_same_county"),
        ),
        migrations.AddConstraint(
            model_name="recalllift",
            constraint=models.UniqueConstraint(fields=("recall",), name="recall_lifted_once"),
        ),
        migrations.AddConstraint(
            model_name="recalllift",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="lift_has_reason"
            ),
        ),
        migrations.RunSQL(GUARDS, BACK),
        append_only("catalogue_recall", "catalogue_recalllift"),
    ]
