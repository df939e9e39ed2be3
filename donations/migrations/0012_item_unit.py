from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0011_item_photos"),
    ]

    operations = [
        migrations.AddField(
            model_name="item",
            name="unit",
            field=models.CharField(blank=True, db_default="", default="", max_length=8),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "unit__in",
                        ["", "片", "粒", "袋", "瓶", "支", "丸", "贴", "只", "枚", "台", "盒", "人份"],
                    )
                ),
                name="item_unit_known",
            ),
        ),
    ]
