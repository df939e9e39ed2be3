import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("organisation", "0013_public_answers")]

    operations = [
        migrations.AddField("policy", "first_password_hours", models.PositiveSmallIntegerField(default=72)),
        migrations.AddField("policy", "password_composition", models.BooleanField(default=False)),
        migrations.AddField("policy", "password_days", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("policy", "identity_days", models.PositiveSmallIntegerField(default=1096)),
        # When those that are there were set is not known: their time begins now.
        migrations.AddField(
            "person",
            "password_set_at",
            models.DateTimeField(
                default=django.utils.timezone.now, db_default=django.db.models.functions.datetime.Now()
            ),
        ),
        migrations.AddConstraint(
            "policy",
            models.CheckConstraint(
                condition=Q(("first_password_hours__range", (1, 720)), ("password_days__lte", 366)),
                name="policy_passwords",
            ),
        ),
        migrations.AddConstraint(
            "policy",
            models.CheckConstraint(condition=Q(("identity_days__lte", 7320)), name="policy_identity_days"),
        ),
    ]
