"""Who is calling: a token of the API, or the session of a page."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from core.refusals import note_refusal
from organisation.models import AccessToken, Person
from organisation.sign_in import signed_in


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def issue_token(person: Person) -> tuple[str, AccessToken]:
    """A new sign-in: the token itself, shown once, and its row, which keeps only the hash."""
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    row = AccessToken.objects.create(
        person=person,
        digest=digest(token),
        created_at=now,
        expires_at=now + datetime.timedelta(hours=settings.TOKEN_HOURS),
    )
    return token, row


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token …`; one statement, expired and disabled sign-ins refused."""

    def authenticate(self, request: Request) -> tuple[Person, AccessToken] | None:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "token":
            return None
        found = signed_in(digest(token.strip()), timezone.now())
        if found is None:
            raise AuthenticationFailed(_("This sign-in is unknown or has ended."), code="token_invalid")
        return found

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class PageSession(SessionAuthentication):
    """The session of a page, with its CSRF check."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        person = getattr(request._request, "user", None)
        if person is None or not person.is_authenticated or not person.is_active:
            return None
        try:
            self.enforce_csrf(request)
        except PermissionDenied:
            note_refusal(request, person, "csrf_failed")
            raise
        return person, None
