from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0009_out_of_scope")]

    operations = [
        migrations.AddField("policy", "safety_learned_percent", models.PositiveSmallIntegerField(default=80)),
        migrations.AddConstraint(
            "policy",
            models.CheckConstraint(
                condition=models.Q(("safety_learned_percent__range", (1, 100))), name="policy_safety_learned"
            ),
        ),
    ]
