"""People who come or go for a time, over HTTP: the county's table, and reading it from a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import StrictSerializer, command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid, NotFound
from core.fields import Day
from core.files import UploadParser
from core.language import reads_english
from core.spreadsheets import Cell, SheetRefused, SheetRow, read_spreadsheet
from distribution.api.profiles import ProfilesUpload
from distribution.models_shifts import HEADS_LIMIT, PopulationShift
from distribution.shifts import set_shifts, shifts_of, township_or_place
from donations.roster_import_cells import CellRefused, day_of, text_of
from organisation.access import Access
from organisation.lists import ScopedList

MOST = 2000
# A field and what its column may be called.
COLUMNS = {
    "township": ("township", "乡镇编码"),
    "place": ("place", "机构编码"),
    "from": ("from", "开始日期"),
    "to": ("to", "结束日期"),
    "percent": ("percent", "增减百分比"),
    "heads": ("heads", "增减人数"),
}


class WholeNumber(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            raise serializers.ValidationError(_("A whole number is needed here."), code="not_whole")
        return super().to_internal_value(data)


class ShiftInput(StrictSerializer):
    """For a township or a clinic; more people, or fewer below zero, by percentage or heads; both days included."""

    township = serializers.CharField(max_length=12, required=False)
    place = serializers.CharField(max_length=24, required=False)
    to = Day()
    percent = WholeNumber(min_value=-100, max_value=1000, required=False)
    heads = WholeNumber(min_value=-HEADS_LIMIT, max_value=HEADS_LIMIT, required=False)

    def get_fields(self) -> dict[str, Any]:
        return {"from": Day(), **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        faults = {}
        if ("township" in attrs) == ("place" in attrs):
            words = _("Either a township or a place is needed.")
            faults["township"] = serializers.ErrorDetail(words, code="township_or_place")
        if ("percent" in attrs) == ("heads" in attrs):
            words = _("Either a percentage or a number of people is needed.")
            faults["percent"] = serializers.ErrorDetail(words, code="percent_or_heads")
        if attrs["to"] < attrs["from"]:
            words = _("The last day comes before the first, or too long after it.")
            faults["to"] = serializers.ErrorDetail(words, code="period")
        if faults:
            raise serializers.ValidationError(faults)
        return attrs


class ShiftsInput(StrictSerializer):
    shifts = serializers.ListField(child=ShiftInput(), max_length=MOST)


class ShiftShape(serializers.ModelSerializer[PopulationShift]):
    township = serializers.CharField(source="township_id", allow_null=True)
    place = serializers.CharField(source="place.code", default=None)

    class Meta:
        model = PopulationShift
        fields = ["township", "place", "starts_on", "ends_on", "percent", "heads", "entered_on"]


class ShiftList(ScopedList[PopulationShift]):
    """People who come or go for a time; the estimated need takes the days that fall in."""

    model = PopulationShift
    serializer_class = ShiftShape

    def rows(self, access: Access) -> QuerySet[PopulationShift]:
        return shifts_of(access.county_id)

    @extend_schema(request=ShiftsInput)
    def put(self, request: Request) -> Response:
        """Put this table in place of the county's, whole or not at all; an empty one ends all shifts."""
        rows = valid(ShiftsInput, request)["shifts"]

        def work(act: Act) -> Done:
            set_shifts(act=act, shifts=_shifts(act, rows))
            return Done({"shifts": len(rows)}, f"{len(rows)} population shifts", 200)

        return command(request, work, keyed=False)


def _shifts(act: Act, rows: list[dict[str, Any]]) -> list[PopulationShift]:
    townships = {row["township"] for row in rows if "township" in row}
    named = {row["place"] for row in rows if "place" in row}
    known, places = township_or_place(act.county_id, townships, named)
    unknown = [
        Fault(f"/shifts/{index}/{of}", NotFound.code, NotFound.message)
        for index, row in enumerate(rows)
        for of, there in (("township", known), ("place", places))
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


class ShiftReading(APIView):
    parser_classes = [UploadParser]

    @extend_schema(request={"multipart/form-data": ProfilesUpload})
    def post(self, request: Request) -> Response:
        """Read a table (.xlsx, .csv) without writing it: its shifts, and every bad cell by row and field.

        The first row names the columns: township or place code, first and last day, percentage or people.
        """
        english = reads_english()
        try:
            rows = read_spreadsheet(valid(ProfilesUpload, request)["file"].read())
        except SheetRefused as error:
            message = error.message_en if english else error.message
            raise Invalid(faults=[Fault("/file", error.code, message)]) from None
        shifts, faults = read_shifts(rows, english)
        return Response({"shifts": shifts, "error_count": len(faults), "errors": faults[:150]})


def read_shifts(rows: list[SheetRow], english: bool) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The shifts of a table in the shape that PUT takes, and what is wrong with it."""
    names = {word: name for name, words in COLUMNS.items() for word in words}
    columns = {
        names[cell.text.strip()]: index
        for index, cell in enumerate(rows[0].cells if rows else ())
        if cell.text.strip() in names
    }
    if not {"from", "to"} <= set(columns):
        words = _("No header row: first and last day are needed.")
        return [], [{"row": 1, "column": "", "code": "header_not_found", "message": words}]
    shifts, faults = [], []
    for row in rows[1:]:
        taken: dict[str, Any] = {}
        wrong: list[dict[str, Any]] = []
        for name, index in columns.items():
            cell = row.cells[index] if index < len(row.cells) else Cell()
            try:
                if text_of(cell, 40):
                    taken[name] = READ.get(name, _text)(cell)
            except CellRefused as why:
                message = why.message_en if english else why.message
                wrong.append({"row": row.number, "column": name, "code": why.code, "message": message})
        if not taken and not wrong:
            continue
        if not wrong:
            wrong = _wrong(row.number, taken)
        faults += wrong
        if not wrong:
            shifts.append(taken)
    return shifts, faults


def _wrong(number: int, taken: dict[str, Any]) -> list[dict[str, Any]]:
    """What the shape of a shift says of a row."""
    shape = ShiftInput(data=taken)
    if shape.is_valid():
        return []
    return [
        {"row": number, "column": name, "code": detail[0].code, "message": str(detail[0])}
        for name, detail in shape.errors.items()
    ]


def _text(cell: Cell) -> str:
    return str(text_of(cell, 40))


def _day(cell: Cell) -> str:
    return str(day_of(cell))


def _number(cell: Cell) -> int:
    text = text_of(cell, 40).strip().removesuffix("%").removesuffix(".0")
    try:
        return int(text)
    except ValueError:
        raise CellRefused("not_whole", "须为整数", "A whole number is needed here.") from None


READ: dict[str, Callable[[Cell], Any]] = {"from": _day, "to": _day, "percent": _number, "heads": _number}
