"""Shapes of the distribution room's requests and answers."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api import StrictSerializer
from core.fields import Day, Quantity, Text, Truth
from core.language import reads_english
from distribution.models import (
    AgeBand,
    ClinicProfile,
    Dispensing,
    DispensingLine,
    Mark,
    NeedLine,
    NeedSheet,
    Plan,
    PlanLine,
    PlanShare,
    Shipment,
    ShipmentLine,
)
from distribution.models.interchangeable import LARGEST_GROUP, MOST_GROUPS
from distribution.served import beyond_population
from donations.models import QUANTITY_LIMIT

PEOPLE_LIMIT = 1_000_000
TRAVEL_LIMIT = 10_000
LINES_LIMIT = 5000
PERIOD_DAYS = 366
# The largest need band, in per cent of the need.
BAND_LIMIT = 1000
HEAD_COUNTS = [
    "population", "age_0_3", "age_4_14", "age_65_79", "age_80_up", "pregnant", "living_alone_elderly",
    "destitute_low_income", "disabled", "chronic_patients", "tier_red", "tier_yellow", "tier_green",
    "current_fever_cases",
]  # fmt: skip
BEYOND_POPULATION = {
    "more_than_population": _("The age bands add up to more than the population."),
    "tiers_more_than_population": _("The tiers add up to more than the population."),
}
FIGURES = [*HEAD_COUNTS, "travel_minutes", "data_date"]


@extend_schema_field({"type": "string", "example": "2023-01-01/2023-01-14"})
class Period(serializers.CharField):
    """Two days with a slash between them, the first and the last of the period."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            first, last = (datetime.date.fromisoformat(part) for part in str(data).split("/"))
        except ValueError:
            raise serializers.ValidationError(
                _("Two days, as 2023-01-01/2023-01-14."), code="period"
            ) from None
        for day in (first, last):
            Day().run_validation(day)
        if not 0 <= (last - first).days < PERIOD_DAYS:
            raise serializers.ValidationError(
                _("The last day comes before the first, or too long after it."), code="period"
            )
        return first, last

    def to_representation(self, value: Any) -> str:
        return "/".join(str(day) for day in value)


class Number(Quantity):
    """The number of a row, as a list of them shows it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(most=2**63 - 1, **options)


def code() -> serializers.CharField:
    return serializers.CharField(max_length=24)


def version() -> Quantity:
    return Quantity(least=0, most=2**31 - 1, required=False, allow_null=True, default=None)


class NeedLineInput(StrictSerializer):
    medicine = serializers.CharField(max_length=12)
    requested = Quantity(least=0, most=QUANTITY_LIMIT)


class NeedsInput(StrictSerializer):
    place = code()
    period = Period()
    lines = serializers.ListField(child=NeedLineInput(), max_length=1000)
    version = version()


class NeedLineShape(serializers.ModelSerializer[NeedLine]):
    medicine = serializers.CharField(source="medicine.code")

    class Meta:
        model = NeedLine
        fields = ["medicine", "requested"]


class NeedSheetShape(serializers.ModelSerializer[NeedSheet]):
    place = serializers.CharField(source="place.code")
    period = serializers.SerializerMethodField()
    lines = NeedLineShape(many=True)

    class Meta:
        model = NeedSheet
        fields = ["id", "place", "period", "lines", "version"]

    def get_period(self, sheet: NeedSheet) -> str:
        return f"{sheet.period_start}/{sheet.period_end}"


class FiguresInput(StrictSerializer):
    travel_minutes = Quantity(least=0, most=TRAVEL_LIMIT, default=0)
    data_date = Day()

    def get_fields(self) -> dict[str, Any]:
        counts = {name: Quantity(least=0, most=PEOPLE_LIMIT, default=0) for name in HEAD_COUNTS}
        return {**counts, **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        faults = [
            serializers.ErrorDetail(str(BEYOND_POPULATION[code]), code=code)
            for code in beyond_population(attrs)
        ]
        if faults:
            raise serializers.ValidationError({"population": faults})
        return attrs


class ProfileInput(FiguresInput):
    version = version()


class ProfileShape(serializers.ModelSerializer[ClinicProfile]):
    place = serializers.CharField(source="place.code")

    class Meta:
        model = ClinicProfile
        fields = ["place", *FIGURES, "version"]


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

    class Meta:
        model = Plan
        fields = [
            "id", "status", "county", "level", "township", "from_places", "medicines", "period", "horizon_days",
            "interchangeable", "bands", "planned_on", "approved_on", "published_on", "totals",
            "recalled_lines", "expired_lines", "needs_recomputing", "expired_shipments", "version",
        ]  # fmt: skip

    def get_needs_recomputing(self, plan: Plan) -> bool:
        """Found from the lines that cannot be carried out; an approved plan needs another beside it."""
        return bool(plan.recalled_lines or plan.expired_lines)  # type: ignore[attr-defined]

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


class PlanShareShape(serializers.ModelSerializer[PlanShare]):
    """Levels are whole per cent of the need, rounded down; null where no need is known.

    Of medicines that stand in for each other (`group`) the need, the stock and both levels are the group's.
    `need_basis` says from what the need is known, `need_formula` how. Use is `rate_units` on `rate_days` days, or the
    need spread over the horizon where these are null; `safety_percent` of it is counted on before a lot expires.
    """

    clinic = serializers.CharField(source="clinic.code")
    medicine = serializers.CharField(source="medicine.code")
    level_before = serializers.SerializerMethodField()
    level_after = serializers.SerializerMethodField()
    explanation = serializers.SerializerMethodField()

    class Meta:
        model = PlanShare
        fields = [
            "clinic", "medicine", "group", "need", "on_hand", "requested", "drafted", "allotted", "level_before",
            "level_after", "limited_by", "explanation", "explanation_zh", "explanation_en", "need_basis",
            "need_formula", "learned_days", "rate_units", "rate_days", "safety_percent",
        ]  # fmt: skip

    def get_level_before(self, share: PlanShare) -> int | None:
        return 100 * share.on_hand // share.need if share.need else None

    def get_level_after(self, share: PlanShare) -> int | None:
        given: int = share.group_allotted  # type: ignore[attr-defined]
        return 100 * (share.on_hand + given) // share.need if share.need else None

    def get_explanation(self, share: PlanShare) -> str:
        english = reads_english()
        return share.explanation_en if english else share.explanation_zh


class PickInput(StrictSerializer):
    line = Number()
    picked = Quantity(least=0, most=QUANTITY_LIMIT)
    reason = Text(200, allow_blank=True, default="")


class DispatchInput(StrictSerializer):
    lines = serializers.ListField(child=PickInput(), max_length=LINES_LIMIT, default=list)


class ArrivalInput(StrictSerializer):
    line = Number()
    accepted = Quantity(least=0, most=QUANTITY_LIMIT)
    damaged = Quantity(least=0, most=QUANTITY_LIMIT, default=0)
    missing = Quantity(least=0, most=QUANTITY_LIMIT, default=0)
    reason = Text(200, allow_blank=True, default="")


class ReceiptInput(StrictSerializer):
    received_on = Day(required=False, allow_null=True, default=None)
    lines = serializers.ListField(child=ArrivalInput(), allow_empty=False, max_length=LINES_LIMIT)


class ShipmentLineShape(serializers.ModelSerializer[ShipmentLine]):
    batch = serializers.IntegerField(source="batch_id")
    medicine = serializers.CharField(source="batch.medicine.code")
    lot_number = serializers.CharField(source="batch.lot_number")
    last_usable_day = serializers.DateField(source="batch.last_usable_day")
    pack = serializers.CharField(source="batch.pack")
    recalled = serializers.BooleanField(default=False)

    class Meta:
        model = ShipmentLine
        fields = [
            "id", "medicine", "batch", "lot_number", "last_usable_day", "pack", "promised", "picked", "accepted",
            "damaged", "missing", "pick_reason", "receipt_reason", "recalled",
        ]  # fmt: skip


class ShipmentShape(serializers.ModelSerializer[Shipment]):
    plan = serializers.IntegerField(source="plan_id", allow_null=True)
    from_place = serializers.CharField(source="from_place.code")
    to_place = serializers.CharField(source="to_place.code")
    status = serializers.CharField(source="state")
    lines = ShipmentLineShape(many=True)

    class Meta:
        model = Shipment
        fields = [
            "id", "plan", "from_place", "from_side", "to_place", "to_side", "status", "dispatched_on",
            "received_on", "expired_on", "lines", "version",
        ]  # fmt: skip


class KeptLine(StrictSerializer):
    batch = Number()
    quantity = Quantity()


class LocalUseInput(StrictSerializer):
    place = code()
    lines = serializers.ListField(child=KeptLine(), allow_empty=False, max_length=1000)


class ReturnInput(LocalUseInput):
    to_place = code()
    reason = Text(200)


class HandOutLineInput(StrictSerializer):
    medicine = serializers.CharField(max_length=12, required=False)
    batch = Number(required=False)
    quantity = Quantity()
    days_supply = Quantity(most=PERIOD_DAYS)
    prescriber = Text(60, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("medicine" in attrs) == ("batch" in attrs):
            raise serializers.ValidationError(_("Name a medicine or a batch."), code="medicine_or_batch")
        return attrs


class HandOutInput(StrictSerializer):
    """Whom a hand-out reached, and when."""

    dispensed_on = Day()
    recipients = Quantity(most=500, default=1)
    age_band = serializers.ChoiceField(AgeBand.choices)
    marks = serializers.ListField(child=serializers.ChoiceField(Mark.choices), max_length=20, default=list)
    register_ref = Text(40, allow_blank=True, allow_null=True, default="")
    collected_by = serializers.ChoiceField(Dispensing.CollectedBy.choices)
    entered_for = Truth(default=False)


class KitHandOutInput(HandOutInput):
    """`prescriber`: of all in the kit that is given by prescription only."""

    prescriber = Text(60, allow_blank=True, allow_null=True, default="")


class DispensingInput(HandOutInput):
    place = code()
    lines = serializers.ListField(child=HandOutLineInput(), allow_empty=False, max_length=200)


class DispensingLineShape(serializers.ModelSerializer[DispensingLine]):
    batch = serializers.IntegerField(source="batch_id")
    medicine = serializers.CharField(source="batch.medicine.code")

    class Meta:
        model = DispensingLine
        fields = ["medicine", "batch", "quantity", "days_supply", "prescriber", "flagged"]


class DispensingHead(serializers.ModelSerializer[Dispensing]):
    place = serializers.CharField(source="place.code")
    kit = serializers.IntegerField(source="kit_id", allow_null=True)
    reversed = serializers.SerializerMethodField()

    class Meta:
        model = Dispensing
        fields = [
            "id", "place", "dispensed_on", "booked_on", "recipients", "age_band", "marks", "register_ref",
            "collected_by", "entered_for", "kit", "reversed",
        ]  # fmt: skip

    def get_reversed(self, dispensing: Dispensing) -> bool:
        return dispensing.reversed_by is not None


class DispensingShape(DispensingHead):
    lines = DispensingLineShape(many=True)

    class Meta(DispensingHead.Meta):
        fields = [*DispensingHead.Meta.fields, "lines"]
