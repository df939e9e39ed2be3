"""Signing in and out on the screens, and a new password."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache

from core.addresses import client_address
from core.errors import DomainError
from core.pages import Field, FormPage, Page, Reply
from organisation.api import PasswordInput
from organisation.errors import PasswordChangeRequired
from organisation.services import person_signing_in


def safe_target(request: HttpRequest) -> str:
    """Where the page was asked to lead to afterwards, if that is on this site; else the first page."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}) else "/"


@method_decorator(never_cache, "dispatch")
class SignInPage(Page):
    """The same check as the API's; a refusal keeps the name that was typed."""

    template = "organisation/sign_in.html"
    title = _("Sign in")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(next=safe_target(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        name, target = request.POST.get("username", ""), safe_target(request)
        try:
            person = person_signing_in(
                username=name,
                password=request.POST.get("password", ""),
                address=client_address(request.META),
            )
        except DomainError as refusal:
            is_new = isinstance(refusal, PasswordChangeRequired)
            return self.page(401, next=target, username=name, fault=refusal.detail, is_new=is_new)
        login(request, person)
        return redirect(target)


class SignOutPage(View):
    def post(self, request: HttpRequest) -> HttpResponse:
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
        account = {"autocomplete": "username", "autocapitalize": "none"}
        return [
            Field("/username", _("User name"), required=True, value=name, hints=account),
            Field(
                "/old_password", _("Present password"), "password", required=True,
                hints={"autocomplete": "current-password"},
            ),
            Field(
                "/new_password", _("New password"), "password", required=True,
                help=_("At least 12 characters."), hints={"autocomplete": "new-password"},
            ),
        ]  # fmt: skip

    def route(self) -> str:
        return "auth/password/"

    def done(self, reply: Reply) -> str:
        return reverse("sign-in")
