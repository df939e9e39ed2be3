from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

import core.constraints
from core.guards import append_only

# What is recalled can be held, lost or destroyed, and nothing else: no shelf, promise or road gains of it (over a
# whole statement, so that a hand-out taken back may pass over the shelf into hold), and none is handed out, unless
# the hand-out was before the recall and is only entered late. Read after book_open has taken the county's book: a
# recall under way has it alone.
RECALLED = """
CREATE VIEW recalls_in_force AS
    SELECT * FROM catalogue_recall r
    WHERE NOT EXISTS (SELECT 1 FROM catalogue_recalllift l WHERE l.recall_id = r.id AND l.county_id = r.county_id);

CREATE FUNCTION ledger_recalled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM recalls_in_force WHERE county_id IN (SELECT county_id FROM fresh)) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT 1 FROM (
            SELECT county_id, account, batch_id FROM (
                SELECT county_id, from_account_id AS account, batch_id, -quantity::bigint AS delta FROM fresh
                UNION ALL SELECT county_id, to_account_id, batch_id, quantity FROM fresh
            ) legs GROUP BY county_id, account, batch_id HAVING sum(delta) > 0
        ) risen
        JOIN inventory_account a ON a.id = risen.account AND a.county_id = risen.county_id
            AND a.state IN ('available', 'reserved', 'in_transit')
        JOIN inventory_batch t ON t.id = risen.batch_id AND t.county_id = risen.county_id
        JOIN recalls_in_force r ON r.county_id = t.county_id AND r.medicine_id = t.medicine_id
            AND (r.place_id IS NULL OR r.place_id = a.place_id)
            AND recall_covers(r.product_id, r.lot_key, t.product_id, t.lot_number)
    ) OR EXISTS (
        SELECT 1 FROM fresh f
        JOIN inventory_account a ON a.id = f.from_account_id AND a.county_id = f.county_id
        JOIN inventory_batch t ON t.id = f.batch_id AND t.county_id = f.county_id
        JOIN recalls_in_force r ON r.county_id = t.county_id AND r.medicine_id = t.medicine_id
            AND (r.place_id IS NULL OR r.place_id = a.place_id)
            AND recall_covers(r.product_id, r.lot_key, t.product_id, t.lot_number)
        WHERE f.kind = 'dispense' AND (a.state <> 'held' OR r.raised_on <= f.business_day)
    ) THEN
        PERFORM refuse('movement_not_recalled', 'these goods are recalled: they can only be held, lost or destroyed');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_5_recalled AFTER INSERT ON inventory_movement
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_recalled();
"""
RECALLED_BACK = """
DROP TRIGGER ledger_5_recalled ON inventory_movement;
DROP FUNCTION ledger_recalled;
DROP VIEW recalls_in_force;
"""

# Taking a promise away in order to hold it is done under the paper of the hold, so that it can be counted and
# released with it; everything else that touches promised goods stays under the paper of their shipment.
JUDGED = import_module("inventory.migrations.0002_ledger").JUDGED.split("CREATE TRIGGER")[0]
PROMISE = "AND coalesce(a.shipment_id, b.shipment_id) IS NOT NULL"
HELD_BY = f"{PROMISE}\n                AND (f.kind, f.document_type) <> ('hold', 'hold')"
OLD_JUDGED = JUDGED.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
NEW_JUDGED = OLD_JUDGED.replace(PROMISE, HELD_BY)


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0002_recalls"),
        ("inventory", "0003_holds"),
        ("organisation", "0003_work_units"),
    ]

    operations = [
        migrations.CreateModel(
            name="AdverseReaction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("happened_on", models.DateField()),
                ("description", models.CharField(max_length=500)),
                ("register_ref", models.CharField(blank=True, max_length=40)),
                ("reported_by", models.BigIntegerField()),
                ("reported_on", models.DateField()),
                ("command", models.UUIDField()),
            ],
        ),
        migrations.CreateModel(
            name="RecallAcknowledgement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                ("acknowledged_by", models.BigIntegerField()),
                ("acknowledged_on", models.DateField()),
                ("command", models.UUIDField()),
            ],
        ),
        migrations.CreateModel(
            name="RecallNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="hold",
            name="arrived",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="hold",
            name="arrived_side",
            field=models.CharField(
                blank=True, choices=[("store", "sorts and supplies"), ("clinic", "hands out")], max_length=6
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="recall",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="catalogue.recall",
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(fields=["batch"], name="hold_by_batch"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=core.constraints.SameCounty(field="recall", name="hold_recall_same_county"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("arrived", 0), ("arrived_side", "")),
                    models.Q(
                        ("arrived__gt", 0),
                        ("arrived_side__in", ["store", "clinic"]),
                        ("recall__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="hold_arrived_of_a_recall",
            ),
        ),
        migrations.AddField(
            model_name="adversereaction",
            name="batch",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="inventory.batch",
            ),
        ),
        migrations.AddField(
            model_name="adversereaction",
            name="county",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisation.county"
            ),
        ),
        migrations.AddField(
            model_name="adversereaction",
            name="place",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="organisation.place",
            ),
        ),
        migrations.AddField(
            model_name="adversereaction",
            name="recall",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="catalogue.recall",
            ),
        ),
        migrations.AddField(
            model_name="recallacknowledgement",
            name="county",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisation.county"
            ),
        ),
        migrations.AddField(
            model_name="recallnotice",
            name="county",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisation.county"
            ),
        ),
        migrations.AddField(
            model_name="recallnotice",
            name="place",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="organisation.place",
            ),
        ),
        migrations.AddField(
            model_name="recallnotice",
            name="recall",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="notices",
                to="catalogue.recall",
            ),
        ),
        migrations.AddField(
            model_name="recallacknowledgement",
            name="notice",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="acknowledgements",
                to="inventory.recallnotice",
            ),
        ),
        migrations.AddIndex(
            model_name="adversereaction",
            index=models.Index(fields=["recall"], name="reaction_by_recall"),
        ),
        migrations.AddConstraint(
            model_name="adversereaction",
            constraint=core.constraints.CountyKey(name="reaction_key"),
        ),
        migrations.AddConstraint(
            model_name="adversereaction",
            constraint=core.constraints.SameCounty(field="place", name="reaction_place_same_county"),
        ),
        migrations.AddConstraint(
            model_name="adversereaction",
            constraint=core.constraints.SameCounty(field="batch", name="reaction_batch_same_county"),
        ),
        migrations.AddConstraint(
            model_name="adversereaction",
            constraint=core.constraints.SameCounty(field="recall", name="reaction_recall_same_county"),
        ),
        migrations.AddConstraint(
            model_name="adversereaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("description", ""), _negated=True), name="reaction_described"
            ),
        ),
        migrations.AddConstraint(
            model_name="adversereaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("happened_on__lte", models.F("reported_on"))),
                name="reaction_happened_before",
            ),
        ),
        migrations.AddIndex(
            model_name="recallnotice",
            index=models.Index(fields=["place"], name="notice_by_place"),
        ),
        migrations.AddConstraint(
            model_name="recallnotice",
            constraint=core.constraints.CountyKey(name="notice_key"),
        ),
        migrations.AddConstraint(
            model_name="recallnotice",
            constraint=core.constraints.SameCounty(field="recall", name="notice_recall_same_county"),
        ),
        migrations.AddConstraint(
            model_name="recallnotice",
            constraint=core.constraints.SameCounty(field="place", name="notice_place_same_county"),
        ),
        migrations.AddConstraint(
            model_name="recallnotice",
            constraint=models.UniqueConstraint(fields=("recall", "place"), name="notice_once"),
        ),
        migrations.AddConstraint(
            model_name="recallacknowledgement",
            constraint=core.constraints.SameCounty(field="notice", name="acknowledged_notice_same_county"),
        ),
        migrations.AddConstraint(
            model_name="recallacknowledgement",
            constraint=models.UniqueConstraint(fields=("notice",), name="acknowledged_once"),
        ),
        migrations.RunSQL(NEW_JUDGED, OLD_JUDGED),
        migrations.RunSQL(RECALLED, RECALLED_BACK),
        append_only("inventory_recallnotice", "inventory_recallacknowledgement", "inventory_adversereaction"),
    ]
