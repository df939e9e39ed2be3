from django.db import migrations, models

MEASURES = [
    "custody", "stock", "transfer", "received", "allotted", "dispensed", "donation", "voided", "hand_out", "served",
    "custody_at", "stock_at", "sent_at", "donation_at", "voided_at", "hand_out_at",
]  # fmt: skip

# How many people were handed a medicine, by place and age band: who got it from two lots at once is one. Those whose
# hand-out was taken back count against the day of the taking back.
PEOPLE = """
CREATE VIEW people_flows AS
SELECT d.county_id, d.booked_on, 'served' AS measure, d.medicine_id, d.place_id, '' AS kind, '' AS source,
    '' AS target, g.age_band AS detail, d.counted * g.recipients AS quantity, d.counted AS entries
FROM (
    SELECT DISTINCT m.county_id, m.booked_on, m.document_id, b.medicine_id, a.place_id, 1 AS counted
    FROM inventory_movement m
    JOIN inventory_batch b ON b.id = m.batch_id AND b.county_id = m.county_id
    JOIN inventory_account a ON a.id = m.from_account_id AND a.county_id = m.county_id
    WHERE m.kind = 'dispense' AND m.document_type = 'dispensing'
    UNION ALL
    SELECT DISTINCT m.county_id, m.booked_on, o.document_id, b.medicine_id, a.place_id, -1
    FROM inventory_movement m
    CROSS JOIN LATERAL (
        SELECT document_type, document_id FROM inventory_movement
        WHERE id = m.reverses_id AND county_id = m.county_id
        OFFSET 0  -- looked up one by one, as in county_flows
    ) o
    JOIN inventory_batch b ON b.id = m.batch_id AND b.county_id = m.county_id
    JOIN inventory_account a ON a.id = m.to_account_id AND a.county_id = m.county_id
    WHERE m.reverses_id IS NOT NULL AND o.document_type = 'dispensing'
) d JOIN distribution_dispensing g ON g.id = d.document_id AND g.county_id = d.county_id;
DROP VIEW daily_flows;
CREATE VIEW daily_flows AS
    SELECT * FROM county_flows UNION ALL SELECT * FROM place_flows UNION ALL SELECT * FROM people_flows;
"""
BACK = """
DROP VIEW daily_flows;
CREATE VIEW daily_flows AS SELECT * FROM county_flows UNION ALL SELECT * FROM place_flows;
DROP VIEW people_flows;
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0017_restore_drills")]

    operations = [
        migrations.AlterField(
            model_name="measuredflow",
            name="measure",
            field=models.CharField(
                choices=[(each, each.replace("_", " ").title()) for each in MEASURES], max_length=11
            ),
        ),
        migrations.RunSQL(PEOPLE, BACK),
    ]
