"""Signing in and out on the pages, and the first page."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError
from organisation.services import person_signing_in


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "organisation/home.html")


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """The same check as the API's; a refusal keeps the name that was typed."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    shown = {"next": target, "username": request.POST.get("username", "")}
    if request.method == "POST":
        try:
            person = person_signing_in(
                username=request.POST.get("username", ""), password=request.POST.get("password", "")
            )
        except DomainError as refusal:
            return render(
                request, "organisation/sign_in.html", {**shown, "fault": refusal.detail}, status=401
            )
        login(request, person)
        return redirect(target if url_has_allowed_host_and_scheme(target, {request.get_host()}) else "/")
    return render(request, "organisation/sign_in.html", shown)


@require_POST
def sign_out_page(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("home")
