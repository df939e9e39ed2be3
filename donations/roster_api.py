"""Papers of the intake room over HTTP: slips with codes, the receipt of one donation, the roster of many."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from core.api import StrictSerializer, logged_read, valid_query
from core.commands import Act
from core.errors import NotFound
from core.fields import Day
from core.files import PDF, XLSX, FileView, file_response
from core.receipt_codes import new_receipt_code
from donations.errors import NotADropOffPoint, PeriodReversed
from donations.identity import Identity
from donations.models import Item
from donations.queries import donation_at, given_of, identities_of, items_left
from donations.receipts import PAGES, Receipt, receipt_pdf
from donations.roster import Roster, read_roster
from donations.roster_forms import roster_pdf, roster_title, roster_xlsx
from donations.slips import TITLE, slips_pdf
from organisation.access import access_of
from organisation.models import Person
from organisation.queries import policy_of

SLIPS_LIMIT = 140


class SlipsQuery(StrictSerializer):
    place = serializers.CharField(max_length=24)
    count = serializers.IntegerField(min_value=1, max_value=SLIPS_LIMIT, default=7)


class ReceiptSlips(FileView):
    @extend_schema(parameters=[SlipsQuery], responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponse:
        """Slips with new receipt codes for a drop-off point, seven to a page; every call makes other codes."""
        query = valid_query(SlipsQuery, request)
        place = access_of(request).place(query["place"])
        if not place.takes_donations or not place.active:
            raise NotADropOffPoint(pointer="/place")
        codes = [new_receipt_code() for _n in range(query["count"])]
        content = slips_pdf(place, codes, made=timezone.now())
        return file_response(content, PDF, f"{TITLE}-{place.code}.pdf")


class ReceiptQuery(StrictSerializer):
    size = serializers.ChoiceField(sorted(PAGES), default="a5")


class ReceiptFile(FileView):
    @extend_schema(parameters=[ReceiptQuery], responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The receipt of one donation (捐赠药品接收凭证): A5, a roll of 80 mm, or A4 in two copies."""
        size = valid_query(ReceiptQuery, request)["size"]

        def read(act: Act) -> tuple[Receipt, str]:
            donation = donation_at(access_of(request).places(), pk)
            if donation.found_in_id:
                raise NotFound
            identities, policy = identities_of([donation.donor_id]), policy_of(act.county_id)
            receipt = Receipt(
                donation=donation,
                given=given_of(Item.objects.filter(donation=donation)),
                left=items_left(donation),
                identity=identities.get(donation.donor_id, Identity()),
                handler=Person.objects.get(pk=donation.registered_by).name,
                policy=policy,
                made=timezone.now(),
            )
            return receipt, f"donation {pk}"

        receipt = logged_read(request, read)
        code = receipt.donation.receipt_code
        return file_response(receipt_pdf(receipt, size), PDF, f"凭证-{code}.pdf")


class RosterQuery(StrictSerializer):
    place = serializers.CharField(max_length=24)
    to = Day(help_text="The last day.")
    posted = serializers.ChoiceField(["0", "1"], default="0", help_text="1: the version for the wall.")

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's own, so that no attribute can have its name."""
        return {"from": Day(help_text="The first day."), **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["to"] < attrs["from"]:
            raise PeriodReversed(pointer="/to")
        return attrs


class RosterPdf(FileView):
    @extend_schema(parameters=[RosterQuery], responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponse:
        """The roster of a drop-off point and period (捐赠药品登记花名册) for signing or, posted, for the wall."""
        roster, maker = _roster(request)
        content = roster_pdf(roster, made=timezone.now(), maker=maker)
        return file_response(content, PDF, f"{_name(roster)}.pdf")


class RosterXlsx(FileView):
    @extend_schema(parameters=[RosterQuery], responses={(200, XLSX): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponse:
        """The same roster as a spreadsheet."""
        roster, maker = _roster(request)
        return file_response(roster_xlsx(roster, maker=maker), XLSX, f"{_name(roster)}.xlsx")


def _roster(request: Request) -> tuple[Roster, str]:
    query = valid_query(RosterQuery, request)
    start, end = query["from"], query["to"]

    def read(act: Act) -> tuple[Roster, str]:
        place = access_of(request).place(query["place"])
        roster = read_roster(place=place, start=start, end=end, posted=query["posted"] == "1")
        kind = "posted roster" if roster.posted else "roster"
        return roster, f"{kind} {place.code} {start} {end}, {len(roster.lines)} rows"

    return logged_read(request, read), access_of(request).person.name


def _name(roster: Roster) -> str:
    return f"{roster_title(roster)}-{roster.place.code}-{roster.start}-{roster.end}"
