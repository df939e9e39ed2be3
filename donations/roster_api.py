"""Papers of the intake room over HTTP: the receipt of one donation, the roster of many."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from core.api import StrictSerializer, logged_read
from core.commands import Act
from core.files import PDF, FileView, file_response
from donations.identity import Identity
from donations.models import Item
from donations.queries import donation_at, given_of, identities_of
from donations.receipts import PAGES, Receipt, receipt_pdf
from organisation.access import access_of
from organisation.models import Person
from organisation.queries import policy_of


class ReceiptQuery(StrictSerializer):
    size = serializers.ChoiceField(sorted(PAGES), default="a5")


class ReceiptFile(FileView):
    @extend_schema(parameters=[ReceiptQuery], responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The receipt of one donation (捐赠药品接收凭证): A5, a roll of 80 mm, or A4 in two copies."""
        query = ReceiptQuery(data=request.query_params)
        query.is_valid(raise_exception=True)

        def read(act: Act) -> tuple[Receipt, str]:
            donation = donation_at(access_of(request).places(), pk)
            identities = identities_of([donation.donor_id])
            receipt = Receipt(
                donation=donation,
                given=given_of(Item.objects.filter(donation=donation)),
                identity=identities.get(donation.donor_id, Identity()),
                handler=Person.objects.get(pk=donation.registered_by).name,
                min_days=policy_of(act.county_id).min_days,
                made=timezone.now(),
            )
            return receipt, f"donation {pk}"

        receipt = logged_read(request, read)
        code = receipt.donation.receipt_code
        return file_response(receipt_pdf(receipt, query.validated_data["size"]), PDF, f"凭证-{code}.pdf")
