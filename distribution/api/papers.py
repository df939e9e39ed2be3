"""The papers of a shipment over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from core.files import PDF, FileView, file_response
from distribution.models import Shipment
from distribution.papers import NOTE_TITLE, PICK_TITLE, pick_list_pdf, shipment_note_pdf
from distribution.queries import shipment_on_paper
from organisation.access import access_of
from organisation.models import Person


class PickList(FileView):
    @extend_schema(responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """What to take off the shelf (配货单), in shelf order, with room for what was really picked."""
        return _paper(request, pk, PICK_TITLE, pick_list_pdf)


class ShipmentNote(FileView):
    @extend_schema(responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """What travels with the goods (捐赠药品调拨签收单), to a clinic with its register (捐赠药品发放登记表)."""
        return _paper(request, pk, NOTE_TITLE, shipment_note_pdf)


def _paper(request: Request, pk: int, title: str, print_it: Callable[..., bytes]) -> HttpResponse:
    access = access_of(request)
    shipment = shipment_on_paper(access.places(), pk)
    content = print_it(
        shipment,
        people=_people(shipment),
        made=timezone.now(),
        maker=access.person.name,
        on=access.reach.on,
    )
    return file_response(content, PDF, f"{title}-{shipment.to_place.code}-{pk}.pdf")


def _people(shipment: Shipment) -> Mapping[int, Person]:
    hands = [pk for pk in (shipment.dispatched_by, shipment.received_by) if pk]
    return Person.objects.filter(county_id=shipment.county_id).in_bulk(hands)
