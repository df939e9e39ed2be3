from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine
from core.constraints import CountyKey, SameCounty, county_fk
from organisation.models import County, Division, Place

QUANTITY_LIMIT = 1_000_000


class Campaign(models.Model):
    """What frames everything: name, days, who legally receives (donee) and who coordinates, and the scope."""

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    county = models.ForeignKey(County, models.PROTECT, related_name="campaigns")
    code = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=80)
    starts_on = models.DateField()
    ends_on = models.DateField()
    donee = county_fk(Place)
    coordinator = models.CharField(max_length=80)
    contact = models.CharField(max_length=80, blank=True)
    supervision_phone = models.CharField(max_length=40, blank=True)
    # Categories of the catalogue that are asked for; empty means all.
    categories = models.JSONField(default=list)
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            CountyKey(name="campaign_key"),
            SameCounty(field="donee", name="campaign_donee_same_county"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="campaign_days_in_order"),
        ]

    def __str__(self) -> str:
        return self.name


class Donor(models.Model):
    """Somebody who gives. Who it is stands apart, encrypted, in DonorIdentity."""

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        WORK_UNIT = "work_unit", _("work unit")
        ANONYMOUS = "anonymous", _("anonymous")

    class Publish(models.TextChoices):
        FULL = "full", _("full name")
        MASKED = "masked", _("surname only")
        ANONYMOUS = "anonymous", _("not shown")

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    # Null: the donor was not asked.
    publish = models.CharField(max_length=10, choices=Publish, null=True)
    township = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [CountyKey(name="donor_key")]


class DonorIdentity(models.Model):
    """The sealed name, phone and work unit of a donor: erasable without touching the books."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    donor = county_fk(Donor, related_name="identities")
    sealed = models.BinaryField()
    name_mac = models.BinaryField(max_length=32, null=True)
    phone_mac = models.BinaryField(max_length=32, null=True)

    class Meta:
        constraints = [
            SameCounty(field="donor", name="identity_donor_same_county"),
            models.UniqueConstraint(fields=["donor"], name="identity_once"),
        ]
        indexes = [
            models.Index(fields=["county", "name_mac"], name="identity_by_name"),
            models.Index(fields=["county", "phone_mac"], name="identity_by_phone"),
        ]


class Donation(models.Model):
    """One donor at one drop-off point on one day, with the items brought. Its words are never changed."""

    class Unfit(models.TextChoices):
        RETURN = "return", _("return to donor")
        DESTROY = "destroy", _("leave for disposal")

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    campaign = county_fk(Campaign)
    place = county_fk(Place)
    donor = county_fk(Donor, related_name="donations")
    receipt_code = models.CharField(max_length=17)
    received_on = models.DateField()
    booked_on = models.DateField()
    registered_by = models.BigIntegerField()
    registered_at = models.DateTimeField()
    source_confirmed = models.BooleanField()
    unfit = models.CharField(max_length=8, choices=Unfit)

    class Meta:
        constraints = [
            CountyKey(name="donation_key"),
            SameCounty(field="campaign", name="donation_campaign_same_county"),
            SameCounty(field="place", name="donation_place_same_county"),
            SameCounty(field="donor", name="donation_donor_same_county"),
            models.UniqueConstraint(fields=["receipt_code"], name="receipt_code_once"),
        ]
        indexes = [models.Index(fields=["county", "place", "-id"], name="donation_by_place")]


class Seen(models.TextChoices):
    """Whether something printed on the unit handed over was read."""

    READ = "read"
    NOT_READ = "not_read"
    NOT_PRINTED = "not_printed"


class Item(models.Model):
    """One medicine of a donation as the clerk saw it. Quantities live in the custody journal."""

    class Container(models.TextChoices):
        BLISTER = "blister"
        BOTTLE = "bottle"
        SACHET = "sachet"
        LOOSE = "loose"

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    donation = county_fk(Donation, related_name="items")
    line = models.PositiveSmallIntegerField()
    medicine = models.ForeignKey(Medicine, models.PROTECT, null=True, related_name="+")
    description = models.CharField(max_length=200, blank=True)
    specification = models.CharField(max_length=120, blank=True)
    manufacturer = models.CharField(max_length=120, blank=True)
    approval_number = models.CharField(max_length=40, blank=True)
    lot_number = models.CharField(max_length=40, blank=True)
    lot_state = models.CharField(max_length=12, choices=Seen)
    expiry_raw = models.CharField(max_length=80, blank=True)
    expiry_precision = models.CharField(max_length=5, blank=True)
    last_usable_day = models.DateField(null=True)
    expiry_state = models.CharField(max_length=12, choices=Seen)
    quantity = models.PositiveIntegerField()
    opened = models.BooleanField(default=False)
    container = models.CharField(max_length=8, choices=Container, blank=True)
    findings = models.JSONField(default=list)
    trace_codes = models.JSONField(default=list)
    barcode = models.CharField(max_length=128, blank=True)
    outcome = models.CharField(max_length=6)
    reasons = models.JSONField(default=list)

    class Meta:
        constraints = [
            CountyKey(name="item_key"),
            SameCounty(field="donation", name="item_donation_same_county"),
            models.UniqueConstraint(fields=["donation", "line"], name="item_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__range=(1, QUANTITY_LIMIT)), name="item_quantity_range"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["accept", "review", "refuse"]), name="item_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(expiry_state="read", last_usable_day__isnull=False)
                | (~Q(expiry_state="read") & Q(last_usable_day__isnull=True)),
                name="item_expiry_read_or_absent",
            ),
        ]

    @property
    def label(self) -> str:
        return str(self.medicine) if self.medicine else self.description


class Handover(models.Model):
    """A sealed list of donations on its way from a drop-off point to a pharmacy."""

    class State(models.TextChoices):
        OPEN = "open"
        RECEIVED = "received"

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    from_place = county_fk(Place)
    to_place = county_fk(Place)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    handed_over_on = models.DateField()
    handed_over_by = models.BigIntegerField()
    received_on = models.DateField(null=True)
    received_by = models.BigIntegerField(null=True)
    carrier = models.CharField(max_length=80, blank=True)
    seal_number = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            CountyKey(name="handover_key"),
            SameCounty(field="from_place", name="handover_from_same_county"),
            SameCounty(field="to_place", name="handover_to_same_county"),
            models.CheckConstraint(condition=~Q(from_place=F("to_place")), name="handover_to_elsewhere"),
            models.CheckConstraint(
                condition=Q(received_by__isnull=True) | ~Q(received_by=F("handed_over_by")),
                name="handover_received_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="open", received_by__isnull=True, received_on__isnull=True)
                | Q(state="received", received_by__isnull=False, received_on__isnull=False),
                name="handover_received_or_open",
            ),
        ]


class HandoverDonation(models.Model):
    """A donation on a handover's list; while it is open no other handover may list it."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    handover = county_fk(Handover, related_name="listed")
    donation = county_fk(Donation)
    open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            SameCounty(field="handover", name="listed_handover_same_county"),
            SameCounty(field="donation", name="listed_donation_same_county"),
            models.UniqueConstraint(
                fields=["donation"], condition=Q(open=True), name="donation_in_one_open_handover"
            ),
            models.UniqueConstraint(fields=["handover", "donation"], name="listed_once"),
        ]


class HandoverGroup(models.Model):
    """Identical items of many donors, counted as one: same medicine, lot and day.

    A shortage stays on the group and on no named donor.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    handover = county_fk(Handover, related_name="groups")
    medicine = models.ForeignKey(Medicine, models.PROTECT, related_name="+")
    lot_number = models.CharField(max_length=40, blank=True)
    last_usable_day = models.DateField(null=True)
    declared = models.PositiveIntegerField()

    class Meta:
        constraints = [
            CountyKey(name="group_key"),
            SameCounty(field="handover", name="group_handover_same_county"),
        ]


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
    out of it when received.
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
                | Q(kind__in=[K.HANDED_OVER, K.RECEIVED, K.MISSING, K.SURPLUS]),
                name="custody_group_only_on_the_way",
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


class RosterFile(models.Model):
    """A roster that was uploaded: looked at first, then registered as a whole or not at all.

    The file names donors, so that it is sealed, and it is let go once it is registered, or after some days.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    campaign = county_fk(Campaign)
    sealed = models.BinaryField(null=True)
    faults = models.PositiveIntegerField()
    rows = models.PositiveIntegerField()
    uploaded_by = models.BigIntegerField()
    uploaded_at = models.DateTimeField()
    committed_by = models.BigIntegerField(null=True)
    committed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CountyKey(name="roster_key"),
            SameCounty(field="place", name="roster_place_same_county"),
            SameCounty(field="campaign", name="roster_campaign_same_county"),
            models.CheckConstraint(
                condition=Q(committed_by__isnull=True, committed_at__isnull=True)
                | Q(committed_by__isnull=False, committed_at__isnull=False, faults=0, sealed__isnull=True),
                name="roster_committed_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["county", "uploaded_at"], name="roster_waiting", condition=Q(sealed__isnull=False)
            )
        ]


class RosterDonation(models.Model):
    """A donation that came from a roster; its fingerprint keeps the same line of another file from coming twice."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    roster = county_fk(RosterFile, related_name="donations")
    donation = county_fk(Donation)
    fingerprint = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            SameCounty(field="roster", name="roster_donation_roster_same_county"),
            SameCounty(field="donation", name="roster_donation_same_county"),
            models.UniqueConstraint(fields=["donation"], name="roster_donation_once"),
            models.UniqueConstraint(fields=["county", "fingerprint"], name="roster_line_once"),
        ]
