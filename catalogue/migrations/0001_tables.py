import django.db.models.deletion
from django.db import migrations, models

import core.constraints


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("organisation", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Medicine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=12, unique=True)),
                ("generic_name", models.CharField(max_length=120)),
                ("inn", models.CharField(blank=True, max_length=200)),
                ("category", models.CharField(max_length=40)),
                ("dosage_form", models.CharField(blank=True, max_length=40)),
                ("strength", models.CharField(blank=True, max_length=120)),
                ("smallest_unit", models.CharField(max_length=8)),
                ("rx_otc", models.CharField(blank=True, max_length=8)),
                ("special_control", models.CharField(default="none", max_length=40)),
                ("paediatric", models.BooleanField(default=False)),
                ("storage", models.CharField(blank=True, max_length=20)),
                ("symptom_groups", models.CharField(blank=True, max_length=120)),
                (
                    "loose_ok",
                    models.CharField(
                        blank=True, choices=[("y", "Yes"), ("n", "No"), ("dep", "Blister Only")], max_length=4
                    ),
                ),
                ("requires_lot", models.BooleanField(default=True)),
                ("requires_expiry", models.BooleanField(default=True)),
                (
                    "donation_default",
                    models.CharField(
                        choices=[
                            ("accept", "Accept"),
                            ("pharmacist_review", "Review"),
                            ("refuse", "Refuse"),
                            ("out_of_scope", "Out Of Scope"),
                        ],
                        max_length=20,
                    ),
                ),
                ("not_for", models.CharField(blank=True, max_length=120)),
                ("brands", models.CharField(blank=True, max_length=200)),
                ("evidence", models.CharField(blank=True, max_length=2)),
                ("notes", models.CharField(blank=True, max_length=400)),
                ("search_text", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["code"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "medicine",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="products",
                        to="catalogue.medicine",
                    ),
                ),
                ("brand", models.CharField(blank=True, max_length=80)),
                ("specification", models.CharField(blank=True, max_length=120)),
                ("manufacturer", models.CharField(blank=True, max_length=120)),
                ("approval_number", models.CharField(blank=True, max_length=40)),
                ("barcode", models.CharField(blank=True, max_length=14)),
                ("insurance_code", models.CharField(blank=True, max_length=23)),
                ("pack_size", models.PositiveIntegerField(default=1)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["medicine", "brand", "id"], name="product_medicine_brand"),
                    models.Index(fields=["manufacturer", "medicine"], name="product_manufacturer"),
                    models.Index(
                        fields=["approval_number"],
                        name="product_approval_number",
                        opclasses=["varchar_pattern_ops"],
                    ),
                    models.Index(fields=["insurance_code"], name="product_insurance_code"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pack_size__gte", 1)), name="product_pack_size_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("barcode", ""), ("barcode__regex", "^([0-9]{8}|[0-9]{12,14})$"), _connector="OR"
                        ),
                        name="product_barcode_digits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("insurance_code", ""),
                            ("insurance_code__regex", "^[A-Z0-9]{23}$"),
                            _connector="OR",
                        ),
                        name="product_insurance_code_form",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("barcode", ""), _negated=True),
                        fields=("barcode",),
                        name="product_barcode_once",
                    ),
                    models.UniqueConstraint(
                        fields=(
                            "medicine",
                            "manufacturer",
                            "brand",
                            "specification",
                            "approval_number",
                            "barcode",
                        ),
                        name="product_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.county",
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
                (
                    "medicine",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalogue.medicine",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalogue.product",
                    ),
                ),
                ("lot_number", models.CharField(blank=True, max_length=40)),
                ("lot_key", models.TextField(blank=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("recall", "Recall"), ("reaction", "Reaction")],
                        default="recall",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("reference", models.CharField(blank=True, max_length=120)),
                ("raised_by", models.BigIntegerField()),
                ("raised_on", models.DateField()),
                ("command", models.UUIDField()),
            ],
            options={
                "indexes": [models.Index(fields=["county", "medicine"], name="recall_by_medicine")],
                "constraints": [
                    core.constraints.CountyKey(name="recall_key"),
                    core.constraints.SameCounty(field="place", name="recall_place_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["recall", "reaction"])), name="recall_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="recall_has_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecallLift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.county",
                    ),
                ),
                (
                    "recall",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="lifts",
                        to="catalogue.recall",
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("lifted_by", models.BigIntegerField()),
                ("lifted_on", models.DateField()),
                ("command", models.UUIDField()),
            ],
            options={
                "constraints": [
                    core.constraints.SameCounty(field="recall", name="lift_recall_same_county"),
                    models.UniqueConstraint(fields=("recall",), name="recall_lifted_once"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="lift_has_reason"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="SearchName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.SmallIntegerField(
                        choices=[
                            (0, "code"),
                            (1, "generic_name"),
                            (2, "alias"),
                            (3, "inn"),
                            (4, "strength"),
                            (5, "brand"),
                            (6, "manufacturer"),
                        ]
                    ),
                ),
                ("text", models.CharField(max_length=200)),
                ("medicines", models.ManyToManyField(related_name="search_names", to="catalogue.medicine")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("text", "kind"), name="search_name_once")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="SearchKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "inside",
                        "kind",
                        "key",
                        "name",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("key", models.CharField(db_collation="C", max_length=60)),
                ("inside", models.BooleanField()),
                ("kind", models.SmallIntegerField()),
                (
                    "name",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalogue.searchname",
                    ),
                ),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="SearchGram",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "gram", "name", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("gram", models.CharField(db_collation="C", max_length=12)),
                (
                    "name",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalogue.searchname",
                    ),
                ),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
    ]
