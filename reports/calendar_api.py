"""When the county's campaigns have to publish, over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import valid_query
from core.ordering import Ordering, Rows
from organisation.access import access_of
from organisation.lists import ScopedList
from organisation.models import Rhythm
from reports.calendar import due_days
from reports.models import Bulletin


class CalendarQuery(serializers.Serializer[Any]):
    overdue = serializers.BooleanField(required=False)


class DueRow(serializers.Serializer[Any]):
    campaign = serializers.CharField(source="campaign.code")
    name = serializers.CharField(source="campaign.name")
    kind = serializers.ChoiceField(Bulletin.Kind.choices)
    rhythm = serializers.ChoiceField(Rhythm.choices)
    told_through = serializers.DateField(allow_null=True, help_text="The last day that was published.")
    due_on = serializers.DateField(help_text="The last day for what is published next.")
    days_left = serializers.IntegerField(help_text="Below zero: days late.")
    overdue = serializers.BooleanField()


class Calendar(ScopedList[Bulletin]):
    """What each campaign publishes next and by when: a bulletin by its rhythm, then the closing account."""

    model = Bulletin
    serializer_class = DueRow
    filter_backends = (Ordering,)
    rows_are = Rows.TOLD
    parameters = frozenset({"overdue"})

    @extend_schema(parameters=[CalendarQuery])
    def get(self, request: Request) -> Response:
        return self.list(request)

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        asked, access = valid_query(CalendarQuery, self.request), access_of(self.request)
        found = due_days(access.person.county, access.policy, access.reach.on)
        return [due for due in found if asked.get("overdue") in (None, due.overdue)]
