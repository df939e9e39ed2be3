"""WeChat's browser saves no files: whoever follows a link to one is told to open it in another browser.

Pages and PDFs are shown there; a link to a file that is to be saved otherwise ends in an empty page. It is known by
MicroMessenger in the name that it sends.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

SAVED = (".xlsx", ".csv", ".zip", ".json", ".py")
FORMATS = {"xlsx", "csv"}


def is_wechat(request: HttpRequest) -> bool:
    return "MicroMessenger" in request.headers.get("User-Agent", "")


def is_to_be_saved(request: HttpRequest) -> bool:
    """Whether this address answers with a file to keep, by its ending or the format that it asks for."""
    is_api = request.path.startswith("/api/")
    return is_api and (request.path.endswith(SAVED) or request.GET.get("format") in FORMATS)


class OpenInBrowser:
    """Answers before the file is made, so that nothing is read, logged or counted that nobody gets."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        follows_link = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
        if not (follows_link and is_to_be_saved(request) and is_wechat(request)):
            return self.get_response(request)
        shown = {
            "title": _("Open this file in the browser"),
            "address": request.build_absolute_uri(),
            "is_public": request.path.startswith("/api/v1/public/"),
        }
        answer = render(request, "core/open_in_browser.html", shown)
        answer["Cache-Control"] = "no-store"
        return answer
