"""Shapes of unfit goods: what lies in the bins, and what goes back to its donor."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from core.api import StrictSerializer
from core.fields import Quantity, Text, Truth
from donations.models import DonorReturn, Item
from donations.printed import unit_of
from donations.serializers import ITEMS_LIMIT
from donations.unfit import LEFT, claimable_until


class ReturnedItem(StrictSerializer):
    item = serializers.IntegerField(min_value=1)
    quantity = Quantity()


class DonorReturnInput(StrictSerializer):
    """Goods out of one bin, back to one donor; `collector` is named where somebody else fetches them."""

    place = serializers.CharField(max_length=24)
    donation = serializers.IntegerField(min_value=1)
    items = serializers.ListField(child=ReturnedItem(), allow_empty=False, max_length=ITEMS_LIMIT)
    collector = Text(80, allow_blank=True, allow_null=True, default="")
    signed = Truth(help_text="true: whoever fetched the goods has signed for them.")

    def validate_signed(self, signed: bool) -> bool:
        if not signed:
            raise serializers.ValidationError(_("Goods go back against a signature only."), code="not_signed")
        return signed

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        named = [line["item"] for line in attrs["items"]]
        if len(named) != len(set(named)):
            raise serializers.ValidationError(
                {"items": serializers.ErrorDetail(_("An item is named twice."), code="named_twice")}
            )
        return attrs


class ReturnedLine(serializers.Serializer[Any]):
    item = serializers.IntegerField(source="entry.item_id")
    quantity = serializers.IntegerField(source="entry.quantity")


class DonorReturnShape(serializers.ModelSerializer[DonorReturn]):
    place = serializers.CharField(source="place.code")
    donation = serializers.IntegerField(source="donation_id")
    receipt_code = serializers.CharField(source="donation.receipt_code")
    lines = ReturnedLine(many=True)

    class Meta:
        model = DonorReturn
        fields = [
            "id", "place", "donation", "receipt_code", "collected_by", "returned_on", "returned_by", "lines",
        ]  # fmt: skip


class UnfitRow(serializers.ModelSerializer[Item]):
    """Units of an item in a bin; the context holds the county's policy."""

    item = serializers.IntegerField(source="pk")
    place = serializers.CharField(source="holdings.place.code")
    receipt_code = serializers.CharField(source="donation.receipt_code")
    donation = serializers.IntegerField(source="donation_id")
    medicine = serializers.CharField(source="medicine.code", default=None, allow_null=True)
    name = serializers.CharField(source="label")
    unit = serializers.SerializerMethodField(help_text="What the units in the bin are: 片, 袋, 瓶 …")
    in_bin = serializers.IntegerField(source="holdings.in_bin")
    in_bin_since = serializers.DateField()
    claimable_until = serializers.SerializerMethodField()
    left = serializers.SerializerMethodField()

    class Meta:
        model = Item
        fields = [
            "item", "donation", "receipt_code", "place", "medicine", "name", "specification", "lot_number",
            "unit", "in_bin", "in_bin_since", "claimable_until", "left",
        ]  # fmt: skip

    def get_unit(self, item: Item) -> str:
        return unit_of(item)

    def get_left(self, item: Item) -> bool:
        """Whether the donor left it for disposal; else it was rejected at sorting."""
        return item.outcome == LEFT

    def get_claimable_until(self, item: Item) -> datetime.date:
        """The last day on which the donor is waited for."""
        return claimable_until(item.in_bin_since, self.context["policy"])  # type: ignore[attr-defined]
