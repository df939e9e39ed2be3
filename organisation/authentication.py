"""Who is calling: a token of the API, or the session of a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from core.addresses import client_address
from core.refusals import note_refusal
from organisation.errors import SecondFactorRequired
from organisation.models import AccessToken, Person
from organisation.sign_in import lacks_second_factor, signed_in
from organisation.sign_ins import begin_session, digest, issue_token, note_use

__all__ = ["digest", "issue_token"]
SIGN_IN = "sign_in"


def bear_sign_in(sender: Any, request: HttpRequest, user: Person, **rest: Any) -> None:
    """Whenever somebody is let in to the screens (Django's signal), the session bears the number of the sign-in."""
    request.session[SIGN_IN] = begin_session(user, address=client_address(request.META)).pk


def end_session(request: HttpRequest) -> None:
    """End the sign-in that a session bears, if any, and the session: whoever had its cookie has nothing any more.

    Django changes it for another person, and keeps it for the same one who signs in again.
    """
    number = request.session.get(SIGN_IN)
    if isinstance(number, int):
        AccessToken.objects.filter(pk=number, digest=None).delete()
    request.session.flush()


def of_session(request: HttpRequest) -> tuple[Person, AccessToken] | None:
    """Who is signed in on the screens, and by which sign-in; read once for all that a page asks of the API."""
    if not hasattr(request, "_of_session"):
        request._of_session = _of_session(request)  # type: ignore[attr-defined]
    found: tuple[Person, AccessToken] | None = request._of_session  # type: ignore[attr-defined]
    return found


def _of_session(request: HttpRequest) -> tuple[Person, AccessToken] | None:
    number, now = request.session.get(SIGN_IN), timezone.now()
    found = signed_in(number, now) if isinstance(number, int) else None
    if found is None:
        return None
    person, row = found
    bound = request.session.get(HASH_SESSION_KEY, "")
    if str(person.pk) != request.session.get(SESSION_KEY) or lacks_second_factor(person, row):
        return None
    if not constant_time_compare(bound, person.get_session_auth_hash()):
        return None
    note_use(row, now)
    return found


class SessionPerson:
    """Puts the person signed in on the screens on each request, read when it is asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(  # type: ignore[assignment]
            lambda: (of_session(request) or [AnonymousUser()])[0]
        )
        return self.get_response(request)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token …`; one statement, expired and disabled sign-ins refused."""

    def authenticate(self, request: Request) -> tuple[Person, AccessToken] | None:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "token":
            return None
        now = timezone.now()
        found = signed_in(digest(token.strip()), now)
        if found is None:
            raise AuthenticationFailed(_("This sign-in is unknown or has ended."), code="token_invalid")
        if lacks_second_factor(*found):
            raise AuthenticationFailed(SecondFactorRequired.message, code=SecondFactorRequired.code)
        note_use(found[1], now)
        request._request.beside = found[1].beside  # type: ignore[attr-defined]
        return found

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class PageSession(SessionAuthentication):
    """The session of a page, with its CSRF check."""

    def authenticate(self, request: Request) -> tuple[Person, AccessToken] | None:
        found = of_session(request._request)
        if found is None:
            return None
        try:
            self.enforce_csrf(request)
        except PermissionDenied:
            note_refusal(request, found[0], "csrf_failed")
            words = _("The page's security token is missing or old; reload the page.")
            raise PermissionDenied(words, code="csrf_failed") from None
        return found
