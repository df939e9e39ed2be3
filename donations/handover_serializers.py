"""Shapes of handovers and counts."""

from __future__ import annotations

import re
from typing import Any, Literal

from django.utils.translation import gettext as _
from rest_framework import serializers

from core.api import StrictSerializer
from core.errors import Fault, Invalid
from core.fields import Quantity, Text, Truth
from donations.differences import Difference, LineCount
from donations.models import Handover
from donations.printed import name_of, specification_of, unit_of
from donations.sealed_lists import LineKey, ListLine, seal_agrees, seal_shown, unchanged
from donations.services.handovers import LINES_LIMIT

# A number plate, a bag seal: letters of any script, digits, and what stands between them.
PLATE = re.compile(r"[\w·・ .()（）/-]+")
SEALS = re.compile(r"[\w ./、,，-]+")
# Donations that travel on one list.
DONATIONS_LIMIT = 500


def _printed(pattern: re.Pattern[str]) -> Any:
    def check(text: str) -> None:
        if not pattern.fullmatch(text):
            raise serializers.ValidationError(_("Letters and digits are needed here."), code="not_a_number")

    return check


class HandoverInput(StrictSerializer):
    from_place = serializers.CharField(max_length=24)
    to_place = serializers.CharField(max_length=24)
    donations = serializers.ListField(
        child=serializers.IntegerField(min_value=1), allow_empty=False, max_length=DONATIONS_LIMIT
    )
    carrier = Text(80, allow_blank=True, default="", help_text="Who carries the goods.")
    vehicle = Text(20, allow_blank=True, default="", validators=[_printed(PLATE)])
    seal_number = Text(
        40, allow_blank=True, default="", validators=[_printed(SEALS)], help_text="Printed on the bag's seal."
    )

    def validate_donations(self, donations: list[int]) -> list[int]:
        if len(donations) != len(set(donations)):
            raise serializers.ValidationError(_("A donation is named twice."), code="named_twice")
        return donations


class HandoverVoidInput(StrictSerializer):
    reason = Text(200)


class CountLine(StrictSerializer):
    item = serializers.IntegerField(min_value=1, required=False)
    group = serializers.IntegerField(min_value=1, required=False)
    counted = Quantity(least=0)
    reason = serializers.ChoiceField(
        Difference.choices, allow_blank=True, default="", help_text="Needed where the count differs."
    )
    note = Text(200, allow_blank=True, default="", help_text="Needed for the reason `other`.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("item" in attrs) == ("group" in attrs):
            raise serializers.ValidationError(_("Name an item or a group."), code="item_or_group")
        return attrs


class HandoverArrivalInput(StrictSerializer):
    items = serializers.ListField(child=CountLine(), allow_empty=False, max_length=LINES_LIMIT)
    list_seal = Text(
        90,
        allow_blank=True,
        default="",
        help_text="Scanned or typed off the paper; refused if it is another.",
    )
    seal_intact = Truth(
        required=False, allow_null=True, default=None, help_text="Needed where a bag seal was noted."
    )
    seal_note = Text(200, allow_blank=True, default="", help_text="Needed where the seal was broken.")


class ItemCountLine(StrictSerializer):
    item = serializers.IntegerField(min_value=1)
    counted = Quantity(least=0)
    reason = serializers.ChoiceField(
        Difference.choices, allow_blank=True, default="", help_text="Needed where the count differs."
    )
    note = Text(200, allow_blank=True, default="", help_text="Needed for the reason `other`.")


class CountInput(StrictSerializer):
    items = serializers.ListField(child=ItemCountLine(), allow_empty=False, max_length=LINES_LIMIT)


def line_counts(lines: list[dict[str, Any]]) -> dict[LineKey, LineCount]:
    """What was counted, by ("item", id) or ("group", id); a line that is named twice is refused."""
    counted: dict[LineKey, LineCount] = {}
    for index, line in enumerate(lines):
        kind: Literal["item", "group"] = "item" if "item" in line else "group"
        key = (kind, line[kind])
        if key in counted:
            raise Invalid(faults=[Fault(f"/items/{index}", "counted_twice", _("This is counted twice."))])
        counted[key] = LineCount(line["counted"], line["reason"], line["note"], f"/items/{index}")
    return counted


class ListLineShape(serializers.Serializer[ListLine]):
    """A line of the list: what was declared and what was counted, side by side; null while it is on the way."""

    item = serializers.IntegerField(required=False)
    group = serializers.IntegerField(required=False)
    medicine = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    specification = serializers.CharField()
    lot_number = serializers.CharField()
    last_usable_day = serializers.DateField(allow_null=True)
    unit = serializers.CharField()
    items = serializers.IntegerField(help_text="How many donated items are counted as one.")
    declared = serializers.IntegerField()
    counted = serializers.IntegerField(allow_null=True)
    missing = serializers.IntegerField(allow_null=True)
    surplus = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()
    reason_text = serializers.CharField()
    note = serializers.CharField()

    def to_representation(self, line: ListLine) -> dict[str, Any]:
        item, why = line.item, line.explanation
        arrived = bool(self.context.get("arrived"))
        return {
            line.kind: line.pk,
            "medicine": item.medicine.code if item.medicine else None,
            "name": name_of(item),
            "specification": specification_of(item),
            "lot_number": item.lot_number,
            "last_usable_day": item.last_usable_day and str(item.last_usable_day),
            "unit": unit_of(item),
            "items": len(line.entries),
            "declared": line.declared,
            "counted": line.counted if arrived else None,
            "missing": line.missing if arrived else None,
            "surplus": line.surplus if arrived else None,
            "reason": why.reason if why else "",
            "reason_text": str(Difference(why.reason).label) if why and why.reason else "",
            "note": why.note if why else "",
        }


class HandoverShape(serializers.ModelSerializer[Handover]):
    from_place = serializers.CharField(source="from_place.code")
    to_place = serializers.CharField(source="to_place.code")
    list_seal = serializers.SerializerMethodField()
    lines = serializers.SerializerMethodField()

    class Meta:
        model = Handover
        fields = [
            "id", "from_place", "to_place", "state", "handed_over_on", "carrier", "vehicle", "seal_number",
            "list_seal", "received_on", "seal_intact", "seal_note", "voided_on", "void_reason", "lines",
        ]  # fmt: skip

    def get_list_seal(self, handover: Handover) -> str:
        """As it is printed on the paper."""
        return seal_shown(handover.list_seal)

    def get_lines(self, handover: Handover) -> list[dict[str, Any]]:
        arrived = {"arrived": handover.state == Handover.State.RECEIVED}
        return [dict(ListLineShape(line, context=arrived).data) for line in self._lines(handover)]

    def _lines(self, handover: Handover) -> list[ListLine]:
        lines: list[ListLine] = self.context["lines"].get(handover.pk, [])
        return lines


class HandoverDetailShape(HandoverShape):
    """One handover, with the seal of its list computed anew."""

    list_unchanged = serializers.SerializerMethodField()
    list_seal_agrees = serializers.SerializerMethodField()

    class Meta(HandoverShape.Meta):
        fields = [*HandoverShape.Meta.fields, "list_unchanged", "list_seal_agrees"]

    def get_list_unchanged(self, handover: Handover) -> bool:
        """Whether the books still say what was sealed."""
        return unchanged(handover, self._lines(handover))

    def get_list_seal_agrees(self, handover: Handover) -> bool | None:
        """Whether the seal in the question is this list's; null where none was asked about."""
        read = self.context.get("read", "")
        return seal_agrees(handover, read) if read else None
