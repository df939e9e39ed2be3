from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("organisation", "0012_sign_ins")]

    operations = [
        migrations.AddField(
            "policy",
            "public_clinic_stock",
            models.CharField(
                choices=[("off", "not at all"), ("townships", "by township"), ("clinics", "by clinic")],
                db_default="off",
                default="off",
                max_length=9,
            ),
        ),
        migrations.AddField(
            "policy", "contact", models.CharField(blank=True, db_default="", default="", max_length=80)
        ),
        migrations.AddField(
            "policy",
            "supervision_phone",
            models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddConstraint(
            "policy",
            models.CheckConstraint(
                condition=Q(public_clinic_stock__in=["off", "townships", "clinics"]),
                name="policy_public_clinic_stock",
            ),
        ),
    ]
