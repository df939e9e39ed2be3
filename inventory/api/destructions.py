"""Destruction: proposed by one person, confirmed by the witness from an account of their own."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import command, valid
from core.commands import Act, Done
from core.files import PDF, FileView, file_response
from inventory.manifests import TITLE, manifest_pdf
from inventory.models.destructions import Destruction
from inventory.queries.destructions import destruction_at, destructions_at
from inventory.serializers_destructions import (
    DestructionInput,
    DestructionRow,
    DestructionShape,
    WithdrawInput,
)
from inventory.services.destructions import (
    Unfit,
    confirm_destruction,
    propose_destruction,
    withdraw_destruction,
)
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.models import Role
from organisation.queries import policy_of

PHARMACISTS = {Role.PHARMACIST.value, Role.LEAD_PHARMACIST.value}
ANSWER: Any = inline_serializer(
    "DestructionAnswer", {"id": serializers.IntegerField(), "state": serializers.CharField()}
)


class DestructionFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("place__code")
    state = django_filters.ChoiceFilter(choices=Destruction.State.choices)
    witness = django_filters.CharFilter("witness__username")

    class Meta:
        model = Destruction
        fields: list[str] = []


class DestructionList(ScopedList[Destruction]):
    """Lists of goods destroyed or to be destroyed, newest first."""

    model = Destruction
    serializer_class = DestructionRow
    orderings = {"line_count": "line_count"}
    filterset_class = DestructionFilter

    def rows(self, access: Access) -> QuerySet[Destruction]:
        return destructions_at(access.places())

    @extend_schema(request=DestructionInput, responses={201: ANSWER})
    def post(self, request: Request) -> Response:
        """List held stock and goods in the bin to be destroyed; the witness named confirms it later.

        What is available must be held first. Rejected goods wait until their donor may no longer claim them.
        """
        fields = valid(DestructionInput, request)

        def work(act: Act) -> Done:
            destruction = propose_destruction(
                act=act,
                policy=policy_of(act.county_id),
                place=access_of(request).place(fields["place"]),
                lines=[_unfit(index, line) for index, line in enumerate(fields["lines"])],
                method=fields["method"],
                witness=fields["witness"],
            )
            return _done(destruction, 201)

        return command(request, work)


class DestructionDetail(APIView):
    @extend_schema(responses=DestructionShape)
    def get(self, request: Request, pk: int) -> Response:
        """One list with its lines."""
        return Response(DestructionShape(destruction_at(access_of(request).places(), pk)).data)


class DestructionConfirm(APIView):
    @extend_schema(request=None, responses=ANSWER)
    def post(self, request: Request, pk: int) -> Response:
        """The witness confirms that all goods of the list were destroyed; they leave the books."""

        def work(act: Act) -> Done:
            destruction = destruction_at(access_of(request).places(), pk)
            policy = policy_of(act.county_id)
            return _done(confirm_destruction(act=act, policy=policy, destruction=destruction))

        return command(request, work)


class DestructionWithdraw(APIView):
    @extend_schema(request=WithdrawInput, responses=ANSWER)
    def post(self, request: Request, pk: int) -> Response:
        """Take a list back before it is confirmed: who proposed it, its witness, or a pharmacist of the place."""
        reason = valid(WithdrawInput, request)["reason"]

        def work(act: Act) -> Done:
            access = access_of(request)
            destruction = destruction_at(access.places(), pk)
            any_list = access.reach.places(PHARMACISTS).filter(pk=destruction.place_id).exists()
            return _done(
                withdraw_destruction(act=act, destruction=destruction, reason=reason, any_list=any_list)
            )

        return command(request, work)


class DestructionManifest(FileView):
    @extend_schema(responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The manifest on paper (不合格药品销毁清单), to be signed by both."""
        access = access_of(request)
        destruction = destruction_at(access.places(), pk)
        content = manifest_pdf(
            destruction,
            min_days=policy_of(access.county_id).min_days,
            made=timezone.now(),
            maker=access.person.name,
        )
        return file_response(content, PDF, f"{TITLE}-{destruction.place.code}-{pk}.pdf")


def _unfit(index: int, line: dict[str, Any]) -> Unfit:
    return Unfit(
        pointer=f"/lines/{index}",
        quantity=line["quantity"],
        batch_id=line.get("batch"),
        side=line["side"],
        item_id=line.get("item"),
        reason=line["reason"] or "",
    )


def _done(destruction: Destruction, status: int = 200) -> Done:
    return Done(
        {"id": destruction.pk, "state": destruction.state}, f"destruction {destruction.pk}", status=status
    )
