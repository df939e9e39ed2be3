from django.db import migrations, models

MEASURES = [
    "custody", "stock", "transfer", "received", "allotted", "dispensed", "donation", "voided", "hand_out",
    "custody_at", "stock_at", "sent_at", "donation_at", "voided_at", "hand_out_at",
]  # fmt: skip

# The flows once more, told apart by place, so that the account of a place closes too. A place sees of a movement the
# end that is its own; the other end, where it is at another place, is `elsewhere`. Goods that travel stand at the
# place that sent them. The totals of a county do not read these.
BY_PLACE = """
ALTER VIEW daily_flows RENAME TO county_flows;
CREATE VIEW place_flows AS
SELECT county_id, booked_on, 'custody_at' AS measure, medicine_id, place_id, kind, from_state AS source,
    to_state AS target, reason AS detail, quantity, entries
FROM donations_custodyday
UNION ALL
SELECT county_id, booked_on, 'stock_at', medicine_id, from_place_id, kind, from_state,
    CASE WHEN to_place_id = from_place_id THEN to_state ELSE 'elsewhere' END, detail, quantity, entries
FROM inventory_stockday
UNION ALL
SELECT county_id, booked_on, 'stock_at', medicine_id, to_place_id, kind, 'elsewhere', to_state, detail, quantity,
    entries
FROM inventory_stockday WHERE to_place_id <> from_place_id
UNION ALL
SELECT t.county_id, t.booked_on, 'sent_at', b.medicine_id, t.from_place_id, t.kind, t.from_side, t.to_side, '',
    t.quantity, 0
FROM reports_transferday t JOIN inventory_batch b ON b.id = t.batch_id AND b.county_id = t.county_id
UNION ALL
SELECT county_id, booked_on, 'donation_at', NULL, place_id, '', '', '', '', 1, 1
FROM donations_donation WHERE found_in_id IS NULL
UNION ALL
SELECT first_time.county_id, first_time.booked_on, 'voided_at', NULL, d.place_id, '', '', '', '', 1, 1 FROM (
    SELECT DISTINCT e.county_id, e.booked_on, i.donation_id
    FROM donations_custodyentry e JOIN donations_item i ON i.id = e.item_id AND i.county_id = e.county_id
    WHERE e.kind = 'voided' AND NOT EXISTS (
        SELECT 1 FROM donations_item j JOIN donations_custodyentry v ON v.item_id = j.id AND v.county_id = j.county_id
        WHERE j.donation_id = i.donation_id AND v.kind = 'voided' AND v.booked_on < e.booked_on)
) first_time JOIN donations_donation d ON d.id = first_time.donation_id AND d.county_id = first_time.county_id
UNION ALL
SELECT county_id, booked_on, 'hand_out_at', NULL, place_id, '', '', '', age_band, recipients, 1
FROM distribution_dispensing
UNION ALL
SELECT t.county_id, t.booked_on, 'hand_out_at', NULL, g.place_id, '', '', '', g.age_band, -g.recipients, -1
FROM (
    SELECT DISTINCT m.county_id, m.booked_on, o.document_id
    FROM inventory_movement m CROSS JOIN LATERAL (
        SELECT document_type, document_id FROM inventory_movement
        WHERE id = m.reverses_id AND county_id = m.county_id
        OFFSET 0  -- looked up one by one, as in county_flows
    ) o
    WHERE m.reverses_id IS NOT NULL AND o.document_type = 'dispensing'
) t JOIN distribution_dispensing g ON g.id = t.document_id AND g.county_id = t.county_id;
CREATE VIEW daily_flows AS SELECT * FROM county_flows UNION ALL SELECT * FROM place_flows;
"""
BACK = "DROP VIEW daily_flows; DROP VIEW place_flows; ALTER VIEW county_flows RENAME TO daily_flows;"


class Migration(migrations.Migration):
    dependencies = [("reports", "0014_audit_checkpoints")]

    operations = [
        migrations.AlterField(
            model_name="measuredflow",
            name="measure",
            field=models.CharField(
                choices=[(each, each.replace("_", " ").title()) for each in MEASURES], max_length=11
            ),
        ),
        migrations.AddIndex(
            model_name="measuredflow",
            index=models.Index(fields=["county", "place", "measure"], name="flow_of_place"),
        ),
        migrations.RunSQL(BY_PLACE, BACK),
    ]
