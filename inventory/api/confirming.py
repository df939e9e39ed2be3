"""Confirming from photos what a colleague who is alone at their place proposed."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import command
from core.commands import Act, Done
from core.files import FileView, file_response
from donations.printed import unit_of
from inventory.answers import DecisionAnswer, sorting_answer
from inventory.models.proposals import SortingProposal
from inventory.queries.proposals import awaiting_confirmation, photo_at
from inventory.queries.sorting import photos_of
from inventory.services.confirming import confirm_sorting
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.models import Role
from organisation.queries import policy_of

JPEG = "image/jpeg"


class AwaitingRow(serializers.ModelSerializer[SortingProposal]):
    """What was proposed, as read from the unit; `photos` are opened under `photos/{id}.jpg`."""

    decision = serializers.IntegerField(source="decision_id")
    item = serializers.IntegerField(source="decision.item_id")
    place = serializers.CharField(source="decision.place.code")
    name = serializers.CharField(source="decision.item.label")
    unit = serializers.SerializerMethodField(help_text="What `quantity` counts.")
    quantity = serializers.IntegerField(source="decision.quantity")
    medicine = serializers.CharField(source="medicine.code", default=None, allow_null=True)
    decided_on = serializers.DateField(source="decision.decided_on")
    photos = serializers.ListField(child=serializers.IntegerField())

    class Meta:
        model = SortingProposal
        fields = [
            "decision", "item", "place", "name", "outcome", "quantity", "unit", "medicine", "lot_number",
            "expiry", "pack", "container", "findings", "reason", "checklist", "proposed_by", "decided_on", "photos",
        ]  # fmt: skip

    def get_unit(self, proposal: SortingProposal) -> str:
        return unit_of(proposal.decision.item)


class AwaitingFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("decision__place__code")
    decision = django_filters.NumberFilter("decision_id")

    class Meta:
        model = SortingProposal
        fields = ["outcome"]


class AwaitingList(ScopedList[SortingProposal]):
    """What waits in the whole county for the word of a second pharmacist, the oldest first."""

    model = SortingProposal
    serializer_class = AwaitingRow
    filterset_class = AwaitingFilter

    def rows(self, access: Access) -> QuerySet[SortingProposal]:
        return awaiting_confirmation(access.county_id).annotate(photos=photos_of("decision__item"))


class SortingConfirm(APIView):
    @extend_schema(request=None, responses={201: DecisionAnswer})
    def post(self, request: Request, pk: int) -> Response:
        """Carry out what a colleague proposed with this decision, having looked at the photos.

        Any pharmacist of the county but the one who proposed it. It is judged by today's rules and recalls, and
        the decision made is the confirmer's own.
        """

        def work(act: Act) -> Done:
            made = confirm_sorting(act=act, policy=policy_of(act.county_id), decision=pk)
            [answer] = sorting_answer(made.item_id, [made])["decisions"]
            return Done(answer, f"sorting {pk}")

        return command(request, work)


class PhotoFile(FileView):
    @extend_schema(responses={(200, JPEG): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """A photo of an item at one's places; pharmacists see those of any proposal that waits in the county."""
        access = access_of(request)
        sorters = {str(Role.PHARMACIST), str(Role.LEAD_PHARMACIST)}
        photo = photo_at(access.county_id, access.places(), pk, anywhere=bool(access.roles & sorters))
        return file_response(bytes(photo.image), JPEG, f"photo-{pk}.jpg")
