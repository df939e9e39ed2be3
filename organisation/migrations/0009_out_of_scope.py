from django.db import migrations, models


class Migration(migrations.Migration):
    """What a county does with medicines that are out of scope: for a pharmacist to decide, or refused for good."""

    dependencies = [("organisation", "0008_need_bands")]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="out_of_scope_soft",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
