"""What every request passes first."""

from __future__ import annotations

import contextlib
import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.problems import problem, told_before_all
from core.request_ids import REQUEST_ID

# What is left of a refused body is read up to here; who sends more is cut off.
DISCARDED = 32_000_000
PORTION = 65_536
# Of what a browser can do, pages want the camera, to read codes on boxes.
ALLOWED_TO_PAGES = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
# Also on what is answered before Django's own middleware is asked, a static file or a refusal.
ON_EVERY_ANSWER = {
    "Permissions-Policy": ALLOWED_TO_PAGES,
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": settings.X_FRAME_OPTIONS,
}
NUL_IN_ADDRESS = re.compile(r"%00|\x00")


class RequestGuard:
    """Gives every request an id, refuses addresses with NUL characters."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse
        request.request_id = str(uuid.uuid4())  # type: ignore[attr-defined]
        REQUEST_ID.set(request.request_id)  # type: ignore[attr-defined]
        if NUL_IN_ADDRESS.search(request.get_full_path()) or "\x00" in request.path_info:
            words = _("The address holds a NUL character.")
            response = told_before_all(request, 400, "malformed_address", words)
        elif (
            settings.SECURE_SSL_REDIRECT and request.path_info.startswith("/api/") and not request.is_secure()
        ):
            response = problem(403, "https_required", _("The API is spoken over HTTPS only."))
        else:
            response = self.get_response(request)
        if response.status_code >= 400:
            read_to_the_end(request)
        # What is said to a person who is signed in is kept nowhere on the way.
        if "Authorization" in request.headers or settings.SESSION_COOKIE_NAME in request.COOKIES:
            response.headers.setdefault("Cache-Control", "private, no-store")
        for name, value in ON_EVERY_ANSWER.items():
            response.headers.setdefault(name, value)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


def read_to_the_end(request: HttpRequest) -> None:
    """Discard what a refused request still has to send.

    A client that is still sending when the server closes sees a broken connection and not the refusal, as with a file
    that is too large.
    """
    stream = getattr(request, "_stream", None)
    read = 0
    with contextlib.suppress(OSError, ValueError):  # the client is gone, or the stream was closed
        while stream is not None and read < DISCARDED and (portion := stream.read(PORTION)):
            read += len(portion)
