"""Pages that anyone may read without an account: no cookie, no need of a script, the same rows as the public API.

How such a page is answered: in the reader's language, cacheable, and in words where there is nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.http import conditional_page, require_http_methods

from core.errors import NotFound
from reports.pages.languages import Page, in_asked_language

CACHED_SECONDS = 60
# Whoever carries one of these gets a page of their own, which nothing on the way may keep.
COOKIES = (settings.LANGUAGE_COOKIE_NAME, settings.SESSION_COOKIE_NAME)


def public_page(view: Page) -> Page:
    """A page for GET alone, with an ETag over what it says; `?language=en` or `zh-hans` asks for a language.

    Every worker keeps what it made for `PUBLIC_PAGE_SECONDS`, so that a rush upon a county's page makes it once.
    """
    return for_methods("GET")(conditional_page(_kept(_answered(view))))


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


def _kept(page: Page) -> Page:
    """A page that is the same for everybody, as it was made some seconds ago; others are made anew."""

    @wraps(page)
    def answer(request: HttpRequest, **named: Any) -> HttpResponse:
        if not settings.PUBLIC_PAGE_SECONDS or _is_ones_own(request):
            return page(request, **named)
        asked = f"{get_language()} {request.build_absolute_uri()}"
        key = f"page-{hashlib.sha256(asked.encode()).hexdigest()}"
        if kept := cache.get(key):
            content, headers = kept
            return HttpResponse(content, headers=headers)
        made = page(request, **named)
        if made.status_code == 200 and "public" in made.get("Cache-Control", ""):
            cache.set(key, (made.content, dict(made.headers)), settings.PUBLIC_PAGE_SECONDS)
        return made

    return answer


def _is_ones_own(request: HttpRequest) -> bool:
    return any(name in request.COOKIES for name in COOKIES)


def _answered(view: Page) -> Page:
    @in_asked_language
    @wraps(view)
    def page(request: HttpRequest, **named: Any) -> HttpResponse:
        try:
            answer = view(request, **named)
        except NotFound:
            answer = show("reports/missing.html", status=404)
        if answer.status_code == 200 and not answer.has_header("Cache-Control"):
            to_whom = {"private": True} if _is_ones_own(request) else {"public": True}
            patch_cache_control(answer, **to_whom, max_age=CACHED_SECONDS)
        return answer

    return page
