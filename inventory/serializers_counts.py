"""Shapes of counting. What the books have is shown only once a count is finished."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from core.api import StrictSerializer
from core.fields import Quantity, Text
from donations.models import Item
from inventory.models import Pack, Side
from inventory.models.counts import COUNTED_LIMIT, CountLine, Spot, StockCount

LINES_LIMIT = 500
ID_LIMIT = 2**63 - 1
OF_BATCH, OF_LABEL = (
    ("side", "spot"),
    ("medicine", "description", "lot_number", "expiry", "pack", "container"),
)


class CountedInput(StrictSerializer):
    """Units of a batch at a side and spot; or, without `batch`, of a label that the books do not know here.

    `counted_at` is the moment of counting where a sheet is entered later; without it, it is now.
    """

    counted = Quantity(least=0, most=COUNTED_LIMIT)
    counted_at = serializers.DateTimeField(allow_null=True, default=None)
    batch = serializers.IntegerField(min_value=1, max_value=ID_LIMIT, required=False)
    side = serializers.ChoiceField(Side.choices, required=False)
    spot = serializers.ChoiceField(Spot.choices, required=False)
    medicine = serializers.CharField(max_length=12, allow_null=True, required=False)
    description = Text(200, allow_blank=True, required=False)
    lot_number = Text(40, allow_blank=True, required=False)
    expiry = Text(80, allow_blank=True, required=False)
    pack = serializers.ChoiceField(Pack.choices, required=False)
    container = serializers.ChoiceField(Item.Container.choices, allow_blank=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed, foreign = (OF_BATCH, OF_LABEL) if "batch" in attrs else (("pack",), OF_BATCH)
        wrong = {name: _("This does not belong to such a line.") for name in foreign if name in attrs}
        missing = {name: _("Needed here.") for name in needed if name not in attrs}
        if "batch" not in attrs and not attrs.get("medicine") and not attrs.get("description"):
            missing["description"] = _("Needed here.")
        if wrong or missing:
            codes = {**dict.fromkeys(wrong, "not_here"), **dict.fromkeys(missing, "required")}
            words = {**wrong, **missing}
            raise serializers.ValidationError(
                {name: serializers.ErrorDetail(words[name], code=code) for name, code in codes.items()}
            )
        return attrs


class StockCountInput(StrictSerializer):
    place = serializers.CharField(max_length=24)


class CountLinesInput(StrictSerializer):
    lines = serializers.ListField(child=CountedInput(), allow_empty=False, max_length=LINES_LIMIT)


class AbandonInput(StrictSerializer):
    reason = Text(200)


class CountRow(serializers.ModelSerializer[StockCount]):
    place = serializers.CharField(source="place.code")
    started_by = serializers.CharField(source="started_by.name")
    finished_by = serializers.CharField(source="finished_by.name", default=None, allow_null=True)
    ended_by = serializers.CharField(source="ended_by.name", default=None, allow_null=True)
    receipt_code = serializers.CharField(source="donation.receipt_code", default=None, allow_null=True)

    class Meta:
        model = StockCount
        fields = [
            "id", "place", "state", "started_by", "started_on", "started_at", "finished_by", "finished_on",
            "ended_by", "ended_on", "reason", "receipt_code",
        ]  # fmt: skip


class OutRow(serializers.Serializer[Any]):
    """Devices of one batch that are out: `kept` in use at the place, `lent` to people."""

    medicine = serializers.CharField()
    name = serializers.CharField()
    strength = serializers.CharField()
    batch = serializers.IntegerField(source="batch_number")
    lot_number = serializers.CharField()
    kept = serializers.IntegerField()
    lent = serializers.IntegerField()


class CountShape(CountRow):
    """`counted` and `uncounted` are lines; what was not counted stays as it is.

    `out`: devices in use and lent, which do not lie on the shelf and are not to be counted there.
    """

    counted = serializers.IntegerField()
    uncounted = serializers.IntegerField()
    out = OutRow(many=True)

    class Meta(CountRow.Meta):
        fields = [*CountRow.Meta.fields, "counted", "uncounted", "out"]


class CountLineRow(serializers.ModelSerializer[CountLine]):
    """The last word on a batch and spot, or on a label; what the books say once the count is finished."""

    batch = serializers.IntegerField(source="batch_id", allow_null=True)
    name = serializers.SerializerMethodField()
    lot_number = serializers.SerializerMethodField()
    last_usable_day = serializers.SerializerMethodField()
    pack = serializers.SerializerMethodField()
    counted_by = serializers.CharField(source="counted_by.name")
    expected = serializers.IntegerField(allow_null=True, default=None)
    difference = serializers.SerializerMethodField()
    lost = serializers.IntegerField(source="outcome.lost", allow_null=True, default=None)
    regained = serializers.IntegerField(source="outcome.regained", allow_null=True, default=None)
    donated = serializers.IntegerField(source="outcome.donated", allow_null=True, default=None)
    item = serializers.IntegerField(source="outcome.item_id", allow_null=True, default=None)

    class Meta:
        model = CountLine
        fields = [
            "id", "batch", "side", "spot", "name", "lot_number", "last_usable_day", "pack", "counted", "counted_at",
            "counted_by", "expected", "difference", "lost", "regained", "donated", "item",
        ]  # fmt: skip

    def get_name(self, line: CountLine) -> str:
        medicine = line.batch.medicine if line.batch else line.medicine
        return str(medicine) if medicine else line.description

    def get_lot_number(self, line: CountLine) -> str:
        return line.batch.lot_number if line.batch else line.lot_number

    def get_last_usable_day(self, line: CountLine) -> str | None:
        day = line.batch.last_usable_day if line.batch else line.last_usable_day
        return str(day) if day else None

    def get_pack(self, line: CountLine) -> str:
        return line.batch.pack if line.batch else line.pack

    def get_difference(self, line: CountLine) -> int | None:
        expected = getattr(line, "expected", None)
        return None if expected is None else line.counted - expected


class UncountedRow(serializers.Serializer[dict[str, Any]]):
    """A batch and spot of the place that nobody has counted; how much the books have is not told."""

    side = serializers.CharField(source="account__side")
    spot = serializers.CharField()
    batch = serializers.IntegerField(source="batch_id")
    medicine = serializers.CharField(source="batch__medicine__code")
    name = serializers.CharField(source="batch__medicine__generic_name")
    strength = serializers.CharField(source="batch__medicine__strength")
    unit = serializers.CharField(source="batch__medicine__smallest_unit")
    lot_number = serializers.CharField(source="batch__lot_number")
    last_usable_day = serializers.DateField(source="batch__last_usable_day", allow_null=True)
    pack = serializers.CharField(source="batch__pack")
