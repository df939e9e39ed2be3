"""The first page: what waits for the person who is signed in; for everybody else what this is."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from core.pages import Page
from core.pages.calls import API
from organisation.models import County
from reports.pages.languages import in_asked_language


class HomePage(Page):
    template = "reports/home.html"
    title = _("To do")
    help = _("What waits for you now, counted; each leads to its list.")

    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return in_asked_language(self._front)(request)
        reply = self.ask("GET", "todo/")
        if not reply.ok:
            return self.refused(reply)
        duties = [{**duty, "page": _page_of(request, duty["link"])} for duty in reply.data["duties"]]
        waiting = [duty for duty in duties if duty["count"]]
        return self.page(waiting=waiting, clear=[duty for duty in duties if not duty["count"]])

    def _front(self, request: HttpRequest) -> HttpResponse:
        """What anybody sees; a language chosen here lives in a cookie, so that its form leads to the bare address."""
        counties = County.objects.order_by("name")
        return self.page(
            template="organisation/home.html", title="", counties=counties, next_page=request.path
        )


def _page_of(request: HttpRequest, link: str) -> str:
    """The screen of a list of the API bears the list's own address and query; "" where there is none yet."""
    address: Any = "/" + link.removeprefix(API)
    return address if request.may_open(address.partition("?")[0]) else ""  # type: ignore[attr-defined]
