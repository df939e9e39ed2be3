"""Handovers over HTTP: the sealed list, its paper, receiving it by counting, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from core.api import StrictSerializer, command, valid, valid_query
from core.commands import Act, Done
from core.errors import Fault, NotFound
from core.fields import Text
from core.files import PDF, FileView, file_response
from donations.differences import LineCount
from donations.handover_forms import handover_pdf
from donations.handover_serializers import (
    HandoverArrivalInput,
    HandoverDetailShape,
    HandoverInput,
    HandoverShape,
    HandoverVoidInput,
    line_counts,
)
from donations.models import Donation, Handover
from donations.queries import donations_at, handover_at, handovers_of
from donations.sealed_lists import LineKey, ListLine, lines_of, seal_shown
from donations.services.arrivals import SealsSeen, receive_handover
from donations.services.handovers import Transport, hand_over, void_handover
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.models import Person
from organisation.queries import place_by_code, policy_of

SEALED = inline_serializer(
    "HandoverSealed",
    {
        "id": serializers.IntegerField(),
        "state": serializers.CharField(),
        "list_seal": serializers.CharField(help_text="As it is printed on the paper."),
    },
)
RECEIVED = inline_serializer(
    "HandoverReceived",
    {
        "id": serializers.IntegerField(),
        "state": serializers.CharField(),
        "lines": serializers.IntegerField(),
        "lines_short": serializers.IntegerField(),
        "lines_over": serializers.IntegerField(),
        "warnings": serializers.ListField(child=serializers.DictField()),
    },
)


class HandoverFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=Handover.State.choices)
    from_place = django_filters.CharFilter("from_place__code")
    to_place = django_filters.CharFilter("to_place__code")
    handed_over_from = django_filters.DateFilter("handed_over_on", "gte")
    handed_over_to = django_filters.DateFilter("handed_over_on", "lte")
    seal_intact = django_filters.BooleanFilter("seal_intact")

    class Meta:
        model = Handover
        fields: list[str] = []


class HandoverList(ScopedList[Handover]):
    model = Handover
    serializer_class = HandoverShape
    filterset_class = HandoverFilter
    orderings = {
        "handed_over_on": "handed_over_on",
        "state": "state",
        "received_on": "received_on",
        "id": "id",
    }

    def rows(self, access: Access) -> QuerySet[Handover]:
        return handovers_of(access.places())

    def shaped(self, rows: Sequence[Handover]) -> BaseSerializer[Handover]:
        """With the lines of all of them at once."""
        context = {**self.get_serializer_context(), "lines": lines_of(rows)}
        return HandoverShape(rows, many=True, context=context)

    @extend_schema(request=HandoverInput, responses={201: SEALED})
    def post(self, request: Request) -> Response:
        """Send donations from a drop-off point to a pharmacy on a sealed list."""
        fields = valid(HandoverInput, request)

        def work(act: Act) -> Done:
            sender = access_of(request).place(fields["from_place"], pointer="/from_place")
            here = donations_at(access_of(request).places()).filter(place=sender)
            handover = hand_over(
                act=act,
                from_place=sender,
                to_place=place_by_code(act.county_id, fields["to_place"], pointer="/to_place"),
                donations=_named(here, fields["donations"]),
                transport=Transport(fields["carrier"], fields["vehicle"], fields["seal_number"]),
            )
            sealed = {"id": handover.pk, "state": handover.state, "list_seal": seal_shown(handover.list_seal)}
            return Done(sealed, f"handover {handover.pk}")

        return command(request, work)


class HandoverQuery(StrictSerializer):
    list_seal = Text(
        90, allow_blank=True, default="", help_text="Scanned or typed off a paper: is it this list's?"
    )


class HandoverDetail(APIView):
    @extend_schema(parameters=[HandoverQuery], responses=HandoverDetailShape)
    def get(self, request: Request, pk: int) -> Response:
        """One handover: declared and counted side by side, and whether its list is the one that was sealed."""
        read = valid_query(HandoverQuery, request)["list_seal"]
        handover = handover_at(access_of(request).places(), pk)
        context = {"lines": lines_of([handover]), "read": read}
        return Response(HandoverDetailShape(handover, context=context).data)


class HandoverListFile(FileView):
    @extend_schema(responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The sealed list on paper (捐赠药品移交清单), to be counted and signed; A4. It names no donor."""
        handover = handover_at(access_of(request).places(), pk)
        lines = lines_of([handover]).get(handover.pk, [])
        people = Person.objects.in_bulk([handover.handed_over_by, handover.received_by or 0])
        content = handover_pdf(handover, lines, people=people, made=timezone.now())
        return file_response(content, PDF, f"移交清单-{pk}.pdf")


class HandoverReceive(APIView):
    @extend_schema(request=HandoverArrivalInput, responses=RECEIVED)
    def post(self, request: Request, pk: int) -> Response:
        """Receive a handover by counting every line of its list; what differs is explained line by line."""
        fields = valid(HandoverArrivalInput, request)
        counted = line_counts(fields["items"])

        def work(act: Act) -> Done:
            places = access_of(request).places()
            handover = Handover.objects.filter(pk=pk, to_place__in=places).first()
            if handover is None:
                raise NotFound
            lines = receive_handover(
                act=act,
                handover=handover,
                policy=policy_of(act.county_id),
                counted=counted,
                seen=SealsSeen(fields["list_seal"], fields["seal_intact"], fields["seal_note"]),
            )
            return Done(_received(pk, lines, counted, fields["seal_intact"]), f"handover {pk}", status=200)

        return command(request, work)


class HandoverVoid(APIView):
    @extend_schema(request=HandoverVoidInput)
    def post(self, request: Request, pk: int) -> Response:
        """Take back a handover that never left, to send its donations on another list."""
        fields = valid(HandoverVoidInput, request)

        def work(act: Act) -> Done:
            places = access_of(request).places()
            handover = Handover.objects.filter(pk=pk, from_place__in=places).first()
            if handover is None:
                raise NotFound
            void_handover(act=act, handover=handover, reason=fields["reason"])
            return Done({"id": pk, "state": "voided"}, f"handover {pk}", status=200)

        return command(request, work)


def _named(here: QuerySet[Donation], wanted: list[int]) -> list[Donation]:
    """The donations in the order of the request, or a refusal that names those that are not here."""
    found = {donation.pk: donation for donation in here.filter(pk__in=wanted)}
    faults = [
        Fault(f"/donations/{index}", NotFound.code, NotFound.message)
        for index, pk in enumerate(wanted)
        if pk not in found
    ]
    if faults:
        raise NotFound(faults=faults)
    return [found[pk] for pk in wanted]


def _received(
    pk: int, lines: list[ListLine], counted: dict[LineKey, LineCount], seal_intact: bool | None
) -> dict[str, Any]:
    differences = [counted[line.key].units - line.declared for line in lines]
    broken = {
        "code": "seal_broken",
        "message": _("The bag's seal was broken: look at every unit closely before it is accepted."),
    }
    return {
        "id": pk,
        "state": "received",
        "lines": len(lines),
        "lines_short": sum(difference < 0 for difference in differences),
        "lines_over": sum(difference > 0 for difference in differences),
        "warnings": [broken] if seal_intact is False else [],
    }
