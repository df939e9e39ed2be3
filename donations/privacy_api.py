"""The county's privacy notice over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import StrictSerializer, command, valid
from core.commands import Act, Done
from core.fields import Quantity, Text
from donations.models.notices import NOTICE_LENGTH
from donations.privacy import last_notice, notice_address, notice_of, set_notice
from organisation.access import access_of
from organisation.models import County


class NoticeInput(StrictSerializer):
    """An empty text: the programme's own notice. `number`: that of the notice that was seen."""

    text = Text(NOTICE_LENGTH, multiline=True, allow_blank=True)
    text_en = Text(NOTICE_LENGTH, multiline=True, allow_blank=True, required=False, default="")
    number = Quantity(least=0, most=2**31 - 1, required=False, allow_null=True, default=None)


class NoticeShape(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="Counts up with each wording; 0: never set.")
    set_on = serializers.DateField(allow_null=True)
    is_own = serializers.BooleanField(help_text="false: the programme's own notice.")
    text = serializers.CharField(
        allow_blank=True, help_text="The county's own text; empty where it has none."
    )
    text_en = serializers.CharField(allow_blank=True)
    paragraphs = serializers.ListField(child=serializers.CharField(), help_text="As it is read.")
    address = serializers.CharField(help_text="The public page.")


class NoticeView(APIView):
    @extend_schema(responses=NoticeShape)
    def get(self, request: Request) -> Response:
        """What donors are told of their data."""
        return Response(told(access_of(request).county_id))

    @extend_schema(request=NoticeInput, responses=NoticeShape)
    def put(self, request: Request) -> Response:
        """Set the county's own words, with the number of the notice that was seen."""
        fields = valid(NoticeInput, request)

        def work(act: Act) -> Done:
            row = set_notice(act=act, **fields)
            return Done(told(act.county_id), f"privacy notice {row.number}", 200)

        return command(request, work, keyed=False)


def told(county_id: str) -> dict[str, Any]:
    notice, row = notice_of(County.objects.get(pk=county_id)), last_notice(county_id)
    return {
        "number": notice.number,
        "set_on": notice.set_on,
        "is_own": notice.is_own,
        "text": row.text if row else "",
        "text_en": row.text_en if row else "",
        "paragraphs": notice.paragraphs,
        "address": notice_address(county_id),
    }
