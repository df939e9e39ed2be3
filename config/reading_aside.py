"""Public pages are read from the replica, and anew from the primary where that does not do."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from config.access import ACCESS, BASE, PUBLIC, PUBLIC_PAGES
from core.replica import doubt, is_usable, reading_aside

HEADER = "X-Read-From"
# What anybody reads of the books; not what the program says of itself, nor signing in.
ASIDE = {
    BASE + route
    for route, methods in ACCESS.items()
    if route.startswith("public/") and methods.get("GET") == PUBLIC
}
ASIDE |= {route for route, methods in PUBLIC_PAGES.items() if methods.get("GET") == PUBLIC}


class ReadAside:
    """Innermost: a public page knows nothing of its reader, so it may be made twice."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"} or not is_usable() or not _is_public(request.path_info):
            return self.get_response(request)
        with reading_aside():
            response = self.get_response(request)
        if response.status_code >= 500:
            doubt()
        if response.status_code >= 500 or response.status_code == 404:  # it may be too new to be known there
            return self.get_response(request)
        response[HEADER] = "replica"
        return response


def _is_public(path: str) -> bool:
    try:
        return resolve(path).route in ASIDE
    except Resolver404:
        return False
