"""Plans: who gets what from which shelf, and why."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine
from core.constraints import CountyKey, SameCounty, county_fk
from core.public_numbers import LEAST, MOST, RandomNumber
from distribution.known_needs import NeedBasis
from donations.models import QUANTITY_LIMIT
from inventory.models import Batch
from organisation.models import County, Division, Place


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
    # By which everybody knows it then.
    public_number = models.BigIntegerField(db_default=RandomNumber(), editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            CountyKey(name="plan_key"),
            models.UniqueConstraint(fields=["public_number"], name="plan_public_number_once"),
            models.CheckConstraint(
                condition=Q(public_number__range=(LEAST, MOST)), name="plan_public_number_digits"
            ),
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
    # What else it takes to recompute the share: what of `on_hand` expires and when, the days until goods arrive, and
    # when the clinic's kind of place is served.
    own_stock = models.JSONField(default=list)
    transit_days = models.PositiveSmallIntegerField(default=0)
    tier = models.PositiveSmallIntegerField(default=0)

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
