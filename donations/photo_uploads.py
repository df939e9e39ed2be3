"""Photos that come in over HTTP: how they are taken in, and how a bad one is refused."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler

from catalogue.photos import LARGEST_BYTES, PhotoError
from core.errors import DomainError, Fault, Invalid
from core.files import UploadParser
from core.language import in_language
from donations.errors import PhotoTooLarge

TOO_LARGE = {"too_large", "too_many_pixels"}


class InMemory(MemoryFileUploadHandler):
    """Keeps the file in memory whatever its size: a photo of somebody's medicines touches no disk."""

    def handle_raw_input(self, *args: Any, **options: Any) -> None:
        self.activated = True


class PhotoParser(UploadParser):
    limit = LARGEST_BYTES

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        request = (parser_context or {})["request"]._request
        request.upload_handlers = [InMemory(request)]
        return super().parse(stream, media_type, parser_context)


def photo_refused(error: PhotoError) -> DomainError:
    """What to raise when a file is no photo that can be read."""
    words = in_language(error.message, error.message_en)
    refusal = PhotoTooLarge if error.code in TOO_LARGE else Invalid
    return refusal(faults=[Fault("/photo", error.code, words)])
