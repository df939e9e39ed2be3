import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.constraints


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("donations", "0001_tables"),
        ("inventory", "0001_tables"),
        ("organisation", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                ("key_id", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("public", models.BinaryField()),
                ("first_used_at", models.DateTimeField()),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Bulletin",
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
                    "campaign",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="donations.campaign",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("period", "bulletin of a period"), ("closing", "closing account")],
                        db_default="period",
                        default="period",
                        max_length=7,
                    ),
                ),
                ("period_start", models.DateField()),
                ("period_end", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "awaiting signature"),
                            ("published", "published"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="draft",
                        max_length=9,
                    ),
                ),
                ("drafted_by", models.BigIntegerField()),
                ("drafted_at", models.DateTimeField()),
                ("signed_by", models.BigIntegerField(null=True)),
                ("published_at", models.DateTimeField(null=True)),
                ("year", models.PositiveSmallIntegerField(null=True)),
                ("number", models.PositiveIntegerField(null=True)),
                ("content", models.BinaryField(null=True)),
                ("sha256", models.CharField(max_length=64, null=True)),
                (
                    "key",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reports.signingkey",
                    ),
                ),
                ("signature", models.BinaryField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "corrects",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="corrections",
                        to="reports.bulletin",
                    ),
                ),
                ("reason", models.CharField(blank=True, db_default="", max_length=500)),
                ("remark", models.CharField(blank=True, db_default="", max_length=500)),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="bulletin_key"),
                    core.constraints.SameCounty(field="campaign", name="bulletin_campaign_same_county"),
                    core.constraints.SameCounty(field="corrects", name="bulletin_corrects_same_county"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "withdrawn"), _negated=True),
                        fields=("county", "corrects"),
                        name="bulletin_corrected_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("corrects__isnull", True), ("reason", "")),
                            models.Q(("corrects__isnull", False), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="bulletin_correction_has_reason",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("corrects__isnull", True), ("state__in", ["draft", "submitted"])),
                        fields=("county", "campaign", "period_start", "period_end"),
                        name="bulletin_one_draft",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("corrects__isnull", True),
                            ("kind", "closing"),
                            models.Q(("state", "withdrawn"), _negated=True),
                        ),
                        fields=("county", "campaign"),
                        name="bulletin_one_closing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("period_end__gte", models.F("period_start"))),
                        name="bulletin_days_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("signed_by__isnull", True),
                            models.Q(("signed_by", models.F("drafted_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="bulletin_signed_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("content__isnull", False),
                                ("number__isnull", False),
                                ("published_at__isnull", False),
                                ("sha256__isnull", False),
                                ("signed_by__isnull", False),
                                ("state", "published"),
                            ),
                            models.Q(
                                models.Q(("state", "published"), _negated=True),
                                ("content__isnull", True),
                                ("number__isnull", True),
                                ("sha256__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="bulletin_whole_when_published",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("key__isnull", False), ("signature__isnull", False), ("state", "published")
                            ),
                            models.Q(
                                models.Q(("state", "published"), _negated=True),
                                ("key__isnull", True),
                                ("signature__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="bulletin_signed_when_published",
                    ),
                    models.UniqueConstraint(fields=("county", "year", "number"), name="bulletin_number_once"),
                    models.UniqueConstraint(fields=("sha256",), name="bulletin_hash_once"),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="BulletinFile",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.county",
                    ),
                ),
                (
                    "bulletin",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="files",
                        to="reports.bulletin",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        choices=[
                            ("bulletin.csv", "Csv"),
                            ("datapackage.json", "Package"),
                            ("bulletin.xlsx", "Xlsx"),
                            ("bulletin.pdf", "Pdf"),
                            ("archive.zip", "Archive"),
                        ],
                        max_length=24,
                    ),
                ),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "key",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reports.signingkey",
                    ),
                ),
                ("signature", models.BinaryField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["sha256"], name="bulletin_file_hash")],
                "constraints": [
                    core.constraints.CountyKey(name="bulletin_file_key"),
                    core.constraints.SameCounty(field="bulletin", name="bulletin_file_same_county"),
                    models.UniqueConstraint(fields=("county", "bulletin", "name"), name="bulletin_file_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerDay",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.county",
                    ),
                ),
                ("day", models.DateField()),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "key",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reports.signingkey",
                    ),
                ),
                ("signature", models.BinaryField()),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="ledger_day_key"),
                    models.UniqueConstraint(fields=("county", "day"), name="ledger_day_once"),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="TransferDay",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.county",
                    ),
                ),
                ("booked_on", models.DateField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("dispatch", "Dispatch"), ("local_use", "Local Use")], max_length=9
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="inventory.batch",
                    ),
                ),
                (
                    "from_place",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organisation.place",
                    ),
                ),
                (
                    "from_side",
                    models.CharField(
                        choices=[("store", "sorts and supplies"), ("clinic", "hands out")], max_length=6
                    ),
                ),
                (
                    "to_place",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organisation.place",
                    ),
                ),
                (
                    "to_side",
                    models.CharField(
                        choices=[("store", "sorts and supplies"), ("clinic", "hands out")], max_length=6
                    ),
                ),
                ("quantity", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "county",
                            "booked_on",
                            "kind",
                            "batch",
                            "from_place",
                            "from_side",
                            "to_place",
                            "to_side",
                        ),
                        name="transfer_day_once",
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="DailyForm",
            fields=[
                (
                    "county",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="organisation.county",
                    ),
                ),
                ("content", models.BinaryField()),
                ("uploaded_by", models.BigIntegerField()),
                ("uploaded_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("content", b""), _negated=True), name="daily_form_holds_something"
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="NamedDonor",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.county",
                    ),
                ),
                (
                    "bulletin",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="reports.bulletin",
                    ),
                ),
                (
                    "donor",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="donations.donor",
                    ),
                ),
                ("shown", models.CharField(choices=[("full", "Full"), ("masked", "Masked")], max_length=6)),
                ("commitment", models.CharField(max_length=64)),
                ("opening", models.BinaryField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["county", "donor"], name="named_donor_donor")],
                "constraints": [
                    core.constraints.CountyKey(name="named_donor_key"),
                    core.constraints.SameCounty(field="bulletin", name="named_donor_bulletin_same_county"),
                    core.constraints.SameCounty(field="donor", name="named_donor_donor_same_county"),
                    models.UniqueConstraint(fields=("county", "bulletin", "donor"), name="named_donor_once"),
                    models.CheckConstraint(
                        condition=models.Q(("shown__in", ["full", "masked"])), name="named_donor_shown"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Question",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.county",
                    ),
                ),
                ("text", models.CharField(max_length=1000)),
                ("sender", models.BinaryField(max_length=32)),
                ("asked_at", models.DateTimeField()),
                ("asked_on", models.DateField()),
                ("due_on", models.DateField()),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("shown", models.CharField(blank=True, max_length=1000)),
                ("answer", models.CharField(blank=True, max_length=2000)),
                ("answered_by", models.BigIntegerField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["county", "-answered_at"], name="question_answers"),
                    models.Index(
                        condition=models.Q(("answer", "")), fields=["county", "due_on"], name="question_open"
                    ),
                    models.Index(fields=["county", "asked_on", "sender"], name="question_of_sender"),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="question_key"),
                    core.constraints.SameCounty(field="owner", name="question_owner_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="question_says_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("asked_on"))), name="question_due_later"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", ""),
                                ("answered_at__isnull", True),
                                ("answered_by__isnull", True),
                                ("shown", ""),
                            ),
                            models.Q(
                                models.Q(("answer", ""), _negated=True),
                                models.Q(("shown", ""), _negated=True),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="question_answered_whole",
                    ),
                ],
            },
        ),
    ]
