"""Shapes of recalls and adverse reactions: what comes in, and what is answered."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from catalogue.models import Recall
from core.api import StrictSerializer
from core.fields import Text, Truth
from inventory.models import AdverseReaction
from inventory.queries.recalls import NoticedPlace, Reach

ID_LIMIT = 2**63 - 1


class ScopeInput(StrictSerializer):
    """What is recalled: a medicine or a product, and a lot; `lot_number` null means every lot."""

    medicine = serializers.CharField(max_length=12, required=False, allow_null=True, default=None)
    product = serializers.IntegerField(
        min_value=1, max_value=ID_LIMIT, required=False, allow_null=True, default=None
    )
    lot_number = Text(40, allow_null=True)
    place = serializers.CharField(max_length=24, required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["medicine"] is None) == (attrs["product"] is None):
            words = serializers.ErrorDetail(_("Name a medicine or a product."), code="medicine_or_product")
            raise serializers.ValidationError({"medicine": words})
        return attrs


class RecallInput(ScopeInput):
    reason = Text(200)
    reference = Text(120, allow_blank=True, default="")
    standing = Truth(default=False)


class ReachQuery(ScopeInput):
    """The same in an address, where a lot that is not given means every lot."""

    lot_number = Text(40, required=False, allow_null=True, default=None)


class AcknowledgeInput(StrictSerializer):
    place = serializers.CharField(max_length=24)
    note = Text(200, allow_blank=True, default="")


class LiftInput(StrictSerializer):
    reason = Text(200)


class ReactionInput(StrictSerializer):
    place = serializers.CharField(max_length=24)
    batch = serializers.IntegerField(min_value=1, max_value=ID_LIMIT)
    happened_on = serializers.DateField()
    description = Text(500)
    register_ref = Text(40, allow_blank=True, default="")


class ReachAnswer(serializers.Serializer[Any]):
    """How far a recall reaches: units in smallest units by state, and items that are not sorted yet."""

    batches = serializers.IntegerField()
    places = serializers.IntegerField()
    units = serializers.DictField(child=serializers.IntegerField())
    items = serializers.IntegerField()
    item_units = serializers.IntegerField()
    known = serializers.BooleanField()


class RecallAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    reach = ReachAnswer()


class LiftAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    released = serializers.IntegerField()


class ReactionAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    recall = serializers.IntegerField()


class RecallRow(serializers.ModelSerializer[Recall]):
    """A recall, or an inquiry into a suspected reaction, with how many of its places have acknowledged it."""

    medicine = serializers.CharField(source="medicine.code")
    name = serializers.CharField(source="medicine")
    product = serializers.IntegerField(source="product_id", allow_null=True)
    place = serializers.CharField(source="place.code", default=None, allow_null=True)
    lot_number = serializers.SerializerMethodField()
    lifted_on = serializers.DateField(allow_null=True)
    lift_reason = serializers.CharField(allow_null=True)
    places = serializers.IntegerField()
    acknowledged = serializers.IntegerField()

    class Meta:
        model = Recall
        fields = [
            "id", "kind", "medicine", "name", "product", "lot_number", "place", "reason", "reference", "raised_by",
            "raised_on", "lifted_on", "lift_reason", "places", "acknowledged",
        ]  # fmt: skip

    def get_lot_number(self, recall: Recall) -> str | None:
        """Null for every lot."""
        return recall.lot_number or None


class NoticedPlaceAnswer(serializers.Serializer[Any]):
    place = serializers.CharField()
    name = serializers.CharField()
    acknowledged_on = serializers.DateField(allow_null=True)
    units = serializers.DictField(child=serializers.IntegerField())


class RecallDetailAnswer(RecallRow):
    """With the reader's places that it concerns: those that have not acknowledged come first."""

    notices = NoticedPlaceAnswer(many=True)

    class Meta(RecallRow.Meta):
        fields = [*RecallRow.Meta.fields, "notices"]


class ReactionRow(serializers.ModelSerializer[AdverseReaction]):
    place = serializers.CharField(source="place.code")
    medicine = serializers.CharField(source="batch.medicine.code")
    name = serializers.CharField(source="batch.medicine")
    lot_number = serializers.CharField(source="batch.lot_number")
    batch = serializers.IntegerField(source="batch_id")
    recall = serializers.IntegerField(source="recall_id")

    class Meta:
        model = AdverseReaction
        fields = [
            "id", "place", "medicine", "name", "batch", "lot_number", "recall", "happened_on", "description",
            "register_ref", "reported_by", "reported_on",
        ]  # fmt: skip


def reach_answer(reach: Reach) -> dict[str, Any]:
    return asdict(reach)


def recall_answer(recall: Recall, notices: list[NoticedPlace]) -> dict[str, Any]:
    return {**RecallRow(recall).data, "notices": [asdict(notice) for notice in notices]}
