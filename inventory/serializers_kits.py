"""Shapes of kit templates and kits."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api import StrictSerializer
from core.fields import Quantity, Text
from core.short_codes import printed_code
from inventory.models import Balance
from inventory.models.kits import Kit, KitTemplate, KitTemplateLine
from inventory.queries.kits import is_in_date, is_whole
from inventory.serializers import ID_LIMIT, LABEL, BatchLabel

PARTS_LIMIT = 20
KITS_LIMIT = 100


class KitPartInput(StrictSerializer):
    medicine = serializers.CharField(max_length=20)
    quantity = Quantity()
    days_supply = Quantity(most=366)


class KitTemplateInput(StrictSerializer):
    """`shelf_days`: so long a kit must be good for when it is packed, beside the days each medicine is taken."""

    name = Text(40)
    shelf_days = Quantity(least=0, most=366, default=30)
    lines = serializers.ListField(child=KitPartInput(), allow_empty=False, max_length=PARTS_LIMIT)

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        named = [line["medicine"] for line in lines]
        twice = {
            str(index): {
                "medicine": serializers.ErrorDetail(_("This medicine stands above already."), code="twice")
            }
            for index, code in enumerate(named)
            if code in named[:index]
        }
        if twice:
            raise serializers.ValidationError(twice)
        return lines


class PackInput(StrictSerializer):
    place = serializers.CharField(max_length=24)
    template = serializers.IntegerField(min_value=1, max_value=ID_LIMIT)
    number = Quantity(most=KITS_LIMIT, default=1, help_text="How many equal kits.")


class UnpackInput(StrictSerializer):
    reason = Text(200, allow_blank=True, allow_null=True, default="")


class KitPart(serializers.ModelSerializer[KitTemplateLine]):
    medicine = serializers.CharField(source="medicine.code")
    name = serializers.CharField(source="medicine")
    unit = serializers.CharField(source="medicine.smallest_unit")

    class Meta:
        model = KitTemplateLine
        fields = ["medicine", "name", "quantity", "unit", "days_supply"]


class KitTemplateShape(serializers.ModelSerializer[KitTemplate]):
    lines = KitPart(many=True)

    class Meta:
        model = KitTemplate
        fields = ["id", "name", "shelf_days", "made_on", "retired_on", "lines"]


class KitContent(BatchLabel):
    class Meta:
        model = Balance
        fields = [*LABEL, "quantity"]


class KitShape(serializers.ModelSerializer[Kit]):
    """`fit`: packed, whole and in date today; one that is not can only be unpacked. `contents` is what is in it now.

    `context["inside"]` holds the contents by kit, `context["on"]` the day.
    """

    code = serializers.SerializerMethodField()
    place = serializers.CharField(source="place.code")
    template = serializers.IntegerField(source="template_id")
    name = serializers.CharField(source="template.name")
    fit = serializers.SerializerMethodField()
    contents = serializers.SerializerMethodField()

    class Meta:
        model = Kit
        fields = ["id", "code", "place", "template", "name", "state", "fit", "packed_on", "ended_on", "reason",
                  "contents"]  # fmt: skip

    def get_code(self, kit: Kit) -> str:
        return printed_code(kit.code)

    def get_fit(self, kit: Kit) -> bool:
        inside = self.context["inside"].get(kit.pk, [])
        packed = kit.state == Kit.State.PACKED
        return packed and is_whole(kit, inside) and is_in_date(kit, inside, self.context["on"])

    @extend_schema_field(KitContent(many=True))
    def get_contents(self, kit: Kit) -> Any:
        return KitContent(self.context["inside"].get(kit.pk, []), many=True).data
