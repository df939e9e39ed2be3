"""Shapes of what places ask for and of who they serve."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.api import StrictSerializer
from core.fields import Day, Quantity
from distribution.models import (
    ClinicProfile,
    NeedLine,
    NeedSheet,
)
from distribution.serializers.fields import Period, code, version
from distribution.served import beyond_population
from donations.models import QUANTITY_LIMIT

PEOPLE_LIMIT = 1_000_000
TRAVEL_LIMIT = 10_000
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
