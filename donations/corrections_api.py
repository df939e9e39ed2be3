"""Corrections of donations over HTTP: what can still be put right, doing it, and who did what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from core.api import command, valid
from core.commands import Act, Done
from core.lists import JournalPages
from donations.answers import judgement_answer
from donations.api import item_drafts
from donations.identity import Identity
from donations.models import Correction, Custody, CustodyEntry, Item
from donations.printed import unit_of
from donations.queries import corrections_at, donation_within, entries_of, given_of, waiting_corrections
from donations.serializers import CorrectionInput
from donations.services.corrections import correct_donation, standing_of
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.queries import policy_of


class CorrectableItem(serializers.ModelSerializer[Item]):
    name = serializers.CharField(source="label")
    unit = serializers.SerializerMethodField(help_text="What its units are: 片, 袋, 瓶 …")
    given = serializers.SerializerMethodField(help_text="Units it was registered with, as corrected so far.")
    standing = serializers.SerializerMethodField(help_text="at_point or counted; null: it is sorted or gone.")

    class Meta:
        model = Item
        fields = ["id", "line", "name", "lot_number", "unit", "given", "standing"]

    def get_unit(self, item: Item) -> str:
        return unit_of(item)

    def get_given(self, item: Item) -> int:
        given: int = self.context["given"].get(item.pk, 0)
        return given

    @extend_schema_field(serializers.ChoiceField([Custody.AT_POINT, Custody.COUNTED], allow_null=True))
    def get_standing(self, item: Item) -> str | None:
        standing = standing_of(item)
        return standing and str(standing)


class Correctable(serializers.Serializer[Any]):
    """What of a donation can still be corrected."""

    id = serializers.IntegerField()
    receipt_code = serializers.CharField()
    place = serializers.CharField(source="place.code")
    items = CorrectableItem(many=True, source="items.all")


class ChangeShape(serializers.Serializer[Any]):
    """Units by which an item changed; `waiting` of them stand where somebody else has still to count them."""

    item = serializers.IntegerField()
    name = serializers.CharField()
    unit = serializers.CharField()
    change = serializers.IntegerField()
    waiting = serializers.IntegerField()


class CorrectionShape(serializers.ModelSerializer[Correction]):
    donation = serializers.IntegerField(source="donation_id")
    receipt_code = serializers.CharField(source="donation.receipt_code")
    place = serializers.CharField(source="donation.place.code")
    corrector = serializers.CharField()
    changes = serializers.SerializerMethodField()

    class Meta:
        model = Correction
        fields = [
            "id", "corrected_on", "donation", "receipt_code", "place", "changes", "renamed", "reason", "corrector",
        ]  # fmt: skip

    @extend_schema_field(ChangeShape(many=True))
    def get_changes(self, correction: Correction) -> list[dict[str, Any]]:
        entries: Mapping[Any, Sequence[CustodyEntry]] = self.context["entries"]
        return [_change(entry) for entry in entries.get(correction.command, [])]


def _change(entry: CustodyEntry) -> dict[str, Any]:
    if entry.item is None:
        raise AssertionError("a correction is of items")
    is_more = entry.from_state == Custody.OUTSIDE
    waits = entry.to_state == Custody.AT_POINT
    return {
        "item": entry.item_id,
        "name": entry.item.label,
        "unit": unit_of(entry.item),
        "change": entry.quantity if is_more else -entry.quantity,
        "waiting": min(entry.quantity, entry.item.holdings.at_point) if waits else 0,
    }


class CorrectionFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("donation__place__code")
    receipt_code = django_filters.CharFilter("donation__receipt_code")
    donation = django_filters.NumberFilter("donation_id")
    corrected_from = django_filters.DateFilter("corrected_on", "gte")
    corrected_to = django_filters.DateFilter("corrected_on", "lte")
    waiting = django_filters.BooleanFilter(
        method="filter_waiting",
        label="Whether units that it added have still to be counted by somebody else.",
    )

    class Meta:
        model = Correction
        fields: list[str] = []

    def filter_waiting(self, rows: QuerySet[Correction], name: str, value: bool) -> QuerySet[Correction]:
        return rows.filter(waiting_corrections()) if value else rows.exclude(waiting_corrections())


class CorrectionList(ScopedList[Correction]):
    """Who corrected which donation, when and why, newest first; pages by cursor."""

    model = Correction
    serializer_class = CorrectionShape
    orderings = {"corrected_on": "id"}
    filterset_class = CorrectionFilter
    pagination_class = JournalPages

    def rows(self, access: Access) -> QuerySet[Correction]:
        return corrections_at(access.places())

    def shaped(self, page: Sequence[Correction]) -> BaseSerializer[Any]:
        self.entries = entries_of(page)
        return super().shaped(page)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "entries": getattr(self, "entries", {})}


class DonationCorrect(APIView):
    @extend_schema(responses=Correctable)
    def get(self, request: Request, pk: int) -> Response:
        """What of a donation can still be corrected, also where its goods are now."""
        donation = donation_within(access_of(request).places(), pk)
        given = given_of(Item.objects.filter(donation=donation))
        return Response(Correctable(donation, context={"given": given}).data)

    @extend_schema(request=CorrectionInput)
    def post(self, request: Request, pk: int) -> Response:
        """Correct a donation that can no longer be voided: quantities, forgotten items, the donor's name."""
        fields = valid(CorrectionInput, request)
        lines, donor = fields["items"], fields.get("donor")

        def work(act: Act) -> Done:
            added = correct_donation(
                act=act,
                donation=donation_within(access_of(request).places(), pk),
                policy=policy_of(act.county_id),
                quantities={line["item"]: line["quantity"] for line in lines},
                pointers={line["item"]: f"/items/{index}" for index, line in enumerate(lines)},
                added=item_drafts(fields["added"], "/added"),
                identity=Identity(**donor) if donor else None,
                reason=fields["reason"],
            )
            answer = [{"id": item.pk, **judgement_answer(judgement)} for item, judgement in added]
            return Done({"id": pk, "added": answer}, f"donation {pk}", status=200)

        return command(request, work)
