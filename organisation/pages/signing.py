"""Signing in and out on the screens, and a new password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import segno
from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache

from core.errors import DomainError
from core.pages import Field, Form, FormPage, Page, Reply
from organisation.access import access_of
from organisation.api import AccountInput, OtpConfirmInput, PasswordInput
from organisation.attempts import keep_device, origin_of
from organisation.authentication import end_session
from organisation.errors import Locked, OtpRequired, PasswordChangeRequired, SecondFactorRequired
from organisation.services import person_signing_in
from organisation.sign_in_log import note_done, noted

ACCOUNT = {"autocomplete": "username", "autocapitalize": "none"}
SECRET = {"autocomplete": "current-password"}
CODE = {"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "10"}


def safe_target(request: HttpRequest) -> str:
    """Where the page was asked to lead to afterwards, if that is on this site; else the first page."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}) else "/"


@method_decorator(never_cache, "dispatch")
class SignInPage(Page):
    """The same check as the API's; a refusal keeps the name that was typed."""

    template = "organisation/sign_in.html"
    title = _("Sign in")
    help = _("For those who work here. The public reads the county pages without an account.")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(next=safe_target(request), has_pin=settings.DEVICE_COOKIE_NAME in request.COOKIES)

    def post(self, request: HttpRequest) -> HttpResponse:
        name, target = request.POST.get("username", ""), safe_target(request)
        origin = origin_of(request, entry_code=request.POST.get("entry_code", "")[:20])
        try:
            with noted(request, name):
                person = person_signing_in(
                    username=name,
                    password=request.POST.get("password", ""),
                    otp=request.POST.get("otp"),
                    origin=origin,
                )
        except DomainError as refusal:
            return self.page(
                401,
                next=target,
                username=name,
                fault=refusal.detail,
                is_new=isinstance(refusal, PasswordChangeRequired),
                must_set_up=isinstance(refusal, SecondFactorRequired),
                needs_otp=isinstance(refusal, OtpRequired) or "otp" in request.POST,
                must_wait=isinstance(refusal, Locked) or "entry_code" in request.POST,
            )
        end_session(request)
        login(request, person)
        answer = redirect(target)
        keep_device(answer, origin)
        return answer


class SignOutPage(View):
    def post(self, request: HttpRequest) -> HttpResponse:
        note_done(request, access_of(request).person)
        end_session(request)
        logout(request)
        return redirect("home")


@method_decorator(never_cache, "dispatch")
class PasswordPage(FormPage):
    title = _("Change the password")
    help = _("The first password is changed before the first sign-in.")
    button = _("Change the password")
    said = _("The password is changed; please sign in with it.")
    shape = PasswordInput

    def fields(self) -> Sequence[Field]:
        name = self.request.GET.get("username", "")
        return [
            Field("/username", _("User name"), required=True, value=name, hints=ACCOUNT),
            Field(
                "/old_password", _("Present password"), "password", required=True,
                hints={"autocomplete": "current-password"},
            ),
            Field(
                "/new_password", _("New password"), "password", required=True,
                help=_("At least 12 characters."), hints={"autocomplete": "new-password"},
            ),
            Field("/otp", _("Present code"), help=_("Only for who has a second factor already."), hints=CODE),
        ]  # fmt: skip

    def route(self) -> str:
        return "auth/password/"

    def done(self, reply: Reply) -> str:
        return reverse("sign-in")


@method_decorator(never_cache, "dispatch")
class SecondFactorPage(FormPage):
    """First name and password; then the secret as a QR code, and a code that shows the application has it."""

    title = _("Set up a second factor")
    help = _("Codes of an authenticator application are asked at sign-in from then on, beside the password.")
    button = _("Go on")
    shape = AccountInput

    def fields(self) -> Sequence[Field]:
        name = self.request.GET.get("username", "")
        return [
            Field("/username", _("User name"), required=True, value=name, hints=ACCOUNT),
            Field("/password", _("Password"), "password", required=True, hints=SECRET),
            Field("/otp", _("Present code"), help=_("Only for who has a second factor already."), hints=CODE),
        ]

    def route(self) -> str:
        return "auth/otp/"

    def post(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        reply = self.send()
        if not reply.ok:
            return self.again(reply)
        page = SecondFactorConfirmPage()
        page.setup(request)
        return page.begun(request.POST.get("/username", ""), reply.data)


@method_decorator(never_cache, "dispatch")
class SecondFactorConfirmPage(FormPage):
    template = "organisation/second_factor.html"
    title = _("Set up a second factor")
    help = _("Scan the picture with an authenticator application, then type the code that it shows.")
    button = _("Confirm")
    said = _("The second factor is set up; please sign in with it.")
    shape = OtpConfirmInput

    def begun(self, username: str, told: dict[str, str]) -> HttpResponse:
        """The form under the secret, which is shown this once."""
        picture = segno.make(told["uri"], micro=False).svg_data_uri(scale=5)
        fields = [
            replace(each, value=username) if each.name == "/username" else each for each in self.fields()
        ]
        return self.page(form=Form(fields), button=self.button, secret=told["secret"], picture=picture)

    def fields(self) -> Sequence[Field]:
        return [
            Field("/username", _("User name"), required=True, hints=ACCOUNT),
            Field("/password", _("Password"), "password", required=True, hints=SECRET),
            Field("/code", _("Code of the authenticator application"), required=True, hints=CODE),
        ]

    def route(self) -> str:
        return "auth/otp/confirm/"

    def done(self, reply: Reply) -> str:
        return reverse("sign-in")
