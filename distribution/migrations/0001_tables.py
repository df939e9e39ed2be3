import datetime

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import core.constraints


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalogue", "0001_tables"),
        ("inventory", "0001_tables"),
        ("organisation", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClinicProfile",
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
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="profile",
                        to="organisation.place",
                    ),
                ),
                ("population", models.PositiveIntegerField(default=0)),
                ("age_0_3", models.PositiveIntegerField(default=0)),
                ("age_4_14", models.PositiveIntegerField(default=0)),
                ("age_65_79", models.PositiveIntegerField(default=0)),
                ("age_80_up", models.PositiveIntegerField(default=0)),
                ("pregnant", models.PositiveIntegerField(default=0)),
                ("living_alone_elderly", models.PositiveIntegerField(default=0)),
                ("destitute_low_income", models.PositiveIntegerField(default=0)),
                ("disabled", models.PositiveIntegerField(default=0)),
                ("chronic_patients", models.PositiveIntegerField(default=0)),
                ("tier_red", models.PositiveIntegerField(default=0)),
                ("tier_yellow", models.PositiveIntegerField(default=0)),
                ("tier_green", models.PositiveIntegerField(default=0)),
                ("current_fever_cases", models.PositiveIntegerField(default=0)),
                ("travel_minutes", models.PositiveIntegerField(default=0)),
                ("data_date", models.DateField()),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [core.constraints.SameCounty(field="place", name="profile_place_same_county")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="NeedSheet",
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
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organisation.place",
                    ),
                ),
                ("period_start", models.DateField()),
                ("period_end", models.DateField()),
                ("entered_by", models.BigIntegerField()),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="need_sheet_key"),
                    core.constraints.SameCounty(field="place", name="need_sheet_place_same_county"),
                    models.UniqueConstraint(
                        fields=("county", "place", "period_start", "period_end"), name="need_sheet_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("period_end__gte", models.F("period_start"))),
                        name="need_sheet_days",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="NeedLine",
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
                    "sheet",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="lines",
                        to="distribution.needsheet",
                    ),
                ),
                (
                    "medicine",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.medicine"
                    ),
                ),
                ("requested", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    core.constraints.SameCounty(field="sheet", name="need_line_sheet_same_county"),
                    models.UniqueConstraint(fields=("sheet", "medicine"), name="need_line_once"),
                    models.CheckConstraint(
                        condition=models.Q(("requested__lte", 1000000)), name="need_line_range"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Plan",
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
                    "level",
                    models.CharField(
                        choices=[("townships", "Townships"), ("clinics", "Clinics")], max_length=9
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
                ("from_places", models.JSONField()),
                ("medicines", models.JSONField(default=list)),
                ("interchangeable", models.JSONField(default=list)),
                ("bands", models.JSONField(default=list)),
                ("period_start", models.DateField()),
                ("period_end", models.DateField()),
                ("horizon_days", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "awaiting approval"),
                            ("approved", "approved"),
                            ("cancelled", "cancelled"),
                        ],
                        default="draft",
                        max_length=9,
                    ),
                ),
                ("planned_by", models.BigIntegerField()),
                ("planned_on", models.DateField()),
                ("approved_by", models.BigIntegerField(null=True)),
                ("approved_on", models.DateField(null=True)),
                ("cuts", models.JSONField(default=list)),
                ("leftovers", models.JSONField(default=list)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "indexes": [models.Index(fields=["county", "-id"], name="plan_by_county")],
                "constraints": [
                    core.constraints.CountyKey(name="plan_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by__isnull", True),
                            models.Q(("approved_by", models.F("planned_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="plan_approved_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("approved_by__isnull", False),
                                ("approved_on__isnull", False),
                                ("state", "approved"),
                            ),
                            ("state", "cancelled"),
                            models.Q(("approved_by__isnull", True), ("state__in", ["draft", "submitted"])),
                            _connector="OR",
                        ),
                        name="plan_approved_or_not",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanLine",
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
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="lines",
                        to="distribution.plan",
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
                    "clinic",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organisation.place",
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
                ("quantity", models.PositiveIntegerField()),
                ("drafted", models.PositiveIntegerField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("changed_by", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="plan_line_key"),
                    core.constraints.SameCounty(field="plan", name="plan_line_plan_same_county"),
                    core.constraints.SameCounty(field="from_place", name="plan_line_from_same_county"),
                    core.constraints.SameCounty(field="clinic", name="plan_line_clinic_same_county"),
                    core.constraints.SameCounty(field="batch", name="plan_line_batch_same_county"),
                    models.UniqueConstraint(
                        fields=("plan", "from_place", "clinic", "batch"), name="plan_line_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__lte", 1000000)), name="plan_line_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quantity", models.F("drafted")),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="plan_line_change_has_reason",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="PlanShare",
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
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="shares",
                        to="distribution.plan",
                    ),
                ),
                (
                    "clinic",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organisation.place",
                    ),
                ),
                (
                    "medicine",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.medicine"
                    ),
                ),
                ("need", models.PositiveBigIntegerField()),
                ("on_hand", models.PositiveBigIntegerField()),
                ("requested", models.PositiveBigIntegerField(null=True)),
                ("drafted", models.PositiveBigIntegerField()),
                ("allotted", models.PositiveBigIntegerField()),
                ("limited_by", models.CharField(max_length=40)),
                ("explanation_zh", models.CharField(max_length=600)),
                ("explanation_en", models.CharField(max_length=600)),
                ("group", models.CharField(blank=True, max_length=60)),
                ("course", models.PositiveSmallIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    core.constraints.SameCounty(field="plan", name="plan_share_plan_same_county"),
                    core.constraints.SameCounty(field="clinic", name="plan_share_clinic_same_county"),
                    models.UniqueConstraint(fields=("plan", "clinic", "medicine"), name="plan_share_once"),
                    models.CheckConstraint(condition=models.Q(("course__gte", 1)), name="plan_share_course"),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Shipment",
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
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="shipments",
                        to="distribution.plan",
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
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reserved", "reserved"),
                            ("dispatched", "in transit"),
                            ("received", "received"),
                            ("cancelled", "cancelled"),
                        ],
                        default="reserved",
                        max_length=10,
                    ),
                ),
                ("dispatched_by", models.BigIntegerField(null=True)),
                ("dispatched_on", models.DateField(null=True)),
                ("received_by", models.BigIntegerField(null=True)),
                ("received_on", models.DateField(null=True)),
                ("expired_on", models.DateField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["from_place"], name="shipment_by_sender"),
                    models.Index(fields=["to_place"], name="shipment_by_receiver"),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="shipment_key"),
                    core.constraints.SameCounty(field="plan", name="shipment_plan_same_county"),
                    core.constraints.SameCounty(field="from_place", name="shipment_from_same_county"),
                    core.constraints.SameCounty(field="to_place", name="shipment_to_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("received_by__isnull", True),
                            models.Q(("received_by", models.F("dispatched_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="shipment_received_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("dispatched_by__isnull", True),
                                ("received_by__isnull", True),
                                ("state__in", ["reserved", "cancelled"]),
                            ),
                            models.Q(
                                ("dispatched_by__isnull", False),
                                ("received_by__isnull", True),
                                ("state", "dispatched"),
                            ),
                            models.Q(
                                ("dispatched_by__isnull", False),
                                ("received_by__isnull", False),
                                ("state", "received"),
                            ),
                            _connector="OR",
                        ),
                        name="shipment_state_and_hands",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("received_on__isnull", True),
                            models.Q(
                                ("dispatched_on__isnull", False),
                                ("received_on__gte", models.F("dispatched_on")),
                            ),
                            _connector="OR",
                        ),
                        name="shipment_received_after_dispatch",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expired_on__isnull", True), ("state", "cancelled"), _connector="OR"
                        ),
                        name="shipment_expired_unsent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShipmentLine",
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
                    "shipment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="lines",
                        to="distribution.shipment",
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
                ("promised", models.PositiveIntegerField()),
                ("picked", models.PositiveIntegerField(null=True)),
                ("accepted", models.PositiveIntegerField(null=True)),
                ("damaged", models.PositiveIntegerField(null=True)),
                ("missing", models.PositiveIntegerField(null=True)),
                ("pick_reason", models.CharField(blank=True, max_length=200)),
                ("receipt_reason", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="shipment_line_key"),
                    core.constraints.SameCounty(field="shipment", name="shipment_line_shipment_same_county"),
                    core.constraints.SameCounty(field="batch", name="shipment_line_batch_same_county"),
                    models.UniqueConstraint(fields=("shipment", "batch"), name="shipment_line_once"),
                    models.CheckConstraint(
                        condition=models.Q(("promised__range", (1, 1000000))), name="shipment_line_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("picked__isnull", True), ("picked__lte", models.F("promised")), _connector="OR"
                        ),
                        name="picked_within_promise",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("accepted__isnull", True),
                                ("damaged__isnull", True),
                                ("missing__isnull", True),
                            ),
                            (
                                "picked",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("accepted"), "+", models.F("damaged")
                                    ),
                                    "+",
                                    models.F("missing"),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="receipt_adds_up",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Dispensing",
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
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organisation.place",
                    ),
                ),
                ("dispensed_on", models.DateField()),
                ("booked_on", models.DateField()),
                ("recipients", models.PositiveSmallIntegerField(default=1)),
                (
                    "age_band",
                    models.CharField(
                        choices=[
                            ("0-3", "0-3 years"),
                            ("4-14", "4-14 years"),
                            ("15-64", "15-64 years"),
                            ("65-79", "65-79 years"),
                            ("80+", "80 years and above"),
                        ],
                        max_length=5,
                    ),
                ),
                ("marks", models.JSONField(default=list)),
                ("register_ref", models.CharField(blank=True, max_length=40)),
                (
                    "collected_by",
                    models.CharField(
                        choices=[
                            ("self", "in person"),
                            ("family", "family"),
                            ("village_cadre", "village cadre"),
                            ("delivered", "brought home"),
                        ],
                        max_length=13,
                    ),
                ),
                ("entered_for", models.BooleanField(default=False)),
                (
                    "kit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="inventory.kit",
                    ),
                ),
                ("dispensed_by", models.BigIntegerField()),
                ("recorded_at", models.DateTimeField()),
                ("reversed_by", models.BigIntegerField(null=True)),
                ("reversed_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["county", "place", "-id"], name="dispensing_by_place"),
                    models.Index(fields=["county", "dispensed_on"], name="dispensing_by_day"),
                    models.Index(fields=["county", "booked_on"], name="dispensing_by_booking"),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="dispensing_key"),
                    core.constraints.SameCounty(field="place", name="dispensing_place_same_county"),
                    core.constraints.SameCounty(field="kit", name="dispensing_kit_same_county"),
                    models.UniqueConstraint(
                        condition=models.Q(("kit__isnull", False), ("reversed_by__isnull", True)),
                        fields=("kit",),
                        name="dispensing_of_one_kit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("recipients__range", (1, 500))),
                        name="dispensing_recipients_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("age_band__in", ["0-3", "4-14", "15-64", "65-79", "80+"])),
                        name="dispensing_age_band_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("dispensed_on__lte", models.F("booked_on"))),
                        name="dispensing_booked_not_before",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DispensingLine",
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
                    "dispensing",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="lines",
                        to="distribution.dispensing",
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
                ("quantity", models.PositiveIntegerField()),
                ("days_supply", models.PositiveSmallIntegerField(default=1)),
                ("prescriber", models.CharField(blank=True, max_length=60)),
                ("flagged", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "indexes": [models.Index(fields=["dispensing"], name="dispensing_line_of")],
                "constraints": [
                    core.constraints.SameCounty(field="dispensing", name="dispensing_line_same_county"),
                    core.constraints.SameCounty(field="batch", name="dispensing_line_batch_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__range", (1, 1000000))), name="dispensing_line_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("days_supply__range", (1, 366))), name="dispensing_days_range"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HandOutLimit",
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
                    "medicine",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalogue.medicine",
                    ),
                ),
                ("per_hand_out", models.PositiveIntegerField(null=True)),
                ("per_fever", models.PositiveIntegerField(null=True)),
                ("fever_days", models.PositiveSmallIntegerField(default=7)),
                ("set_by", models.BigIntegerField()),
                ("set_on", models.DateField()),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="hand_out_limit_key"),
                    models.UniqueConstraint(fields=("county", "medicine"), name="hand_out_limit_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("per_hand_out__isnull", True),
                                ("per_hand_out__range", (1, 1000000)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("per_fever__isnull", True),
                                ("per_fever__range", (1, 1000000)),
                                _connector="OR",
                            ),
                            ("fever_days__range", (1, 366)),
                        ),
                        name="hand_out_limit_range",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="LocalUseRule",
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
                    "medicine",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalogue.medicine",
                    ),
                ),
                ("percent", models.PositiveSmallIntegerField()),
                ("set_by", models.BigIntegerField()),
                ("set_on", models.DateField()),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="local_use_rule_key"),
                    models.UniqueConstraint(
                        fields=("county", "medicine"), name="local_use_rule_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("percent__range", (0, 100))), name="local_use_rule_percent"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="PopulationShift",
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
                    "township",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.division",
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
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("percent", models.SmallIntegerField(null=True)),
                ("heads", models.IntegerField(null=True)),
                ("entered_by", models.BigIntegerField()),
                ("entered_on", models.DateField()),
            ],
            options={
                "indexes": [models.Index(fields=["county", "ends_on"], name="population_shift_by_end")],
                "constraints": [
                    core.constraints.CountyKey(name="population_shift_key"),
                    core.constraints.SameCounty(field="place", name="population_shift_place_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("place__isnull", True), ("township__isnull", False)),
                            models.Q(("place__isnull", False), ("township__isnull", True)),
                            _connector="OR",
                        ),
                        name="population_shift_of_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="population_shift_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("heads__isnull", True),
                                ("percent__isnull", False),
                                ("percent__range", (-100, 1000)),
                            ),
                            models.Q(
                                ("heads__isnull", False),
                                ("heads__range", (-1000000, 1000000)),
                                ("percent__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="population_shift_how_many",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SpotCheck",
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
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organisation.place",
                    ),
                ),
                ("checked_on", models.DateField()),
                ("findings", models.CharField(max_length=1000)),
                ("rectify_by", models.DateField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "to rectify"),
                            ("rectified", "rectified, to be looked at"),
                            ("closed", "closed"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("checked_by", models.BigIntegerField()),
                ("recorded_at", models.DateTimeField()),
                ("rectification", models.CharField(blank=True, max_length=1000)),
                ("rectified_by", models.BigIntegerField(null=True)),
                ("rectified_on", models.DateField(null=True)),
                ("closed_by", models.BigIntegerField(null=True)),
                ("closed_on", models.DateField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["county", "place", "-id"], name="spot_check_by_place")],
                "constraints": [
                    core.constraints.CountyKey(name="spot_check_key"),
                    core.constraints.SameCounty(field="place", name="spot_check_place_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("findings", ""), _negated=True), name="spot_check_says_what"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rectify_by__isnull", True),
                            ("rectify_by__gte", models.F("checked_on")),
                            _connector="OR",
                        ),
                        name="spot_check_deadline_after",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_by__isnull", True),
                                ("rectified_by__isnull", True),
                                ("rectify_by__isnull", False),
                                ("state", "open"),
                            ),
                            models.Q(
                                ("closed_by__isnull", True),
                                ("rectified_by__isnull", False),
                                ("rectified_on__isnull", False),
                                ("state", "rectified"),
                            ),
                            models.Q(
                                ("closed_by__isnull", False),
                                ("closed_on__isnull", False),
                                ("rectified_by__isnull", False),
                                ("state", "closed"),
                            ),
                            models.Q(
                                ("closed_by__isnull", True),
                                ("rectified_by__isnull", True),
                                ("rectify_by__isnull", True),
                                ("state", "closed"),
                            ),
                            _connector="OR",
                        ),
                        name="spot_check_state_and_hands",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rectified_by__isnull", True),
                            models.Q(("rectification", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="spot_check_says_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_by__isnull", True),
                            models.Q(("closed_by", models.F("rectified_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="spot_check_closed_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UrgentIssue",
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
                    "shipment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="distribution.shipment",
                    ),
                ),
                ("agreed_by", models.CharField(max_length=60)),
                ("agreed_at", models.DateTimeField()),
                ("reason", models.CharField(max_length=200)),
                ("issued_by", models.BigIntegerField()),
                ("issued_at", models.DateTimeField()),
                ("countersigned_by", models.BigIntegerField(null=True)),
                ("countersigned_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["county", "-id"], name="urgent_issue_by_county")],
                "constraints": [
                    core.constraints.CountyKey(name="urgent_issue_key"),
                    core.constraints.SameCounty(field="shipment", name="urgent_issue_shipment_same_county"),
                    models.UniqueConstraint(fields=("shipment",), name="urgent_issue_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("countersigned_at__isnull", True), ("countersigned_by__isnull", True)),
                            models.Q(
                                ("countersigned_at__gte", models.F("issued_at")),
                                ("countersigned_at__isnull", False),
                                ("countersigned_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="urgent_issue_countersigned_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("countersigned_by__isnull", True),
                            models.Q(("countersigned_by", models.F("issued_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="urgent_issue_countersigned_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "agreed_at__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("issued_at"), "-", models.Value(datetime.timedelta(days=1))
                                ),
                            ),
                            ("agreed_at__lte", models.F("issued_at")),
                        ),
                        name="urgent_issue_agreed_in_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agreed_by", ""), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                        ),
                        name="urgent_issue_says_why",
                    ),
                ],
            },
        ),
    ]
