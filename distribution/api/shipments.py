"""Goods on the road and kept for local use, over HTTP."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid, NotFound
from distribution.models import Shipment
from distribution.queries import shipment_of, shipments_of
from distribution.serializers.shipments import (
    DispatchInput,
    LocalUseInput,
    ReceiptInput,
    ReturnInput,
    ShipmentShape,
)
from distribution.services.local_use import keep_for_local_use
from distribution.services.returns import send_back
from distribution.services.shipments import Arrival, Pick, dispatch_shipment, receive_shipment
from inventory.models import Side
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.models import Role
from organisation.queries import place_by_code

# Who sends from which side of a place: the store is the pharmacist's, the dispensing room the clinic's.
SENDERS = {
    Side.STORE: {Role.PHARMACIST, Role.LEAD_PHARMACIST},
    Side.CLINIC: {Role.CLINIC, Role.PHARMACIST, Role.LEAD_PHARMACIST},
}


class ShipmentFilter(django_filters.FilterSet):
    from_place = django_filters.CharFilter("from_place__code")
    to_place = django_filters.CharFilter("to_place__code")
    plan = django_filters.NumberFilter("plan_id")
    status = django_filters.CharFilter("state")
    dispatched_before = django_filters.DateFilter("dispatched_on", "lt")

    class Meta:
        model = Shipment
        fields: list[str] = []


class ShipmentList(ScopedList[Shipment]):
    model = Shipment
    serializer_class = ShipmentShape
    filterset_class = ShipmentFilter

    def rows(self, access: Access) -> QuerySet[Shipment]:
        return shipments_of(access.places())


class ShipmentDetail(APIView):
    @extend_schema(responses=ShipmentShape)
    def get(self, request: Request, pk: int) -> Response:
        """A shipment with what was promised, picked and received of each batch."""
        return Response(ShipmentShape(shipment_of(access_of(request).places(), pk)).data)


class ShipmentDispatch(APIView):
    @extend_schema(request=DispatchInput)
    def post(self, request: Request, pk: int) -> Response:
        """Send what was picked; lines not named go as promised, what was not picked returns to the shelf."""
        lines = valid(DispatchInput, request)["lines"]
        picks = {
            line["line"]: Pick(line["picked"], line["reason"], pointer)
            for pointer, line in once(lines, "line")
        }

        def work(act: Act) -> Done:
            sent = dispatch_shipment(act=act, shipment=_to_send(request, pk), picks=picks)
            return Done({"id": pk, "status": sent.state, "version": sent.version}, f"shipment {pk}", 200)

        return command(request, work)


class ShipmentReceive(APIView):
    only: dict[str, Any] = {}

    @extend_schema(request=ReceiptInput)
    def post(self, request: Request, pk: int) -> Response:
        """Take a shipment in by counting every line of it, by somebody else than who sent it.

        A receipt signed on paper comes with its own day, `received_on`; without one it is today.
        """
        fields = valid(ReceiptInput, request)
        arrivals = {
            line["line"]: Arrival(line["accepted"], line["damaged"], line["missing"], line["reason"], pointer)
            for pointer, line in once(fields["lines"], "line")
        }

        def work(act: Act) -> Done:
            here = access_of(request).places()
            shipment = Shipment.objects.filter(pk=pk, to_place__in=here, **self.only).first()
            if shipment is None:
                raise NotFound
            taken = receive_shipment(
                act=act, shipment=shipment, arrivals=arrivals, received_on=fields["received_on"]
            )
            return Done({"id": pk, "status": taken.state, "version": taken.version}, f"shipment {pk}", 200)

        return command(request, work)


class ReturnList(APIView):
    @extend_schema(request=ReturnInput)
    def post(self, request: Request) -> Response:
        """Send what a clinic will not use in time back to a pharmacy, which counts it on arrival."""
        fields = valid(ReturnInput, request)
        lines = once(fields["lines"], "batch")

        def work(act: Act) -> Done:
            shipment = send_back(
                act=act,
                place=access_of(request).place(fields["place"]),
                to_place=place_by_code(act.county_id, fields["to_place"], pointer="/to_place"),
                quantities={line["batch"]: line["quantity"] for _pointer, line in lines},
                pointers={line["batch"]: pointer for pointer, line in lines},
                reason=fields["reason"],
            )
            return Done({"id": shipment.pk, "status": shipment.state}, f"shipment {shipment.pk}")

        return command(request, work)


class ReturnReceive(ShipmentReceive):
    only = {"plan__isnull": True, "from_side": Side.CLINIC}


class LocalUseList(APIView):
    @extend_schema(request=LocalUseInput)
    def post(self, request: Request) -> Response:
        """Keep units of the own store for the own patients; they count as allotted."""
        fields = valid(LocalUseInput, request)
        lines = once(fields["lines"], "batch")

        def work(act: Act) -> Done:
            place = access_of(request).place(fields["place"])
            keep_for_local_use(
                act=act,
                place=place,
                quantities={line["batch"]: line["quantity"] for _pointer, line in lines},
                pointers={line["batch"]: pointer for pointer, line in lines},
            )
            return Done({"place": place.code, "lines": len(lines)}, f"local use at {place.code}")

        return command(request, work)


def _to_send(request: Request, pk: int) -> Shipment:
    """The shipment, if one of the person's roles may send from its side of the sending place."""
    access = access_of(request)
    for side, senders in SENDERS.items():
        here = access.reach.places(access.roles & senders)
        shipment = Shipment.objects.filter(pk=pk, from_side=side, from_place__in=here).first()
        if shipment is not None:
            return shipment
    raise NotFound


def once(lines: list[dict[str, Any]], name: str) -> list[tuple[str, dict[str, Any]]]:
    """The lines with where each stands in the request; naming one thing twice is refused."""
    seen: set[int] = set()
    faults = []
    for index, line in enumerate(lines):
        if line[name] in seen:
            faults.append(Fault(f"/lines/{index}/{name}", "named_twice", _("This is named twice.")))
        seen.add(line[name])
    if faults:
        raise Invalid(faults=faults)
    return [(f"/lines/{index}", line) for index, line in enumerate(lines)]
