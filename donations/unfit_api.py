"""Unfit goods over HTTP: what lies in the bins, and what goes back to its donor."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import act_of, command, logged_read, valid
from core.commands import Act, Done
from core.errors import NotFound
from core.files import PDF, FileView, file_response
from donations.identity import Identity, unseal
from donations.models import Donation, DonorReturn, DonorReturnLine, Item
from donations.queries import donation_within, identities_of
from donations.return_slips import TITLE, ReturnSlip, return_slip_pdf
from donations.services.unfit import UnfitUnits, return_to_donor
from donations.unfit import goods_in_bins, unclaimed
from donations.unfit_serializers import DonorReturnInput, DonorReturnShape, UnfitRow
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.models import Person, Place
from organisation.queries import policy_of


class UnfitFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("holdings__place__code")
    unclaimed = django_filters.ChoiceFilter(
        choices=[("0", "all"), ("1", "overdue")],
        method="overdue",
        help_text="1: only what has lain longer than its donor had to fetch it.",
    )

    class Meta:
        model = Item
        fields: list[str] = []

    def overdue(self, goods: QuerySet[Item], name: str, wanted: str) -> QuerySet[Item]:
        return unclaimed(goods, act_of(self.request).on) if wanted == "1" else goods


class UnfitGoods(ScopedList[Item]):
    """What lies in the bins of unfit goods, left by donors or rejected at sorting, the longest there first."""

    model = Item
    serializer_class = UnfitRow
    orderings = {
        "name": "medicine__generic_name",
        "in_bin": "holdings__in_bin",
        "in_bin_since": "in_bin_since",
    }
    filterset_class = UnfitFilter

    def rows(self, access: Access) -> QuerySet[Item]:
        return goods_in_bins(access.places())

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "policy": policy_of(access_of(self.request).county_id)}


class DonorReturnFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("place__code")
    returned_from = django_filters.DateFilter("returned_on", "gte")
    returned_to = django_filters.DateFilter("returned_on", "lte")

    class Meta:
        model = DonorReturn
        fields: list[str] = []


class DonorReturnList(ScopedList[DonorReturn]):
    model = DonorReturn
    serializer_class = DonorReturnShape
    filterset_class = DonorReturnFilter

    def rows(self, access: Access) -> QuerySet[DonorReturn]:
        return returns_at(access.places())

    @extend_schema(request=DonorReturnInput, responses={201: DonorReturnShape})
    def post(self, request: Request) -> Response:
        """Give unfit goods back to their donor against a signature."""
        fields = valid(DonorReturnInput, request)

        def work(act: Act) -> Done:
            place = access_of(request).place(fields["place"])
            returned, entries = return_to_donor(
                act=act,
                place=place,
                donation=_donation(access_of(request).places(), fields["donation"]),
                goods=[
                    UnfitUnits(line["item"], line["quantity"], f"/items/{index}")
                    for index, line in enumerate(fields["items"])
                ],
                collector=fields["collector"] or "",
            )
            lines = [{"item": entry.item_id, "quantity": entry.quantity} for entry in entries]
            answer = {
                "id": returned.pk,
                "place": place.code,
                "donation": returned.donation_id,
                "receipt_code": returned.donation.receipt_code,
                "collected_by": returned.collected_by,
                "returned_on": returned.returned_on,
                "returned_by": returned.returned_by,
                "lines": lines,
            }
            return Done(answer, f"donor return {returned.pk}")

        return command(request, work)


class DonorReturnSlip(FileView):
    @extend_schema(responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The paper that is signed when goods go back (不合格药品退还签收单)."""

        def read(act: Act) -> tuple[ReturnSlip, str]:
            returned = returns_at(access_of(request).places()).filter(pk=pk).first()
            if returned is None:
                raise NotFound
            return _slip(returned), f"donor return {pk}"

        slip = logged_read(request, read)
        return file_response(return_slip_pdf(slip), PDF, f"{TITLE}-{slip.returned.donation.receipt_code}.pdf")


def _donation(places: QuerySet[Place], pk: int) -> Donation:
    try:
        return donation_within(places, pk)
    except NotFound:
        raise NotFound(pointer="/donation") from None


def _slip(returned: DonorReturn) -> ReturnSlip:
    donor_id = returned.donation.donor_id
    names = [
        unseal(bytes(row.sealed), county_id=row.county_id, donor_id=donor_id).name
        for row in returned.collectors.all()
    ]
    return ReturnSlip(
        returned=returned,
        entries=[line.entry for line in returned.lines.all()],
        donor=identities_of([donor_id]).get(donor_id, Identity()).name,
        collector=names[0] if names else "",
        by_proxy=returned.collected_by == DonorReturn.CollectedBy.PROXY,
        handler=Person.objects.get(pk=returned.returned_by).name,
        made=timezone.now(),
    )


def returns_at(places: QuerySet[Place]) -> QuerySet[DonorReturn]:
    """Returns at these places, newest first, with their lines."""
    lines = DonorReturnLine.objects.select_related("entry__item__medicine").order_by("id")
    return (
        DonorReturn.objects.filter(place__in=places)
        .select_related("place", "donation")
        .prefetch_related(Prefetch("lines", queryset=lines), "collectors")
        .order_by("-id")
    )
