"""Shapes of shipments, of what is picked for them and arrives, and of goods kept or sent back."""

from __future__ import annotations

from rest_framework import serializers

from core.api import StrictSerializer
from core.fields import Day, Quantity, Text
from distribution.models import (
    Shipment,
    ShipmentLine,
)
from distribution.serializers.fields import LINES_LIMIT, Number, code
from donations.models import QUANTITY_LIMIT


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
