from django.db import migrations

# As of recalls (catalogue.0003): what another county read off a box is nothing that stock may name.
GUARDS = """
CREATE TRIGGER product_of_county BEFORE INSERT ON inventory_batch
    FOR EACH ROW WHEN (NEW.product_id IS NOT NULL)
    EXECUTE FUNCTION product_of_county('batch_product_of_county');
"""
BACK = """
DROP TRIGGER product_of_county ON inventory_batch;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0017_expired_is_past"),
        ("catalogue", "0003_products_of_counties"),
    ]

    operations = [migrations.RunSQL(GUARDS, BACK)]
