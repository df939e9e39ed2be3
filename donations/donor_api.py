"""A donor's rights over their own data, over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import command, logged_read, valid
from core.commands import Act, Done
from donations.identity import Identity
from donations.queries import (
    donations_at,
    donor_by_id,
    donor_who_gave_at,
    donors_called,
    donors_known_as,
    identities_of,
)
from donations.serializers import ConsentInput, DonationShape, DonorSearch, EraseInput, GivenBy
from donations.services.donors import change_consent, erase_donor
from organisation.access import access_of
from organisation.models import Place

# As many donors or donations as one search answers.
FOUND = 50
DONOR: dict[str, Any] = {
    "id": serializers.IntegerField(),
    "kind": serializers.CharField(),
    "publish": serializers.CharField(allow_null=True),
}


class DonorFind(APIView):
    keyed = False

    @extend_schema(
        request=DonorSearch,
        responses=inline_serializer(
            "DonorFound",
            {**DONOR, "receipt_codes": serializers.ListField(child=serializers.CharField())},
            many=True,
        ),
    )
    def post(self, request: Request) -> Response:
        """Donors with exactly this name or phone, or of this receipt, for somebody who asks about their own data."""
        fields = valid(DonorSearch, request)

        def read(act: Act) -> tuple[list[dict[str, Any]], str]:
            found = donors_known_as(act.county_id, **fields)[:FOUND]
            rows = [
                {
                    "id": donor.pk,
                    "kind": donor.kind,
                    "publish": donor.publish,
                    "receipt_codes": [donation.receipt_code for donation in donor.donations.all()],
                }
                for donor in found
            ]
            return rows, f"{len(rows)} donors found"

        return Response(logged_read(request, read))


class GivenByFind(APIView):
    keyed = False

    @extend_schema(request=GivenBy, responses=DonationShape(many=True))
    def post(self, request: Request) -> Response:
        """The newest donations at one's places of donors with exactly this name or phone; every search is logged.

        Sent as a body, since a name in an address would be kept by browsers and servers.
        """
        words = valid(GivenBy, request)["donor"]

        def read(act: Act) -> tuple[list[dict[str, Any]], str]:
            donors = donors_called(act.county_id, words)
            rows = donations_at(access_of(request).places()).filter(donor__in=donors).order_by("-id")[:FOUND]
            return list(DonationShape(rows, many=True).data), f"{len(rows)} donations found by donor"

        return Response(logged_read(request, read))


class DonorDetail(APIView):
    @extend_schema(
        responses=inline_serializer(
            "DonorShown",
            {**DONOR, **{name: serializers.CharField() for name in ("name", "phone", "work_unit")}},
        )
    )
    def get(self, request: Request, pk: int) -> Response:
        """Who a donor is, for those of the place where they gave; every look is logged."""

        def read(act: Act) -> tuple[dict[str, Any], str]:
            donor = donor_who_gave_at(access_of(request).places(), pk)
            identity = identities_of([pk]).get(pk, Identity())
            shown = {"id": pk, "kind": donor.kind, "publish": donor.publish, **asdict(identity)}
            return shown, f"donor {pk}"

        return Response(logged_read(request, read))


class DonorExport(APIView):
    @extend_schema(
        responses=inline_serializer(
            "DonorExport",
            {
                **DONOR,
                "township": serializers.CharField(allow_null=True),
                "name": serializers.CharField(),
                "phone": serializers.CharField(),
                "work_unit": serializers.CharField(),
                "donations": DonationShape(many=True),
            },
        )
    )
    def get(self, request: Request, pk: int) -> Response:
        """Everything the books hold about one donor: a copy for the donor (个人信息保护法 art. 45)."""

        def read(act: Act) -> tuple[dict[str, Any], str]:
            donor = donor_by_id(act.county_id, pk)
            identity = identities_of([pk]).get(pk, Identity())
            county = Place.objects.filter(county_id=act.county_id)
            copy = {
                "id": pk,
                "kind": donor.kind,
                "publish": donor.publish,
                "township": donor.township_id,
                "name": identity.name,
                "phone": identity.phone,
                "work_unit": identity.work_unit,
                "donations": DonationShape(donations_at(county).filter(donor=donor), many=True).data,
            }
            return copy, f"donor {pk}"

        return Response(logged_read(request, read))


class DonorConsent(APIView):
    @extend_schema(
        request=ConsentInput,
        responses=inline_serializer("DonorConsent", {"id": DONOR["id"], "publish": DONOR["publish"]}),
    )
    def post(self, request: Request, pk: int) -> Response:
        """Give, narrow or withdraw consent to be named; null means that the donor was not asked."""
        publish = valid(ConsentInput, request)["publish"]

        def work(act: Act) -> Done:
            change_consent(act=act, donor=donor_by_id(act.county_id, pk), publish=publish)
            return Done({"id": pk, "publish": publish}, f"donor {pk}", status=200)

        return command(request, work)


class DonorErase(APIView):
    @extend_schema(
        request=EraseInput,
        responses=inline_serializer("DonorErased", {"id": DONOR["id"], "state": serializers.CharField()}),
    )
    def post(self, request: Request, pk: int) -> Response:
        """Forget who a donor is; the goods stay in the books."""
        valid(EraseInput, request)

        def work(act: Act) -> Done:
            erase_donor(act=act, donor=donor_by_id(act.county_id, pk))
            return Done({"id": pk, "state": "erased"}, f"donor {pk}", status=200)

        return command(request, work)
