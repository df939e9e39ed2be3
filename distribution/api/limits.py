"""How much one hand-out and one fever may have of a medicine, over HTTP."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.queries import medicines_by_code
from core.api import StrictSerializer, command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid
from core.fields import Quantity
from distribution.hand_out_limits import LimitRule, limits_of, set_limits
from distribution.models.limits import HandOutLimit
from organisation.access import Access
from organisation.lists import ScopedList


class LimitLine(StrictSerializer):
    """Units for each recipient; a figure left out is no limit."""

    medicine = serializers.CharField(max_length=12)
    per_hand_out = Quantity(allow_null=True, default=None)
    per_fever = Quantity(allow_null=True, default=None)
    fever_days = Quantity(most=366, default=7)


class LimitsInput(StrictSerializer):
    rules = serializers.ListField(child=LimitLine(), allow_empty=False, max_length=1000)


class LimitRow(serializers.ModelSerializer[HandOutLimit]):
    medicine = serializers.CharField(source="medicine.code")
    name = serializers.CharField(source="medicine")

    class Meta:
        model = HandOutLimit
        fields = ["medicine", "name", "per_hand_out", "per_fever", "fever_days", "set_by", "set_on"]


class LimitList(ScopedList[HandOutLimit]):
    """How much may be given to each recipient; a fever is what one register number gets within `fever_days`."""

    keyed_put = True
    model = HandOutLimit
    serializer_class = LimitRow
    orderings = {"name": "medicine__generic_name"}

    def rows(self, access: Access) -> QuerySet[HandOutLimit]:
        return limits_of(access.county_id)

    @extend_schema(request=LimitsInput)
    def put(self, request: Request) -> Response:
        """Set the limits of these medicines; others stay."""
        lines = valid(LimitsInput, request)["rules"]

        def work(act: Act) -> Done:
            set_limits(act=act, rules=_rules(lines))
            return Done({"rules": len(lines)}, "limits of hand-outs", 200)

        return command(request, work)


def _rules(lines: list[dict[str, Any]]) -> list[LimitRule]:
    known = medicines_by_code(line["medicine"] for line in lines)
    rules, faults, seen = [], [], set()
    for index, line in enumerate(lines):
        pointer, medicine = f"/rules/{index}/medicine", known.get(line["medicine"])
        if medicine is None:
            faults.append(Fault(pointer, "unknown_medicine", _("The catalogue does not know this.")))
            continue
        if medicine.pk in seen:
            faults.append(Fault(pointer, "named_twice", _("This is named twice.")))
        seen.add(medicine.pk)
        rules.append(LimitRule(medicine.pk, line["per_hand_out"], line["per_fever"], line["fever_days"]))
    if faults:
        raise Invalid(faults=faults)
    return rules
