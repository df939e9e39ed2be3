"""The place at which somebody works now: who has several chooses one, and it is kept for the session."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.pages import Page
from organisation.access import access_of
from organisation.models import PLACE_ROLES, Place
from organisation.pages.signing import safe_target

CHOSEN = "place"
# What a page may want a place to do.
DEEDS = {"takes_donations", "sorts", "hands_out"}


def places_of(request: HttpRequest) -> list[Place]:
    """The places that the person's roles are granted for one by one; asked once a request.

    Roles for a whole county choose none: their lists show it whole.
    """
    known: list[Place] | None = getattr(request, "_places_here", None)
    if known is None:
        reach = access_of(request).reach
        has_place_role = bool(reach.roles & {str(role) for role in PLACE_ROLES})
        known = list(reach.places(PLACE_ROLES).order_by("code")) if has_place_role else []
        request._places_here = known  # type: ignore[attr-defined]
    return known


def place_here(request: HttpRequest, **wanted: bool) -> Place | None:
    """The place chosen, or the only one there is, of those that do what is `wanted` (takes_donations=True)."""
    fitting = [
        place
        for place in places_of(request)
        if place.active and all(getattr(place, name) == value for name, value in wanted.items())
    ]
    chosen = [place for place in fitting if place.code == request.session.get(CHOSEN)]
    return (chosen or fitting)[0] if chosen or len(fitting) == 1 else None


class PlaceNeeded(Page):
    """A page for one place. `wanted` is what the place must do; who has several is asked first."""

    wanted: dict[str, bool] = {}
    place: Place

    def dispatch(self, request: HttpRequest, *args: Any, **ids: Any) -> Any:
        place = place_here(request, **self.wanted)
        if place is None:
            asked = {"next": request.path, "for": ",".join(self.wanted)}
            return redirect(f"{reverse('here')}?{urlencode(asked)}")
        self.place = place
        return super().dispatch(request, *args, **ids)


class HerePage(Page):
    template = "organisation/here.html"
    title = _("Where do you work now?")
    help = _("What you register, hand over and count is booked at this place until you choose another.")

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = DEEDS & {*request.GET.get("for", "").split(",")}
        places = [
            place
            for place in places_of(request)
            if place.active and all(getattr(place, deed) for deed in asked)
        ]
        return self.page(places=places, next=safe_target(request), chosen=request.session.get(CHOSEN))

    def post(self, request: HttpRequest) -> HttpResponse:
        code = request.POST.get("place", "")
        if code not in {place.code for place in places_of(request)}:
            raise Http404
        request.session[CHOSEN] = code
        return redirect(safe_target(request))


def may_choose(request: HttpRequest) -> bool:
    """Whether there is more than one place to choose from."""
    return len(places_of(request)) > 1
