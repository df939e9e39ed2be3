"""Routes that answer with a file: a PDF, a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class AnyAccept(DefaultContentNegotiation):
    """Whatever the client says it accepts: the address names the kind of file, and refusals are JSON."""

    def select_renderer(
        self, request: Request, renderers: Iterable[Any], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, first.media_type


class FileView(APIView):
    content_negotiation_class = AnyAccept


def file_response(content: bytes, media_type: str, name: str) -> HttpResponse:
    """The file under this name; PDFs open in the browser, everything else is saved."""
    place = "inline" if media_type == PDF else "attachment"
    return HttpResponse(
        content,
        content_type=media_type,
        headers={
            "Content-Disposition": f"{place}; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "no-store",
        },
    )
