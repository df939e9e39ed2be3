"""Hand-outs that an auditor should look at, over HTTP."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import valid_query
from core.errors import Fault, Invalid
from core.fields import Day
from core.ordering import Ordering, Rows
from distribution.models import Dispensing
from distribution.unusual import Days, Why, unusual_hand_outs
from organisation.access import access_of
from organisation.lists import ScopedList

USUAL = datetime.timedelta(days=30)
MOST = datetime.timedelta(days=92)


class UnusualQuery(serializers.Serializer[Any]):
    place = serializers.CharField(max_length=24, required=False)
    why = serializers.ChoiceField(Why.choices, required=False)
    to = Day(required=False, help_text="Today by default.")

    def get_fields(self) -> dict[str, Any]:
        first = Day(
            required=False, help_text="30 days before the last day by default; at most 92 days are read."
        )
        return {**super().get_fields(), "from": first}


class AlertRow(serializers.Serializer[Any]):
    why = serializers.ChoiceField(Why.choices)
    why_text = serializers.CharField(source="why.label")
    place = serializers.CharField(source="place.code")
    place_name = serializers.CharField(source="place.name")
    day = serializers.DateField()
    medicine = serializers.CharField(source="medicine.code", allow_null=True, default=None)
    name = serializers.CharField(source="medicine.generic_name", allow_null=True, default=None)
    hand_outs = serializers.IntegerField()
    units = serializers.IntegerField(allow_null=True)
    usual = serializers.IntegerField(allow_null=True)
    register_ref = serializers.CharField()
    days_late = serializers.IntegerField(allow_null=True)
    dispensings = serializers.ListField(child=serializers.IntegerField())


class UnusualList(ScopedList[Dispensing]):
    """Hand-outs to look at: days far above the usual, register numbers repeated, more than the limit, entered late.

    They accuse nobody; the rules stand in `distribution/unusual.py`. Up to twenty hand-outs of each are named.
    """

    model = Dispensing
    serializer_class = AlertRow
    filter_backends = (Ordering,)
    rows_are = Rows.TOLD
    parameters = frozenset({"place", "why", "from", "to"})

    @extend_schema(parameters=[UnusualQuery])
    def get(self, request: Request) -> Response:
        return self.list(request)

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        asked, access = valid_query(UnusualQuery, self.request), access_of(self.request)
        places = access.places()
        if "place" in asked:
            places = places.filter(pk=access.place(asked["place"]).pk)
        alerts = unusual_hand_outs(places, _days(asked, access.reach.on))
        return [alert for alert in alerts if asked.get("why") in (None, alert.why)]


def _days(asked: dict[str, Any], on: datetime.date) -> Days:
    last = asked.get("to", on)
    first = asked.get("from", last - USUAL)
    if last < first:
        raise Invalid(faults=[Fault("/to", "days_reversed", _("The last day comes before the first."))])
    if last - first > MOST:
        words = _("At most %(most)d days at a time.") % {"most": MOST.days}
        raise Invalid(faults=[Fault("/from", "too_many_days", words)])
    return Days(first, last)
