import django.db.models.deletion
from django.db import migrations, models

import core.constraints
from core.guards import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0007_campaign_codes_and_days"),
        ("organisation", "0003_work_units"),
    ]

    operations = [
        migrations.CreateModel(
            name="Box",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=128)),
            ],
        ),
        migrations.AddIndex(
            model_name="donation",
            index=models.Index(fields=["donor"], name="donation_by_donor"),
        ),
        migrations.AddField(
            model_name="box",
            name="county",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisation.county"
            ),
        ),
        migrations.AddField(
            model_name="box",
            name="item",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="boxes",
                to="donations.item",
            ),
        ),
        migrations.AddIndex(
            model_name="box",
            index=models.Index(fields=["county", "code"], name="box_by_code"),
        ),
        migrations.AddConstraint(
            model_name="box",
            constraint=core.constraints.SameCounty(field="item", name="box_item_same_county"),
        ),
        migrations.AddConstraint(
            model_name="box",
            constraint=models.UniqueConstraint(fields=("item", "code"), name="box_once_in_its_item"),
        ),
        append_only("donations_box"),
    ]
