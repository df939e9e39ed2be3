"""Shapes of plans: what a planner asks for, what a plan is, and what each place gets of it and why."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.api import StrictSerializer
from core.fields import Quantity, Text
from core.language import reads_english
from distribution.models import (
    Plan,
    PlanLine,
    PlanShare,
)
from distribution.models.interchangeable import LARGEST_GROUP, MOST_GROUPS
from distribution.serializers.fields import PERIOD_DAYS, Period, code, version
from donations.models import QUANTITY_LIMIT

# The largest need band, in per cent of the need.
BAND_LIMIT = 1000


class PlanInput(StrictSerializer):
    county = serializers.CharField(max_length=6)
    from_places = serializers.ListField(child=code(), allow_empty=False, max_length=100)
    medicines = serializers.ListField(
        child=serializers.CharField(max_length=12), max_length=1000, default=list
    )
    period = Period()
    horizon_days = Quantity(most=PERIOD_DAYS, required=False, allow_null=True, default=None)
    level = serializers.ChoiceField(Plan.Level.choices)
    township = serializers.CharField(max_length=12, required=False, allow_null=True, default=None)
    interchangeable = serializers.ListField(
        child=serializers.ListField(
            child=serializers.CharField(max_length=12), min_length=2, max_length=LARGEST_GROUP
        ),
        max_length=MOST_GROUPS,
        required=False,
        allow_null=True,
        default=None,
        help_text="Groups of medicines that stand in for each other: shared out together, by courses. Not given:"
        " the county's groups; an empty list: none.",
    )
    bands = serializers.ListField(
        child=Quantity(most=BAND_LIMIT),
        max_length=3,
        required=False,
        allow_null=True,
        default=None,
        help_text="Rising percentages of need, 100 among them: 20, 100, 130 meets an emergency minimum of"
        " everybody first, then the need, then a buffer. Not given: the county's bands;"
        " an empty list: the need alone.",
    )

    def validate_bands(self, bands: list[int] | None) -> list[int] | None:
        if bands and (100 not in bands or bands != sorted(set(bands))):
            words = _("Rising percentages are needed, 100 among them.")
            raise serializers.ValidationError(words, code="bands_not_rising")
        return bands


class LineChange(StrictSerializer):
    quantity = Quantity(least=0, most=QUANTITY_LIMIT)
    reason = Text(200, allow_blank=True, default="")
    version = version()


TOTALS = ["medicines", "clinics", "lines", "quantity"]


class PlanShape(serializers.ModelSerializer[Plan]):
    status = serializers.CharField(source="state")
    county = serializers.CharField(source="county_id")
    township = serializers.CharField(source="township_id", allow_null=True)
    period = serializers.SerializerMethodField()
    totals = serializers.SerializerMethodField()
    # Lines that a recall blocks or that have expired: of a draft those planned, of an approved plan those that have
    # not arrived.
    recalled_lines = serializers.IntegerField()
    expired_lines = serializers.IntegerField()
    needs_recomputing = serializers.SerializerMethodField()
    # Of an approved plan: shipments that nobody sent in time, so that their goods went back to the shelf.
    expired_shipments = serializers.IntegerField()
    public_id = serializers.SerializerMethodField()

    class Meta:
        model = Plan
        fields = [
            "id", "status", "county", "level", "township", "from_places", "medicines", "period", "horizon_days",
            "interchangeable", "bands", "planned_on", "approved_on", "published_on", "totals",
            "recalled_lines", "expired_lines", "needs_recomputing", "expired_shipments", "version", "public_id",
        ]  # fmt: skip

    def get_public_id(self, plan: Plan) -> int | None:
        """Under which the public finds it, once it is published."""
        return plan.public_number if plan.published_on else None

    def get_needs_recomputing(self, plan: Plan) -> bool:
        """Found from what cannot be carried out or was not sent in time; an approved plan needs another beside it."""
        if plan.state == Plan.State.CANCELLED:
            return False
        return bool(plan.recalled_lines or plan.expired_lines or plan.expired_shipments)  # type: ignore[attr-defined]

    def get_period(self, plan: Plan) -> str:
        return f"{plan.period_start}/{plan.period_end}"

    def get_totals(self, plan: Plan) -> dict[str, int]:
        """What the plan gives away; `quantity` in smallest units."""
        return {name: getattr(plan, f"total_{name}") for name in TOTALS}


class PlanDetailShape(PlanShape):
    class Meta(PlanShape.Meta):
        fields = [*PlanShape.Meta.fields, "leftovers", "cuts"]


class PlanLineShape(serializers.ModelSerializer[PlanLine]):
    from_place = serializers.CharField(source="from_place.code")
    clinic = serializers.CharField(source="clinic.code")
    medicine = serializers.CharField(source="batch.medicine.code")
    batch = serializers.IntegerField(source="batch_id")
    lot_number = serializers.CharField(source="batch.lot_number")
    last_usable_day = serializers.DateField(source="batch.last_usable_day")
    recalled = serializers.BooleanField(default=False)

    class Meta:
        model = PlanLine
        fields = [
            "id", "from_place", "clinic", "medicine", "batch", "lot_number", "last_usable_day", "quantity",
            "drafted", "reason", "recalled",
        ]  # fmt: skip


class OwnStock(serializers.Serializer[Any]):
    last_usable_day = serializers.DateField()
    quantity = serializers.IntegerField()


class PlanShareShape(serializers.ModelSerializer[PlanShare]):
    """Levels are whole per cent of the need, rounded down; null where no need is known.

    Of medicines that stand in for each other (`group`) the need, the stock and both levels are the group's.
    `need_basis` says from what the need is known, `need_formula` how. Use is `rate_units` on `rate_days` days, or the
    need spread over the horizon where these are null; `safety_percent` of it is counted on before a lot expires.
    `own_stock` is what of `on_hand` expires. With the plan's cuts these figures give the share again.
    """

    clinic = serializers.CharField(source="clinic.code")
    medicine = serializers.CharField(source="medicine.code")
    level_before = serializers.SerializerMethodField()
    level_after = serializers.SerializerMethodField()
    explanation = serializers.SerializerMethodField()
    own_stock = OwnStock(many=True)

    class Meta:
        model = PlanShare
        fields = [
            "clinic", "medicine", "group", "need", "on_hand", "requested", "drafted", "allotted", "level_before",
            "level_after", "limited_by", "explanation", "explanation_zh", "explanation_en", "need_basis",
            "need_formula", "learned_days", "rate_units", "rate_days", "safety_percent", "own_stock", "transit_days",
            "tier",
        ]  # fmt: skip

    def get_level_before(self, share: PlanShare) -> int | None:
        return 100 * share.on_hand // share.need if share.need else None

    def get_level_after(self, share: PlanShare) -> int | None:
        given: int = share.group_allotted  # type: ignore[attr-defined]
        return 100 * (share.on_hand + given) // share.need if share.need else None

    def get_explanation(self, share: PlanShare) -> str:
        english = reads_english()
        return share.explanation_en if english else share.explanation_zh
