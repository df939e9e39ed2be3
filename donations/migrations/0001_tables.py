import datetime

import django.db.models.deletion
from django.db import migrations, models

import core.constraints


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalogue", "0001_tables"),
        ("organisation", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
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
                        related_name="campaigns",
                        to="organisation.county",
                    ),
                ),
                ("code", models.CharField(max_length=24)),
                ("name", models.CharField(max_length=80)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                (
                    "donee",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organisation.place",
                    ),
                ),
                ("coordinator", models.CharField(max_length=80)),
                ("contact", models.CharField(blank=True, max_length=80)),
                ("supervision_phone", models.CharField(blank=True, max_length=40)),
                ("categories", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("closed", "Closed")], default="open", max_length=6
                    ),
                ),
                (
                    "rhythm",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("five_days", "every 5 days (emergency)"),
                            ("monthly", "every month"),
                            ("quarterly", "every 3 months"),
                        ],
                        default="",
                        max_length=9,
                    ),
                ),
                ("closed_on", models.DateField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="campaign_key"),
                    models.CheckConstraint(
                        condition=models.Q(("rhythm__in", ["", "five_days", "monthly", "quarterly"])),
                        name="campaign_rhythm_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("closed_on__isnull", True), ("state", "closed"), _connector="OR"),
                        name="campaign_closed_on_when_closed",
                    ),
                    core.constraints.SameCounty(field="donee", name="campaign_donee_same_county"),
                    models.UniqueConstraint(fields=("county", "code"), name="campaign_code_once"),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="campaign_days_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__lte", datetime.date(2100, 1, 1)),
                            ("starts_on__gte", datetime.date(2000, 1, 1)),
                        ),
                        name="campaign_days_of_this_century",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Donor",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("person", "person"),
                            ("work_unit", "work unit"),
                            ("anonymous", "anonymous"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "publish",
                    models.CharField(
                        choices=[
                            ("full", "full name"),
                            ("masked", "surname only"),
                            ("anonymous", "not shown"),
                        ],
                        max_length=10,
                        null=True,
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
            ],
            options={
                "constraints": [core.constraints.CountyKey(name="donor_key")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="DonorIdentity",
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
                    "donor",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="identities",
                        to="donations.donor",
                    ),
                ),
                ("sealed", models.BinaryField()),
                ("name_mac", models.BinaryField(max_length=32, null=True)),
                ("phone_mac", models.BinaryField(max_length=32, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["county", "name_mac"], name="identity_by_name"),
                    models.Index(fields=["county", "phone_mac"], name="identity_by_phone"),
                ],
                "constraints": [
                    core.constraints.SameCounty(field="donor", name="identity_donor_same_county"),
                    models.UniqueConstraint(fields=("donor",), name="identity_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Handover",
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
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("received", "Received"), ("voided", "Voided")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("handed_over_on", models.DateField()),
                ("handed_over_by", models.BigIntegerField()),
                ("received_on", models.DateField(null=True)),
                ("received_by", models.BigIntegerField(null=True)),
                ("carrier", models.CharField(blank=True, max_length=80)),
                ("vehicle", models.CharField(blank=True, max_length=20)),
                ("seal_number", models.CharField(blank=True, max_length=40)),
                ("list_seal", models.CharField(blank=True, max_length=64)),
                ("seal_intact", models.BooleanField(null=True)),
                ("seal_note", models.CharField(blank=True, max_length=200)),
                ("voided_on", models.DateField(null=True)),
                ("voided_by", models.BigIntegerField(null=True)),
                ("void_reason", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="handover_key"),
                    core.constraints.SameCounty(field="from_place", name="handover_from_same_county"),
                    core.constraints.SameCounty(field="to_place", name="handover_to_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("from_place", models.F("to_place")), _negated=True),
                        name="handover_to_elsewhere",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("received_by__isnull", True),
                            models.Q(("received_by", models.F("handed_over_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="handover_received_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("received_by__isnull", False),
                                ("received_on__isnull", False),
                                ("state", "received"),
                            ),
                            models.Q(
                                ("received_by__isnull", True),
                                ("received_on__isnull", True),
                                ("state__in", ["open", "voided"]),
                            ),
                            _connector="OR",
                        ),
                        name="handover_received_or_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", "voided"),
                                ("voided_by__isnull", False),
                                ("voided_on__isnull", False),
                                models.Q(("void_reason", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "voided"), _negated=True),
                                ("void_reason", ""),
                                ("voided_by__isnull", True),
                                ("voided_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="handover_voided_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "received"), _negated=True),
                            ("seal_number", ""),
                            ("seal_intact__isnull", False),
                            _connector="OR",
                        ),
                        name="handover_seal_looked_at",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("seal_intact__isnull", True),
                            ("seal_intact", True),
                            models.Q(("seal_note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="handover_broken_seal_told",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Donation",
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
                    "place",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organisation.place",
                    ),
                ),
                (
                    "donor",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="donations",
                        to="donations.donor",
                    ),
                ),
                ("receipt_code", models.CharField(max_length=17)),
                ("received_on", models.DateField()),
                ("booked_on", models.DateField()),
                ("registered_by", models.BigIntegerField()),
                ("registered_at", models.DateTimeField()),
                ("source_confirmed", models.BooleanField()),
                (
                    "unfit",
                    models.CharField(
                        choices=[("return", "return to donor"), ("destroy", "leave for disposal")],
                        max_length=8,
                    ),
                ),
                (
                    "found_in",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="donations.handover",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["county", "place", "-id"], name="donation_by_place"),
                    models.Index(fields=["donor"], name="donation_by_donor"),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="donation_key"),
                    core.constraints.SameCounty(field="campaign", name="donation_campaign_same_county"),
                    core.constraints.SameCounty(field="place", name="donation_place_same_county"),
                    core.constraints.SameCounty(field="donor", name="donation_donor_same_county"),
                    core.constraints.SameCounty(field="found_in", name="donation_found_in_same_county"),
                    models.UniqueConstraint(fields=("receipt_code",), name="receipt_code_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("found_in__isnull", False)),
                        fields=("found_in",),
                        name="donation_found_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Item",
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
                    "donation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="items",
                        to="donations.donation",
                    ),
                ),
                ("line", models.PositiveSmallIntegerField()),
                (
                    "medicine",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalogue.medicine",
                    ),
                ),
                ("description", models.CharField(blank=True, max_length=200)),
                ("specification", models.CharField(blank=True, max_length=120)),
                ("manufacturer", models.CharField(blank=True, max_length=120)),
                ("approval_number", models.CharField(blank=True, max_length=40)),
                ("lot_number", models.CharField(blank=True, max_length=40)),
                (
                    "lot_state",
                    models.CharField(
                        choices=[("read", "Read"), ("not_read", "Not Read"), ("not_printed", "Not Printed")],
                        max_length=12,
                    ),
                ),
                ("expiry_raw", models.CharField(blank=True, max_length=80)),
                ("expiry_precision", models.CharField(blank=True, max_length=5)),
                ("last_usable_day", models.DateField(null=True)),
                (
                    "expiry_state",
                    models.CharField(
                        choices=[("read", "Read"), ("not_read", "Not Read"), ("not_printed", "Not Printed")],
                        max_length=12,
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("unit", models.CharField(blank=True, db_default="", default="", max_length=8)),
                ("opened", models.BooleanField(default=False)),
                (
                    "container",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("blister", "Blister"),
                            ("bottle", "Bottle"),
                            ("sachet", "Sachet"),
                            ("loose", "Loose"),
                        ],
                        max_length=8,
                    ),
                ),
                ("findings", models.JSONField(default=list)),
                ("trace_codes", models.JSONField(default=list)),
                ("barcode", models.CharField(blank=True, max_length=128)),
                ("outcome", models.CharField(max_length=6)),
                ("reasons", models.JSONField(default=list)),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="item_key"),
                    core.constraints.SameCounty(field="donation", name="item_donation_same_county"),
                    models.UniqueConstraint(fields=("donation", "line"), name="item_line_once"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__range", (1, 1000000))), name="item_quantity_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["accept", "review", "refuse"])),
                        name="item_outcome_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "unit__in",
                                [
                                    "",
                                    "片",
                                    "粒",
                                    "袋",
                                    "瓶",
                                    "支",
                                    "丸",
                                    "贴",
                                    "只",
                                    "枚",
                                    "台",
                                    "盒",
                                    "人份",
                                ],
                            )
                        ),
                        name="item_unit_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("expiry_state", "read"), ("last_usable_day__isnull", False)),
                            models.Q(
                                models.Q(("expiry_state", "read"), _negated=True),
                                ("last_usable_day__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="item_expiry_read_or_absent",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Box",
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
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="boxes",
                        to="donations.item",
                    ),
                ),
                ("code", models.CharField(max_length=128)),
            ],
            options={
                "indexes": [models.Index(fields=["county", "code"], name="box_by_code")],
                "constraints": [
                    core.constraints.SameCounty(field="item", name="box_item_same_county"),
                    models.UniqueConstraint(fields=("item", "code"), name="box_once_in_its_item"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Correction",
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
                    "donation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="corrections",
                        to="donations.donation",
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("renamed", models.BooleanField()),
                ("corrected_by", models.BigIntegerField()),
                ("corrected_on", models.DateField()),
                ("command", models.UUIDField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["county", "-id"], name="correction_by_county"),
                    models.Index(fields=["donation"], name="correction_by_donation"),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="correction_key"),
                    core.constraints.SameCounty(field="donation", name="correction_donation_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="correction_has_reason"
                    ),
                    models.UniqueConstraint(fields=("command", "county"), name="correction_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HandoverDonation",
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
                    "handover",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="listed",
                        to="donations.handover",
                    ),
                ),
                (
                    "donation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="donations.donation",
                    ),
                ),
                ("open", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    core.constraints.SameCounty(field="handover", name="listed_handover_same_county"),
                    core.constraints.SameCounty(field="donation", name="listed_donation_same_county"),
                    models.UniqueConstraint(
                        condition=models.Q(("open", True)),
                        fields=("donation",),
                        name="donation_in_one_open_handover",
                    ),
                    models.UniqueConstraint(fields=("handover", "donation"), name="listed_once"),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="HandoverGroup",
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
                    "handover",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="groups",
                        to="donations.handover",
                    ),
                ),
                (
                    "medicine",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.medicine"
                    ),
                ),
                ("lot_number", models.CharField(blank=True, max_length=40)),
                ("last_usable_day", models.DateField(null=True)),
                ("declared", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="group_key"),
                    core.constraints.SameCounty(field="handover", name="group_handover_same_county"),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="CustodyEntry",
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
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="custody_entries",
                        to="donations.item",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="donations.handovergroup",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("registered", "Registered"),
                            ("refused", "Refused"),
                            ("voided", "Voided"),
                            ("corrected", "Corrected"),
                            ("handed_over", "Handed Over"),
                            ("received", "Received"),
                            ("surplus", "Surplus"),
                            ("missing", "Missing"),
                            ("in_doubt", "In Doubt"),
                            ("accepted", "Accepted"),
                            ("rejected", "Rejected"),
                            ("reversed", "Reversed"),
                            ("left_for_disposal", "Left For Disposal"),
                            ("returned_to_donor", "Returned To Donor"),
                            ("destroyed", "Destroyed"),
                        ],
                        max_length=17,
                    ),
                ),
                (
                    "from_state",
                    models.CharField(
                        choices=[
                            ("outside", "Outside"),
                            ("at_point", "registered"),
                            ("on_the_way", "handed over"),
                            ("counted", "counted"),
                            ("in_doubt", "in doubt"),
                            ("accepted", "accepted"),
                            ("in_bin", "rejected"),
                            ("refused", "refused"),
                            ("voided", "voided"),
                            ("missing", "missing"),
                            ("returned", "returned to donor"),
                            ("destroyed", "destroyed"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "to_state",
                    models.CharField(
                        choices=[
                            ("outside", "Outside"),
                            ("at_point", "registered"),
                            ("on_the_way", "handed over"),
                            ("counted", "counted"),
                            ("in_doubt", "in doubt"),
                            ("accepted", "accepted"),
                            ("in_bin", "rejected"),
                            ("refused", "refused"),
                            ("voided", "voided"),
                            ("missing", "missing"),
                            ("returned", "returned to donor"),
                            ("destroyed", "destroyed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("reason", models.CharField(blank=True, max_length=60)),
                ("note", models.CharField(blank=True, max_length=200)),
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
                (
                    "handover",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="entries",
                        to="donations.handover",
                    ),
                ),
                (
                    "reverses",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="donations.custodyentry",
                    ),
                ),
                ("actor", models.BigIntegerField(null=True)),
                ("business_day", models.DateField()),
                ("booked_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("command", models.UUIDField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("item__isnull", False)), fields=["item"], name="custody_by_item"
                    ),
                    models.Index(
                        condition=models.Q(("group__isnull", False)),
                        fields=["group"],
                        name="custody_by_group",
                    ),
                    models.Index(fields=["county", "booked_on"], name="custody_by_day"),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="custody_key"),
                    core.constraints.SameCounty(field="item", name="custody_item_same_county"),
                    core.constraints.SameCounty(field="group", name="custody_group_same_county"),
                    core.constraints.SameCounty(field="place", name="custody_place_same_county"),
                    core.constraints.SameCounty(field="handover", name="custody_handover_same_county"),
                    core.constraints.SameCounty(field="reverses", name="custody_reverses_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__range", (1, 1000000))), name="custody_quantity_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("from_state", "outside"), ("kind", "registered"), ("to_state", "at_point")
                            ),
                            models.Q(("from_state", "outside"), ("kind", "refused"), ("to_state", "refused")),
                            models.Q(
                                ("from_state", "refused"),
                                ("kind", "left_for_disposal"),
                                ("to_state", "in_bin"),
                            ),
                            models.Q(("from_state", "at_point"), ("kind", "voided"), ("to_state", "voided")),
                            models.Q(
                                ("from_state", "outside"), ("kind", "corrected"), ("to_state", "at_point")
                            ),
                            models.Q(
                                ("from_state", "at_point"), ("kind", "corrected"), ("to_state", "outside")
                            ),
                            models.Q(
                                ("from_state", "outside"), ("kind", "corrected"), ("to_state", "counted")
                            ),
                            models.Q(
                                ("from_state", "counted"), ("kind", "corrected"), ("to_state", "outside")
                            ),
                            models.Q(
                                ("from_state", "at_point"),
                                ("kind", "handed_over"),
                                ("to_state", "on_the_way"),
                            ),
                            models.Q(
                                ("from_state", "on_the_way"), ("kind", "received"), ("to_state", "counted")
                            ),
                            models.Q(
                                ("from_state", "at_point"), ("kind", "received"), ("to_state", "counted")
                            ),
                            models.Q(("from_state", "outside"), ("kind", "surplus"), ("to_state", "counted")),
                            models.Q(
                                ("from_state", "on_the_way"), ("kind", "missing"), ("to_state", "missing")
                            ),
                            models.Q(
                                ("from_state", "at_point"), ("kind", "missing"), ("to_state", "missing")
                            ),
                            models.Q(
                                ("from_state", "counted"), ("kind", "in_doubt"), ("to_state", "in_doubt")
                            ),
                            models.Q(
                                ("from_state", "counted"), ("kind", "accepted"), ("to_state", "accepted")
                            ),
                            models.Q(
                                ("from_state", "in_doubt"), ("kind", "accepted"), ("to_state", "accepted")
                            ),
                            models.Q(("from_state", "counted"), ("kind", "rejected"), ("to_state", "in_bin")),
                            models.Q(
                                ("from_state", "in_doubt"), ("kind", "rejected"), ("to_state", "in_bin")
                            ),
                            models.Q(
                                ("from_state", "accepted"), ("kind", "reversed"), ("to_state", "counted")
                            ),
                            models.Q(("from_state", "in_bin"), ("kind", "reversed"), ("to_state", "counted")),
                            models.Q(
                                ("from_state", "in_doubt"), ("kind", "reversed"), ("to_state", "counted")
                            ),
                            models.Q(
                                ("from_state", "on_the_way"), ("kind", "reversed"), ("to_state", "at_point")
                            ),
                            models.Q(
                                ("from_state", "in_bin"),
                                ("kind", "returned_to_donor"),
                                ("to_state", "returned"),
                            ),
                            models.Q(
                                ("from_state", "in_bin"), ("kind", "destroyed"), ("to_state", "destroyed")
                            ),
                            _connector="OR",
                        ),
                        name="custody_step_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("item__isnull", False), ("group__isnull", False), _connector="OR"
                        ),
                        name="custody_of_item_or_group",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("group__isnull", True),
                            ("kind__in", ["handed_over", "received", "missing", "surplus", "reversed"]),
                            _connector="OR",
                        ),
                        name="custody_group_only_on_the_way",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["missing", "surplus"]), _negated=True),
                            models.Q(
                                models.Q(
                                    models.Q(
                                        ("kind", "missing"),
                                        (
                                            "reason__in",
                                            ["miscounted", "mixed_up", "lost", "damaged", "unknown", "other"],
                                        ),
                                    ),
                                    models.Q(
                                        ("kind", "surplus"),
                                        ("reason__in", ["miscounted", "mixed_up", "not_listed", "other"]),
                                    ),
                                    _connector="OR",
                                ),
                                models.Q(
                                    models.Q(("reason", "other"), _negated=True),
                                    models.Q(("note", ""), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="custody_difference_explained",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "reversed"), ("reverses__isnull", False)),
                            models.Q(
                                models.Q(("kind", "reversed"), _negated=True), ("reverses__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="custody_reversal_names_what",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("business_day__lte", models.F("booked_on"))),
                        name="custody_booked_not_before",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("reverses__isnull", False)),
                        fields=("reverses",),
                        name="custody_reversed_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ItemHoldings",
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
                ("at_point", models.IntegerField(default=0)),
                ("on_the_way", models.IntegerField(default=0)),
                ("counted", models.IntegerField(default=0)),
                ("in_doubt", models.IntegerField(default=0)),
                ("accepted", models.IntegerField(default=0)),
                ("in_bin", models.IntegerField(default=0)),
                ("refused", models.IntegerField(default=0)),
                ("voided", models.IntegerField(default=0)),
                ("missing", models.IntegerField(default=0)),
                ("returned", models.IntegerField(default=0)),
                ("destroyed", models.IntegerField(default=0)),
                (
                    "item",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="holdings",
                        to="donations.item",
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
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("counted__gt", 0)),
                        fields=["county", "place"],
                        name="holdings_to_sort",
                    ),
                    models.Index(
                        condition=models.Q(("in_doubt__gt", 0)),
                        fields=["county", "place"],
                        name="holdings_in_doubt",
                    ),
                    models.Index(
                        condition=models.Q(("at_point__gt", 0)),
                        fields=["county", "place"],
                        name="holdings_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("in_bin__gt", 0)),
                        fields=["county", "place"],
                        name="holdings_in_bin",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted__gte", 0),
                            ("at_point__gte", 0),
                            ("counted__gte", 0),
                            ("destroyed__gte", 0),
                            ("in_bin__gte", 0),
                            ("in_doubt__gte", 0),
                            ("missing__gte", 0),
                            ("on_the_way__gte", 0),
                            ("refused__gte", 0),
                            ("returned__gte", 0),
                            ("voided__gte", 0),
                        ),
                        name="itemholdings_never_negative",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupHoldings",
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
                ("at_point", models.IntegerField(default=0)),
                ("on_the_way", models.IntegerField(default=0)),
                ("counted", models.IntegerField(default=0)),
                ("in_doubt", models.IntegerField(default=0)),
                ("accepted", models.IntegerField(default=0)),
                ("in_bin", models.IntegerField(default=0)),
                ("refused", models.IntegerField(default=0)),
                ("voided", models.IntegerField(default=0)),
                ("missing", models.IntegerField(default=0)),
                ("returned", models.IntegerField(default=0)),
                ("destroyed", models.IntegerField(default=0)),
                (
                    "group",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="holdings",
                        to="donations.handovergroup",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted__gte", 0),
                            ("at_point__gte", 0),
                            ("counted__gte", 0),
                            ("destroyed__gte", 0),
                            ("in_bin__gte", 0),
                            ("in_doubt__gte", 0),
                            ("missing__gte", 0),
                            ("on_the_way__gte", 0),
                            ("refused__gte", 0),
                            ("returned__gte", 0),
                            ("voided__gte", 0),
                        ),
                        name="groupholdings_never_negative",
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="CustodyDay",
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
                ("booked_on", models.DateField()),
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
                (
                    "medicine",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalogue.medicine",
                    ),
                ),
                ("kind", models.CharField(max_length=17)),
                ("from_state", models.CharField(max_length=10)),
                ("to_state", models.CharField(max_length=10)),
                ("reason", models.CharField(blank=True, max_length=60)),
                ("quantity", models.BigIntegerField()),
                ("entries", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "county",
                            "booked_on",
                            "place",
                            "medicine",
                            "kind",
                            "from_state",
                            "to_state",
                            "reason",
                        ),
                        name="custody_day_once",
                        nulls_distinct=False,
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ItemPhoto",
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
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="photos",
                        to="donations.item",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("image", models.BinaryField()),
                ("taken_by", models.BigIntegerField()),
                ("taken_on", models.DateField()),
                ("command", models.UUIDField()),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="item_photo_key"),
                    core.constraints.SameCounty(field="item", name="item_photo_item_same_county"),
                    models.UniqueConstraint(fields=("item", "number"), name="item_photo_numbered_once"),
                    models.CheckConstraint(
                        condition=models.Q(("number__range", (1, 6))), name="item_photo_few"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="DonorReturn",
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
                (
                    "donation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="returns",
                        to="donations.donation",
                    ),
                ),
                (
                    "collected_by",
                    models.CharField(choices=[("donor", "Donor"), ("proxy", "Proxy")], max_length=5),
                ),
                ("returned_on", models.DateField()),
                ("returned_by", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["county", "place", "-id"], name="donor_return_by_place"),
                    models.Index(fields=["donation"], name="donor_return_by_donation"),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="donor_return_key"),
                    core.constraints.SameCounty(field="place", name="donor_return_place_same_county"),
                    core.constraints.SameCounty(field="donation", name="donor_return_donation_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("collected_by__in", ["donor", "proxy"])),
                        name="donor_return_collector_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DonorReturnLine",
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
                    "donor_return",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="lines",
                        to="donations.donorreturn",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="donations.custodyentry",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["donor_return"], name="return_line_by_return")],
                "constraints": [
                    core.constraints.SameCounty(field="donor_return", name="return_line_same_county"),
                    core.constraints.SameCounty(field="entry", name="return_line_entry_same_county"),
                    models.UniqueConstraint(fields=("entry",), name="returned_in_one_line"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnCollector",
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
                    "donor_return",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="collectors",
                        to="donations.donorreturn",
                    ),
                ),
                ("sealed", models.BinaryField()),
            ],
            options={
                "constraints": [
                    core.constraints.SameCounty(field="donor_return", name="collector_return_same_county"),
                    models.UniqueConstraint(fields=("donor_return",), name="collector_once"),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="RosterFile",
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
                ("sealed", models.BinaryField(null=True)),
                ("collector", models.BinaryField(null=True)),
                ("faults", models.PositiveIntegerField()),
                ("rows", models.PositiveIntegerField()),
                ("uploaded_by", models.BigIntegerField()),
                ("uploaded_at", models.DateTimeField()),
                ("committed_by", models.BigIntegerField(null=True)),
                ("committed_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("sealed__isnull", False)),
                        fields=["county", "uploaded_at"],
                        name="roster_waiting",
                    )
                ],
                "constraints": [
                    core.constraints.CountyKey(name="roster_key"),
                    core.constraints.SameCounty(field="place", name="roster_place_same_county"),
                    core.constraints.SameCounty(field="campaign", name="roster_campaign_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("committed_at__isnull", True), ("committed_by__isnull", True)),
                            models.Q(
                                ("committed_at__isnull", False),
                                ("committed_by__isnull", False),
                                ("faults", 0),
                                ("sealed__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="roster_committed_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RosterDonation",
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
                    "roster",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="donations",
                        to="donations.rosterfile",
                    ),
                ),
                (
                    "donation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="donations.donation",
                    ),
                ),
                ("fingerprint", models.BinaryField(max_length=32)),
            ],
            options={
                "constraints": [
                    core.constraints.SameCounty(field="roster", name="roster_donation_roster_same_county"),
                    core.constraints.SameCounty(field="donation", name="roster_donation_same_county"),
                    models.UniqueConstraint(fields=("donation",), name="roster_donation_once"),
                    models.UniqueConstraint(fields=("county", "fingerprint"), name="roster_line_once"),
                ],
                "indexes": [],
            },
        ),
    ]
