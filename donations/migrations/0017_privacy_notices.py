import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import core.constraints
from core.guards import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0016_roster_donations_stay"),
        ("organisation", "0014_passwords_and_identities"),
    ]

    operations = [
        migrations.CreateModel(
            name="PrivacyNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("text", models.CharField(blank=True, max_length=6000)),
                ("text_en", models.CharField(blank=True, max_length=6000)),
                ("set_by", models.BigIntegerField()),
                ("set_on", models.DateField()),
                (
                    "county",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.county",
                    ),
                ),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="privacy_notice_key"),
                    models.UniqueConstraint(fields=("county", "number"), name="privacy_notice_numbered_once"),
                    models.CheckConstraint(
                        condition=Q(("text_en", ""), Q(("text", ""), _negated=True), _connector="OR"),
                        name="privacy_notice_chinese_first",
                    ),
                ]
            },
        ),
        append_only("donations_privacynotice"),
    ]
