"""The trace of a recall over HTTP; raising and lifting one is the inventory room's."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from distribution.recall_trace import recall_trace, trace_answer
from inventory.answers import SourceAnswer
from inventory.queries.recalls import recall_seen
from inventory.recall_shapes import NoticedPlaceAnswer
from organisation.access import access_of


class GivenOutAnswer(serializers.Serializer[Any]):
    place = serializers.CharField()
    dispensing = serializers.IntegerField()
    dispensed_on = serializers.DateField()
    age_band = serializers.CharField()
    recipients = serializers.IntegerField()
    register_ref = serializers.CharField()
    batch = serializers.IntegerField()
    lot_number = serializers.CharField()
    quantity = serializers.IntegerField()
    late = serializers.BooleanField()


class LentAnswer(serializers.Serializer[Any]):
    place = serializers.CharField()
    device_use = serializers.IntegerField()
    batch = serializers.IntegerField()
    lot_number = serializers.CharField()
    register_ref = serializers.CharField()
    started_on = serializers.DateField()
    due_on = serializers.DateField(allow_null=True)


class RecallTraceAnswer(serializers.Serializer[Any]):
    """The donated items behind a recall and every hand-out of it; other places than one's own in sums only.

    `loans` are devices of one's own places that somebody still has and that are to be called back.
    """

    recall = serializers.IntegerField()
    batches = serializers.IntegerField()
    donors = serializers.IntegerField()
    sources = SourceAnswer(many=True)
    elsewhere_accepted = serializers.IntegerField()
    places = NoticedPlaceAnswer(many=True)
    hand_outs = GivenOutAnswer(many=True)
    elsewhere_handed_out = serializers.IntegerField()
    loans = LentAnswer(many=True)


class RecallTraceView(APIView):
    @extend_schema(responses=RecallTraceAnswer)
    def get(self, request: Request, pk: int) -> Response:
        """The donated items behind a recall, and every place, day, age band and register number it went to."""
        access = access_of(request)
        recall = recall_seen(access.county_id, access.places(), pk)
        return Response(trace_answer(recall, recall_trace(recall, access.places())))
