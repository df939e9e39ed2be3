import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0002_recalls"),
    ]

    operations = [
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
            ],
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
        ),
        migrations.AddField(
            model_name="product",
            name="insurance_code",
            field=models.CharField(blank=True, max_length=23),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["medicine", "brand", "id"], name="product_medicine_brand"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["manufacturer", "medicine"], name="product_manufacturer"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                fields=["approval_number"], name="product_approval_number", opclasses=["varchar_pattern_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["insurance_code"], name="product_insurance_code"),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("barcode", ""), ("barcode__regex", "^([0-9]{8}|[0-9]{12,14})$"), _connector="OR"
                ),
                name="product_barcode_digits",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("insurance_code", ""), ("insurance_code__regex", "^[A-Z0-9]{23}$"), _connector="OR"
                ),
                name="product_insurance_code_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(
                fields=("medicine", "manufacturer", "brand", "specification", "approval_number", "barcode"),
                name="product_once",
            ),
        ),
        migrations.AddField(
            model_name="searchname",
            name="medicines",
            field=models.ManyToManyField(related_name="search_names", to="catalogue.medicine"),
        ),
        migrations.AddConstraint(
            model_name="searchname",
            constraint=models.UniqueConstraint(fields=("text", "kind"), name="search_name_once"),
        ),
    ]
