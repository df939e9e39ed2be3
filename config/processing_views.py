"""The record of processing over HTTP and as a screen."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.processing import as_body
from core.pages import Page
from organisation.access import access_of

LINE = inline_serializer(
    "ProcessingLine",
    {
        **{name: serializers.CharField() for name in ("what", "whose", "purpose", "kept", "guarded")},
        "readers": serializers.ListField(
            child=serializers.CharField(),
            help_text="Roles that read it, by the table of who may; none: nobody.",
        ),
        "fields": serializers.ListField(child=serializers.CharField()),
    },
    many=True,
)
RECORD = inline_serializer(
    "ProcessingRecord",
    {
        "county": serializers.CharField(),
        "identity_days": serializers.IntegerField(help_text="0: donors are not forgotten by themselves."),
        "lines": LINE,
    },
)


class ProcessingView(APIView):
    @extend_schema(responses=RECORD)
    def get(self, request: Request) -> Response:
        """Which personal data there are, what for, who reads them, how long they are kept and what protects them.

        Made from the tables and the rights of this very program (个人信息保护法 art. 54–56).
        """
        access = access_of(request)
        return Response(as_body(access.county_id, access.policy.identity_days))


class ProcessingPage(Page):
    template = "config/processing.html"
    title = _("Record of processing")
    help = _(
        "Every personal field of this program, what it serves, who reads it, how long it is kept and what protects it"
        " (个人信息保护法 art. 54–56). Made from the tables and from the roles' rights; print it for the assessment."
    )

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(record=self.ask("GET", "processing-record/").data)
