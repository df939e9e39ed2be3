"""Swaps between clinics, over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import StrictSerializer, command, valid, valid_query
from core.commands import Act, Done
from core.language import reads_english
from core.ordering import Ordering, Rows
from distribution.api.shipments import once
from distribution.models import Shipment
from distribution.serializers.fields import code
from distribution.serializers.shipments import KeptLine
from distribution.services.swaps import accept_swap
from distribution.swaps import Swap, swaps_of
from organisation.access import access_of
from organisation.lists import ScopedList
from organisation.queries import place_by_code


class SwapQuery(serializers.Serializer[Any]):
    place = serializers.CharField(max_length=24, required=False)
    medicine = serializers.CharField(max_length=12, required=False)


class SwapInput(StrictSerializer):
    from_place = code()
    to_place = code()
    lines = serializers.ListField(child=KeptLine(), allow_empty=False, max_length=200)


class SwapRow(serializers.Serializer[Any]):
    """`unused`: units of the lot that will expire at the giving clinic; `lacking`: what the other lacks."""

    from_place = serializers.CharField(source="giver.place.code")
    to_place = serializers.CharField(source="taker.place.code")
    medicine = serializers.CharField(source="medicine.code")
    name = serializers.CharField(source="medicine.generic_name")
    strength = serializers.CharField(source="medicine.strength")
    unit = serializers.CharField(source="medicine.smallest_unit")
    batch = serializers.IntegerField(source="batch.pk")
    lot_number = serializers.CharField(source="batch.lot_number")
    last_usable_day = serializers.DateField()
    unused = serializers.IntegerField()
    lacking = serializers.IntegerField()
    quantity = serializers.IntegerField()
    explanation = serializers.SerializerMethodField()
    explanation_zh = serializers.CharField(source="sentence_zh")
    explanation_en = serializers.CharField(source="sentence_en")

    def get_explanation(self, swap: Swap) -> str:
        english = reads_english()
        return swap.sentence_en if english else swap.sentence_zh


class SwapList(ScopedList[Shipment]):
    """Swaps (余缺调剂) that the books propose today: what a clinic will not use in time, to one that lacks it.

    Shared out like a plan, first within a township; nothing is kept of a proposal until it is accepted.
    """

    model = Shipment
    serializer_class = SwapRow
    filter_backends = (Ordering,)
    rows_are = Rows.TOLD
    parameters = frozenset({"place", "medicine"})

    @extend_schema(parameters=[SwapQuery])
    def get(self, request: Request) -> Response:
        return self.list(request)

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        asked, access = valid_query(SwapQuery, self.request), access_of(self.request)
        if "place" in asked:
            access.place(asked["place"])
        return swaps_of(access.county_id, access.places(), access.reach.on, **asked)

    @extend_schema(request=SwapInput)
    def post(self, request: Request) -> Response:
        """Send what is proposed, or less of it, to the other clinic; it is on the road at once, and counted there."""
        fields = valid(SwapInput, request)
        lines = once(fields["lines"], "batch")

        def work(act: Act) -> Done:
            shipment = accept_swap(
                act=act,
                giver=access_of(request).place(fields["from_place"], pointer="/from_place"),
                taker=place_by_code(act.county_id, fields["to_place"], pointer="/to_place"),
                quantities={line["batch"]: line["quantity"] for _pointer, line in lines},
                pointers={line["batch"]: pointer for pointer, line in lines},
            )
            return Done({"id": shipment.pk, "status": shipment.state}, f"shipment {shipment.pk}")

        return command(request, work)
