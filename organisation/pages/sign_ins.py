"""One's own sign-ins on a screen: what is open where, and ending it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.pages import Cell, Column, ListPage, Reply, StepPage
from core.pages.tables import Row
from organisation.access import access_of


class SignInsPage(ListPage):
    template = "organisation/sign_ins.html"
    title = _("My sign-ins")
    help = _("Where you are signed in now. End what you do not know, then change your password.")
    route = "auth/sign-ins/"
    empty = _("You are signed in nowhere.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return [
            Column("on_screens", _means, _("Signed in with")),
            Column("created_at", lambda row: Cell(self._moment(row["created_at"]))),
            Column("used_at", lambda row: Cell(self._moment(row["used_at"]))),
            Column("network"),
            Column("is_this", _end, _("State")),
        ]

    def _moment(self, at: str) -> str:
        """A moment of the API on the county's clock."""
        zone = ZoneInfo(access_of(self.request).person.county.time_zone)
        return f"{datetime.fromisoformat(str(at)).astimezone(zone):%Y-%m-%d %H:%M}"

    def context(self) -> dict[str, bool]:
        return {"takes_pins": access_of(self.request).policy.pins}


def _means(row: Row) -> Cell:
    words = gettext("screens") if row["on_screens"] else gettext("a program")
    if row["by_pin"]:
        words += " · " + gettext("PIN")
    return Cell(words + (" · " + gettext("second factor") if row["with_second_factor"] else ""))


def _end(row: Row) -> Cell:
    if row["is_this"]:
        return Cell(gettext("this one"), tone="good")
    return Cell(gettext("End this sign-in"), link=reverse("sign-in-end", args=[row["id"]]))


class SignInEndPage(StepPage):
    title = _("End a sign-in")
    help = _("The device or program that used it has to sign in anew.")
    button = _("End this sign-in")
    said = _("The sign-in is ended.")
    about = "auth/sign-ins/?id={pk}"

    def route(self) -> str:
        return f"auth/sign-ins/{self.kwargs['pk']}/end/"

    def done(self, reply: Reply) -> str:
        return reverse("sign-ins")


class OtherSignInsEndPage(StepPage):
    title = _("End all other sign-ins")
    help = _("You stay signed in here; every other device and program has to sign in anew.")
    button = _("End all others")
    said = _("All others are ended.")

    def route(self) -> str:
        return "auth/sign-ins/end-others/"

    def done(self, reply: Reply) -> str:
        return reverse("sign-ins")
