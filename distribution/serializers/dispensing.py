"""Shapes of hand-outs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.api import StrictSerializer
from core.fields import Day, Quantity, Text, Truth
from distribution.models import (
    AgeBand,
    Dispensing,
    DispensingLine,
    Mark,
)
from distribution.serializers.fields import PERIOD_DAYS, Number, code


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
