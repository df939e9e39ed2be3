import datetime

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import core.constraints


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="County",
            fields=[
                ("code", models.CharField(max_length=6, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                ("time_zone", models.CharField(default="Asia/Shanghai", max_length=40)),
                ("closed_through", models.DateField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[0-9]{6}$")), name="county_code_six_digits"
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Division",
            fields=[
                ("code", models.CharField(max_length=12, primary_key=True, serialize=False)),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="divisions",
                        to="organisation.county",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[("township", "Township"), ("village", "Village")], max_length=8
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="organisation.division",
                    ),
                ),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Place",
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
                        related_name="places",
                        to="organisation.county",
                    ),
                ),
                ("code", models.CharField(max_length=24)),
                ("name", models.CharField(max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hospital", "county hospital"),
                            ("health_centre", "township health centre"),
                            ("village_clinic", "village clinic"),
                            ("office", "office"),
                            ("bureau", "county health bureau"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.division",
                    ),
                ),
                (
                    "division",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.division",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="covered",
                        to="organisation.place",
                    ),
                ),
                ("takes_donations", models.BooleanField(default=False)),
                ("sorts", models.BooleanField(default=False)),
                ("hands_out", models.BooleanField(default=False)),
                ("active", models.BooleanField(default=True)),
                ("address", models.CharField(blank=True, max_length=200)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("opening_hours", models.CharField(blank=True, max_length=120)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["county", "code"], name="place_by_county"),
                    models.Index(fields=["parent"], name="place_by_parent"),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="place_key"),
                    core.constraints.SameCounty(field="parent", name="place_parent_same_county"),
                    models.UniqueConstraint(fields=("code",), name="place_code_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Policy",
            fields=[
                (
                    "county",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="policy",
                        serialize=False,
                        to="organisation.county",
                    ),
                ),
                ("min_days", models.PositiveSmallIntegerField(default=30)),
                ("max_boxes_per_person", models.PositiveSmallIntegerField(default=10)),
                (
                    "month_policy",
                    models.CharField(
                        choices=[("inclusive", "Inclusive"), ("conservative", "Conservative")],
                        default="inclusive",
                        max_length=12,
                    ),
                ),
                ("horizon_days", models.PositiveSmallIntegerField(default=14)),
                ("safety_percent", models.PositiveSmallIntegerField(default=60)),
                ("unclaimed_days", models.PositiveSmallIntegerField(default=30)),
                ("surplus_units", models.PositiveSmallIntegerField(default=20)),
                ("surplus_percent", models.PositiveSmallIntegerField(default=10)),
                ("urgent_units", models.PositiveIntegerField(default=500)),
                ("reservation_days", models.PositiveSmallIntegerField(default=7)),
                ("reserve_days", models.PositiveSmallIntegerField(default=7)),
                ("weight_red", models.PositiveSmallIntegerField(default=6)),
                ("weight_yellow", models.PositiveSmallIntegerField(default=4)),
                ("weight_green", models.PositiveSmallIntegerField(default=2)),
                ("weight_pregnant", models.PositiveSmallIntegerField(default=4)),
                ("weight_fever_case", models.PositiveSmallIntegerField(default=2)),
                ("weight_child", models.PositiveSmallIntegerField(default=3)),
                ("tier_village_clinic", models.PositiveSmallIntegerField(default=0)),
                ("tier_health_centre", models.PositiveSmallIntegerField(default=0)),
                ("tier_hospital", models.PositiveSmallIntegerField(default=0)),
                ("public_live_figures", models.BooleanField(default=False)),
                ("joint_administration", models.BooleanField(default=False)),
                ("second_factor", models.BooleanField(default=False)),
                ("objection_days", models.PositiveSmallIntegerField(default=5)),
                (
                    "bulletin_rhythm",
                    models.CharField(
                        choices=[
                            ("five_days", "every 5 days (emergency)"),
                            ("monthly", "every month"),
                            ("quarterly", "every 3 months"),
                        ],
                        default="monthly",
                        max_length=9,
                    ),
                ),
                ("report_cut_off", models.TimeField(default=datetime.time(17, 0))),
                ("answer_days", models.PositiveSmallIntegerField(default=7)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("safety_percent__range", (1, 100))), name="policy_safety_percent"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("horizon_days__range", (1, 366))), name="policy_horizon"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("surplus_percent__range", (0, 100))),
                        name="policy_surplus_percent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reservation_days__range", (1, 366))),
                        name="policy_reservation_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("bulletin_rhythm__in", ["five_days", "monthly", "quarterly"])),
                        name="policy_bulletin_rhythm",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reserve_days__range", (1, 366))), name="policy_reserve_days"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("weight_child__lte", 200),
                            ("weight_fever_case__lte", 200),
                            ("weight_green__lte", 200),
                            ("weight_pregnant__lte", 200),
                            ("weight_red__lte", 200),
                            ("weight_yellow__lte", 200),
                        ),
                        name="policy_weights",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("tier_health_centre__lte", 9),
                            ("tier_hospital__lte", 9),
                            ("tier_village_clinic__lte", 9),
                        ),
                        name="policy_tiers",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("username", models.CharField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=60)),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people",
                        to="organisation.county",
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("must_change_password", models.BooleanField(default=True)),
                ("sign_ins_ended", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("id", "county"), name="person_of_county"),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("username"), name="person_username_once"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="RoleGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="grants",
                        to=settings.AUTH_USER_MODEL,
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
                    "role",
                    models.CharField(
                        choices=[
                            ("clerk", "clerk"),
                            ("checker", "checker"),
                            ("pharmacist", "pharmacist"),
                            ("lead_pharmacist", "lead pharmacist"),
                            ("allocator", "allocator"),
                            ("approver", "approver"),
                            ("publisher", "publisher"),
                            ("signer", "signer"),
                            ("clinic", "clinic staff"),
                            ("auditor", "auditor"),
                            ("administrator", "administrator"),
                            ("security", "security"),
                        ],
                        max_length=16,
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
                    "township",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.division",
                    ),
                ),
                ("starts_on", models.DateField(null=True)),
                ("ends_on", models.DateField(null=True)),
                ("granted_by", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("granted_by", models.F("person")), _negated=True),
                        name="grant_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="grant_days_in_order",
                    ),
                    core.constraints.SameCounty(field="person", name="grant_person_same_county"),
                    core.constraints.SameCounty(field="place", name="grant_place_same_county"),
                    models.UniqueConstraint(fields=("id", "county"), name="grant_of_county"),
                    models.UniqueConstraint(
                        fields=("person", "role", "place", "township"),
                        name="grant_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("place__isnull", False),
                                ("role__in", ["clerk", "checker", "pharmacist", "clinic"]),
                                ("township__isnull", True),
                            ),
                            models.Q(("place__isnull", True), ("role__in", ["allocator", "approver"])),
                            models.Q(
                                models.Q(
                                    (
                                        "role__in",
                                        ["clerk", "checker", "pharmacist", "clinic", "allocator", "approver"],
                                    ),
                                    _negated=True,
                                ),
                                ("place__isnull", True),
                                ("township__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="grant_scope_fits_role",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Deputy",
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
                    "grant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="deputies",
                        to="organisation.rolegrant",
                    ),
                ),
                (
                    "deputy",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("appointed_by", models.BigIntegerField()),
                ("appointed_on", models.DateField()),
                ("ended_on", models.DateField(null=True)),
                ("ended_by", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["deputy", "ends_on"], name="deputy_by_person"),
                    models.Index(fields=["grant"], name="deputy_by_grant"),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="deputy_key"),
                    core.constraints.SameCounty(field="grant", name="deputy_grant_same_county"),
                    core.constraints.SameCounty(field="deputy", name="deputy_person_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__gte", models.F("starts_on")),
                            (
                                "ends_on__lt",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("starts_on"), "+", models.Value(datetime.timedelta(days=92))
                                ),
                            ),
                        ),
                        name="deputy_for_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("deputy", models.F("appointed_by")), _negated=True),
                        name="deputy_appointed_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_by__isnull", True), ("ended_on__isnull", True)),
                            models.Q(("ended_by__isnull", False), ("ended_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="deputy_ended_or_not",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="token_expires_later",
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="SecondFactor",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="second_factor",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("sealed", models.BinaryField(default=b"")),
                ("pending", models.BinaryField(default=b"")),
                ("confirmed", models.BooleanField(default=False)),
                ("last_step", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed", False), models.Q(("sealed", b""), _negated=True), _connector="OR"
                        ),
                        name="second_factor_confirmed_with_secret",
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="SignInFailures",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "name_key",
                        "address_key",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name_key", models.BinaryField(max_length=32)),
                ("address_key", models.BinaryField(max_length=32)),
                ("failures", models.PositiveIntegerField()),
                ("began_at", models.DateTimeField()),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="KnownAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name_key", models.BinaryField(max_length=32)),
                ("address_key", models.BinaryField(max_length=32)),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("name_key", "address_key"), name="known_address_once")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="UnitCategory",
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
                ("name", models.CharField(max_length=80)),
                (
                    "place",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organisation.place",
                    ),
                ),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="unit_category_key"),
                    core.constraints.SameCounty(field="place", name="unit_category_place_same_county"),
                    models.UniqueConstraint(fields=("county", "name"), name="unit_category_once"),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="WorkUnit",
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
                ("name", models.CharField(max_length=80)),
                ("name_key", models.CharField(max_length=200)),
                (
                    "category",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organisation.unitcategory",
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
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="work_unit_key"),
                    core.constraints.SameCounty(field="category", name="work_unit_category_same_county"),
                    core.constraints.SameCounty(field="place", name="work_unit_place_same_county"),
                    models.UniqueConstraint(fields=("county", "name_key"), name="work_unit_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("category__isnull", False), ("place__isnull", False), _connector="OR"
                        ),
                        name="work_unit_goes_somewhere",
                    ),
                ],
                "indexes": [],
            },
        ),
    ]
