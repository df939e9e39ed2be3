"""In which form an answer is given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from core.errors import PROBLEM_TYPE, Fault, Invalid


class Negotiation(DefaultContentNegotiation):
    """`format` in the address outweighs the Accept header, which names what a client can read at all.

    A client that names problem details alone gets JSON: problem details are how it is told what went wrong, and no
    answer has that form when nothing did (RFC 9457 3).
    """

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> Any:
        wanted = format_suffix or request.query_params.get(str(self.settings.URL_FORMAT_OVERRIDE))
        if wanted:
            renderer = self.filter_renderers(renderers, wanted)[0]
            return renderer, renderer.media_type
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            if PROBLEM_TYPE not in request.headers.get("Accept", ""):
                raise
            first = next(iter(renderers))
            return first, first.media_type

    def filter_renderers(self, renderers: Iterable[BaseRenderer], format: str) -> list[BaseRenderer]:
        found = [renderer for renderer in renderers if renderer.format == format]
        if not found:
            words = _("This can be had as %(formats)s.") % {
                "formats": ", ".join(str(renderer.format) for renderer in renderers)
            }
            raise Invalid(faults=[Fault("/format", "invalid_choice", words)])
        return found
