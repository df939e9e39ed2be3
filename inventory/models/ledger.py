"""The ledger: accounts, movements, and what the database sums of them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine
from core.constraints import CountyKey, SameCounty, county_fk
from donations.models import QUANTITY_LIMIT
from inventory.models.batches import Batch
from inventory.models.sorting import SortingDecision
from organisation.models import County, Place


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


# Devices that a clinic uses itself, and those that people took home; see `devices.py`.
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
