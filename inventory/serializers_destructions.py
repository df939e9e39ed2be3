"""Shapes of destruction."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from core.api import StrictSerializer
from core.fields import Quantity, Text
from inventory.models import Side
from inventory.models.destructions import Destruction, DestructionLine

LINES_LIMIT = 300
ID_LIMIT = 2**63 - 1


class UnfitInput(StrictSerializer):
    """Held stock of a batch, or units of an item in the bin; of an item without a quantity all of them."""

    batch = serializers.IntegerField(min_value=1, max_value=ID_LIMIT, required=False)
    side = serializers.ChoiceField(Side.choices, allow_null=True, default=None)
    item = serializers.IntegerField(min_value=1, max_value=ID_LIMIT, required=False)
    quantity = Quantity(allow_null=True, default=None)
    reason = Text(200, allow_blank=True, allow_null=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("batch" in attrs) == ("item" in attrs):
            raise serializers.ValidationError(_("Name a batch or an item."), code="batch_or_item")
        if "batch" in attrs and attrs["quantity"] is None:
            raise serializers.ValidationError(
                {"quantity": serializers.ErrorDetail(_("Needed here."), code="required")}
            )
        return attrs


class DestructionInput(StrictSerializer):
    place = serializers.CharField(max_length=24)
    lines = serializers.ListField(child=UnfitInput(), allow_empty=False, max_length=LINES_LIMIT)
    method = Text(60)
    witness = Text(60, help_text="The user name of the person who will see it done.")


class WithdrawInput(StrictSerializer):
    reason = Text(200)


class DestructionRow(serializers.ModelSerializer[Destruction]):
    place = serializers.CharField(source="place.code")
    proposed_by = serializers.CharField(source="proposed_by.name")
    witness = serializers.CharField(source="witness.name")
    ended_by = serializers.CharField(source="ended_by.name", default=None, allow_null=True)
    line_count = serializers.IntegerField()

    class Meta:
        model = Destruction
        fields = [
            "id", "place", "method", "state", "proposed_by", "proposed_on", "witness", "ended_by", "ended_on",
            "reason", "line_count",
        ]  # fmt: skip


class DestructionLineRow(serializers.ModelSerializer[DestructionLine]):
    """A line as the manifest has it; of an item without a medicine the clerk's words name it."""

    batch = serializers.IntegerField(source="batch_id", allow_null=True)
    item = serializers.IntegerField(source="item_id", allow_null=True)
    receipt_code = serializers.CharField(source="item.donation.receipt_code", default=None, allow_null=True)
    name = serializers.SerializerMethodField()
    lot_number = serializers.SerializerMethodField()
    last_usable_day = serializers.SerializerMethodField()

    class Meta:
        model = DestructionLine
        fields = [
            "line", "batch", "side", "item", "receipt_code", "name", "lot_number", "last_usable_day", "quantity",
            "reason",
        ]  # fmt: skip

    def get_name(self, line: DestructionLine) -> str:
        return str(line.batch.medicine) if line.batch else line.item.label if line.item else ""

    def get_lot_number(self, line: DestructionLine) -> str:
        goods = line.batch or line.item
        return goods.lot_number if goods else ""

    def get_last_usable_day(self, line: DestructionLine) -> str | None:
        goods = line.batch or line.item
        return str(goods.last_usable_day) if goods and goods.last_usable_day else None


class DestructionShape(DestructionRow):
    lines = DestructionLineRow(many=True)

    class Meta(DestructionRow.Meta):
        fields = [*DestructionRow.Meta.fields, "lines"]
