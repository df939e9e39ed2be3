"""Clinic profiles of a whole county at once, over HTTP: a template, a reading of a file, and the entry."""

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

from core.api import StrictSerializer, act_of, command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid, NotFound
from core.files import XLSX, FileView, UploadParser, file_response
from core.language import reads_english
from core.spreadsheets import SheetRefused, read_spreadsheet
from distribution.models import ClinicProfile
from distribution.profile_import import read_profile_rows
from distribution.profile_template import profile_template
from distribution.queries import profiles_of
from distribution.serializers.fields import code
from distribution.serializers.needs import HEAD_COUNTS, PEOPLE_LIMIT, TRAVEL_LIMIT, FiguresInput, ProfileShape
from distribution.services.needs import set_profiles
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.models import Place

MOST = 2000
FAULTS_SHOWN = 150
LIMITS = {**dict.fromkeys(HEAD_COUNTS, PEOPLE_LIMIT), "travel_minutes": TRAVEL_LIMIT}


class PlaceProfileInput(FiguresInput):
    """A whole table replaces what was there, so it asks for no version."""

    place = code()


class ProfilesInput(StrictSerializer):
    profiles = serializers.ListField(child=PlaceProfileInput(), allow_empty=False, max_length=MOST)


class ProfilesUpload(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True, max_length=255)


READ = inline_serializer(
    "ProfilesRead",
    {
        "rows": serializers.IntegerField(),
        "profiles": PlaceProfileInput(many=True),
        "error_count": serializers.IntegerField(),
        "errors": inline_serializer(
            "ProfileFault",
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


class ProfileTemplate(FileView):
    @extend_schema(responses={(200, XLSX): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponse:
        """A table to fill in, with a row for each place that hands out."""
        rows = _clinics(access_of(request)).order_by("township_id", "code").values_list("code", "name")
        return file_response(profile_template(rows), XLSX, "服务人群资料-模板.xlsx")


class ProfileReading(APIView):
    parser_classes = [UploadParser]
    keyed = False

    @extend_schema(request={"multipart/form-data": ProfilesUpload}, responses={200: READ})
    def post(self, request: Request) -> Response:
        """Read a table (.xlsx, .csv) without writing it: its profiles, and every bad cell by row and column.

        What is read is sent on with PUT to `clinic-profiles/` as it is, once nothing is wrong with it.
        """
        content = valid(ProfilesUpload, request)["file"].read()
        english = reads_english()
        try:
            rows = read_spreadsheet(content)
        except SheetRefused as error:
            message = error.message_en if english else error.message
            raise Invalid(faults=[Fault("/file", error.code, message)]) from None
        clinics = _clinics(access_of(request)).values_list("code", "name")
        places = {name: code_ for code_, name in clinics} | {code_: code_ for code_, _name in clinics}
        read = read_profile_rows(rows, places=places, limits=LIMITS, today=act_of(request).on)
        faults = [
            {
                "row": fault.row,
                "column": fault.column,
                "code": fault.code,
                "message": fault.message_en if english else fault.message,
            }
            for fault in read.faults[:FAULTS_SHOWN]
        ]
        answer = {"rows": read.rows, "profiles": read.profiles, "error_count": len(read.faults)}
        return Response({**answer, "errors": faults})


class ProfileList(ScopedList[ClinicProfile]):
    """Who the clinics serve, with the day the figures were taken."""

    model = ClinicProfile
    serializer_class = ProfileShape

    def rows(self, access: Access) -> QuerySet[ClinicProfile]:
        return profiles_of(access.places())

    @extend_schema(operation_id="clinic_profiles_write_many", request=ProfilesInput)
    def put(self, request: Request) -> Response:
        """Write down who these clinics serve, all of them or none; clinics not named keep what they had."""
        rows = valid(ProfilesInput, request)["profiles"]

        def work(act: Act) -> Done:
            places = _places(access_of(request), rows)
            figures = {
                places[row["place"]]: {name: row[name] for name in row if name != "place"} for row in rows
            }
            set_profiles(act=act, figures=figures)
            return Done({"profiles": len(rows)}, f"{len(rows)} profiles", 200)

        return command(request, work, keyed=False)


def _clinics(access: Access) -> QuerySet[Place]:
    return access.places().filter(hands_out=True, active=True)


def _places(access: Access, rows: list[dict[str, Any]]) -> Mapping[str, Place]:
    named = [row["place"] for row in rows]
    known = {place.code: place for place in access.places().filter(code__in=named)}
    unknown = [
        Fault(f"/profiles/{index}/place", NotFound.code, NotFound.message)
        for index, name in enumerate(named)
        if name not in known
    ]
    if unknown:
        raise NotFound(faults=unknown)
    twice = [
        Fault(f"/profiles/{index}/place", "named_twice", _("This is named twice."))
        for index, name in enumerate(named)
        if name in named[:index]
    ]
    if twice:
        raise Invalid(faults=twice)
    return known
