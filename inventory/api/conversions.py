"""Correcting a label that was read wrongly, and opening boxes. Confirming a correction is in the room above."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import StrictSerializer, command, valid
from core.commands import Act, Done
from core.fields import Quantity, Text
from donations.models import Item
from inventory.models import Side
from inventory.models.conversions import Relabelling
from inventory.queries.conversions import relabellings_at
from inventory.queries.stock import batch_at
from inventory.serializers import LABEL, BatchLabel
from inventory.services.opening import open_boxes
from inventory.services.relabelling import propose_relabelling, withdraw_relabelling
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.models import Place
from organisation.queries import policy_of


class RelabelInput(StrictSerializer):
    """What the label really reads; what is left out was read rightly."""

    lot_number = Text(40, allow_blank=True, allow_null=True, default="")
    expiry = Text(80, allow_blank=True, allow_null=True, default="")
    reason = Text(200)


class OpenInput(StrictSerializer):
    place = serializers.CharField(max_length=24)
    side = serializers.ChoiceField(Side.choices, default=Side.STORE.value)
    quantity = Quantity()
    container = serializers.ChoiceField(Item.Container.choices, default=Item.Container.BLISTER.value)


class RelabelAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    batch = serializers.IntegerField()
    lot_number = serializers.CharField()
    last_usable_day = serializers.DateField(allow_null=True)
    state = serializers.ChoiceField(Relabelling.State.choices)


class OpenAnswer(serializers.Serializer[Any]):
    """`batch` is the opened batch that the units stand under now."""

    id = serializers.IntegerField()
    opened_from = serializers.IntegerField()
    batch = serializers.IntegerField()
    quantity = serializers.IntegerField()


class RelabellingRow(BatchLabel):
    """`lot_number` and `last_usable_day` as recorded, `true_…` as the label really reads."""

    true_lot_number = serializers.CharField(source="lot_number")
    true_last_usable_day = serializers.DateField(source="last_usable_day", allow_null=True)
    into = serializers.IntegerField(source="into_id", allow_null=True)

    class Meta:
        model = Relabelling
        fields = [
            "id", "state", *LABEL, "true_lot_number", "true_last_usable_day", "expiry_raw", "into", "reason",
            "proposed_by", "proposed_on", "ended_by", "ended_on",
        ]  # fmt: skip


class RelabellingFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=Relabelling.State.choices)
    batch = django_filters.NumberFilter("batch_id")
    medicine = django_filters.CharFilter("batch__medicine__code")

    class Meta:
        model = Relabelling
        fields: list[str] = []


class RelabellingList(ScopedList[Relabelling]):
    """Corrections of labels, newest first."""

    model = Relabelling
    serializer_class = RelabellingRow
    orderings = {"name": "batch__medicine__generic_name"}
    filterset_class = RelabellingFilter

    def rows(self, access: Access) -> QuerySet[Relabelling]:
        return relabellings_at(access.places())


class BatchRelabel(APIView):
    @extend_schema(request=RelabelInput, responses={201: RelabelAnswer})
    def post(self, request: Request, pk: int) -> Response:
        """Propose what a label really reads; another pharmacist confirms it, and only then does anything move."""
        fields = valid(RelabelInput, request)

        def work(act: Act) -> Done:
            row = propose_relabelling(
                act=act,
                policy=policy_of(act.county_id),
                batch=batch_at(access_of(request).places(), pk),
                lot_number=fields["lot_number"] or "",
                expiry=fields["expiry"] or "",
                reason=fields["reason"],
            )
            return Done(relabel_answer(row), f"relabelling {row.pk}")

        return command(request, work)


class BatchRelabelWithdraw(APIView):
    @extend_schema(request=None, responses=RelabelAnswer)
    def post(self, request: Request, pk: int) -> Response:
        """Give up the correction that waits for this batch."""

        def work(act: Act) -> Done:
            row = withdraw_relabelling(act=act, batch=batch_at(access_of(request).places(), pk))
            return Done(relabel_answer(row), f"relabelling {row.pk}", 200)

        return command(request, work)


class BatchOpen(APIView):
    @extend_schema(request=OpenInput, responses={201: OpenAnswer})
    def post(self, request: Request, pk: int) -> Response:
        """Open so many units of a sealed batch that are available at a place, to be given by the unit.

        `container` is what they lie in once the box is open; some medicines are given out of a blister only.
        """
        fields = valid(OpenInput, request)

        def work(act: Act) -> Done:
            place = access_of(request).place(fields["place"])
            opening = open_boxes(
                act=act,
                place=place,
                batch=batch_at(Place.objects.filter(pk=place.pk), pk),
                side=fields["side"],
                quantity=fields["quantity"],
                container=fields["container"],
            )
            answer = {"opened_from": pk, "batch": opening.into_id, "quantity": opening.quantity}
            return Done({"id": opening.pk, **answer}, f"opening {opening.pk}")

        return command(request, work)


def relabel_answer(row: Relabelling) -> dict[str, Any]:
    return {
        "id": row.pk,
        "batch": row.batch_id,
        "lot_number": row.lot_number,
        "last_usable_day": row.last_usable_day,
        "state": row.state,
    }
