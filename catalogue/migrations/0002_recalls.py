from django.db import migrations

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
        ("core", "0002_append_only_log"),
        ("organisation", "0002_closed_days"),
    ]

    operations = [
        migrations.RunSQL(COVERS, COVERS_BACK),
        migrations.RunSQL(GUARDS, BACK),
        append_only("catalogue_recall", "catalogue_recalllift"),
    ]
