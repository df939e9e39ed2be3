"""The sorting table: its queue, decisions, and taking them back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from catalogue.models import Product
from catalogue.queries import known_products, open_recalls, products_seen
from core.api import act_of, command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid
from donations.known import known_of_items
from donations.models import Custody, Item
from inventory.answers import SortingAnswer, SortingsAnswer, sorting_answer, sortings_answer
from inventory.judgement import DecisionDraft
from inventory.models import SortingDecision
from inventory.queries.sorting import decision_at, decisions_at, seen_by, sorted_by, sorting_queue
from inventory.serializers import DecisionShape, QueueRow, ReverseInput, SortingInput
from inventory.services.sorting import ItemSorting, sort_item, sort_items
from inventory.services.sorting_reversal import reverse_sorting
from organisation.access import Access, access_of
from organisation.lists import ScopedList

TEXTS = ("lot_number", "expiry", "pack", "container", "reason", "proposed")


class QueueFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("holdings__place__code")
    item = django_filters.NumberFilter("pk")
    medicine = django_filters.CharFilter("medicine__code")
    waiting_before = django_filters.DateFilter("waiting_since", "lt")
    standing = django_filters.ChoiceFilter(
        choices=[("counted", "counted"), ("in_doubt", "in_doubt")], method="filter_standing"
    )

    class Meta:
        model = Item
        fields: list[str] = []

    def filter_standing(self, rows: QuerySet[Item], name: str, value: str) -> QuerySet[Item]:
        return rows.filter(**{f"holdings__{value}__gt": 0})


class SortingQueue(ScopedList[Item]):
    """What waits to be sorted, the most urgent first, with what the rules say of it and the law behind."""

    model = Item
    serializer_class = QueueRow
    orderings = {
        "waiting_since": "waiting_since",
        "name": "medicine__generic_name",
        "counted": "holdings__counted",
    }
    filterset_class = QueueFilter

    def rows(self, access: Access) -> QuerySet[Item]:
        return seen_by(sorting_queue(access.county_id, access.places()), access.person.pk)

    def shaped(self, rows: Sequence[Item]) -> BaseSerializer[Item]:
        """The rows with what their screening needs, looked up for all of them at once."""
        access = access_of(self.request)
        about = {
            "policy": access.policy,
            "recalls": open_recalls(access.county_id),
            "known": known_of_items(access.county_id, rows),
            "on": act_of(self.request).on,
        }
        return QueueRow(rows, many=True, context={**self.get_serializer_context(), **about})


class DecisionFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("place__code")
    item = django_filters.NumberFilter("item_id")
    product = django_filters.NumberFilter(
        method="filter_product",
        help_text="Sorted as this product, or taken in by a code that holds its barcode.",
    )
    outcome = django_filters.ChoiceFilter(choices=SortingDecision.Outcome.choices)
    decided_from = django_filters.DateFilter("decided_on", "gte")
    decided_to = django_filters.DateFilter("decided_on", "lte")

    class Meta:
        model = SortingDecision
        fields: list[str] = []

    def filter_product(self, rows: QuerySet[SortingDecision], name: str, value: Any) -> QuerySet[Any]:
        return sorted_by(rows, products_seen(access_of(self.request).county_id).filter(pk=value).first())


class SortingList(ScopedList[SortingDecision]):
    """The sorting record: every decision with its checklist and what the rules said."""

    model = SortingDecision
    serializer_class = DecisionShape
    filterset_class = DecisionFilter

    def rows(self, access: Access) -> QuerySet[SortingDecision]:
        return decisions_at(access.places())

    @extend_schema(
        request=SortingInput,
        responses={
            201: PolymorphicProxySerializer(
                "SortingDone", [SortingAnswer, SortingsAnswer], resource_type_field_name=None
            )
        },
    )
    def post(self, request: Request) -> Response:
        """Decide on all counted units of an item (or all in doubt), or of many items in one action.

        Quantities are smallest units and add up to what was counted. What the rules refuse nobody can accept;
        what they leave to review needs a reason. Who registered and counted an item alone leaves its units in
        doubt and says with `proposed` what another pharmacist is to confirm from photos. Of many items each is judged
        on its own and answered with its result; those at fault are left as they were, and where all are, the refusal
        `none_sorted` names each.
        """
        fields = valid(SortingInput, request)

        def work(act: Act) -> Done:
            access = access_of(request)
            whose: dict[str, Any] = {"act": act, "policy": access.policy, "places": access.places()}
            if "sortings" not in fields:
                [sorting] = _sortings(act.county_id, [fields], [""])
                done = sort_item(sorting=sorting, **whose)
                return Done(sorting_answer(done.item_id, done.decisions), f"item {done.item_id}")
            lines = fields["sortings"]
            sortings = _sortings(act.county_id, lines, [f"/sortings/{index}" for index in range(len(lines))])
            every = sort_items(sortings=sortings, **whose)
            took = sum(each.refusal is None for each in every)
            return Done(sortings_answer(every), f"{took} of {len(every)} items")

        return command(request, work)


class SortingDetail(APIView):
    @extend_schema(responses=DecisionShape)
    def get(self, request: Request, pk: int) -> Response:
        """One decision."""
        return Response(DecisionShape(decision_at(access_of(request).places(), pk)).data)


class SortingReverse(APIView):
    @extend_schema(request=ReverseInput, responses=SortingAnswer)
    def post(self, request: Request, pk: int) -> Response:
        """Take a decision of today back, if its units have not moved on; they count as counted again."""
        fields = valid(ReverseInput, request)

        def work(act: Act) -> Done:
            decision = decision_at(access_of(request).places(), pk)
            reverse_sorting(act=act, decision=decision, reason=fields["reason"] or "")
            return Done({"id": pk, "item": decision.item_id, "state": "reversed"}, f"sorting {pk}", 200)

        return command(request, work)


def _sortings(county_id: str, lines: list[dict[str, Any]], pointers: list[str]) -> list[ItemSorting]:
    decisions = [decision for line in lines for decision in line["decisions"]]
    named = {d["product"] for d in decisions if d["product"]}
    products = known_products(county_id).in_bulk(named) if named else {}
    return [
        ItemSorting(
            item_id=line["item"],
            decisions=[
                _draft(decision, products, f"{pointer}/decisions/{index}")
                for index, decision in enumerate(line["decisions"])
            ],
            state=Custody(line["state"]) if line["state"] else None,
            pointer=pointer,
        )
        for line, pointer in zip(lines, pointers, strict=True)
    ]


def _draft(fields: dict[str, Any], products: dict[int, Product], pointer: str) -> DecisionDraft:
    if fields["product"] and fields["product"] not in products:
        words = _("The catalogue does not know this.")
        raise Invalid(faults=[Fault(f"{pointer}/product", "unknown_product", words)])
    texts: dict[str, Any] = {name: fields[name] or "" for name in TEXTS}
    return DecisionDraft(
        outcome=fields["outcome"],
        quantity=fields["quantity"],
        medicine_code=fields["medicine"] or "",
        product=products.get(fields["product"]),
        findings=fields["findings"],
        checklist=fields["checklist"] or {},
        **texts,
    )
