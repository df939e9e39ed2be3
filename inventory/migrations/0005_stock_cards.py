from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0004_recalls")]

    operations = [
        migrations.RemoveIndex(model_name="movement", name="movement_by_batch"),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(fields=["batch", "booked_on", "id"], name="movement_by_batch"),
        ),
        migrations.AddIndex(
            model_name="stockday",
            index=models.Index(fields=["from_place", "medicine", "booked_on"], name="stock_day_out_of_place"),
        ),
        migrations.AddIndex(
            model_name="stockday",
            index=models.Index(fields=["to_place", "medicine", "booked_on"], name="stock_day_into_place"),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(fields=["county", "last_usable_day"], name="batch_by_last_day"),
        ),
    ]
