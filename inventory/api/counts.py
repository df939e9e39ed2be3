"""Counting a place blindly, and approving what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from rest_framework.views import APIView

from catalogue.models import Medicine
from catalogue.queries import medicines_by_code
from core.api import command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid, NotFound
from core.files import PDF, XLSX, FileView, file_response
from inventory.count_sheets import TITLE, Sheet, sheet_pdf, sheet_xlsx
from inventory.models import Balance
from inventory.models.counts import CountLine, CountResult, StockCount
from inventory.queries.counts import (
    count_at,
    counts_at,
    expected_units,
    known_here,
    last_lines,
    shelf_rows,
    uncounted_rows,
)
from inventory.queries.devices import out_of
from inventory.serializers_counts import (
    AbandonInput,
    CountLineRow,
    CountLinesInput,
    CountRow,
    CountShape,
    StockCountInput,
    UncountedRow,
)
from inventory.services.count_approval import approve_count
from inventory.services.counts import (
    Counted,
    Label,
    abandon_count,
    finish_count,
    record_lines,
    reopen_count,
    start_count,
)
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.queries import policy_of

ANSWER: Any = inline_serializer(
    "CountAnswer", {"id": serializers.IntegerField(), "state": serializers.CharField()}
)
LINES: Any = inline_serializer(
    "CountLinesAnswer",
    {"id": serializers.IntegerField(), "lines": serializers.ListField(child=serializers.IntegerField())},
)


class CountFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("place__code")
    state = django_filters.ChoiceFilter(choices=StockCount.State.choices)

    class Meta:
        model = StockCount
        fields: list[str] = []


class CountList(ScopedList[StockCount]):
    """Counts, newest first."""

    model = StockCount
    serializer_class = CountRow
    filterset_class = CountFilter

    def rows(self, access: Access) -> QuerySet[StockCount]:
        return counts_at(access.places())

    @extend_schema(request=StockCountInput, responses={201: ANSWER})
    def post(self, request: Request) -> Response:
        """Begin to count a place; goods keep moving meanwhile. One count of a place at a time."""
        fields = valid(StockCountInput, request)

        def work(act: Act) -> Done:
            return _done(start_count(act=act, place=access_of(request).place(fields["place"])), 201)

        return command(request, work)


class CountDetail(APIView):
    @extend_schema(responses=CountShape)
    def get(self, request: Request, pk: int) -> Response:
        """A count, and how many lines of it were and were not counted."""
        count: Any = count_at(access_of(request).places(), pk)
        count.counted, count.uncounted = last_lines(count).count(), uncounted_rows(count).count()
        count.out = out_of(count.place)
        return Response(CountShape(count).data)


class CountLines(ScopedList[CountLine]):
    """What was counted; what the books had at those moments only once the count is finished."""

    model = CountLine
    serializer_class = CountLineRow

    def rows(self, access: Access) -> QuerySet[CountLine]:
        return last_lines(count_at(access.places(), self.kwargs["pk"]))

    def shaped(self, rows: Sequence[Any]) -> Any:
        """With what the books say of these lines, so far as it may be told."""
        count = rows[0].count if rows else None
        if count and count.state == StockCount.State.FINISHED:
            expected = expected_units(count, rows)
            for line in rows:
                line.expected = expected.get(line.pk, 0)
        elif count and count.state == StockCount.State.APPROVED:
            results = {row.line_id: row for row in CountResult.objects.filter(line__in=rows)}
            for line in rows:
                line.outcome = results[line.pk]
                line.expected = line.outcome.expected
        return super().shaped(rows)

    @extend_schema(request=CountLinesInput, responses={201: LINES})
    def post(self, request: Request, pk: int) -> Response:
        """Write down what was counted; counting a batch and spot again replaces the earlier line."""
        fields = valid(CountLinesInput, request)

        def work(act: Act) -> Done:
            count = count_at(access_of(request).places(), pk)
            lines = _lines(count, fields["lines"])
            rows = record_lines(act=act, policy=policy_of(act.county_id), count=count, lines=lines)
            return Done({"id": pk, "lines": [row.pk for row in rows]}, f"count {pk}")

        return command(request, work)


class CountUncounted(ScopedList[Balance]):
    """What the books have at the place and nobody has counted: it is not zero, it stays as it is."""

    model = Balance
    serializer_class = UncountedRow  # type: ignore[assignment]

    def rows(self, access: Access) -> Any:
        return uncounted_rows(count_at(access.places(), self.kwargs["pk"]))


def _act_on(request: Request, pk: int, deed: Callable[[Act, StockCount], StockCount]) -> Response:
    def work(act: Act) -> Done:
        return _done(deed(act, count_at(access_of(request).places(), pk)))

    return command(request, work)


class CountFinish(APIView):
    @extend_schema(request=None, responses=ANSWER)
    def post(self, request: Request, pk: int) -> Response:
        """Lay the count before a second person."""
        return _act_on(request, pk, lambda act, count: finish_count(act=act, count=count))


class CountReopen(APIView):
    @extend_schema(request=None, responses=ANSWER)
    def post(self, request: Request, pk: int) -> Response:
        """Go on counting a finished count."""
        return _act_on(request, pk, lambda act, count: reopen_count(act=act, count=count))


class CountAbandon(APIView):
    @extend_schema(request=AbandonInput, responses=ANSWER)
    def post(self, request: Request, pk: int) -> Response:
        """End a count without any consequence."""
        reason = valid(AbandonInput, request)["reason"]
        return _act_on(request, pk, lambda act, count: abandon_count(act=act, count=count, reason=reason))


class CountApprove(APIView):
    @extend_schema(request=None, responses=ANSWER)
    def post(self, request: Request, pk: int) -> Response:
        """Book the differences, as a pharmacist or checker who counted nothing of it."""
        return _act_on(
            request,
            pk,
            lambda act, count: approve_count(act=act, policy=policy_of(act.county_id), count=count),
        )


class SheetPdf(FileView):
    @extend_schema(responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The blank count sheet (盘点表) in shelf order, without the quantities of the books."""
        sheet = _sheet(request, pk)
        return file_response(sheet_pdf(sheet, made=timezone.now()), PDF, f"{_name(sheet)}.pdf")


class SheetXlsx(FileView):
    @extend_schema(responses={(200, XLSX): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The same sheet as a spreadsheet."""
        sheet = _sheet(request, pk)
        return file_response(sheet_xlsx(sheet), XLSX, f"{_name(sheet)}.xlsx")


def _sheet(request: Request, pk: int) -> Sheet:
    access = access_of(request)
    count = count_at(access.places(), pk)
    return Sheet(count, list(shelf_rows(count.place)), access.person.name, list(out_of(count.place)))


def _name(sheet: Sheet) -> str:
    return f"{TITLE}-{sheet.count.place.code}-{sheet.count.pk}"


def _done(count: StockCount, status: int = 200) -> Done:
    return Done({"id": count.pk, "state": count.state}, f"count {count.pk}", status=status)


def _lines(count: StockCount, lines: list[dict[str, Any]]) -> list[Counted]:
    known = known_here(count.place, {line["batch"] for line in lines if "batch" in line})
    strangers = [
        Fault(f"/lines/{index}/batch", NotFound.code, NotFound.message)
        for index, line in enumerate(lines)
        if "batch" in line and line["batch"] not in known
    ]
    if strangers:
        raise NotFound(faults=strangers)
    medicines = medicines_by_code(line["medicine"] for line in lines if line.get("medicine"))
    return [_counted(f"/lines/{index}", line, medicines) for index, line in enumerate(lines)]


def _counted(pointer: str, line: dict[str, Any], medicines: dict[str, Medicine]) -> Counted:
    code = line.get("medicine")
    if code and code not in medicines:
        words = _("The catalogue does not know this.")
        raise Invalid(faults=[Fault(f"{pointer}/medicine", "unknown_medicine", words)])
    label = None
    if "batch" not in line:
        texts = {
            name: line.get(name, "") for name in ("description", "lot_number", "expiry", "pack", "container")
        }
        label = Label(medicine=medicines.get(code or ""), **texts)
    return Counted(
        pointer,
        line["counted"],
        batch_id=line.get("batch"),
        side=line.get("side", ""),
        spot=line.get("spot", ""),
        label=label,
        at=line["counted_at"],
    )
