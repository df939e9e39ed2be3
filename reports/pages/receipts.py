"""Where a gift went, by the code on its receipt."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from core.errors import NotFound
from reports.errors import ReceiptCodeInvalid, TooManyGuesses
from reports.guesses import traced
from reports.pages.answers import for_methods, show
from reports.pages.languages import in_asked_language


@never_cache
@for_methods("GET", "POST")
@in_asked_language
def receipt_page(request: HttpRequest) -> HttpResponse:
    """The form, and the answer to a code, which is sent as a body so that no log and no history keeps it."""
    code = request.POST.get("code", "").strip()
    if not code:
        return show("reports/receipt.html", {"csrf_token": get_token(request)})
    status, fault = 200, ""
    answer: dict[str, Any] | None = None
    try:
        answer = traced(code, request.META)
    except TooManyGuesses as refusal:
        status, fault = 429, str(refusal.detail)
    except ReceiptCodeInvalid as refusal:
        status, fault = 400, str(refusal.detail)
    except NotFound:
        status, fault = 404, _("No receipt with this code was given out. Compare it with your receipt.")
    shown = {"csrf_token": get_token(request), "code": code[:40], "fault": fault, "answer": answer}
    return show("reports/receipt.html", shown, status=status)
