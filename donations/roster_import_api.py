"""Uploading rosters over HTTP: template, preview, commit, progress."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, astuple
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.models import Medicine
from core.api import StrictSerializer, command, logged_read, valid
from core.commands import Act, Done
from core.fields import Text
from core.files import XLSX, FileView, UploadParser, file_response
from core.language import reads_english
from donations.answers import wrong_counter
from donations.identity import Identity
from donations.models import RosterFile
from donations.queries import (
    campaign_by_code,
    collector_of,
    open_campaign_on,
    roster_file_at,
    roster_progress,
)
from donations.roster_import import CellFault
from donations.roster_import_template import roster_template
from donations.services.rosters import Preview, commit_roster, upload_roster
from organisation.access import access_of
from organisation.queries import policy_of

# A preview names this many cells; whoever has mended those uploads again.
FAULTS_SHOWN = 150
WARNINGS_SHOWN = 30
ROWS_SHOWN = 100


class RosterUpload(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True, max_length=255)
    place = serializers.CharField(max_length=24)
    campaign = serializers.CharField(max_length=24, required=False)
    collector = Text(
        80, allow_blank=True, default="", help_text="Who brings it for many: a unit's collector."
    )
    collector_phone = Text(30, allow_blank=True, default="")
    collector_unit = Text(80, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["collector_phone"] or attrs["collector_unit"]) and not attrs["collector"]:
            raise serializers.ValidationError(
                {"collector": serializers.ErrorDetail(_("Needed here."), code="required")}
            )
        return attrs


FAULT = inline_serializer(
    "RosterFault",
    {
        "row": serializers.IntegerField(),
        "column": serializers.CharField(),
        "code": serializers.CharField(),
        "message": serializers.CharField(),
        "proposal": serializers.ListField(child=serializers.DictField(), required=False),
    },
    many=True,
)
PREVIEW = inline_serializer(
    "RosterPreview",
    {
        "id": serializers.IntegerField(),
        "state": serializers.CharField(help_text="preview or committed"),
        "rows": serializers.IntegerField(),
        "donations": serializers.IntegerField(help_text="New ones."),
        "repeats": serializers.IntegerField(help_text="Donations that the books have already."),
        "repeated_rows": serializers.ListField(
            child=serializers.IntegerField(),
            help_text="Where repeats begin that were registered here, though no roster brought them in these words.",
        ),
        "items": serializers.IntegerField(),
        "outcomes": serializers.DictField(child=serializers.IntegerField()),
        "error_count": serializers.IntegerField(),
        "errors": FAULT,
        "warnings": serializers.ListField(
            child=serializers.DictField(), help_text="Work units on it that hand in elsewhere."
        ),
    },
)
COLLECTOR = inline_serializer(
    "RosterCollector",
    {"name": serializers.CharField(), "phone": serializers.CharField(), "work_unit": serializers.CharField()},
)
STATE = inline_serializer(
    "RosterState",
    {
        "id": serializers.IntegerField(),
        "state": serializers.CharField(help_text="preview or committed"),
        "rows": serializers.IntegerField(),
        "error_count": serializers.IntegerField(),
        "progress": inline_serializer(
            "RosterProgress",
            {"done": serializers.IntegerField(), "of": serializers.IntegerField()},
            allow_null=True,
        ),
    },
)


class RosterTemplate(FileView):
    @extend_schema(responses={(200, XLSX): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponse:
        """An empty roster to fill in, with drop-downs."""
        medicines = Medicine.objects.values_list("generic_name", "strength").order_by("code")
        return file_response(roster_template(list(medicines)), XLSX, "捐赠药品登记花名册-模板.xlsx")


class RosterList(APIView):
    parser_classes = [UploadParser]

    @extend_schema(request={"multipart/form-data": RosterUpload}, responses={201: PREVIEW})
    def post(self, request: Request) -> Response:
        """Look at a roster (.xlsx, .csv) without registering it: every bad cell by row and column."""
        fields = valid(RosterUpload, request)
        content = fields["file"].read()
        collector = Identity(fields["collector"], fields["collector_phone"], fields["collector_unit"])

        def work(act: Act) -> Done:
            code = fields.get("campaign")
            roster, preview = upload_roster(
                act=act,
                place=access_of(request).place(fields["place"]),
                campaign=campaign_by_code(act.county_id, code)
                if code
                else open_campaign_on(act.county_id, act.on),
                policy=policy_of(act.county_id),
                content=content,
                collector=collector,
            )
            return Done(_answer(roster, preview), f"roster {roster.pk}")

        digest = hashlib.sha256(content).hexdigest()
        named = [fields["place"], fields.get("campaign"), digest, *astuple(collector)]
        return command(request, work, body=named)


class RosterDetail(APIView):
    @extend_schema(responses=STATE)
    def get(self, request: Request, pk: int) -> Response:
        """How far a roster is: while it is being registered, how many of its donations."""
        roster = roster_file_at(access_of(request).places(), pk)
        progress = roster_progress(roster)
        return Response(
            {
                "id": pk,
                "state": _state(roster),
                "rows": roster.rows,
                "error_count": roster.faults,
                "progress": progress and {"done": progress[0], "of": progress[1]},
            }
        )


class RosterCollector(APIView):
    @extend_schema(responses=COLLECTOR)
    def get(self, request: Request, pk: int) -> Response:
        """Who brought the roster for many; the look is logged."""

        def read(act: Act) -> tuple[Identity, str]:
            roster = roster_file_at(access_of(request).places(), pk)
            return collector_of(roster), f"collector of roster {pk}"

        return Response(asdict(logged_read(request, read)))


class RosterCommit(APIView):
    @extend_schema(request=None, responses=PREVIEW)
    def post(self, request: Request, pk: int) -> Response:
        """Register the whole roster, or nothing; what the books have already is left out."""

        def work(act: Act) -> Done:
            roster = roster_file_at(access_of(request).places(), pk)
            preview = commit_roster(act=act, roster=roster, policy=policy_of(act.county_id))
            roster.refresh_from_db()
            return Done(_answer(roster, preview), f"roster {pk}", status=200)

        return command(request, work)


def _answer(roster: RosterFile, preview: Preview) -> dict[str, Any]:
    return {
        "id": roster.pk,
        "state": _state(roster),
        "rows": preview.rows,
        "donations": len(preview.fresh),
        "repeats": preview.repeats,
        "repeated_rows": list(preview.repeated_rows[:ROWS_SHOWN]),
        "items": preview.items,
        "outcomes": preview.outcomes,
        "error_count": len(preview.faults),
        "errors": [_fault(fault) for fault in preview.faults[:FAULTS_SHOWN]],
        "warnings": [
            {**wrong_counter(place), "work_unit": unit}
            for unit, place in sorted(preview.elsewhere.items())[:WARNINGS_SHOWN]
        ],
    }


def _state(roster: RosterFile) -> str:
    return "committed" if roster.committed_at else "preview"


def _fault(fault: CellFault) -> dict[str, Any]:
    english = reads_english()
    said: dict[str, Any] = {
        "row": fault.row,
        "column": fault.column,
        "code": fault.code,
        "message": fault.message_en if english else fault.message,
    }
    if fault.proposal:
        said["proposal"] = [
            {"medicine": medicine[:40], "quantity": quantity[:20]}
            for medicine, quantity in fault.proposal[:5]
        ]
    return said
