from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine
from core.constraints import CountyKey, SameCounty, county_fk
from distribution.known_needs import NeedBasis
from donations.models import QUANTITY_LIMIT
from inventory.models import Batch, Side
from inventory.models.kits import Kit
from organisation.models import County, Division, Place


class ClinicProfile(models.Model):
    """Who a clinic serves: the figures from which its need is estimated, with the day they were taken."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = models.OneToOneField(Place, models.DO_NOTHING, db_constraint=False, related_name="profile")
    population = models.PositiveIntegerField(default=0)
    age_0_3 = models.PositiveIntegerField(default=0)
    age_4_14 = models.PositiveIntegerField(default=0)
    age_65_79 = models.PositiveIntegerField(default=0)
    age_80_up = models.PositiveIntegerField(default=0)
    pregnant = models.PositiveIntegerField(default=0)
    living_alone_elderly = models.PositiveIntegerField(default=0)
    destitute_low_income = models.PositiveIntegerField(default=0)
    disabled = models.PositiveIntegerField(default=0)
    chronic_patients = models.PositiveIntegerField(default=0)
    tier_red = models.PositiveIntegerField(default=0)
    tier_yellow = models.PositiveIntegerField(default=0)
    tier_green = models.PositiveIntegerField(default=0)
    current_fever_cases = models.PositiveIntegerField(default=0)
    travel_minutes = models.PositiveIntegerField(default=0)
    data_date = models.DateField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            SameCounty(field="place", name="profile_place_same_county"),
            models.CheckConstraint(
                condition=Q(population__gte=F("age_0_3") + F("age_4_14") + F("age_65_79") + F("age_80_up")),
                name="profile_ages_within_population",
            ),
            models.CheckConstraint(
                condition=Q(population__gte=F("tier_red") + F("tier_yellow") + F("tier_green")),
                name="profile_tiers_within_population",
            ),
        ]


class NeedSheet(models.Model):
    """What a place asks for in a period; it caps shares and never weights them."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    period_start = models.DateField()
    period_end = models.DateField()
    entered_by = models.BigIntegerField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            CountyKey(name="need_sheet_key"),
            SameCounty(field="place", name="need_sheet_place_same_county"),
            models.UniqueConstraint(
                fields=["county", "place", "period_start", "period_end"], name="need_sheet_once"
            ),
            models.CheckConstraint(condition=Q(period_end__gte=F("period_start")), name="need_sheet_days"),
        ]


class NeedLine(models.Model):
    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    sheet = county_fk(NeedSheet, related_name="lines")
    medicine = models.ForeignKey(Medicine, models.PROTECT, related_name="+")
    requested = models.PositiveIntegerField()

    class Meta:
        constraints = [
            SameCounty(field="sheet", name="need_line_sheet_same_county"),
            models.UniqueConstraint(fields=["sheet", "medicine"], name="need_line_once"),
            models.CheckConstraint(condition=Q(requested__lte=QUANTITY_LIMIT), name="need_line_range"),
        ]


class Plan(models.Model):
    """A proposal of who gets what from which shelf, approved by another person than its planner."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("awaiting approval")
        APPROVED = "approved", _("approved")
        CANCELLED = "cancelled", _("cancelled")

    class Level(models.TextChoices):
        TOWNSHIPS = "townships"
        CLINICS = "clinics"

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    level = models.CharField(max_length=9, choices=Level)
    township = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+")
    from_places = models.JSONField()
    # Codes of the medicines to share out; empty for all that is in stock.
    medicines = models.JSONField(default=list)
    # Groups of codes of medicines that stand in for each other, and rising percentages of need; empty for none.
    interchangeable = models.JSONField(default=list)
    bands = models.JSONField(default=list)
    period_start = models.DateField()
    period_end = models.DateField()
    horizon_days = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    planned_by = models.BigIntegerField()
    planned_on = models.DateField()
    approved_by = models.BigIntegerField(null=True)
    approved_on = models.DateField(null=True)
    # From these anyone recomputes every share: docs/allocation.md.
    cuts = models.JSONField(default=list)
    leftovers = models.JSONField(default=list)
    # From this day on anyone may read who got what and why.
    published_by = models.BigIntegerField(null=True)
    published_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            CountyKey(name="plan_key"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("planned_by")),
                name="plan_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="approved", approved_by__isnull=False, approved_on__isnull=False)
                | Q(state="cancelled")
                | Q(state__in=["draft", "submitted"], approved_by__isnull=True),
                name="plan_approved_or_not",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True, published_on__isnull=True)
                | Q(published_by__isnull=False, published_on__isnull=False, approved_by__isnull=False),
                name="plan_published_once_approved",
            ),
        ]
        indexes = [models.Index(fields=["county", "-id"], name="plan_by_county")]


class PlanLine(models.Model):
    """So much of one batch from one shelf to one clinic; `drafted` is what the engine proposed."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    plan = county_fk(Plan, related_name="lines")
    from_place = county_fk(Place)
    clinic = county_fk(Place)
    batch = county_fk(Batch)
    quantity = models.PositiveIntegerField()
    drafted = models.PositiveIntegerField()
    reason = models.CharField(max_length=200, blank=True)
    changed_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            CountyKey(name="plan_line_key"),
            SameCounty(field="plan", name="plan_line_plan_same_county"),
            SameCounty(field="from_place", name="plan_line_from_same_county"),
            SameCounty(field="clinic", name="plan_line_clinic_same_county"),
            SameCounty(field="batch", name="plan_line_batch_same_county"),
            models.UniqueConstraint(fields=["plan", "from_place", "clinic", "batch"], name="plan_line_once"),
            models.CheckConstraint(condition=Q(quantity__lte=QUANTITY_LIMIT), name="plan_line_range"),
            models.CheckConstraint(
                condition=Q(quantity=F("drafted")) | ~Q(reason=""), name="plan_line_change_has_reason"
            ),
        ]


class PlanShare(models.Model):
    """What a clinic gets of a medicine and why, in words; `drafted` is what the engine proposed.

    Of a medicine that was shared out with others that stand in for it, `group` names them all, and need and stock
    are the whole group's in units of this one.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    plan = county_fk(Plan, related_name="shares")
    clinic = county_fk(Place)
    medicine = models.ForeignKey(Medicine, models.PROTECT, related_name="+")
    need = models.PositiveBigIntegerField()
    on_hand = models.PositiveBigIntegerField()
    requested = models.PositiveBigIntegerField(null=True)
    drafted = models.PositiveBigIntegerField()
    allotted = models.PositiveBigIntegerField()
    limited_by = models.CharField(max_length=40)
    explanation_zh = models.CharField(max_length=800)
    explanation_en = models.CharField(max_length=800)
    group = models.CharField(max_length=60, blank=True)
    # Units of one course, by which the medicines of a group are added up.
    course = models.PositiveSmallIntegerField(default=1)
    # From what the need is known: its formula, and of what was learned the days with stock, of all places together.
    need_basis = models.CharField(
        max_length=9,
        choices=[(basis.value, basis.value) for basis in NeedBasis],
        default=NeedBasis.ESTIMATED.value,
    )
    need_formula = models.TextField(blank=True)
    learned_days = models.PositiveIntegerField(default=0)
    # Units used on so many days, where any of it was learned; else the need is used evenly over the horizon. Of that
    # use so many per cent are counted on; none: those of the plan's rules.
    rate_units = models.PositiveBigIntegerField(null=True)
    rate_days = models.PositiveBigIntegerField(null=True)
    safety_percent = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            SameCounty(field="plan", name="plan_share_plan_same_county"),
            SameCounty(field="clinic", name="plan_share_clinic_same_county"),
            models.UniqueConstraint(fields=["plan", "clinic", "medicine"], name="plan_share_once"),
            models.CheckConstraint(condition=Q(course__gte=1), name="plan_share_course"),
            models.CheckConstraint(
                condition=Q(need_basis__in=["learned", "mixed"], learned_days__gte=1, rate_days__gte=1)
                & Q(rate_units__isnull=False, safety_percent__isnull=False)
                | Q(need_basis__in=["estimated", "unknown"], learned_days=0, rate_units__isnull=True)
                & Q(rate_days__isnull=True),
                name="plan_share_learned_from_days",
            ),
            models.CheckConstraint(
                condition=Q(safety_percent__isnull=True) | Q(safety_percent__range=(1, 100)),
                name="plan_share_safety_percent",
            ),
        ]


class Shipment(models.Model):
    """Goods promised to, on the road to, or received by one place. Its lines say what."""

    class State(models.TextChoices):
        RESERVED = "reserved", _("reserved")
        DISPATCHED = "dispatched", _("in transit")
        RECEIVED = "received", _("received")
        CANCELLED = "cancelled", _("cancelled")

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    plan = county_fk(Plan, null=True, related_name="shipments")
    from_place = county_fk(Place)
    from_side = models.CharField(max_length=6, choices=Side)
    to_place = county_fk(Place)
    to_side = models.CharField(max_length=6, choices=Side)
    state = models.CharField(max_length=10, choices=State, default=State.RESERVED)
    dispatched_by = models.BigIntegerField(null=True)
    dispatched_on = models.DateField(null=True)
    received_by = models.BigIntegerField(null=True)
    received_on = models.DateField(null=True)
    # The day on which its promise lapsed, where nobody sent it in time.
    expired_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            CountyKey(name="shipment_key"),
            SameCounty(field="plan", name="shipment_plan_same_county"),
            SameCounty(field="from_place", name="shipment_from_same_county"),
            SameCounty(field="to_place", name="shipment_to_same_county"),
            models.CheckConstraint(
                condition=Q(received_by__isnull=True) | ~Q(received_by=F("dispatched_by")),
                name="shipment_received_by_another",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["reserved", "cancelled"], dispatched_by__isnull=True, received_by__isnull=True
                )
                | Q(state="dispatched", dispatched_by__isnull=False, received_by__isnull=True)
                | Q(state="received", dispatched_by__isnull=False, received_by__isnull=False),
                name="shipment_state_and_hands",
            ),
            models.CheckConstraint(
                condition=Q(received_on__isnull=True)
                | Q(dispatched_on__isnull=False, received_on__gte=F("dispatched_on")),
                name="shipment_received_after_dispatch",
            ),
            models.CheckConstraint(
                condition=Q(expired_on__isnull=True) | Q(state="cancelled"), name="shipment_expired_unsent"
            ),
        ]
        indexes = [
            models.Index(fields=["from_place"], name="shipment_by_sender"),
            models.Index(fields=["to_place"], name="shipment_by_receiver"),
        ]


class ShipmentLine(models.Model):
    """Promised, picked, and what arrived of it; the three parts of an arrival add up to what was picked."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    shipment = county_fk(Shipment, related_name="lines")
    batch = county_fk(Batch)
    promised = models.PositiveIntegerField()
    picked = models.PositiveIntegerField(null=True)
    accepted = models.PositiveIntegerField(null=True)
    damaged = models.PositiveIntegerField(null=True)
    missing = models.PositiveIntegerField(null=True)
    pick_reason = models.CharField(max_length=200, blank=True)
    receipt_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            CountyKey(name="shipment_line_key"),
            SameCounty(field="shipment", name="shipment_line_shipment_same_county"),
            SameCounty(field="batch", name="shipment_line_batch_same_county"),
            models.UniqueConstraint(fields=["shipment", "batch"], name="shipment_line_once"),
            models.CheckConstraint(
                condition=Q(promised__range=(1, QUANTITY_LIMIT)), name="shipment_line_range"
            ),
            models.CheckConstraint(
                condition=Q(picked__isnull=True) | Q(picked__lte=F("promised")), name="picked_within_promise"
            ),
            models.CheckConstraint(
                condition=Q(accepted__isnull=True, damaged__isnull=True, missing__isnull=True)
                | Q(picked=F("accepted") + F("damaged") + F("missing")),
                name="receipt_adds_up",
            ),
        ]


class AgeBand(models.TextChoices):
    """One band per hand-out, so that the bands add up."""

    INFANT = "0-3", _("0-3 years")
    CHILD = "4-14", _("4-14 years")
    ADULT = "15-64", _("15-64 years")
    ELDER = "65-79", _("65-79 years")
    OLDEST = "80+", _("80 years and above")


class Mark(models.TextChoices):
    """Who a hand-out reached, as any number of marks that are reported and never added up."""

    PREGNANT = "pregnant", _("pregnant")
    LIVING_ALONE = "living_alone", _("elderly living alone")
    DESTITUTE = "destitute", _("destitute, supported by the state")
    LOW_INCOME = "low_income", _("on subsistence allowance")
    DISABLED = "disabled", _("disabled")
    CHRONIC = "chronic", _("chronically ill")
    TIER_RED = "tier_red", _("red tier")
    TIER_YELLOW = "tier_yellow", _("yellow tier")
    TIER_GREEN = "tier_green", _("green tier")
    OTHER = "other", _("other")


class Dispensing(models.Model):
    """One hand-out (人次), free of charge: a day, an age band, marks, and no name."""

    class CollectedBy(models.TextChoices):
        SELF = "self", _("in person")
        FAMILY = "family", _("family")
        VILLAGE_CADRE = "village_cadre", _("village cadre")
        DELIVERED = "delivered", _("brought home")

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place)
    dispensed_on = models.DateField()
    booked_on = models.DateField()
    recipients = models.PositiveSmallIntegerField(default=1)
    age_band = models.CharField(max_length=5, choices=AgeBand)
    marks = models.JSONField(default=list)
    register_ref = models.CharField(max_length=40, blank=True)
    collected_by = models.CharField(max_length=13, choices=CollectedBy)
    entered_for = models.BooleanField(default=False)
    # The health kit that it was, handed out whole.
    kit = county_fk(Kit, null=True)
    dispensed_by = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    reversed_by = models.BigIntegerField(null=True)
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CountyKey(name="dispensing_key"),
            SameCounty(field="place", name="dispensing_place_same_county"),
            SameCounty(field="kit", name="dispensing_kit_same_county"),
            models.UniqueConstraint(
                fields=["kit"],
                condition=Q(kit__isnull=False, reversed_by__isnull=True),
                name="dispensing_of_one_kit",
            ),
            models.CheckConstraint(
                condition=Q(recipients__range=(1, 500)), name="dispensing_recipients_range"
            ),
            models.CheckConstraint(
                condition=Q(age_band__in=AgeBand.values), name="dispensing_age_band_known"
            ),
            models.CheckConstraint(
                condition=Q(dispensed_on__lte=F("booked_on")), name="dispensing_booked_not_before"
            ),
        ]
        indexes = [
            models.Index(fields=["county", "place", "-id"], name="dispensing_by_place"),
            # What was handed out lately, however old the books are.
            models.Index(fields=["county", "dispensed_on"], name="dispensing_by_day"),
            models.Index(fields=["county", "booked_on"], name="dispensing_by_booking"),
        ]


class DispensingLine(models.Model):
    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    dispensing = county_fk(Dispensing, related_name="lines")
    batch = county_fk(Batch)
    quantity = models.PositiveIntegerField()
    days_supply = models.PositiveSmallIntegerField(default=1)
    prescriber = models.CharField(max_length=60, blank=True)
    flagged = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            SameCounty(field="dispensing", name="dispensing_line_same_county"),
            SameCounty(field="batch", name="dispensing_line_batch_same_county"),
            models.CheckConstraint(
                condition=Q(quantity__range=(1, QUANTITY_LIMIT)), name="dispensing_line_range"
            ),
            models.CheckConstraint(condition=Q(days_supply__range=(1, 366)), name="dispensing_days_range"),
        ]
        indexes = [models.Index(fields=["dispensing"], name="dispensing_line_of")]


# Tables with a file of their own; Django looks for all of them here.
import distribution.models_interchangeable  # noqa: E402
import distribution.models_limits  # noqa: E402
import distribution.models_local_use  # noqa: E402
import distribution.models_shifts  # noqa: E402
import distribution.models_spot_checks  # noqa: E402
import distribution.models_urgent  # noqa: E402, F401
