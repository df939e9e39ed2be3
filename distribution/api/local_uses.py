"""Keeping for local use, and how much of it the county allows."""

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
from distribution.local_use_rules import ALL, rules_of, set_rules
from distribution.models.local_use import LocalUseRule
from organisation.access import Access
from organisation.lists import ScopedList


class RuleLine(StrictSerializer):
    """Without a medicine: the rule for all that have none of their own."""

    medicine = serializers.CharField(max_length=12, allow_null=True, default=None)
    percent = Quantity(least=0, most=ALL)


class RulesInput(StrictSerializer):
    rules = serializers.ListField(child=RuleLine(), allow_empty=False, max_length=1000)


class RuleRow(serializers.ModelSerializer[LocalUseRule]):
    medicine = serializers.CharField(source="medicine.code", default=None, allow_null=True)
    name = serializers.CharField(source="medicine", default=None, allow_null=True)

    class Meta:
        model = LocalUseRule
        fields = ["medicine", "name", "percent", "set_by", "set_on"]


class LocalUseRuleList(ScopedList[LocalUseRule]):
    """How much may be kept, in percent of what came into a store: 100 is all, 0 none; without a rule, all."""

    keyed_put = True
    model = LocalUseRule
    serializer_class = RuleRow
    orderings = {"name": "medicine__generic_name"}

    def rows(self, access: Access) -> QuerySet[LocalUseRule]:
        return rules_of(access.county_id)

    @extend_schema(request=RulesInput)
    def put(self, request: Request) -> Response:
        """Set the shares of these medicines, or the county's own; others stay."""
        lines = valid(RulesInput, request)["rules"]

        def work(act: Act) -> Done:
            set_rules(act=act, percents=_percents(lines))
            return Done({"rules": len(lines)}, "local use rules", 200)

        return command(request, work)


def _percents(lines: list[dict[str, Any]]) -> dict[int | None, int]:
    known = medicines_by_code(line["medicine"] for line in lines if line["medicine"])
    percents: dict[int | None, int] = {}
    faults = []
    for index, line in enumerate(lines):
        pointer, medicine = f"/rules/{index}/medicine", known.get(line["medicine"])
        if line["medicine"] and medicine is None:
            faults.append(Fault(pointer, "unknown_medicine", _("The catalogue does not know this.")))
            continue
        pk = medicine.pk if medicine else None
        if pk in percents:
            faults.append(Fault(pointer, "named_twice", _("This is named twice.")))
        percents[pk] = line["percent"]
    if faults:
        raise Invalid(faults=faults)
    return percents
