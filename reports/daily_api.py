"""The daily report over HTTP."""

from __future__ import annotations

import datetime

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import act_of
from core.errors import NotFound
from organisation.access import access_of
from reports.daily import daily_report
from reports.errors import DayToCome
from reports.files.daily_text import daily_text
from reports.queries import current_campaign
from reports.snapshot import snapshot


class DailyReportView(APIView):
    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, day: str) -> Response:
        """The report of a day (日报), from the cut-off of the day before to its own; with a text for a chat group.

        `zero_reports` are places that recorded nothing. Before the cut-off `whole` is false. Quantities are in each
        medicine's smallest unit.
        """
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
        return Response({**report, "text": daily_text(report, county.name, county.time_zone)})
