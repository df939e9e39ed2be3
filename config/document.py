"""The OpenAPI document as it is served: made once per process, format and language.

Making it takes seconds of processor time and nobody need sign in to ask for it. It is the same for everyone.
"""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.encoding import force_bytes
from django.utils.translation import get_language, override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

RENDERERS = {kind.media_type: kind for kind in SpectacularAPIView.renderer_classes}
# drf-spectacular looks its extensions up in its first document, and breaks where two threads do so at once.
MAKING = Lock()


@cache
def document(media_type: str, language: str) -> bytes:
    """The document in a media type of `RENDERERS` and a language of the settings."""
    with override(language):
        told = SchemaGenerator().get_schema(request=None, public=True)
        return force_bytes(RENDERERS[media_type]().render(told, renderer_context={}))


def made_once(media_type: str, language: str) -> bytes:
    """The document, made by the first who asks while the others wait for it."""
    with MAKING:
        return document(media_type, language)


class DocumentView(SpectacularAPIView):
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The document; `lang` asks for another language than that of the request."""
        languages = dict(settings.LANGUAGES)
        spoken = next(
            (code for code in (request.GET.get("lang"), get_language()) if code in languages),
            settings.LANGUAGE_CODE,
        )
        kind = request.accepted_renderer
        name = f'inline; filename="{settings.SPECTACULAR_SETTINGS["TITLE"]}.{kind.format}"'
        return HttpResponse(
            made_once(kind.media_type, spoken),
            content_type=f"{kind.media_type}; charset=utf-8",
            headers={"Content-Disposition": name, "Content-Language": spoken},
        )
