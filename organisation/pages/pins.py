"""PINs on the screens: setting one, signing in with it, and a second person's signature on the first one's device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from core.errors import DomainError
from core.pages import Field, FormPage, Reply
from core.pages.forms import KEY
from organisation.attempts import origin_of
from organisation.authentication import end_session
from organisation.pages.signing import ACCOUNT, CODE, SECRET, safe_target
from organisation.pins import LASTS, person_with_pin
from organisation.pins_api import PinInput, PinLoginInput
from organisation.sign_in_log import noted

DIGITS = {"inputmode": "numeric", "autocomplete": "off", "maxlength": "12"}


def device_of(request: HttpRequest) -> str:
    """The secret of the device; empty where it has none."""
    return request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")[:64]


@method_decorator(never_cache, "dispatch")
class PinPage(FormPage):
    title = _("Set a PIN on this device")
    help = _("Six digits or more, which open your account on this device only; after five wrong ones, none.")
    button = _("Set the PIN")
    said = _("The PIN is set on this device.")
    shape = PinInput

    def route(self) -> str:
        return "auth/pins/"

    def fields(self) -> Sequence[Field]:
        name = self.request.GET.get("username", "")
        return [
            Field("/username", _("User name"), required=True, value=name, hints=ACCOUNT),
            Field("/password", _("Password"), "password", required=True, hints=SECRET),
            Field("/otp", _("Present code"), help=_("Only for who has a second factor already."), hints=CODE),
            Field("/pin", _("New PIN"), "password", required=True, hints=DIGITS),
        ]

    def body(self) -> dict[str, Any]:
        return {**super().body(), "device": device_of(self.request) or None}

    def post(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        reply = self.send()
        if not reply.ok:
            return self.again(reply)
        messages.success(request, self.said)
        answer = redirect("sign-in-pin")
        answer.set_cookie(
            settings.DEVICE_COOKIE_NAME,
            reply.data["device"],
            max_age=int(LASTS.total_seconds()),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
        )
        return answer


@method_decorator(never_cache, "dispatch")
class PinSignInPage(FormPage):
    """The same check as the API's, for the session of the screens."""

    title = _("Sign in with a PIN")
    help = _("On a device on which you have set one. It opens your roles at places, and no others.")
    button = _("Sign in")
    shape = PinLoginInput

    def fields(self) -> Sequence[Field]:
        return [
            Field("/username", _("User name"), required=True, hints=ACCOUNT),
            Field("/pin", _("PIN"), "password", required=True, hints=DIGITS),
        ]

    def post(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        name, device = request.POST.get("/username", "")[:67], device_of(request)
        try:
            with noted(request, name):
                pin, origin = request.POST.get("/pin", "")[:12], origin_of(request)
                person = person_with_pin(username=name, device=device, pin=pin, origin=origin)
        except DomainError as refusal:
            return self.again(Reply(refusal.status, {"detail": refusal.detail, "errors": []}))
        end_session(request)
        login(request, person)
        return redirect(safe_target(request))


class CoSignPage(FormPage):
    """The second person's signature: who they are by PIN, then the step itself in their name, not in this one's.

    Subclasses give `about` and the API's route of the step, with the page's own parts in braces.
    """

    help = _("The second person signs here with their user name and PIN; you stay signed in.")
    button = _("Sign as the second person")
    said = _("The second person has signed.")
    shape = PinLoginInput
    step = ""
    after = ""

    def fields(self) -> Sequence[Field]:
        return [
            Field("/username", _("User name of the second person"), required=True, hints=ACCOUNT),
            Field("/pin", _("PIN of the second person"), "password", required=True, hints=DIGITS),
        ]

    def send(self) -> Reply:
        named = {name: self.request.POST.get(f"/{name}", "") for name in ("username", "pin")}
        given = self.ask("POST", "auth/co-sign/", {**named, "device": device_of(self.request)})
        if not given.ok:
            return given
        key = self.request.POST.get(KEY, "")
        return self.ask("POST", self.step.format(**self.kwargs), {}, key=key, token=given.data["token"])

    def done(self, reply: Reply) -> str:
        return reverse(self.after, kwargs=self.kwargs)
