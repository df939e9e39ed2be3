"""The daily report (日报) on a screen: figures, zero reports, the text for a chat group, the county's own form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.language import in_language
from core.pages import Field, FormPage, Page, Reply
from organisation.access import access_of
from reports.daily import UNITS
from reports.daily_api import FormUpload
from reports.models.daily import DailyForm
from reports.pages.parts import part_of

STEPS = {
    "registered": _("Received"),
    "accepted": _("Accepted"),
    "allotted": _("Allotted"),
    "dispensed": _("Handed out"),
}
COUNTS = (
    ("donations", _("Donations registered")),
    ("kinds_registered", _("Kinds of medicine registered")),
    ("kinds_accepted", _("Kinds of medicine accepted")),
    ("kinds_allotted", _("Kinds allotted to clinics")),
    ("kinds_dispensed", _("Kinds handed out")),
    ("hand_outs", _("Hand-outs to people")),
)


class DailyReportPage(Page):
    template = "reports/daily_desk.html"
    title = _("Daily report")
    help = _("From one cut-off to the next, and since the campaign began. Who recorded nothing is named.")

    def get(self, request: HttpRequest) -> HttpResponse:
        on = act_of(request).on.isoformat()
        day = request.GET.get("day") or on
        reply = self.ask("GET", f"daily-reports/{day.replace('/', '-')}/")
        field = Field("day", _("Day"), "date", value=day, hints={"max": on})
        shown: dict[str, Any] = {"field": field, "detail": reply.detail}
        if reply.ok:
            shown |= self._shown(reply.data)
        return self.page(reply.status, **shown)

    def _shown(self, report: dict[str, Any]) -> dict[str, Any]:
        county = access_of(self.request).person.county
        form = reverse("daily-form")
        return {
            "report": report,
            "zone": ZoneInfo(county.time_zone),
            "counts": [(words, report["today"][name], report["cumulative"][name]) for name, words in COUNTS],
            "part": part_of(_rows(report), list(STEPS.values()), self.request.GET.dict()),
            "zero": in_language("、", ", ").join(place["name"] for place in report["zero_reports"]),
            "has_form": DailyForm.objects.filter(pk=county.pk).exists(),
            "form": form if self.request.may_open(form) else "",  # type: ignore[attr-defined]
        }


def _rows(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": f"{row['generic_name'] or ''} {row['strength'] or ''}".strip(),
            "unit": row["unit"] or "",
            "cells": [(STEPS[step], row["today"][step], row["cumulative"][step]) for step in UNITS],
        }
        for row in report["medicines"]
    ]


class DailyFormPage(FormPage):
    title = _("The county's form of the daily report")
    help = _(
        "A spreadsheet (.xlsx) in whose cells placeholders stand, such as {{day}}, {{today.donations}},"
        " {{cumulative.hand_outs}}, {{zero_reports}} or {{M009a.today.dispensed}}. It replaces the one before."
    )
    button = _("Keep this form")
    said = _("The form is kept; the report of every day can be had in it.")
    shape = FormUpload
    method = "PUT"

    def route(self) -> str:
        return "daily-form/"

    def fields(self) -> Sequence[Field]:
        hints = {"accept": ".xlsx"}
        return [Field("/file", _("The county's form (.xlsx)"), "file", required=True, hints=hints)]

    def done(self, reply: Reply) -> str:
        return reverse("daily-report")
