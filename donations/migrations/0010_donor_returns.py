import django.db.models.deletion
from django.db import migrations, models

import core.constraints
from core.guards import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0009_boxes_so_far"),
        ("organisation", "0003_work_units"),
    ]

    operations = [
        migrations.CreateModel(
            name="DonorReturn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "collected_by",
                    models.CharField(choices=[("donor", "Donor"), ("proxy", "Proxy")], max_length=5),
                ),
                ("returned_on", models.DateField()),
                ("returned_by", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="DonorReturnLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReturnCollector",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sealed", models.BinaryField()),
            ],
        ),
        migrations.AddIndex(
            model_name="itemholdings",
            index=models.Index(
                condition=models.Q(("in_bin__gt", 0)), fields=["county", "place"], name="holdings_in_bin"
            ),
        ),
        migrations.AddField(
            model_name="donorreturn",
            name="county",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisation.county"
            ),
        ),
        migrations.AddField(
            model_name="donorreturn",
            name="donation",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="returns",
                to="donations.donation",
            ),
        ),
        migrations.AddField(
            model_name="donorreturn",
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
            model_name="donorreturnline",
            name="county",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisation.county"
            ),
        ),
        migrations.AddField(
            model_name="donorreturnline",
            name="donor_return",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="lines",
                to="donations.donorreturn",
            ),
        ),
        migrations.AddField(
            model_name="donorreturnline",
            name="entry",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="donations.custodyentry",
            ),
        ),
        migrations.AddField(
            model_name="returncollector",
            name="county",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisation.county"
            ),
        ),
        migrations.AddField(
            model_name="returncollector",
            name="donor_return",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="collectors",
                to="donations.donorreturn",
            ),
        ),
        migrations.AddIndex(
            model_name="donorreturn",
            index=models.Index(fields=["county", "place", "-id"], name="donor_return_by_place"),
        ),
        migrations.AddIndex(
            model_name="donorreturn",
            index=models.Index(fields=["donation"], name="donor_return_by_donation"),
        ),
        migrations.AddConstraint(
            model_name="donorreturn",
            constraint=core.constraints.CountyKey(name="donor_return_key"),
        ),
        migrations.AddConstraint(
            model_name="donorreturn",
            constraint=core.constraints.SameCounty(field="place", name="donor_return_place_same_county"),
        ),
        migrations.AddConstraint(
            model_name="donorreturn",
            constraint=core.constraints.SameCounty(
                field="donation", name="donor_return_donation_same_county"
            ),
        ),
        migrations.AddConstraint(
            model_name="donorreturn",
            constraint=models.CheckConstraint(
                condition=models.Q(("collected_by__in", ["donor", "proxy"])),
                name="donor_return_collector_known",
            ),
        ),
        migrations.AddIndex(
            model_name="donorreturnline",
            index=models.Index(fields=["donor_return"], name="return_line_by_return"),
        ),
        migrations.AddConstraint(
            model_name="donorreturnline",
            constraint=core.constraints.SameCounty(field="donor_return", name="return_line_same_county"),
        ),
        migrations.AddConstraint(
            model_name="donorreturnline",
            constraint=core.constraints.SameCounty(field="entry", name="return_line_entry_same_county"),
        ),
        migrations.AddConstraint(
            model_name="donorreturnline",
            constraint=models.UniqueConstraint(fields=("entry",), name="returned_in_one_line"),
        ),
        migrations.AddConstraint(
            model_name="returncollector",
            constraint=core.constraints.SameCounty(field="donor_return", name="collector_return_same_county"),
        ),
        migrations.AddConstraint(
            model_name="returncollector",
            constraint=models.UniqueConstraint(fields=("donor_return",), name="collector_once"),
        ),
        append_only("donations_donorreturn", "donations_donorreturnline"),
    ]
