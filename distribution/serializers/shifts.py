"""Shapes of people who come or go for a time."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from core.api import StrictSerializer
from core.fields import Day
from distribution.models.shifts import HEADS_LIMIT, PopulationShift

MOST = 2000


class WholeNumber(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            raise serializers.ValidationError(_("A whole number is needed here."), code="not_whole")
        return super().to_internal_value(data)


class ShiftInput(StrictSerializer):
    """For a township or a clinic; more people, or fewer below zero, by percentage or heads; both days included."""

    township = serializers.CharField(max_length=12, required=False)
    place = serializers.CharField(max_length=24, required=False)
    to = Day()
    percent = WholeNumber(min_value=-100, max_value=1000, required=False)
    heads = WholeNumber(min_value=-HEADS_LIMIT, max_value=HEADS_LIMIT, required=False)

    def get_fields(self) -> dict[str, Any]:
        return {"from": Day(), **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        faults = {}
        if ("township" in attrs) == ("place" in attrs):
            words = _("Either a township or a place is needed.")
            faults["township"] = serializers.ErrorDetail(words, code="township_or_place")
        if ("percent" in attrs) == ("heads" in attrs):
            words = _("Either a percentage or a number of people is needed.")
            faults["percent"] = serializers.ErrorDetail(words, code="percent_or_heads")
        if attrs["to"] < attrs["from"]:
            words = _("The last day comes before the first, or too long after it.")
            faults["to"] = serializers.ErrorDetail(words, code="period")
        if faults:
            raise serializers.ValidationError(faults)
        return attrs


class ShiftsInput(StrictSerializer):
    shifts = serializers.ListField(child=ShiftInput(), max_length=MOST)


class ShiftEndInput(StrictSerializer):
    """`to`: the last day that still counts; yesterday, if none is given."""

    to = Day(required=False, allow_null=True, default=None)


class ShiftShape(serializers.ModelSerializer[PopulationShift]):
    township = serializers.CharField(source="township_id", allow_null=True)
    place = serializers.CharField(source="place.code", default=None, allow_null=True)

    class Meta:
        model = PopulationShift
        fields = ["id", "township", "place", "starts_on", "ends_on", "percent", "heads", "entered_on"]
