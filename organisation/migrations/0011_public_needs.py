from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("organisation", "0010_safety_learned")]

    operations = [
        migrations.AddField("policy", "public_needs", models.BooleanField(default=False)),
        migrations.AddConstraint(
            "policy",
            models.CheckConstraint(condition=Q(objection_days__range=(1, 366)), name="policy_objection_days"),
        ),
        migrations.AddConstraint(
            "policy",
            models.CheckConstraint(condition=Q(answer_days__range=(1, 366)), name="policy_answer_days"),
        ),
    ]
