"""Routes that answer with a file, and routes that take one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from core.errors import DomainError
from core.spreadsheets import BYTES_LIMIT

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a multipart body takes beside its file.
ENVELOPE = 20_000
PLAIN_NAME = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)


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
            "Content-Disposition": f"{place}; {_called(name)}",
            "Cache-Control": "no-store",
        },
    )


def _called(name: str) -> str:
    """The name by RFC 6266: in its plain form too where that can say it, for programs that know no other."""
    extended = f"filename*=UTF-8''{quote(name)}"
    return f'filename="{name}"; {extended}' if PLAIN_NAME.fullmatch(name) else extended


class UploadTooLarge(DomainError):
    code = "body_too_large"
    status = 413
    message = _("The request is too large.")


class UploadParser(MultiPartParser):
    """Multipart bodies, refused by their announced length before anything of them is read."""

    limit = BYTES_LIMIT

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        request = (parser_context or {})["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.limit + ENVELOPE:
            most = {"most": self.limit // 1_000_000}
            raise UploadTooLarge(gettext("The file is too large: at most %(most)d MB are taken.") % most)
        return super().parse(stream, media_type, parser_context)
