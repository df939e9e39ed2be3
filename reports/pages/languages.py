"""Public pages in the language that their address names (`?language=en`), and what they lead to in the same one.

Nobody who has no account carries a cookie here, so the language is part of the address; a page that forgot it would
send its reader back to Chinese with the first click.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from html import escape, unescape
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import translation

Page = Callable[..., HttpResponse]
# Addresses of this site in links and forms; another part of the same page (#…) keeps the query by itself.
ADDRESS = re.compile(r'(<(?:a|form)\b[^>]*?\b(?:href|action)=")((?:/|\?)[^"]*)')
SWITCH = "?language="
# What a form sends by GET takes the place of its address's query.
ASKING = re.compile(r'(<form\b[^>]*\bmethod="get"[^>]*>)')


def in_asked_language(view: Page) -> Page:
    """The view in the language that the address names; its links, forms and redirects name it as well.

    The link to the other language keeps what else the address asks for.
    """

    @wraps(view)
    def page(request: HttpRequest, **named: Any) -> HttpResponse:
        asked = request.GET.get("language", "")
        if asked not in dict(settings.LANGUAGES):
            asked = ""
        if not asked:
            return _led_on(view(request, **named), request.GET, asked)
        with translation.override(asked):
            answer = _led_on(view(request, **named), request.GET, asked)
        answer.headers["Content-Language"] = asked
        return answer

    return page


def _led_on(answer: HttpResponse, query: QueryDict, asked: str) -> HttpResponse:
    if asked and answer.has_header("Location"):
        answer.headers["Location"] = _with_language(answer.headers["Location"], asked)
    kept = query.copy()
    kept.pop("language", None)
    if not asked and not kept:
        return answer

    def lead(found: re.Match[str]) -> str:
        address = unescape(found[2])
        if address.startswith(SWITCH):
            led = f"{address}&{kept.urlencode()}" if kept else address
        else:
            led = _with_language(address, asked) if asked else address
        return found[1] + escape(led)

    html = ADDRESS.sub(lead, answer.content.decode())
    if asked:
        html = ASKING.sub(rf'\1<input type="hidden" name="language" value="{asked}">', html)
    answer.content = html.encode()
    return answer


def _with_language(address: str, asked: str) -> str:
    """What the API answers is the same in every language, but where its address says otherwise."""
    if address.startswith("/api/"):
        return address
    path, _mark, part = address.partition("#")
    place, _mark, query = path.partition("?")
    more = QueryDict(query, mutable=True)
    more["language"] = asked
    return f"{place}?{more.urlencode()}" + (f"#{part}" if part else "")
