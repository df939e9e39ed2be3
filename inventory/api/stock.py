"""Shelves, batches and the ledger, to be read."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import act_of
from core.lists import JournalPages
from core.ordering import Ordering, Rows
from inventory.answers import BatchAnswer, TraceAnswer, batch_answer, trace_answer
from inventory.models import INSIDE, Balance, Kind, Movement, Side
from inventory.queries.stock import batch_at, expiry_calendar, movements_at, stock_at, stock_by_medicine
from inventory.queries.traces import trace_of
from inventory.serializers import CalendarRow, MovementRow, StockRow, SummaryRow
from organisation.access import Access, access_of
from organisation.lists import ScopedList


class StockFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("account__place__code")
    side = django_filters.ChoiceFilter(field_name="account__side", choices=Side.choices)
    state = django_filters.ChoiceFilter(choices=[(state.value, state.label) for state in INSIDE])
    medicine = django_filters.CharFilter("batch__medicine__code")
    expires_before = django_filters.DateFilter("batch__last_usable_day", "lt")
    expires_from = django_filters.DateFilter("batch__last_usable_day", "gte")
    q = django_filters.CharFilter(method="by_words", help_text="Words of the name, brand, pinyin or lot")

    class Meta:
        model = Balance
        fields: list[str] = []

    def by_words(self, stock: QuerySet[Balance], name: str, words: str) -> QuerySet[Balance]:
        for word in words.split():
            stock = stock.filter(
                Q(batch__medicine__search_text__contains=word.lower())
                | Q(batch__medicine__generic_name__contains=word)
                | Q(batch__lot_number__icontains=word)
            )
        return stock


class StockList(ScopedList[Balance]):
    """What stands where: one row per place, side, state and batch; quantities in smallest units."""

    model = Balance
    serializer_class = StockRow
    filterset_class = StockFilter
    orderings = {
        "place": "account__place__code",
        "medicine": "batch__medicine__code",
        "lot_number": "batch__lot_number",
        "last_usable_day": "batch__last_usable_day",
        "quantity": "quantity",
    }

    def rows(self, access: Access) -> QuerySet[Balance]:
        return stock_at(access.places())


class StockSummary(ScopedList[Balance]):
    """The same stock added up per medicine and state, under the same filters."""

    model = Balance
    serializer_class = SummaryRow  # type: ignore[assignment]
    filterset_class = StockFilter
    filter_backends = (DjangoFilterBackend,)
    rows_are = Rows.SUMS

    def rows(self, access: Access) -> QuerySet[Balance]:
        return stock_at(access.places())

    def filter_queryset(self, queryset: Any) -> Any:
        rows = stock_by_medicine(super().filter_queryset(queryset))
        return Ordering().filter_queryset(self.request, rows, self)


class ExpiryCalendar(ScopedList[Balance]):
    """What has expired and what soon will, by place and medicine, whatever state it is in.

    What has 30 days is among what has 60, and that among what has 90; what has passed stands for itself.
    """

    model = Balance
    serializer_class = CalendarRow  # type: ignore[assignment]
    filterset_class = StockFilter
    filter_backends = (DjangoFilterBackend,)
    rows_are = Rows.SUMS

    def rows(self, access: Access) -> QuerySet[Balance]:
        return stock_at(access.places())

    def filter_queryset(self, queryset: Any) -> Any:
        rows = expiry_calendar(super().filter_queryset(queryset), act_of(self.request).on)
        return Ordering().filter_queryset(self.request, rows, self)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "on": act_of(self.request).on}


class BatchDetail(APIView):
    @extend_schema(responses=BatchAnswer)
    def get(self, request: Request, pk: int) -> Response:
        """A batch and where it stands, within the reader's places."""
        places = access_of(request).places()
        batch = batch_at(places, pk)
        return Response(batch_answer(batch, stock_at(places).filter(batch=batch)))


class BatchTrace(APIView):
    @extend_schema(responses=TraceAnswer)
    def get(self, request: Request, pk: int) -> Response:
        """The donated items a batch came from and the places it went to; no donor is named.

        What lies outside the reader's places is told in sums.
        """
        places = access_of(request).places()
        batch = batch_at(places, pk)
        return Response(trace_answer(batch, trace_of(batch, places)))


class MovementFilter(django_filters.FilterSet):
    place = django_filters.CharFilter(method="at_place")
    batch = django_filters.NumberFilter("batch_id")
    medicine = django_filters.CharFilter("batch__medicine__code")
    kind = django_filters.ChoiceFilter(choices=Kind.choices)
    booked_from = django_filters.DateFilter("booked_on", "gte")
    booked_to = django_filters.DateFilter("booked_on", "lte")

    class Meta:
        model = Movement
        fields: list[str] = []

    def at_place(self, movements: QuerySet[Movement], name: str, code: str) -> QuerySet[Movement]:
        return movements.filter(Q(from_account__place__code=code) | Q(to_account__place__code=code))


class MovementList(ScopedList[Movement]):
    """The ledger, newest first, by cursor; days are those of booking, by which figures count."""

    model = Movement
    serializer_class = MovementRow
    filterset_class = MovementFilter
    pagination_class = JournalPages
    orderings = {"booked_on": "id"}

    def rows(self, access: Access) -> QuerySet[Movement]:
        return movements_at(access.places())
