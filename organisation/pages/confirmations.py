"""What waits for a second person: the list that all who look after accounts, policy or log see, and confirming."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.language import in_language
from core.pages import Cell, Column, Field, ListPage, Reply, StepPage
from core.pages.tables import Row
from organisation.access import access_of
from organisation.models import Confirmation, Role
from organisation.pages.policy import policy_field, policy_value


class ConfirmationsPage(ListPage):
    title = _("Second person")
    help = _(
        "New passwords, forgotten second factors, roles that watch or sign and policy that guards accounts less count"
        " once a second person has confirmed them: not who asked, nor whose account it is. What policy lets count"
        " without stands here too."
    )
    route = "confirmations/"
    empty = _("Nothing has needed a second person yet.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return [
            Column("name", lambda row: Cell(row["name"] or ""), pgettext_lazy("person", "Name")),
            Column("username"),
            Column("kind", lambda row: Cell(in_words(row)), _("What for")),
            Column("asked_by", lambda row: Cell(named(row, "asked_by"))),
            Column("asked_at", lambda row: Cell(self._moment(row["asked_at"]))),
            Column("confirmed_by", _second, _("Second person")),
        ]

    def _moment(self, at: str) -> str:
        """A moment of the API on the county's clock."""
        zone = ZoneInfo(access_of(self.request).person.county.time_zone)
        return f"{datetime.fromisoformat(str(at)).astimezone(zone):%Y-%m-%d %H:%M}"

    def filters(self) -> Sequence[Field]:
        kinds = [("", _("all")), *Confirmation.Kind.choices]
        states = [("", _("all")), ("true", _("waits for a second person")), ("false", _("done"))]
        return [
            Field("kind", _("What for"), "select", options=kinds),
            Field("waiting", _("State"), "select", options=states),
        ]


def in_words(row: Row) -> str:
    words = str(Confirmation.Kind(row["kind"]).label)
    if row["changes"]:
        return f"{words} · {changes_in_words(row['changes'])}"
    return f"{words} · {Role(row['role']).label}" if row["role"] else words


def changes_in_words(changes: dict[str, Any]) -> str:
    """What of policy would change, field by field: as the policy's own page calls it, and the new value."""
    colon, semicolon = in_language("：", ": "), in_language("；", "; ")
    told = (f"{policy_field(name)}{colon}{policy_value(name, value)}" for name, value in changes.items())
    return semicolon.join(told)


def named(row: Row, who: str) -> str:
    """Who it was: names can be alike, so the user name stands beside."""
    username = row[f"{who}_username"]
    return f"{row[who]} ({username})" if username else str(row[who] or "")


def _second(row: Row) -> Cell:
    if row["is_waiting"]:
        return Cell(gettext("Confirm"), link=reverse("confirmation", args=[row["id"]]))
    if row["confirmed_by"] is not None:
        return Cell(named(row, "confirmed_by") or gettext("whoever runs the installation"), tone="good")
    return (
        Cell(gettext("nobody: counts by policy"), tone="bad")
        if row["counts_alone"]
        else Cell(gettext("not confirmed"))
    )


class ConfirmationPage(StepPage):
    title = _("Confirm as the second person")
    help = _(
        "Ask the person themselves, face to face or by telephone, whether they want this. Of a new password you then"
        " see the second part: hand it to them yourself, not to who asked for it."
    )
    button = _("Confirm")
    about = "confirmations/?id={pk}"
    facts = ("name", "username", "kind", "role", "changes", "asked_by", "asked_by_username")

    def fact(self, name: str) -> Any:
        words = super().fact(name)
        if name == "changes":
            return changes_in_words(words) if words else ""
        labels = {"kind": Confirmation.Kind, "role": Role}
        return labels[name](words).label if words and name in labels else words

    def fact_heading(self, name: str) -> Any:
        headings = {"name": pgettext_lazy("person", "Name"), "kind": _("What for"), "asked_by": _("Asked by")}
        headings["changes"] = _("What would count")
        return headings.get(name) or super().fact_heading(name)

    def route(self) -> str:
        return f"confirmations/{self.kwargs['pk']}/confirm/"

    def post(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        reply = self.send()
        if not reply.ok:
            return self.again(reply)
        return self.page(template="organisation/confirmed.html", help="", part=reply.data["second_part"])
