"""RFC 9457 problem details for everything that is not a success."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, Error, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from core.commands import violated_guard
from core.errors import PROBLEM_TYPE, DomainError, Fault, NotAllowed, refusal_for
from core.refusals import note_refusal, note_refused_call

log = logging.getLogger(__name__)
RETRY_AFTER_SECONDS = 5
# A copy that takes no writes; a session that the server ended because its transaction stood still for too long, as
# after a machine's pause or a leap of its clock. Drivers do not count these among operational errors.
AWAY = {"25006", "25P03", "25P04"}
# A name of a field, the place of one that has none (core.api), or the number of a row.
POINTED = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}|\?[0-9]+|[0-9]{1,19}", re.ASCII)
# Refusals of the framework's that would repeat the value.
QUOTING = {"invalid_choice", "does_not_exist"}


def problem(
    status: int,
    code: str,
    detail: Any,
    faults: list[Fault] | None = None,
    headers: dict[str, str] | None = None,
) -> JsonResponse:
    """A problem answer outside DRF's views."""
    body = _body(status, code, detail, faults or [])
    options = {"ensure_ascii": False}
    return JsonResponse(
        body, status=status, content_type=PROBLEM_TYPE, headers=headers, json_dumps_params=options
    )


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every refusal in the same shape, and in the audit log where it belongs there."""
    answer = _told_by_api(error, context)
    if answer is not None and answer.status_code < 500:
        note_refused_call(context.get("request"), error, answer)
    return answer


def _told_by_api(error: Exception, context: dict[str, Any]) -> Response | None:
    if isinstance(error, RequestDataTooBig):
        return _respond(413, "body_too_large", _("The request is too large."), [])
    if isinstance(error, DomainError):
        set_rollback()
        return _respond(error.status, error.code, error.detail, error.faults)
    if isinstance(error, IntegrityError):
        set_rollback()
        refusal = refusal_for(violated_guard(error))
        return _respond(refusal.status, refusal.code, refusal.detail, refusal.faults)
    if isinstance(error, DataError):
        set_rollback()
        return _respond(400, "value_out_of_range", _("A value is outside what can be recorded."), [])
    if _is_away(error):
        return _respond(*_away(error))
    return _from_drf(error, context)


def _from_drf(error: Exception, context: dict[str, Any]) -> Response | None:
    plain = exception_handler(error, context)
    if plain is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        faults = list(_faults(error.get_full_details(), ""))
        return _respond(400, "invalid", _why(faults), faults)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    if isinstance(error, PermissionDenied) or _is_plainly_denied(error):
        return _respond(NotAllowed.status, NotAllowed.code, NotAllowed.message, [])
    detail = getattr(error, "detail", "")
    code = str(getattr(detail, "code", "error"))
    headers = {
        name: value for name, value in plain.items() if name in {"WWW-Authenticate", "Retry-After", "Allow"}
    }
    return _respond(plain.status_code, code, str(detail), [], headers)


def _why(faults: list[Fault]) -> Any:
    """What no field can be blamed for is said in the answer's own words."""
    if faults and not any(fault.pointer for fault in faults):
        return faults[0].message
    return _("Some fields are not filled in as needed.")


def _is_plainly_denied(error: Exception) -> bool:
    """Refused by the framework without a word why: the same as what a rule of ours calls it."""
    return isinstance(error, exceptions.PermissionDenied) and error.get_codes() == "permission_denied"


def _faults(details: Any, pointer: str) -> Iterator[Fault]:
    """DRF's nested error details as flat faults with JSON pointers."""
    if isinstance(details, list):
        for index, inner in enumerate(details):
            nested = isinstance(inner, dict) and not {"message", "code"} >= set(inner)
            yield from _faults(inner, f"{pointer}/{index}" if nested else pointer)
    elif set(details) == {"message", "code"} and not isinstance(details["message"], dict | list):
        code = str(details["code"])
        words = _("None of the values that are possible here.") if code in QUOTING else details["message"]
        yield Fault(pointer, code, str(words))
    else:
        for name, inner in details.items():
            yield from _faults(inner, pointer if name == "non_field_errors" else f"{pointer}/{name}")


def _is_away(error: BaseException | None) -> bool:
    """The database cannot be reached, is full, gave up after repeats or waiting, or takes no writes at the moment."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return isinstance(error, Error) and getattr(error.__cause__, "sqlstate", None) in AWAY


def _away(error: BaseException) -> tuple[int, str, Any, list[Fault], dict[str, str]]:
    log.error("database unavailable: %s", type(error).__name__)
    return (
        503,
        "database_unavailable",
        _("The books cannot be reached at the moment. Nothing was recorded; please try again."),
        [],
        {"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def _respond(
    status: int, code: str, detail: Any, faults: list[Fault], headers: dict[str, str] | None = None
) -> Response:
    return Response(_body(status, code, detail, faults), status, headers=headers, content_type=PROBLEM_TYPE)


def _body(status: int, code: str, detail: Any, faults: list[Fault]) -> dict[str, Any]:
    return {
        "type": f"urn:problem:{code}",
        "title": str(detail),
        "status": status,
        "code": code,
        "detail": str(detail),
        "errors": [
            {"pointer": _shown(f.pointer), "code": f.code, "message": str(f.message)}
            for f in faults
            if f.pointer
        ],
    }


def _shown(pointer: str) -> str:
    """A pointer without what somebody else's program wrote into it: a filter that is a person's name, a telephone."""
    return "/".join(part if not part or POINTED.fullmatch(part) else "?" for part in pointer.split("/"))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 404, "not_found", _("There is no such thing here."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _told(request, 413, "body_too_large", _("The request is too large."))
    return _told(request, 400, "malformed_request", _("The request cannot be read."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 403, "not_allowed", _("Your roles do not allow this."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    note_refusal(request, getattr(request, "user", None), "csrf_failed")
    words = _("The page's security token is missing or old; reload the page.")
    return _told(request, 403, "csrf_failed", words)


def server_error(request: HttpRequest) -> HttpResponse:
    """What no view has caught: Django calls this while it handles the exception."""
    error = sys.exc_info()[1]
    if error is not None and _is_away(error):
        status, code, words, _faults, headers = _away(error)
        return _told(request, status, code, words, headers)
    words = _("Something failed here. Nothing was recorded by this request.")
    return _told(request, 500, "server_error", words)


def told_before_all(request: HttpRequest, status: int, code: str, words: Any) -> HttpResponse:
    """A refusal before anything is known of who asks: to a person as a page, to a program as a problem."""
    if not _is_screen(request):
        return problem(status, code, words)
    return HttpResponse(render_to_string("core/problem.html", {"title": words}), status=status)


def _is_screen(request: HttpRequest) -> bool:
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith("/api/")


def _told(
    request: HttpRequest, status: int, code: str, words: Any, headers: dict[str, str] | None = None
) -> HttpResponse:
    """To a person in front of a screen as a page, to a program as a problem."""
    if not _is_screen(request):
        return problem(status, code, words, headers=headers)
    context = {"title": words, "request_id": getattr(request, "request_id", "") if status >= 500 else ""}
    # Where the books are away nothing may be asked of them, not even who is signed in.
    page = render_to_string("core/problem.html", context, None if status >= 500 else request)
    return HttpResponse(page, status=status, headers=headers)
