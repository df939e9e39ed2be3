import django.db.models.deletion
from django.db import migrations, models

import core.constraints
from core.guards import kept_by_trigger

# What a county's figures are summed from, as flows of one shape, day by day. Each branch reads a rollup (or the rows
# of a journal behind a count) by county and booking day, so that a span of days costs what was booked in it.
# A donation counts as voided once, on the first day on which any of it was; a hand-out that was taken back counts
# against the day of the taking back.
VIEW = """
CREATE VIEW daily_flows AS
SELECT county_id, booked_on, 'custody' AS measure, medicine_id, NULL::bigint AS place_id, kind, from_state AS source,
    to_state AS target, reason AS detail, quantity, entries
FROM donations_custodyday
UNION ALL
SELECT county_id, booked_on, 'stock', medicine_id, NULL, kind, from_state, to_state, detail, quantity, entries
FROM inventory_stockday
UNION ALL
SELECT t.county_id, t.booked_on, 'transfer', b.medicine_id, NULL, t.kind, t.from_side, t.to_side, '', t.quantity, 0
FROM reports_transferday t JOIN inventory_batch b ON b.id = t.batch_id AND b.county_id = t.county_id
UNION ALL
SELECT county_id, booked_on, 'received', medicine_id, place_id, '', '', '', '',
    CASE to_state WHEN 'outside' THEN -quantity ELSE quantity END, entries
FROM donations_custodyday WHERE kind IN ('registered', 'corrected')
UNION ALL
SELECT t.county_id, t.booked_on, 'allotted', b.medicine_id, t.to_place_id, '', '', '', '', t.quantity, 0
FROM reports_transferday t JOIN inventory_batch b ON b.id = t.batch_id AND b.county_id = t.county_id
WHERE t.from_side = 'store' AND t.to_side = 'clinic'
UNION ALL
SELECT county_id, booked_on, 'dispensed', medicine_id, from_place_id, '', '', '', '',
    CASE to_state WHEN 'dispensed' THEN quantity ELSE -quantity END,
    CASE to_state WHEN 'dispensed' THEN entries ELSE -entries END
FROM inventory_stockday WHERE 'dispensed' IN (from_state, to_state)
UNION ALL
SELECT county_id, booked_on, 'donation', NULL, NULL, '', '', '', '', 1, 1
FROM donations_donation WHERE found_in_id IS NULL
UNION ALL
SELECT county_id, booked_on, 'voided', NULL, NULL, '', '', '', '', 1, 1 FROM (
    SELECT DISTINCT e.county_id, e.booked_on, i.donation_id
    FROM donations_custodyentry e JOIN donations_item i ON i.id = e.item_id AND i.county_id = e.county_id
    WHERE e.kind = 'voided' AND NOT EXISTS (
        SELECT 1 FROM donations_item j JOIN donations_custodyentry v ON v.item_id = j.id AND v.county_id = j.county_id
        WHERE j.donation_id = i.donation_id AND v.kind = 'voided' AND v.booked_on < e.booked_on)
) first_time
UNION ALL
SELECT county_id, booked_on, 'hand_out', NULL, NULL, '', '', '', age_band, recipients, 1
FROM distribution_dispensing
UNION ALL
SELECT t.county_id, t.booked_on, 'hand_out', NULL, NULL, '', '', '', g.age_band, -g.recipients, -1
FROM (
    SELECT DISTINCT m.county_id, m.booked_on, o.document_id
    FROM inventory_movement m CROSS JOIN LATERAL (
        SELECT document_type, document_id FROM inventory_movement
        WHERE id = m.reverses_id AND county_id = m.county_id
        OFFSET 0  -- looked up one by one: the planner takes what is reversed for far more than it is
    ) o
    WHERE m.reverses_id IS NOT NULL AND o.document_type = 'dispensing'
) t JOIN distribution_dispensing g ON g.id = t.document_id AND g.county_id = t.county_id;
"""

# Closing days takes the county's book alone (county_closes), so what is read here is all that will ever be booked on
# them: their totals are final. Days after the last one told are told; a day without a change needs no row.
CARRIED = """
CREATE FUNCTION flows_carried() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE told date;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM refuse('book_read_committed', 'an older snapshot would not see what other writers booked');
    END IF;
    SELECT coalesce(max(day), '-infinity') INTO told FROM reports_flowtotal WHERE county_id = NEW.code;

    INSERT INTO reports_measuredflow (county_id, measure, medicine_id, place_id, kind, source, target, detail)
        SELECT DISTINCT county_id, measure, medicine_id, place_id, kind, source, target, detail FROM daily_flows
        WHERE county_id = NEW.code AND booked_on > told AND booked_on <= NEW.closed_through
        ON CONFLICT DO NOTHING;
    INSERT INTO reports_flowtotal (county_id, flow_id, day, quantity, entries)
        SELECT f.county_id, f.id, d.booked_on,
            coalesce(t.quantity, 0) + sum(d.quantity) OVER so_far, coalesce(t.entries, 0) + sum(d.entries) OVER so_far
        FROM (
            SELECT measure, coalesce(medicine_id, 0) AS medicine, coalesce(place_id, 0) AS place, kind, source, target,
                detail, booked_on, sum(quantity) AS quantity, sum(entries) AS entries
            FROM daily_flows WHERE county_id = NEW.code AND booked_on > told AND booked_on <= NEW.closed_through
            GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        ) d
        JOIN reports_measuredflow f ON f.county_id = NEW.code AND f.measure = d.measure
            AND coalesce(f.medicine_id, 0) = d.medicine AND coalesce(f.place_id, 0) = d.place
            AND (f.kind, f.source, f.target, f.detail) = (d.kind, d.source, d.target, d.detail)
        LEFT JOIN LATERAL (
            SELECT quantity, entries FROM reports_flowtotal WHERE flow_id = f.id ORDER BY day DESC LIMIT 1
        ) t ON true
        WINDOW so_far AS (PARTITION BY f.id ORDER BY d.booked_on);
    RETURN NULL;
END $$;
CREATE TRIGGER flows_carried AFTER UPDATE OF closed_through ON organisation_county
    FOR EACH ROW WHEN (NEW.closed_through IS NOT NULL) EXECUTE FUNCTION flows_carried();
"""
BACK = """
DROP TRIGGER flows_carried ON organisation_county;
DROP FUNCTION flows_carried;
DROP VIEW daily_flows;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0002_recalls"),
        ("organisation", "0007_deputies"),
        ("reports", "0011_names"),
        ("distribution", "0001_tables"),
        ("donations", "0015_donations_by_day"),
        ("inventory", "0002_ledger"),
    ]

    operations = [
        migrations.CreateModel(
            name="MeasuredFlow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("custody", "Custody"),
                            ("stock", "Stock"),
                            ("transfer", "Transfer"),
                            ("received", "Received"),
                            ("allotted", "Allotted"),
                            ("dispensed", "Dispensed"),
                            ("donation", "Donation"),
                            ("voided", "Voided"),
                            ("hand_out", "Hand Out"),
                        ],
                        max_length=9,
                    ),
                ),
                ("kind", models.CharField(blank=True, max_length=17)),
                ("source", models.CharField(blank=True, max_length=10)),
                ("target", models.CharField(blank=True, max_length=10)),
                ("detail", models.CharField(blank=True, max_length=60)),
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
                    "medicine",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
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
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="flow_key"),
                    core.constraints.SameCounty(field="place", name="flow_place_same_county"),
                    models.UniqueConstraint(
                        fields=(
                            "county",
                            "measure",
                            "medicine",
                            "place",
                            "kind",
                            "source",
                            "target",
                            "detail",
                        ),
                        name="flow_once",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FlowTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("quantity", models.BigIntegerField()),
                ("entries", models.BigIntegerField()),
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
                    "flow",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="reports.measuredflow",
                    ),
                ),
            ],
            options={
                "constraints": [
                    core.constraints.SameCounty(field="flow", name="flow_total_same_county"),
                    models.UniqueConstraint(
                        fields=("flow", "day"), include=("quantity", "entries"), name="flow_total_once"
                    ),
                ],
                "indexes": [models.Index(fields=["county", "-day"], name="flow_total_by_day")],
            },
        ),
        migrations.RunSQL(VIEW + CARRIED, BACK),
        kept_by_trigger("reports_measuredflow", "reports_flowtotal"),
    ]
