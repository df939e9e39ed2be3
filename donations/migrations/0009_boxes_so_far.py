from django.db import migrations

# The traceability codes of items that are in the books already, spelt as `donations.boxes.known_as` spells them.
FILL = """
INSERT INTO donations_box (county_id, item_id, code)
    SELECT DISTINCT i.county_id, i.id, left(upper(regexp_replace(c.code, '\\s', '', 'g')), 128)
    FROM donations_item i CROSS JOIN LATERAL jsonb_array_elements_text(i.trace_codes) AS c(code)
    WHERE c.code <> '';
"""


class Migration(migrations.Migration):
    dependencies = [("donations", "0008_boxes")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
