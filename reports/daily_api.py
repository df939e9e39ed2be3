"""The daily report over HTTP."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.models import Medicine
from core.api import StrictSerializer, act_of, command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid, NotFound
from core.files import PDF, XLSX, FileView, UploadParser, file_response
from core.language import reads_english
from core.replica import aside
from core.spreadsheets import SheetRefused
from organisation.access import access_of
from reports.daily import daily_report
from reports.errors import DayToCome, FormMissing, FormUnfit
from reports.files.daily_form import FormRefused, check_form, fill_form, form_values
from reports.files.daily_notice import daily_pdf
from reports.files.daily_text import daily_text
from reports.models.daily import DailyForm
from reports.queries import current_campaign
from reports.snapshot import snapshot

FORM_FAULTS = {
    "form_has_drawings": _("It holds drawings, charts, macros or links, which filling would lose:"),
    "form_has_no_placeholder": _("No cell holds a placeholder such as {{today.donations}}."),
    "placeholder_unknown": _("These placeholders are not known:"),
}


class FormUpload(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True, max_length=255)


@aside
def asked_report(request: Request, day: str) -> dict[str, Any]:
    """The content of a day's report with its text; 404 where that is no day."""
    access, act = access_of(request), act_of(request)
    try:
        asked = datetime.date.fromisoformat(day)
    except ValueError:
        raise NotFound from None
    if asked > act.on:
        raise DayToCome
    county = access.person.county
    with snapshot():
        campaign = current_campaign(county.pk, asked)
        report = daily_report(county, campaign, asked, access.policy.report_cut_off, act.at).content()
    return {**report, "text": daily_text(report, county.name, county.time_zone)}


class DailyReportView(APIView):
    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, day: str) -> Response:
        """The report of a day (日报), from the cut-off of the day before to its own; with a text for a chat group.

        `zero_reports` are places that recorded nothing. Before the cut-off `whole` is false. Quantities are in each
        medicine's smallest unit.
        """
        return Response(asked_report(request, day))


class DailySheet(FileView):
    @extend_schema(responses={(200, XLSX): OpenApiTypes.BINARY})
    def get(self, request: Request, day: str) -> HttpResponse:
        """The report of a day in the county's own form; 404 `form_missing` before one was uploaded."""
        county = access_of(request).person.county
        report = asked_report(request, day)
        form = DailyForm.objects.filter(pk=county.pk).first()
        if form is None:
            raise FormMissing
        filled = fill_form(bytes(form.content), form_values(report, county.name))
        return file_response(filled, XLSX, f"捐赠药品日报-{day}.xlsx")


class DailyPaper(FileView):
    @extend_schema(responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request, day: str) -> HttpResponse:
        """The report of a day on paper; before its cut-off every page says that it is not whole."""
        county = access_of(request).person.county
        content = daily_pdf(asked_report(request, day), county.name, county.time_zone)
        return file_response(content, PDF, f"捐赠药品日报-{day}.pdf")


class DailyFormView(APIView):
    parser_classes = [UploadParser]

    @extend_schema(request={"multipart/form-data": FormUpload}, responses=OpenApiTypes.OBJECT)
    def put(self, request: Request) -> Response:
        """Upload the county's own form (.xlsx) with placeholders in double braces, which replaces the one before.

        Known are {{day}}, {{county}}, {{until}}, {{text}}, {{zero_reports}}, {{zero_count}}, {{reported_count}},
        {{today.donations}} and the other counts of `today` and `cumulative`, and for a medicine by its code
        {{M009a.today.dispensed}} (registered, accepted, allotted, dispensed). Formulas stay as they are; drawings,
        charts and macros would be lost and are refused.
        """
        content = valid(FormUpload, request)["file"].read()

        def work(act: Act) -> Done:
            return Done({"bytes": save_form(act, content)}, "daily form", 200)

        return command(request, work, keyed=False, body=hashlib.sha256(content).hexdigest())


def save_form(act: Act, content: bytes) -> int:
    """Keep a form that can be filled; its size."""
    try:
        check_form(content, set(Medicine.objects.values_list("code", flat=True)))
    except SheetRefused as error:
        message = error.message_en if reads_english() else error.message
        raise Invalid(faults=[Fault("/file", error.code, message)]) from None
    except FormRefused as refused:
        cells = "; ".join(refused.cells)
        raise FormUnfit(f"{FORM_FAULTS[refused.code]} {cells}".strip(), pointer="/file") from None
    DailyForm.objects.update_or_create(
        county_id=act.county_id,
        defaults={"content": content, "uploaded_by": act.actor_id, "uploaded_at": act.at},
    )
    return len(content)
