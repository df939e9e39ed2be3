from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine, Product, Recall
from core.constraints import CountyKey, SameCounty, county_fk
from donations.models import QUANTITY_LIMIT, CustodyEntry, Item
from inventory.checklist import WHOLE_CHECKLIST
from organisation.models import County, Place


class Pack(models.TextChoices):
    SEALED = "sealed", _("sealed")
    OPENED = "opened", _("opened")


class Batch(models.Model):
    """What stands on the box: medicine, product, lot, last usable day, sealed or opened. Nothing about where."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    medicine = models.ForeignKey(Medicine, models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+")
    # Empty and null only for catalogue entries that need none (reusable devices): checked by trigger.
    lot_number = models.CharField(max_length=40, blank=True)
    last_usable_day = models.DateField(null=True)
    pack = models.CharField(max_length=6, choices=Pack)

    class Meta:
        constraints = [
            CountyKey(name="batch_key"),
            models.UniqueConstraint(fields=["county", "medicine", "lot_number", "last_usable_day", "pack", "product"],
                name="batch_once", nulls_distinct=False,),
        ]  # fmt: skip
        indexes = [models.Index(fields=["county", "last_usable_day"], name="batch_by_last_day")]


class SortingDecision(models.Model):
    """A pharmacist's word on some units of an item, with the checklist that was gone through. Append-only."""

    class Outcome(models.TextChoices):
        ACCEPT = "accept", _("accept")
        REJECT = "reject", _("reject")
        HOLD = "hold", _("in doubt")

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    item = county_fk(Item, related_name="decisions")
    place = county_fk(Place)
    outcome = models.CharField(max_length=6, choices=Outcome)
    quantity = models.PositiveIntegerField()
    # The custody entry it was carried out by; none where units in doubt stay in doubt.
    custody = county_fk(CustodyEntry, null=True)
    medicine = models.ForeignKey(Medicine, models.PROTECT, null=True, related_name="+", db_index=False)
    batch = county_fk(Batch, null=True)
    # As read from the unit, where it could be read.
    lot_number = models.CharField(max_length=40, blank=True)
    expiry_raw = models.CharField(max_length=80, blank=True)
    last_usable_day = models.DateField(null=True)
    reason = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=200, blank=True)
    checklist = models.JSONField(default=dict)
    checklist_version = models.PositiveSmallIntegerField(default=1)
    screening = models.JSONField(default=dict)
    decided_by = models.BigIntegerField()
    decided_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="decision_key"),
            SameCounty(field="item", name="decision_item_same_county"),
            SameCounty(field="place", name="decision_place_same_county"),
            SameCounty(field="custody", name="decision_custody_same_county"),
            SameCounty(field="batch", name="decision_batch_same_county"),
            models.UniqueConstraint(
                fields=["custody"], condition=Q(custody__isnull=False), name="decision_of_one_custody_entry"
            ),
            models.CheckConstraint(
                condition=Q(quantity__range=(1, QUANTITY_LIMIT)), name="decision_quantity_range"
            ),
            models.CheckConstraint(
                condition=Q(outcome="accept", batch__isnull=False)
                | (~Q(outcome="accept") & Q(batch__isnull=True)),
                name="decision_batch_iff_accepted",
            ),
            models.CheckConstraint(
                condition=Q(outcome="accept") | ~Q(reason=""), name="decision_reason_unless_accepted"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="accept") | Q(checklist__contains=WHOLE_CHECKLIST),
                name="decision_checklist_whole",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="accept") | ~Q(screening__contains={"outcome": "refuse"}),
                name="decision_screening_obeyed",
            ),
            models.CheckConstraint(
                condition=~Q(reason="expired")
                | Q(last_usable_day__isnull=True)
                | Q(last_usable_day__lt=F("decided_on")),
                name="decision_expired_is_past",
            ),
        ]
        indexes = [
            models.Index(fields=["item"], name="decision_by_item"),
            models.Index(fields=["place", "-id"], name="decision_by_place"),
        ]


class Side(models.TextChoices):
    STORE = "store", _("sorts and supplies")
    CLINIC = "clinic", _("hands out")


class State(models.TextChoices):
    """Where goods can be in the book. The first six are inside, the rest outside the programme's hands."""

    AVAILABLE = "available", _("available")
    HELD = "held", _("held")
    RESERVED = "reserved", _("reserved")
    IN_TRANSIT = "in_transit", _("in transit")
    IN_USE = "in_use", _("kept in use")
    LENT = "lent", _("lent")
    DONATED = "donated", _("donated")
    CONVERTED = "converted", _("converted")
    DISPENSED = "dispensed", _("dispensed")
    DESTROYED = "destroyed", _("destroyed")
    LOST = "lost", _("lost")
    ADJUSTED = "adjusted", _("adjusted")


INSIDE = [State.AVAILABLE, State.HELD, State.RESERVED, State.IN_TRANSIT, State.IN_USE, State.LENT]
PROMISED = [State.RESERVED, State.IN_TRANSIT]
# Devices that a clinic uses itself, and those that people took home; see models_devices.
OUT = [State.IN_USE, State.LENT]
MAY_BE_NEGATIVE = [State.DONATED, State.CONVERTED]


class Account(models.Model):
    """One line of the book: a place, a side, a state, and for promised or travelling goods the shipment or kit."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    side = models.CharField(max_length=6, choices=Side)
    state = models.CharField(max_length=10, choices=State)
    # A shipment of the room above, which refers to it with the county (see distribution).
    shipment_id = models.BigIntegerField(null=True)
    # The health kit that promised goods are packed in; what is in a kit does not travel.
    kit = county_fk("inventory.Kit", null=True)

    class Meta:
        constraints = [
            CountyKey(name="account_key"),
            SameCounty(field="place", name="account_place_same_county"),
            SameCounty(field="kit", name="account_kit_same_county"),
            models.UniqueConstraint(
                fields=["county", "place", "side", "state", "shipment_id", "kit"],
                name="account_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="account_side_known"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="account_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=OUT) | Q(side=Side.CLINIC), name="account_in_use_at_clinic"
            ),
            models.CheckConstraint(
                condition=Q(state__in=PROMISED, shipment_id__isnull=False, kit__isnull=True)
                | Q(state=State.RESERVED, shipment_id__isnull=True, kit__isnull=False)
                | (~Q(state__in=PROMISED) & Q(shipment_id__isnull=True, kit__isnull=True)),
                name="account_owner_iff_promised",
            ),
            models.UniqueConstraint(fields=["id", "county", "state"], name="account_with_state"),
        ]


class Kind(models.TextChoices):
    ACCEPT = "accept"
    HOLD = "hold"
    RELEASE = "release"
    RESERVE = "reserve"
    UNRESERVE = "unreserve"
    DISPATCH = "dispatch"
    RECEIVE = "receive"
    LOCAL_USE = "local_use"
    DISPENSE = "dispense"
    PUT_IN_USE = "put_in_use"
    LEND = "lend"
    TAKE_BACK = "take_back"
    DESTROY = "destroy"
    LOSE = "lose"
    ADJUST = "adjust"
    CONVERT = "convert"
    REVERSAL = "reversal"


S = State

# Which movement leads from which state to which: the whole grammar of the ledger, kept by its trigger.
# A reversal swaps the accounts of what it reverses, so it needs no line here.
MOVEMENT_STEPS: list[tuple[Kind, State, State]] = [
    (Kind.ACCEPT, S.DONATED, S.AVAILABLE),
    (Kind.ACCEPT, S.DONATED, S.HELD),
    (Kind.HOLD, S.AVAILABLE, S.HELD),
    (Kind.HOLD, S.RESERVED, S.HELD),
    (Kind.RELEASE, S.HELD, S.AVAILABLE),
    (Kind.RESERVE, S.AVAILABLE, S.RESERVED),
    (Kind.UNRESERVE, S.RESERVED, S.AVAILABLE),
    (Kind.DISPATCH, S.RESERVED, S.IN_TRANSIT),
    (Kind.RECEIVE, S.IN_TRANSIT, S.AVAILABLE),
    (Kind.RECEIVE, S.IN_TRANSIT, S.HELD),
    (Kind.LOCAL_USE, S.AVAILABLE, S.AVAILABLE),
    (Kind.DISPENSE, S.AVAILABLE, S.DISPENSED),
    (Kind.DISPENSE, S.HELD, S.DISPENSED),
    (Kind.PUT_IN_USE, S.AVAILABLE, S.IN_USE),
    (Kind.LEND, S.AVAILABLE, S.LENT),
    (Kind.TAKE_BACK, S.IN_USE, S.AVAILABLE),
    (Kind.TAKE_BACK, S.LENT, S.AVAILABLE),
    (Kind.HOLD, S.IN_USE, S.HELD),
    (Kind.LOSE, S.IN_USE, S.LOST),
    (Kind.LOSE, S.LENT, S.LOST),
    (Kind.CONVERT, S.IN_USE, S.CONVERTED),
    (Kind.CONVERT, S.LENT, S.CONVERTED),
    (Kind.CONVERT, S.CONVERTED, S.IN_USE),
    (Kind.CONVERT, S.CONVERTED, S.LENT),
    (Kind.DESTROY, S.HELD, S.DESTROYED),
    (Kind.LOSE, S.AVAILABLE, S.LOST),
    (Kind.LOSE, S.HELD, S.LOST),
    (Kind.LOSE, S.IN_TRANSIT, S.LOST),
    (Kind.ADJUST, S.AVAILABLE, S.ADJUSTED),
    (Kind.ADJUST, S.ADJUSTED, S.AVAILABLE),
    (Kind.ADJUST, S.HELD, S.ADJUSTED),
    (Kind.CONVERT, S.AVAILABLE, S.CONVERTED),
    (Kind.CONVERT, S.HELD, S.CONVERTED),
    (Kind.CONVERT, S.RESERVED, S.CONVERTED),
    (Kind.CONVERT, S.IN_TRANSIT, S.CONVERTED),
    (Kind.CONVERT, S.CONVERTED, S.AVAILABLE),
    (Kind.CONVERT, S.CONVERTED, S.HELD),
    (Kind.CONVERT, S.CONVERTED, S.RESERVED),
    (Kind.CONVERT, S.CONVERTED, S.IN_TRANSIT),
]


class Movement(models.Model):
    """One row of the ledger: a quantity of a batch leaves one account and enters another. Append-only."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    batch = county_fk(Batch)
    quantity = models.PositiveIntegerField()
    from_account = county_fk(Account)
    to_account = county_fk(Account)
    kind = models.CharField(max_length=10, choices=Kind)
    # The paper behind it ("shipment", 17), and why, or for whom (an age band, a reason).
    document_type = models.CharField(max_length=20)
    document_id = models.BigIntegerField(null=True)
    detail = models.CharField(max_length=60, blank=True)
    decision = county_fk(SortingDecision, null=True)
    reverses = county_fk("self", null=True)
    actor = models.BigIntegerField(null=True)
    business_day = models.DateField()
    booked_on = models.DateField()
    recorded_at = models.DateTimeField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="movement_key"),
            SameCounty(field="batch", name="movement_batch_same_county"),
            SameCounty(field="from_account", name="movement_from_same_county"),
            SameCounty(field="to_account", name="movement_to_same_county"),
            SameCounty(field="decision", name="movement_decision_same_county"),
            SameCounty(field="reverses", name="movement_reverses_same_county"),
            models.CheckConstraint(
                condition=Q(quantity__range=(1, QUANTITY_LIMIT)), name="movement_quantity_range"
            ),
            models.CheckConstraint(
                condition=~Q(from_account=F("to_account")), name="movement_goes_elsewhere"
            ),
            models.CheckConstraint(
                condition=Q(business_day__lte=F("booked_on")), name="movement_booked_not_before"
            ),
            models.CheckConstraint(
                condition=Q(kind="reversal", reverses__isnull=False)
                | (~Q(kind="reversal") & Q(reverses__isnull=True)),
                name="movement_reversal_names_what",
            ),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="movement_reversed_once"
            ),
        ]
        indexes = [
            models.Index(fields=["county", "booked_on"], name="movement_by_day"),
            models.Index(fields=["batch", "booked_on", "id"], name="movement_by_batch"),
            models.Index(
                fields=["decision"], name="movement_by_decision", condition=Q(decision__isnull=False)
            ),
            models.Index(fields=["document_type", "document_id"], name="movement_by_document"),
            models.Index(fields=["from_account", "-id"], name="movement_out_of_account"),
            models.Index(fields=["to_account", "-id"], name="movement_into_account"),
        ]


class Balance(models.Model):
    """How much of a batch stands in an account; kept by the ledger's trigger, written by nothing else."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    account = county_fk(Account)
    batch = county_fk(Batch)
    state = models.CharField(max_length=10)
    quantity = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "batch"], name="balance_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=0) | Q(state__in=MAY_BE_NEGATIVE), name="balance_never_negative"
            ),
        ]
        indexes = [models.Index(fields=["batch"], name="balance_by_batch")]


class StockDay(models.Model):
    """The ledger rolled up per day as it is written: what figures and opening balances read."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    booked_on = models.DateField()
    medicine = models.ForeignKey(
        Medicine, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=10)
    from_place = county_fk(Place)
    from_side = models.CharField(max_length=6)
    from_state = models.CharField(max_length=10)
    to_place = county_fk(Place)
    to_side = models.CharField(max_length=6)
    to_state = models.CharField(max_length=10)
    detail = models.CharField(max_length=60, blank=True)
    quantity = models.BigIntegerField()
    entries = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=[
                    "county", "booked_on", "medicine", "kind", "from_place", "from_side", "from_state",
                    "to_place", "to_side", "to_state", "detail",
                ], name="stock_day_once",)
        ]  # fmt: skip
        # What a stock card opens with: the days of one medicine at one place.
        indexes = [
            models.Index(fields=["from_place", "medicine", "booked_on"], name="stock_day_out_of_place"),
            models.Index(fields=["to_place", "medicine", "booked_on"], name="stock_day_into_place"),
        ]


class Priority(models.Model):
    """What is needed most, written here by the room above for the order of the sorting queue."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    medicine = models.ForeignKey(Medicine, models.PROTECT, related_name="+")
    rank = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "medicine"], name="priority_once")]


class Hold(models.Model):
    """Somebody's word that a batch at a place is not to be used. Append-only.

    How much it holds are the movements with document ("hold", id) less what was released of it, and `arrived`: the
    units that a recall let in from the road on this side as held.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    batch = county_fk(Batch)
    reason = models.CharField(max_length=200)
    # The recall it carries out, and what of it came from the road.
    recall = county_fk(Recall, null=True)
    arrived = models.PositiveIntegerField(default=0)
    arrived_side = models.CharField(max_length=6, choices=Side, blank=True)
    placed_by = models.BigIntegerField()
    placed_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="hold_key"),
            SameCounty(field="place", name="hold_place_same_county"),
            SameCounty(field="batch", name="hold_batch_same_county"),
            SameCounty(field="recall", name="hold_recall_same_county"),
            models.CheckConstraint(condition=~Q(reason=""), name="hold_has_reason"),
            models.CheckConstraint(
                condition=Q(arrived=0, arrived_side="")
                | Q(arrived__gt=0, arrived_side__in=Side.values, recall__isnull=False),
                name="hold_arrived_of_a_recall",
            ),
        ]
        indexes = [
            models.Index(fields=["place", "-id"], name="hold_by_place"),
            models.Index(fields=["batch"], name="hold_by_batch"),
        ]


class HoldRelease(models.Model):
    """Somebody's word that a hold, or a part of it, is over. Append-only."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    hold = county_fk(Hold, related_name="releases")
    reason = models.CharField(max_length=200, blank=True)
    released_by = models.BigIntegerField()
    released_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [SameCounty(field="hold", name="release_hold_same_county")]
        indexes = [models.Index(fields=["hold"], name="release_by_hold")]


class RecallNotice(models.Model):
    """A place that a recall concerns, for it has or had such goods: it must acknowledge. Append-only."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    recall = county_fk(Recall, related_name="notices")
    place = county_fk(Place)

    class Meta:
        constraints = [
            CountyKey(name="notice_key"),
            SameCounty(field="recall", name="notice_recall_same_county"),
            SameCounty(field="place", name="notice_place_same_county"),
            models.UniqueConstraint(fields=["recall", "place"], name="notice_once"),
        ]
        indexes = [models.Index(fields=["place"], name="notice_by_place")]


class RecallAcknowledgement(models.Model):
    """Somebody's word that their place has read the notice and looked through its shelves. Append-only."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    notice = county_fk(RecallNotice, related_name="acknowledgements")
    note = models.CharField(max_length=200, blank=True)
    acknowledged_by = models.BigIntegerField()
    acknowledged_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            SameCounty(field="notice", name="acknowledged_notice_same_county"),
            models.UniqueConstraint(fields=["notice"], name="acknowledged_once"),
        ]


class AdverseReaction(models.Model):
    """A suspected adverse reaction (不良反应) to a batch, without any name; the lot is stopped by its `recall`."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    batch = county_fk(Batch)
    recall = county_fk(Recall)
    happened_on = models.DateField()
    description = models.CharField(max_length=500)
    register_ref = models.CharField(max_length=40, blank=True)
    reported_by = models.BigIntegerField()
    reported_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="reaction_key"),
            SameCounty(field="place", name="reaction_place_same_county"),
            SameCounty(field="batch", name="reaction_batch_same_county"),
            SameCounty(field="recall", name="reaction_recall_same_county"),
            models.CheckConstraint(condition=~Q(description=""), name="reaction_described"),
            models.CheckConstraint(
                condition=Q(happened_on__lte=F("reported_on")), name="reaction_happened_before"
            ),
        ]
        indexes = [models.Index(fields=["recall"], name="reaction_by_recall")]


# Tables with files of their own, which name those above; Django looks for all of them here.
import inventory.models_conversions  # noqa: E402
import inventory.models_counts  # noqa: E402
import inventory.models_destructions  # noqa: E402
import inventory.models_devices  # noqa: E402
import inventory.models_kits  # noqa: E402
import inventory.models_labels  # noqa: E402
import inventory.models_proposals  # noqa: E402, F401
