import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.constraints


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalogue", "0001_tables"),
        ("donations", "0001_tables"),
        ("organisation", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
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
                (
                    "product",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalogue.product",
                    ),
                ),
                ("lot_number", models.CharField(blank=True, max_length=40)),
                ("last_usable_day", models.DateField(null=True)),
                (
                    "pack",
                    models.CharField(choices=[("sealed", "sealed"), ("opened", "opened")], max_length=6),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["county", "last_usable_day"], name="batch_by_last_day")],
                "constraints": [
                    core.constraints.CountyKey(name="batch_key"),
                    models.UniqueConstraint(
                        fields=("county", "medicine", "lot_number", "last_usable_day", "pack", "product"),
                        name="batch_once",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SortingDecision",
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
                        related_name="decisions",
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
                (
                    "outcome",
                    models.CharField(
                        choices=[("accept", "accept"), ("reject", "reject"), ("hold", "in doubt")],
                        max_length=6,
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                (
                    "custody",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="donations.custodyentry",
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
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="inventory.batch",
                    ),
                ),
                ("lot_number", models.CharField(blank=True, max_length=40)),
                ("expiry_raw", models.CharField(blank=True, max_length=80)),
                ("last_usable_day", models.DateField(null=True)),
                ("reason", models.CharField(blank=True, max_length=60)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("checklist", models.JSONField(default=dict)),
                ("checklist_version", models.PositiveSmallIntegerField(default=1)),
                ("screening", models.JSONField(default=dict)),
                ("decided_by", models.BigIntegerField()),
                ("decided_on", models.DateField()),
                ("command", models.UUIDField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["item"], name="decision_by_item"),
                    models.Index(fields=["place", "-id"], name="decision_by_place"),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="decision_key"),
                    core.constraints.SameCounty(field="item", name="decision_item_same_county"),
                    core.constraints.SameCounty(field="place", name="decision_place_same_county"),
                    core.constraints.SameCounty(field="custody", name="decision_custody_same_county"),
                    core.constraints.SameCounty(field="batch", name="decision_batch_same_county"),
                    models.UniqueConstraint(
                        condition=models.Q(("custody__isnull", False)),
                        fields=("custody",),
                        name="decision_of_one_custody_entry",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__range", (1, 1000000))), name="decision_quantity_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("batch__isnull", False), ("outcome", "accept")),
                            models.Q(models.Q(("outcome", "accept"), _negated=True), ("batch__isnull", True)),
                            _connector="OR",
                        ),
                        name="decision_batch_iff_accepted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome", "accept"), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="decision_reason_unless_accepted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "accept"), _negated=True),
                            (
                                "checklist__contains",
                                {
                                    "expiry": True,
                                    "identity": True,
                                    "integrity": True,
                                    "label": True,
                                    "storage": True,
                                },
                            ),
                            _connector="OR",
                        ),
                        name="decision_checklist_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "accept"), _negated=True),
                            models.Q(("screening__contains", {"outcome": "refuse"}), _negated=True),
                            _connector="OR",
                        ),
                        name="decision_screening_obeyed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StockDay",
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
                    "medicine",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalogue.medicine",
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
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
                ("from_side", models.CharField(max_length=6)),
                ("from_state", models.CharField(max_length=10)),
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
                ("to_side", models.CharField(max_length=6)),
                ("to_state", models.CharField(max_length=10)),
                ("detail", models.CharField(blank=True, max_length=60)),
                ("quantity", models.BigIntegerField()),
                ("entries", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["from_place", "medicine", "booked_on"], name="stock_day_out_of_place"
                    ),
                    models.Index(fields=["to_place", "medicine", "booked_on"], name="stock_day_into_place"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "county",
                            "booked_on",
                            "medicine",
                            "kind",
                            "from_place",
                            "from_side",
                            "from_state",
                            "to_place",
                            "to_side",
                            "to_state",
                            "detail",
                        ),
                        name="stock_day_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Priority",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.medicine"
                    ),
                ),
                ("rank", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("county", "medicine"), name="priority_once")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Hold",
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
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="inventory.batch",
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                (
                    "recall",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalogue.recall",
                    ),
                ),
                ("arrived", models.PositiveIntegerField(default=0)),
                (
                    "arrived_side",
                    models.CharField(
                        blank=True,
                        choices=[("store", "sorts and supplies"), ("clinic", "hands out")],
                        max_length=6,
                    ),
                ),
                ("placed_by", models.BigIntegerField()),
                ("placed_on", models.DateField()),
                ("command", models.UUIDField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["place", "-id"], name="hold_by_place"),
                    models.Index(fields=["batch"], name="hold_by_batch"),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="hold_key"),
                    core.constraints.SameCounty(field="place", name="hold_place_same_county"),
                    core.constraints.SameCounty(field="batch", name="hold_batch_same_county"),
                    core.constraints.SameCounty(field="recall", name="hold_recall_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="hold_has_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("arrived", 0), ("arrived_side", "")),
                            models.Q(
                                ("arrived__gt", 0),
                                ("arrived_side__in", ["store", "clinic"]),
                                ("recall__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="hold_arrived_of_a_recall",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HoldRelease",
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
                    "hold",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="releases",
                        to="inventory.hold",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("released_by", models.BigIntegerField()),
                ("released_on", models.DateField()),
                ("command", models.UUIDField()),
            ],
            options={
                "indexes": [models.Index(fields=["hold"], name="release_by_hold")],
                "constraints": [core.constraints.SameCounty(field="hold", name="release_hold_same_county")],
            },
        ),
        migrations.CreateModel(
            name="RecallNotice",
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
                    "recall",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="notices",
                        to="catalogue.recall",
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
                "indexes": [models.Index(fields=["place"], name="notice_by_place")],
                "constraints": [
                    core.constraints.CountyKey(name="notice_key"),
                    core.constraints.SameCounty(field="recall", name="notice_recall_same_county"),
                    core.constraints.SameCounty(field="place", name="notice_place_same_county"),
                    models.UniqueConstraint(fields=("recall", "place"), name="notice_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecallAcknowledgement",
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
                    "notice",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="acknowledgements",
                        to="inventory.recallnotice",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                ("acknowledged_by", models.BigIntegerField()),
                ("acknowledged_on", models.DateField()),
                ("command", models.UUIDField()),
            ],
            options={
                "constraints": [
                    core.constraints.SameCounty(field="notice", name="acknowledged_notice_same_county"),
                    models.UniqueConstraint(fields=("notice",), name="acknowledged_once"),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="AdverseReaction",
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
                    "recall",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalogue.recall",
                    ),
                ),
                ("happened_on", models.DateField()),
                ("description", models.CharField(max_length=500)),
                ("register_ref", models.CharField(blank=True, max_length=40)),
                ("reported_by", models.BigIntegerField()),
                ("reported_on", models.DateField()),
                ("command", models.UUIDField()),
            ],
            options={
                "indexes": [models.Index(fields=["recall"], name="reaction_by_recall")],
                "constraints": [
                    core.constraints.CountyKey(name="reaction_key"),
                    core.constraints.SameCounty(field="place", name="reaction_place_same_county"),
                    core.constraints.SameCounty(field="batch", name="reaction_batch_same_county"),
                    core.constraints.SameCounty(field="recall", name="reaction_recall_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("description", ""), _negated=True), name="reaction_described"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("happened_on__lte", models.F("reported_on"))),
                        name="reaction_happened_before",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Relabelling",
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
                    "into",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="inventory.batch",
                    ),
                ),
                ("lot_number", models.CharField(blank=True, max_length=40)),
                ("expiry_raw", models.CharField(blank=True, max_length=80)),
                ("last_usable_day", models.DateField(null=True)),
                ("reason", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "proposed"),
                            ("confirmed", "confirmed"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="proposed",
                        max_length=9,
                    ),
                ),
                ("proposed_by", models.BigIntegerField()),
                ("proposed_on", models.DateField()),
                ("ended_by", models.BigIntegerField(null=True)),
                ("ended_on", models.DateField(null=True)),
                ("ended_command", models.UUIDField(null=True)),
                ("command", models.UUIDField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["county", "-id"], name="relabelling_by_county"),
                    models.Index(fields=["batch"], name="relabelling_from"),
                    models.Index(fields=["into"], name="relabelling_into"),
                    models.Index(fields=["ended_command"], name="relabelling_by_command"),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="relabelling_key"),
                    core.constraints.SameCounty(field="batch", name="relabelling_batch_same_county"),
                    core.constraints.SameCounty(field="into", name="relabelling_into_same_county"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")),
                        fields=("batch",),
                        name="relabelling_proposed_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="relabelling_has_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "confirmed"), _negated=True),
                            models.Q(("ended_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="relabelling_confirmed_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("into", models.F("batch")), _negated=True),
                        name="relabelling_changes_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_by__isnull", True),
                                ("ended_command__isnull", True),
                                ("ended_on__isnull", True),
                                ("into__isnull", True),
                                ("state", "proposed"),
                            ),
                            models.Q(
                                ("ended_by__isnull", False),
                                ("ended_command__isnull", False),
                                ("ended_on__isnull", False),
                                ("into__isnull", True),
                                ("state", "withdrawn"),
                            ),
                            models.Q(
                                ("ended_by__isnull", False),
                                ("ended_command__isnull", False),
                                ("ended_on__isnull", False),
                                ("into__isnull", False),
                                ("state", "confirmed"),
                            ),
                            _connector="OR",
                        ),
                        name="relabelling_ended_or_not",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Opening",
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
                    "side",
                    models.CharField(
                        choices=[("store", "sorts and supplies"), ("clinic", "hands out")], max_length=6
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
                    "into",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="inventory.batch",
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("opened_by", models.BigIntegerField()),
                ("opened_on", models.DateField()),
                ("command", models.UUIDField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["batch"], name="opening_from"),
                    models.Index(fields=["into"], name="opening_into"),
                    models.Index(fields=["command"], name="opening_by_command"),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="opening_key"),
                    core.constraints.SameCounty(field="place", name="opening_place_same_county"),
                    core.constraints.SameCounty(field="batch", name="opening_batch_same_county"),
                    core.constraints.SameCounty(field="into", name="opening_into_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("side__in", ["store", "clinic"])), name="opening_side_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__range", (1, 1000000))), name="opening_quantity_range"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StockCount",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "being counted"),
                            ("finished", "waiting for approval"),
                            ("approved", "approved"),
                            ("abandoned", "abandoned"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("started_on", models.DateField()),
                ("started_at", models.DateTimeField()),
                ("position", models.BigIntegerField()),
                (
                    "finished_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("finished_on", models.DateField(null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("ended_on", models.DateField(null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                (
                    "donation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="donations.donation",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["place", "-id"], name="count_by_place")],
                "constraints": [
                    core.constraints.CountyKey(name="count_key"),
                    core.constraints.SameCounty(field="place", name="count_place_same_county"),
                    core.constraints.SameCounty(field="started_by", name="count_starter_same_county"),
                    core.constraints.SameCounty(field="finished_by", name="count_finisher_same_county"),
                    core.constraints.SameCounty(field="ended_by", name="count_ender_same_county"),
                    core.constraints.SameCounty(field="donation", name="count_donation_same_county"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["open", "finished"])),
                        fields=("place",),
                        name="count_one_under_way",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_by__isnull", True), ("ended_on__isnull", True), ("state", "open")
                            ),
                            models.Q(
                                ("ended_by__isnull", True),
                                ("ended_on__isnull", True),
                                ("finished_by__isnull", False),
                                ("state", "finished"),
                            ),
                            models.Q(
                                ("ended_by__isnull", False),
                                ("ended_on__isnull", False),
                                ("finished_by__isnull", False),
                                ("state", "approved"),
                            ),
                            models.Q(
                                ("ended_by__isnull", False),
                                ("ended_on__isnull", False),
                                ("state", "abandoned"),
                            ),
                            _connector="OR",
                        ),
                        name="count_state_and_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            models.Q(("ended_by", models.F("finished_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="count_approver_is_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountLine",
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
                    "count",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="lines",
                        to="inventory.stockcount",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="inventory.batch",
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        blank=True,
                        choices=[("store", "sorts and supplies"), ("clinic", "hands out")],
                        max_length=6,
                    ),
                ),
                (
                    "spot",
                    models.CharField(
                        blank=True, choices=[("shelf", "on the shelf"), ("held", "held")], max_length=5
                    ),
                ),
                ("counted", models.PositiveIntegerField()),
                ("book", models.PositiveBigIntegerField()),
                ("position", models.BigIntegerField()),
                ("counted_at", models.DateTimeField()),
                ("counted_on", models.DateField()),
                (
                    "counted_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                ("description", models.CharField(blank=True, max_length=200)),
                ("lot_number", models.CharField(blank=True, max_length=40)),
                ("expiry_raw", models.CharField(blank=True, max_length=80)),
                ("last_usable_day", models.DateField(null=True)),
                (
                    "pack",
                    models.CharField(
                        blank=True, choices=[("sealed", "sealed"), ("opened", "opened")], max_length=6
                    ),
                ),
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
                ("command", models.UUIDField()),
            ],
            options={
                "indexes": [models.Index(fields=["count", "-id"], name="count_line_by_count")],
                "constraints": [
                    core.constraints.CountyKey(name="count_line_key"),
                    core.constraints.SameCounty(field="count", name="count_line_same_county"),
                    core.constraints.SameCounty(field="batch", name="count_line_batch_same_county"),
                    core.constraints.SameCounty(field="counted_by", name="count_line_person_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("counted__range", (0, 1000000))), name="count_line_quantity_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("batch__isnull", False),
                                ("description", ""),
                                ("lot_number", ""),
                                ("medicine__isnull", True),
                                ("pack", ""),
                                ("side__in", ["store", "clinic"]),
                                ("spot__in", ["shelf", "held"]),
                            ),
                            models.Q(
                                ("batch__isnull", True),
                                ("book", 0),
                                ("pack__in", ["sealed", "opened"]),
                                ("side", ""),
                                ("spot", ""),
                                models.Q(
                                    ("medicine__isnull", False),
                                    models.Q(("description", ""), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="count_line_of_batch_or_label",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountResult",
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
                    "line",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="results",
                        to="inventory.countline",
                    ),
                ),
                ("expected", models.PositiveBigIntegerField()),
                ("lost", models.PositiveIntegerField(default=0)),
                ("regained", models.PositiveIntegerField(default=0)),
                ("donated", models.PositiveIntegerField(default=0)),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="donations.item",
                    ),
                ),
            ],
            options={
                "constraints": [
                    core.constraints.SameCounty(field="line", name="count_result_line_same_county"),
                    core.constraints.SameCounty(field="item", name="count_result_item_same_county"),
                    models.UniqueConstraint(fields=("line",), name="count_result_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lost", 0), models.Q(("donated", 0), ("regained", 0)), _connector="OR"
                        ),
                        name="count_result_lost_or_found",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("donated", 0), ("item__isnull", True)),
                            models.Q(("donated__gt", 0), ("item__isnull", False)),
                            _connector="OR",
                        ),
                        name="count_result_donated_as_item",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Destruction",
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
                ("method", models.CharField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "proposed"),
                            ("confirmed", "destroyed"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="proposed",
                        max_length=9,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("proposed_on", models.DateField()),
                (
                    "witness",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("ended_on", models.DateField(null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("command", models.UUIDField()),
            ],
            options={
                "indexes": [models.Index(fields=["place", "-id"], name="destruction_by_place")],
                "constraints": [
                    core.constraints.CountyKey(name="destruction_key"),
                    core.constraints.SameCounty(field="place", name="destruction_place_same_county"),
                    core.constraints.SameCounty(field="proposed_by", name="destruction_proposer_same_county"),
                    core.constraints.SameCounty(field="witness", name="destruction_witness_same_county"),
                    core.constraints.SameCounty(field="ended_by", name="destruction_ender_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("method", ""), _negated=True), name="destruction_has_method"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("witness", models.F("proposed_by")), _negated=True),
                        name="destruction_witness_is_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_by__isnull", True), ("ended_on__isnull", True), ("state", "proposed")
                            ),
                            models.Q(
                                ("ended_by", models.F("witness")),
                                ("ended_by__isnull", False),
                                ("ended_on__isnull", False),
                                ("state", "confirmed"),
                            ),
                            models.Q(
                                ("ended_by__isnull", False),
                                ("ended_on__isnull", False),
                                ("state", "withdrawn"),
                            ),
                            _connector="OR",
                        ),
                        name="destruction_ended_by_whom",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DestructionLine",
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
                    "destruction",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="lines",
                        to="inventory.destruction",
                    ),
                ),
                ("line", models.PositiveSmallIntegerField()),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="inventory.batch",
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        blank=True,
                        choices=[("store", "sorts and supplies"), ("clinic", "hands out")],
                        max_length=6,
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="donations.item",
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("reason", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "constraints": [
                    core.constraints.SameCounty(field="destruction", name="destruction_line_same_county"),
                    core.constraints.SameCounty(field="batch", name="destruction_line_batch_same_county"),
                    core.constraints.SameCounty(field="item", name="destruction_line_item_same_county"),
                    models.UniqueConstraint(fields=("destruction", "line"), name="destruction_line_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("batch__isnull", False)),
                        fields=("destruction", "batch", "side"),
                        name="destruction_batch_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("item__isnull", False)),
                        fields=("destruction", "item"),
                        name="destruction_item_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__range", (1, 1000000))),
                        name="destruction_quantity_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("batch__isnull", False),
                                ("item__isnull", True),
                                ("side__in", ["store", "clinic"]),
                            ),
                            models.Q(("batch__isnull", True), ("item__isnull", False), ("side", "")),
                            _connector="OR",
                        ),
                        name="destruction_of_batch_or_item",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="HoldSpent",
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
                    "hold",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="spent",
                        to="inventory.hold",
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("store", "sorts and supplies"), ("clinic", "hands out")], max_length=6
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("document_type", models.CharField(max_length=20)),
                ("document_id", models.BigIntegerField()),
                ("command", models.UUIDField()),
            ],
            options={
                "indexes": [models.Index(fields=["hold"], name="spent_by_hold")],
                "constraints": [
                    core.constraints.SameCounty(field="hold", name="spent_hold_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__range", (1, 1000000))), name="spent_quantity_range"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeviceUse",
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
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="inventory.batch",
                    ),
                ),
                ("kind", models.CharField(choices=[("kept", "kept in use"), ("lent", "lent")], max_length=4)),
                ("register_ref", models.CharField(blank=True, max_length=40)),
                ("due_on", models.DateField(null=True)),
                ("started_by", models.BigIntegerField()),
                ("started_on", models.DateField()),
                ("command", models.UUIDField()),
                (
                    "condition",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("works", "works"),
                            ("broken", "broken"),
                            ("lost", "lost"),
                            ("held", "put aside"),
                        ],
                        max_length=6,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("ended_by", models.BigIntegerField(null=True)),
                ("ended_on", models.DateField(null=True)),
                ("ended_command", models.UUIDField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["place", "-id"], name="device_use_by_place"),
                    models.Index(
                        condition=models.Q(("condition", "")),
                        fields=["place", "batch"],
                        name="device_use_out",
                    ),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="device_use_key"),
                    core.constraints.SameCounty(field="place", name="device_use_place_same_county"),
                    core.constraints.SameCounty(field="batch", name="device_use_batch_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("due_on__isnull", True), ("kind", "kept"), ("register_ref", "")),
                            models.Q(
                                ("due_on__gte", models.F("started_on")),
                                ("due_on__isnull", False),
                                ("kind", "lent"),
                                models.Q(("register_ref", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="device_use_lent_until",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("condition", ""),
                                ("ended_by__isnull", True),
                                ("ended_command__isnull", True),
                                ("ended_on__isnull", True),
                            ),
                            models.Q(
                                ("condition__in", ["works", "broken", "lost", "held"]),
                                ("ended_by__isnull", False),
                                ("ended_command__isnull", False),
                                ("ended_on__gte", models.F("started_on")),
                                ("ended_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="device_use_ended_or_not",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("condition__in", ["", "works"]),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="device_use_end_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("condition", "held"), ("kind", "lent"), _negated=True),
                        name="device_use_held_at_the_clinic",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KitTemplate",
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
                ("name", models.CharField(max_length=40)),
                ("shelf_days", models.PositiveSmallIntegerField()),
                ("made_by", models.BigIntegerField()),
                ("made_on", models.DateField()),
                ("retired_by", models.BigIntegerField(null=True)),
                ("retired_on", models.DateField(null=True)),
                ("command", models.UUIDField()),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="kit_template_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("retired_on__isnull", True)),
                        fields=("county", "name"),
                        name="kit_template_name_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="kit_template_named"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_by__isnull", True), ("retired_on__isnull", True)),
                            models.Q(("retired_by__isnull", False), ("retired_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="kit_template_retired_or_not",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("shelf_days__lte", 366)), name="kit_template_shelf_days"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="KitTemplateLine",
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
                    "template",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="lines",
                        to="inventory.kittemplate",
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
                ("quantity", models.PositiveIntegerField()),
                ("days_supply", models.PositiveSmallIntegerField()),
            ],
            options={
                "constraints": [
                    core.constraints.SameCounty(field="template", name="kit_template_line_same_county"),
                    models.UniqueConstraint(fields=("template", "medicine"), name="kit_template_line_once"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__range", (1, 1000000))), name="kit_template_line_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("days_supply__range", (1, 366))), name="kit_template_line_days"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Kit",
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
                    "template",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="inventory.kittemplate",
                    ),
                ),
                ("code", models.CharField(max_length=9)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("packed", "packed"),
                            ("handed_out", "handed out"),
                            ("unpacked", "unpacked"),
                        ],
                        default="packed",
                        max_length=10,
                    ),
                ),
                ("packed_by", models.BigIntegerField()),
                ("packed_on", models.DateField()),
                ("ended_by", models.BigIntegerField(null=True)),
                ("ended_on", models.DateField(null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("command", models.UUIDField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["place", "-id"], name="kit_by_place"),
                    models.Index(fields=["command"], name="kit_by_command"),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="kit_key"),
                    core.constraints.SameCounty(field="place", name="kit_place_same_county"),
                    core.constraints.SameCounty(field="template", name="kit_template_same_county"),
                    models.UniqueConstraint(fields=("code",), name="kit_code_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("code__regex", "^[0-9A-HJKMNP-TV-Z]{9}$"),
                            models.Q(("code__regex", "(.)\\1\\1"), _negated=True),
                        ),
                        name="kit_code_opaque",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_by__isnull", True), ("ended_on__isnull", True), ("state", "packed")
                            ),
                            models.Q(
                                ("ended_by__isnull", False),
                                ("ended_on__isnull", False),
                                ("state__in", ["handed_out", "unpacked"]),
                            ),
                            _connector="OR",
                        ),
                        name="kit_ended_or_not",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Account",
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
                    "side",
                    models.CharField(
                        choices=[("store", "sorts and supplies"), ("clinic", "hands out")], max_length=6
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("available", "available"),
                            ("held", "held"),
                            ("reserved", "reserved"),
                            ("in_transit", "in transit"),
                            ("in_use", "kept in use"),
                            ("lent", "lent"),
                            ("donated", "donated"),
                            ("converted", "converted"),
                            ("dispensed", "dispensed"),
                            ("destroyed", "destroyed"),
                            ("lost", "lost"),
                            ("adjusted", "adjusted"),
                        ],
                        max_length=10,
                    ),
                ),
                ("shipment_id", models.BigIntegerField(null=True)),
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
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="account_key"),
                    core.constraints.SameCounty(field="place", name="account_place_same_county"),
                    core.constraints.SameCounty(field="kit", name="account_kit_same_county"),
                    models.UniqueConstraint(
                        fields=("county", "place", "side", "state", "shipment_id", "kit"),
                        name="account_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("side__in", ["store", "clinic"])), name="account_side_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "available",
                                    "held",
                                    "reserved",
                                    "in_transit",
                                    "in_use",
                                    "lent",
                                    "donated",
                                    "converted",
                                    "dispensed",
                                    "destroyed",
                                    "lost",
                                    "adjusted",
                                ],
                            )
                        ),
                        name="account_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["in_use", "lent"]), _negated=True),
                            ("side", "clinic"),
                            _connector="OR",
                        ),
                        name="account_in_use_at_clinic",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kit__isnull", True),
                                ("shipment_id__isnull", False),
                                ("state__in", ["reserved", "in_transit"]),
                            ),
                            models.Q(
                                ("kit__isnull", False), ("shipment_id__isnull", True), ("state", "reserved")
                            ),
                            models.Q(
                                models.Q(("state__in", ["reserved", "in_transit"]), _negated=True),
                                ("kit__isnull", True),
                                ("shipment_id__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="account_owner_iff_promised",
                    ),
                    models.UniqueConstraint(fields=("id", "county", "state"), name="account_with_state"),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Movement",
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
                (
                    "from_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="inventory.account",
                    ),
                ),
                (
                    "to_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="inventory.account",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("accept", "Accept"),
                            ("hold", "Hold"),
                            ("release", "Release"),
                            ("reserve", "Reserve"),
                            ("unreserve", "Unreserve"),
                            ("dispatch", "Dispatch"),
                            ("receive", "Receive"),
                            ("local_use", "Local Use"),
                            ("dispense", "Dispense"),
                            ("put_in_use", "Put In Use"),
                            ("lend", "Lend"),
                            ("take_back", "Take Back"),
                            ("destroy", "Destroy"),
                            ("lose", "Lose"),
                            ("adjust", "Adjust"),
                            ("convert", "Convert"),
                            ("reversal", "Reversal"),
                        ],
                        max_length=10,
                    ),
                ),
                ("document_type", models.CharField(max_length=20)),
                ("document_id", models.BigIntegerField(null=True)),
                ("detail", models.CharField(blank=True, max_length=60)),
                (
                    "decision",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="inventory.sortingdecision",
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
                        to="inventory.movement",
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
                    models.Index(fields=["county", "booked_on"], name="movement_by_day"),
                    models.Index(fields=["batch", "booked_on", "id"], name="movement_by_batch"),
                    models.Index(
                        condition=models.Q(("decision__isnull", False)),
                        fields=["decision"],
                        name="movement_by_decision",
                    ),
                    models.Index(fields=["document_type", "document_id"], name="movement_by_document"),
                    models.Index(fields=["from_account", "-id"], name="movement_out_of_account"),
                    models.Index(fields=["to_account", "-id"], name="movement_into_account"),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="movement_key"),
                    core.constraints.SameCounty(field="batch", name="movement_batch_same_county"),
                    core.constraints.SameCounty(field="from_account", name="movement_from_same_county"),
                    core.constraints.SameCounty(field="to_account", name="movement_to_same_county"),
                    core.constraints.SameCounty(field="decision", name="movement_decision_same_county"),
                    core.constraints.SameCounty(field="reverses", name="movement_reverses_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__range", (1, 1000000))), name="movement_quantity_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("from_account", models.F("to_account")), _negated=True),
                        name="movement_goes_elsewhere",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("business_day__lte", models.F("booked_on"))),
                        name="movement_booked_not_before",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "reversal"), ("reverses__isnull", False)),
                            models.Q(
                                models.Q(("kind", "reversal"), _negated=True), ("reverses__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="movement_reversal_names_what",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("reverses__isnull", False)),
                        fields=("reverses",),
                        name="movement_reversed_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Balance",
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
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="inventory.account",
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
                ("state", models.CharField(max_length=10)),
                ("quantity", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["batch"], name="balance_by_batch")],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "batch"), name="balance_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quantity__gte", 0), ("state__in", ["donated", "converted"]), _connector="OR"
                        ),
                        name="balance_never_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BatchCode",
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
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="codes",
                        to="inventory.batch",
                    ),
                ),
                ("code", models.CharField(max_length=9)),
            ],
            options={
                "constraints": [
                    core.constraints.CountyKey(name="batch_code_key"),
                    core.constraints.SameCounty(field="batch", name="batch_code_batch_same_county"),
                    models.UniqueConstraint(fields=("batch",), name="batch_code_once"),
                    models.UniqueConstraint(fields=("code",), name="batch_code_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("code__regex", "^[0-9A-HJKMNP-TV-Z]{9}$"),
                            models.Q(("code__regex", "(.)\\1\\1"), _negated=True),
                        ),
                        name="batch_code_opaque",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="LabelRun",
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
                    "layout",
                    models.CharField(
                        choices=[("sheet", "Sheet"), ("single", "Single"), ("bags", "Bags")], max_length=6
                    ),
                ),
                ("printed_by", models.BigIntegerField()),
                ("printed_on", models.DateField()),
                ("command", models.UUIDField()),
            ],
            options={
                "indexes": [models.Index(fields=["place", "-id"], name="label_run_by_place")],
                "constraints": [
                    core.constraints.CountyKey(name="label_run_key"),
                    core.constraints.SameCounty(field="place", name="label_run_place_same_county"),
                ],
            },
        ),
        migrations.CreateModel(
            name="LabelLine",
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
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="lines",
                        to="inventory.labelrun",
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
                ("copies", models.PositiveSmallIntegerField()),
                ("quantity", models.PositiveIntegerField(null=True)),
                ("usage", models.CharField(blank=True, max_length=60)),
            ],
            options={
                "indexes": [models.Index(fields=["run"], name="label_line_by_run")],
                "constraints": [
                    core.constraints.SameCounty(field="run", name="label_line_run_same_county"),
                    core.constraints.SameCounty(field="batch", name="label_line_batch_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("copies__range", (1, 240))), name="label_line_copies"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quantity__isnull", True), ("usage", "")),
                            models.Q(("quantity__gte", 1), models.Q(("usage", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="label_line_bag_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SortingProposal",
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
                    "decision",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="proposals",
                        to="inventory.sortingdecision",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(choices=[("accept", "Accept"), ("reject", "Reject")], max_length=6),
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
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalogue.product",
                    ),
                ),
                ("lot_number", models.CharField(blank=True, max_length=40)),
                ("expiry", models.CharField(blank=True, max_length=80)),
                (
                    "pack",
                    models.CharField(
                        blank=True, choices=[("sealed", "sealed"), ("opened", "opened")], max_length=6
                    ),
                ),
                ("container", models.CharField(blank=True, max_length=8)),
                ("findings", models.JSONField(default=list)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("checklist", models.JSONField(default=dict)),
                ("proposed_by", models.BigIntegerField()),
                ("confirmed_by", models.BigIntegerField(null=True)),
                ("confirmed_on", models.DateField(null=True)),
                (
                    "into",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="inventory.sortingdecision",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("confirmed_by__isnull", True)),
                        fields=["county", "decision"],
                        name="proposal_open",
                    )
                ],
                "constraints": [
                    core.constraints.CountyKey(name="proposal_key"),
                    core.constraints.SameCounty(field="decision", name="proposal_decision_same_county"),
                    core.constraints.SameCounty(field="into", name="proposal_into_same_county"),
                    models.UniqueConstraint(fields=("decision",), name="proposal_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("into__isnull", False)),
                        fields=("into",),
                        name="proposal_into_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by__isnull", True),
                            models.Q(("confirmed_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="proposal_confirmed_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_by__isnull", True),
                                ("confirmed_on__isnull", True),
                                ("into__isnull", True),
                            ),
                            models.Q(
                                ("confirmed_by__isnull", False),
                                ("confirmed_on__isnull", False),
                                ("into__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="proposal_confirmed_or_not",
                    ),
                ],
            },
        ),
    ]
