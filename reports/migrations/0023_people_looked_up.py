from django.db import migrations

# As in 0018, but batch, account and hand-out are looked up one by one: the days are few, and the planner, who takes
# them for many, reads the tables whole.
PEOPLE = """
CREATE OR REPLACE VIEW people_flows AS
SELECT d.county_id, d.booked_on, 'served' AS measure, d.medicine_id, d.place_id, '' AS kind, '' AS source,
    '' AS target, g.age_band AS detail, d.counted * g.recipients AS quantity, d.counted AS entries
FROM (
    SELECT DISTINCT m.county_id, m.booked_on, m.document_id, b.medicine_id, a.place_id, 1 AS counted
    FROM inventory_movement m
    CROSS JOIN LATERAL (
        SELECT medicine_id FROM inventory_batch WHERE id = m.batch_id AND county_id = m.county_id OFFSET 0
    ) b
    CROSS JOIN LATERAL (
        SELECT place_id FROM inventory_account WHERE id = m.from_account_id AND county_id = m.county_id OFFSET 0
    ) a
    WHERE m.kind = 'dispense' AND m.document_type = 'dispensing'
    UNION ALL
    SELECT DISTINCT m.county_id, m.booked_on, o.document_id, b.medicine_id, a.place_id, -1
    FROM inventory_movement m
    CROSS JOIN LATERAL (
        SELECT document_type, document_id FROM inventory_movement
        WHERE id = m.reverses_id AND county_id = m.county_id OFFSET 0
    ) o
    CROSS JOIN LATERAL (
        SELECT medicine_id FROM inventory_batch WHERE id = m.batch_id AND county_id = m.county_id OFFSET 0
    ) b
    CROSS JOIN LATERAL (
        SELECT place_id FROM inventory_account WHERE id = m.to_account_id AND county_id = m.county_id OFFSET 0
    ) a
    WHERE m.reverses_id IS NOT NULL AND o.document_type = 'dispensing'
) d CROSS JOIN LATERAL (
    SELECT age_band, recipients FROM distribution_dispensing
    WHERE id = d.document_id AND county_id = d.county_id OFFSET 0
) g;
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0022_stamped_scan")]

    operations = [
        migrations.RunSQL(PEOPLE, migrations.RunSQL.noop),
    ]
