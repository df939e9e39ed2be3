"""Pages that anyone may read without an account: no cookie, no need of a script, the same rows as the public API.

How such a page is answered: in the reader's language, cacheable, and in words where there is nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.views.decorators.http import conditional_page, require_http_methods

from core.errors import NotFound
from reports.pages.languages import Page, in_asked_language

CACHED_SECONDS = 60
# Whoever carries one of these gets a page of their own, which nothing on the way may keep.
COOKIES = (settings.LANGUAGE_COOKIE_NAME, settings.SESSION_COOKIE_NAME)


def public_page(view: Page) -> Page:
    """A page for GET alone, with an ETag over what it says; `?language=en` or `zh-hans` asks for a language."""
    return for_methods("GET")(conditional_page(_answered(view)))


def for_methods(*methods: str) -> Callable[[Page], Page]:
    """A page for these methods, and HEAD; it says so as `methods`, to be compared with the table of who may what."""

    def decorate(view: Page) -> Page:
        page = require_http_methods([*methods, "HEAD"])(view)
        page.methods = methods  # type: ignore[attr-defined]
        return page

    return decorate


def show(template: str, shown: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """A page that knows nothing of who asks, so that it is the same for everybody."""
    return HttpResponse(render_to_string(template, shown), status=status)


def _answered(view: Page) -> Page:
    @in_asked_language
    @wraps(view)
    def page(request: HttpRequest, **named: Any) -> HttpResponse:
        try:
            answer = view(request, **named)
        except NotFound:
            answer = show("reports/missing.html", status=404)
        if answer.status_code == 200 and not answer.has_header("Cache-Control"):
            own = any(name in request.COOKIES for name in COOKIES)
            patch_cache_control(
                answer, **({"private": True} if own else {"public": True}), max_age=CACHED_SECONDS
            )
        return answer

    return page
