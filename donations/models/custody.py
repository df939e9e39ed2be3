"""The custody journal, its grammar, and what its trigger keeps."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine
from core.constraints import CountyKey, SameCounty, county_fk
from donations.differences import MISSING_REASONS, OTHER, SURPLUS_REASONS
from donations.models.handovers import Handover, HandoverGroup
from donations.models.intake import QUANTITY_LIMIT, Item
from organisation.models import County, Place


class CustodyKind(models.TextChoices):
    REGISTERED = "registered"
    REFUSED = "refused"
    VOIDED = "voided"
    CORRECTED = "corrected"
    HANDED_OVER = "handed_over"
    RECEIVED = "received"
    SURPLUS = "surplus"
    MISSING = "missing"
    IN_DOUBT = "in_doubt"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REVERSED = "reversed"
    LEFT_FOR_DISPOSAL = "left_for_disposal"
    RETURNED_TO_DONOR = "returned_to_donor"
    DESTROYED = "destroyed"


class Custody(models.TextChoices):
    """Where units of an item are before they are stock. The first and the last line stand outside."""

    OUTSIDE = "outside"
    AT_POINT = "at_point", _("registered")
    ON_THE_WAY = "on_the_way", _("handed over")
    COUNTED = "counted", _("counted")
    IN_DOUBT = "in_doubt", _("in doubt")
    ACCEPTED = "accepted", _("accepted")
    IN_BIN = "in_bin", _("rejected")
    REFUSED = "refused", _("refused")
    VOIDED = "voided", _("voided")
    MISSING = "missing", _("missing")
    RETURNED = "returned", _("returned to donor")
    DESTROYED = "destroyed", _("destroyed")


K, C = CustodyKind, Custody

# Which entry moves units from where to where: the whole grammar of the custody journal.
CUSTODY_STEPS: list[tuple[CustodyKind, Custody, Custody]] = [
    (K.REGISTERED, C.OUTSIDE, C.AT_POINT),
    (K.REFUSED, C.OUTSIDE, C.REFUSED),
    (K.LEFT_FOR_DISPOSAL, C.REFUSED, C.IN_BIN),
    (K.VOIDED, C.AT_POINT, C.VOIDED),
    (K.CORRECTED, C.OUTSIDE, C.AT_POINT),
    (K.CORRECTED, C.AT_POINT, C.OUTSIDE),
    (K.CORRECTED, C.OUTSIDE, C.COUNTED),
    (K.CORRECTED, C.COUNTED, C.OUTSIDE),
    (K.HANDED_OVER, C.AT_POINT, C.ON_THE_WAY),
    (K.RECEIVED, C.ON_THE_WAY, C.COUNTED),
    (K.RECEIVED, C.AT_POINT, C.COUNTED),
    (K.SURPLUS, C.OUTSIDE, C.COUNTED),
    (K.MISSING, C.ON_THE_WAY, C.MISSING),
    (K.MISSING, C.AT_POINT, C.MISSING),
    (K.IN_DOUBT, C.COUNTED, C.IN_DOUBT),
    (K.ACCEPTED, C.COUNTED, C.ACCEPTED),
    (K.ACCEPTED, C.IN_DOUBT, C.ACCEPTED),
    (K.REJECTED, C.COUNTED, C.IN_BIN),
    (K.REJECTED, C.IN_DOUBT, C.IN_BIN),
    (K.REVERSED, C.ACCEPTED, C.COUNTED),
    (K.REVERSED, C.IN_BIN, C.COUNTED),
    (K.REVERSED, C.IN_DOUBT, C.COUNTED),
    (K.REVERSED, C.ON_THE_WAY, C.AT_POINT),
    (K.RETURNED_TO_DONOR, C.IN_BIN, C.RETURNED),
    (K.DESTROYED, C.IN_BIN, C.DESTROYED),
]


def _steps_allowed() -> Q:
    allowed = Q()
    for kind, source, target in CUSTODY_STEPS:
        allowed |= Q(kind=kind, from_state=source, to_state=target)
    return allowed


class CustodyEntry(models.Model):
    """One row of the custody journal: what happened to units of an item, or of a handover group, before stock.

    Append-only. With both an item and a group, the units pass between the two: into the group when handed over,
    out of it when received, or when the handover is voided. A group's surplus goes to an item of no named donor.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    item = county_fk(Item, null=True, related_name="custody_entries")
    group = county_fk(HandoverGroup, null=True)
    kind = models.CharField(max_length=17, choices=CustodyKind)
    from_state = models.CharField(max_length=10, choices=Custody)
    to_state = models.CharField(max_length=10, choices=Custody)
    quantity = models.PositiveIntegerField()
    reason = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=200, blank=True)
    place = county_fk(Place)
    handover = county_fk(Handover, null=True, related_name="entries")
    reverses = county_fk("self", null=True)
    actor = models.BigIntegerField(null=True)
    business_day = models.DateField()
    booked_on = models.DateField()
    recorded_at = models.DateTimeField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="custody_key"),
            SameCounty(field="item", name="custody_item_same_county"),
            SameCounty(field="group", name="custody_group_same_county"),
            SameCounty(field="place", name="custody_place_same_county"),
            SameCounty(field="handover", name="custody_handover_same_county"),
            SameCounty(field="reverses", name="custody_reverses_same_county"),
            models.CheckConstraint(
                condition=Q(quantity__range=(1, QUANTITY_LIMIT)), name="custody_quantity_range"
            ),
            models.CheckConstraint(condition=_steps_allowed(), name="custody_step_known"),
            models.CheckConstraint(
                condition=Q(item__isnull=False) | Q(group__isnull=False), name="custody_of_item_or_group"
            ),
            models.CheckConstraint(
                condition=Q(group__isnull=True)
                | Q(kind__in=[K.HANDED_OVER, K.RECEIVED, K.MISSING, K.SURPLUS, K.REVERSED]),
                name="custody_group_only_on_the_way",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[K.MISSING, K.SURPLUS])
                | (
                    Q(kind=K.MISSING, reason__in=MISSING_REASONS)
                    | Q(kind=K.SURPLUS, reason__in=SURPLUS_REASONS)
                )
                & (~Q(reason=OTHER) | ~Q(note="")),
                name="custody_difference_explained",
            ),
            models.CheckConstraint(
                condition=Q(kind=K.REVERSED, reverses__isnull=False)
                | (~Q(kind=K.REVERSED) & Q(reverses__isnull=True)),
                name="custody_reversal_names_what",
            ),
            models.CheckConstraint(
                condition=Q(business_day__lte=F("booked_on")), name="custody_booked_not_before"
            ),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="custody_reversed_once"
            ),
        ]
        indexes = [
            models.Index(fields=["item"], name="custody_by_item", condition=Q(item__isnull=False)),
            models.Index(fields=["group"], name="custody_by_group", condition=Q(group__isnull=False)),
            models.Index(fields=["county", "booked_on"], name="custody_by_day"),
        ]


class _Holdings(models.Model):
    """How many units stand where; kept by the journal's trigger, written by nothing else."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    at_point = models.IntegerField(default=0)
    on_the_way = models.IntegerField(default=0)
    counted = models.IntegerField(default=0)
    in_doubt = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)
    in_bin = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    voided = models.IntegerField(default=0)
    missing = models.IntegerField(default=0)
    returned = models.IntegerField(default=0)
    destroyed = models.IntegerField(default=0)

    STATES: ClassVar[list[str]] = [state.value for state in Custody if state != Custody.OUTSIDE]

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(**{f"{state.value}__gte": 0 for state in Custody if state != Custody.OUTSIDE}),
                name="%(class)s_never_negative",
            ),
        ]


class ItemHoldings(_Holdings):
    item = models.OneToOneField(Item, models.DO_NOTHING, db_constraint=False, related_name="holdings")
    # Where the units of the last entry were seen.
    place = county_fk(Place)

    class Meta(_Holdings.Meta):
        indexes = [
            models.Index(fields=["county", "place"], name="holdings_to_sort", condition=Q(counted__gt=0)),
            models.Index(fields=["county", "place"], name="holdings_in_doubt", condition=Q(in_doubt__gt=0)),
            models.Index(fields=["county", "place"], name="holdings_waiting", condition=Q(at_point__gt=0)),
            models.Index(fields=["county", "place"], name="holdings_in_bin", condition=Q(in_bin__gt=0)),
        ]


class GroupHoldings(_Holdings):
    group = models.OneToOneField(
        HandoverGroup, models.DO_NOTHING, db_constraint=False, related_name="holdings"
    )


class CustodyDay(models.Model):
    """The custody journal rolled up per day as it is written: what figures read."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    booked_on = models.DateField()
    place = county_fk(Place)
    medicine = models.ForeignKey(
        Medicine, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=17)
    from_state = models.CharField(max_length=10)
    to_state = models.CharField(max_length=10)
    reason = models.CharField(max_length=60, blank=True)
    quantity = models.BigIntegerField()
    entries = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "county",
                    "booked_on",
                    "place",
                    "medicine",
                    "kind",
                    "from_state",
                    "to_state",
                    "reason",
                ],
                name="custody_day_once",
                nulls_distinct=False,
            )
        ]
