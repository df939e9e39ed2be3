"""People who come or go for a time, over HTTP: the county's table, one more, one ended, and reading a spreadsheet."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid, NotFound
from core.files import XLSX, FileView, UploadParser, file_response
from core.language import reads_english
from core.spreadsheets import SheetRefused, read_spreadsheet
from distribution.api.profiles import FAULTS_SHOWN, ProfilesUpload
from distribution.models.shifts import PopulationShift
from distribution.serializers.shifts import ShiftEndInput, ShiftInput, ShiftShape, ShiftsInput
from distribution.services.shifts import add_shift, end_shift, set_shifts
from distribution.shift_table import read_shifts, shift_template
from distribution.shifts import shifts_of, townships_planned, within
from organisation.access import Access, access_of
from organisation.lists import ScopedList


class ShiftFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("place__code")
    township = django_filters.CharFilter("township")
    on = django_filters.DateFilter(method="counting")

    class Meta:
        model = PopulationShift
        fields = ["id"]

    def counting(self, shifts: QuerySet[PopulationShift], name: str, day: Any) -> QuerySet[PopulationShift]:
        return shifts.filter(starts_on__lte=day, ends_on__gte=day)


class ShiftList(ScopedList[PopulationShift]):
    """People who come or go for a time; the estimated need takes the days that fall in."""

    model = PopulationShift
    serializer_class = ShiftShape
    filterset_class = ShiftFilter

    def rows(self, access: Access) -> QuerySet[PopulationShift]:
        return shifts_of(access.county_id)

    @extend_schema(request=ShiftInput, responses={201: ShiftShape})
    def post(self, request: Request) -> Response:
        """Add one; several of the same place add up."""
        fields = valid(ShiftInput, request)

        def work(act: Act) -> Done:
            (shift,) = _shifts(access_of(request), act, [fields], "")
            add_shift(act=act, shift=shift)
            return Done(dict(ShiftShape(shift).data), f"population shift {shift.pk}")

        return command(request, work)

    @extend_schema(request=ShiftsInput)
    def put(self, request: Request) -> Response:
        """Put this table in place of those there are, whole or not at all; an empty one ends all shifts.

        Who plans for some townships only puts it in place of theirs.
        """
        rows = valid(ShiftsInput, request)["shifts"]

        def work(act: Act) -> Done:
            access = access_of(request)
            set_shifts(act=act, shifts=_shifts(access, act, rows, "/shifts/{}"), within=within(access))
            return Done({"shifts": len(rows)}, f"{len(rows)} population shifts", 200)

        return command(request, work, keyed=False)


class ShiftEnd(APIView):
    @extend_schema(request=ShiftEndInput)
    def post(self, request: Request, pk: int) -> Response:
        """End one earlier than it was said; one that has not begun by then is taken out."""
        last = valid(ShiftEndInput, request)["to"]

        def work(act: Act) -> Done:
            answer = end_shift(act=act, pk=pk, within=within(access_of(request)), last=last)
            return Done(answer, f"population shift {pk}", 200)

        return command(request, work)


def _shifts(access: Access, act: Act, rows: list[dict[str, Any]], at: str) -> list[PopulationShift]:
    """The rows as they are kept; `at` is where row N stands in the request."""
    townships = set(townships_planned(access).values_list("code", flat=True))
    named = {row["place"] for row in rows if "place" in row}
    places = {place.code: place for place in access.places().filter(code__in=named)}
    unknown = [
        Fault(f"{at.format(index)}/{of}", NotFound.code, NotFound.message)
        for index, row in enumerate(rows)
        for of, there in (("township", townships), ("place", places))
        if of in row and row[of] not in there
    ]
    if unknown:
        raise NotFound(faults=unknown)
    return [
        PopulationShift(
            county_id=act.county_id,
            township_id=row.get("township"),
            place=places[row["place"]] if "place" in row else None,
            starts_on=row["from"],
            ends_on=row["to"],
            percent=row.get("percent"),
            heads=row.get("heads"),
            entered_by=act.actor_id,
            entered_on=act.on,
        )
        for row in rows
    ]


class ShiftTemplate(FileView):
    @extend_schema(responses={(200, XLSX): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponse:
        """A table to fill in, with a row for each township and each place that hands out."""
        access = access_of(request)
        townships = townships_planned(access).values_list("code", "name")
        clinics = access.places().filter(hands_out=True, active=True).order_by("township_id", "code")
        content = shift_template(townships, clinics.values_list("code", "name"))
        return file_response(content, XLSX, "人口增减-模板.xlsx")


class ShiftReading(APIView):
    parser_classes = [UploadParser]
    keyed = False

    @extend_schema(request={"multipart/form-data": ProfilesUpload})
    def post(self, request: Request) -> Response:
        """Read a table (.xlsx, .csv) without writing it: its shifts, and every bad cell by row and field.

        The first row names the columns: township or place, first and last day, percentage or people.
        """
        english, access = reads_english(), access_of(request)
        try:
            rows = read_spreadsheet(valid(ProfilesUpload, request)["file"].read())
        except SheetRefused as error:
            message = error.message_en if english else error.message
            raise Invalid(faults=[Fault("/file", error.code, message)]) from None
        townships = _by_code_and_name(townships_planned(access).values_list("code", "name"))
        places = _by_code_and_name(access.places().values_list("code", "name"))
        shifts, faults = read_shifts(rows, english, townships=townships, places=places)
        return Response({"shifts": shifts, "error_count": len(faults), "errors": faults[:FAULTS_SHOWN]})


def _by_code_and_name(rows: QuerySet[Any, tuple[str, str]]) -> dict[str, str]:
    pairs = list(rows)
    return {name: code for code, name in pairs} | {code: code for code, _name in pairs}
