"""The registers of clinics that keep them on paper, over HTTP: a template, a reading of a file, and the entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.models import Medicine
from core.api import StrictSerializer, command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid, NotFound
from core.files import XLSX, FileView, UploadParser, file_response
from core.language import in_language
from core.spreadsheets import SheetRefused, read_spreadsheet
from distribution.api.dispensings import hand_out_of
from distribution.models import Shipment
from distribution.papers import numbered
from distribution.queries import shipments_of
from distribution.register_import import Known, RegisterRead, read_register_rows
from distribution.register_template import register_template
from distribution.serializers.dispensing import DispensingInput
from distribution.serializers.fields import code
from distribution.services.registers import Noted, enter_registers
from donations.roster_import_medicines import MedicineIndex
from inventory.models import Side
from organisation.access import Access, access_of
from organisation.models import Place

# A page of the printed register holds some twenty; a busy day of a township fits into one entry.
MOST = 500
FAULTS_SHOWN = 150


class RegisterInput(StrictSerializer):
    hand_outs = serializers.ListField(child=DispensingInput(), allow_empty=False, max_length=MOST)


class RegisterUpload(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True, max_length=255)
    place = code()


READ = inline_serializer(
    "RegisterRead",
    {
        "rows": serializers.IntegerField(),
        "hand_outs": DispensingInput(many=True),
        "rows_of": serializers.ListField(
            child=serializers.ListField(child=serializers.IntegerField()),
            help_text="The rows of the file that each hand-out stands in.",
        ),
        "error_count": serializers.IntegerField(),
        "errors": inline_serializer(
            "RegisterFault",
            {
                "row": serializers.IntegerField(),
                "column": serializers.CharField(),
                "code": serializers.CharField(),
                "message": serializers.CharField(),
            },
            many=True,
        ),
    },
)


class RegisterTemplate(FileView):
    @extend_schema(responses={(200, XLSX): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponse:
        """An empty register to fill in, with drop-downs."""
        return file_response(register_template(), XLSX, "捐赠药品发放登记表-模板.xlsx")


class RegisterReading(APIView):
    parser_classes = [UploadParser]
    keyed = False

    @extend_schema(request={"multipart/form-data": RegisterUpload}, responses={200: READ})
    def post(self, request: Request) -> Response:
        """Read a register (.xlsx, .csv) without entering it: its hand-outs, and every bad cell by row and column.

        What is read is sent on to `dispensing-registers/` as it is, once nothing is wrong with it.
        """
        fields = valid(RegisterUpload, request)
        access = access_of(request)
        usual = access.place(fields["place"])
        try:
            rows = read_spreadsheet(fields["file"].read())
        except SheetRefused as error:
            message = in_language(error.message, error.message_en)
            raise Invalid(faults=[Fault("/file", error.code, message)]) from None
        read = read_register_rows(rows, _known(access.places(), usual))
        return Response(_answer(read))


class RegisterEntry(APIView):
    @extend_schema(request=RegisterInput)
    def post(self, request: Request) -> Response:
        """Enter the hand-outs that clinics wrote on paper, each with its own day, all of them or none.

        Every line at fault is named (`/hand_outs/3/lines/0/quantity`). A register number that the books hold for
        the same clinic and day is refused.
        """
        fields = valid(RegisterInput, request)["hand_outs"]

        def work(act: Act) -> Done:
            access = access_of(request)
            places = _places(access.places(), fields)
            written = enter_registers(act=act, notes=_notes(access, places, fields))
            answer = {"hand_outs": len(written), "dispensings": [row.pk for row in written]}
            return Done(answer, f"{len(written)} hand-outs from registers")

        return command(request, work)


def _notes(access: Access, places: Mapping[str, Place], fields: list[dict[str, Any]]) -> list[Noted]:
    covers = {code_: access.covers(place) for code_, place in places.items()}
    return [
        Noted(
            places[one["place"]],
            hand_out_of({**one, "entered_for": True}, covers[one["place"]], pointer),
            pointer,
        )
        for pointer, one in ((f"/hand_outs/{index}", one) for index, one in enumerate(fields))
    ]


def _places(covered: QuerySet[Place], fields: list[dict[str, Any]]) -> dict[str, Place]:
    known = {place.code: place for place in covered.filter(code__in={one["place"] for one in fields})}
    unknown = [
        Fault(f"/hand_outs/{index}/place", NotFound.code, NotFound.message)
        for index, one in enumerate(fields)
        if one["place"] not in known
    ]
    if unknown:
        raise NotFound(faults=unknown)
    return known


def _known(places: QuerySet[Place], usual: Place) -> Known:
    """What the cells of an upload may name, for the places that the person covers."""
    covered = list(places.filter(hands_out=True, active=True))
    names = {name: place.code for place in covered for name in (place.name, place.code)}
    received = shipments_of(places).filter(
        to_place__in=covered, to_side=Side.CLINIC, state=Shipment.State.RECEIVED
    )
    goods = {
        (shipment.pk, number): line.batch_id
        for shipment in received[:MOST]
        for number, line in numbered(shipment.lines.all())
        if line.accepted
    }
    return Known(names, MedicineIndex(Medicine.objects.all()), goods, usual.code)


def _answer(read: RegisterRead) -> dict[str, Any]:
    faults = list(read.faults)
    if len(read.hand_outs) > MOST:
        words = _("At most %(most)d hand-outs at a time; split the table.") % {"most": MOST}
        return {**_summary(read, []), "error_count": 1, "errors": [_said(0, "", "too_many_rows", words)]}
    shown = [
        _said(fault.row, fault.column, fault.code, in_language(fault.message, fault.message_en))
        for fault in faults[:FAULTS_SHOWN]
    ]
    return {
        **_summary(read, [one.body for one in read.hand_outs]),
        "error_count": len(faults),
        "errors": shown,
    }


def _summary(read: RegisterRead, hand_outs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "rows": read.rows,
        "hand_outs": hand_outs,
        "rows_of": [one.rows for one in read.hand_outs[: len(hand_outs)]],
    }


def _said(row: int, column: str, code_: str, message: str) -> dict[str, Any]:
    return {"row": row, "column": column, "code": code_, "message": message}
