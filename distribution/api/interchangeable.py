"""Which medicines stand in for each other in the county's plans, over HTTP."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import StrictSerializer, command, valid
from core.commands import Act, Done
from distribution.interchangeable import interchangeable_of
from distribution.models.interchangeable import LARGEST_GROUP, MOST_GROUPS, InterchangeableMedicine
from distribution.services.interchangeable import set_groups
from organisation.access import Access
from organisation.lists import ScopedList


class GroupsInput(StrictSerializer):
    """Medicines by code; one stands in no more than one group."""

    groups = serializers.ListField(
        child=serializers.ListField(
            child=serializers.CharField(max_length=12), min_length=2, max_length=LARGEST_GROUP
        ),
        max_length=MOST_GROUPS,
    )


class InterchangeableRow(serializers.ModelSerializer[InterchangeableMedicine]):
    medicine = serializers.CharField(source="medicine.code")
    name = serializers.CharField(source="medicine.generic_name")
    strength = serializers.CharField(source="medicine.strength")

    class Meta:
        model = InterchangeableMedicine
        fields = ["group_number", "medicine", "name", "strength", "set_by", "set_on"]


class InterchangeableList(ScopedList[InterchangeableMedicine]):
    """Groups of medicines that plans share out together, by courses, unless a plan names its own."""

    model = InterchangeableMedicine
    serializer_class = InterchangeableRow

    def rows(self, access: Access) -> QuerySet[InterchangeableMedicine]:
        return interchangeable_of(access.county_id)

    @extend_schema(request=GroupsInput)
    def put(self, request: Request) -> Response:
        """Put these groups in place of the county's; none at all ends them. Plans drafted before keep theirs."""
        groups = valid(GroupsInput, request)["groups"]

        def work(act: Act) -> Done:
            set_groups(act=act, groups=groups)
            told = "; ".join("+".join(group) for group in groups)
            return Done({"groups": len(groups)}, f"interchangeable {told}"[:100], 200)

        return command(request, work, keyed=False)
