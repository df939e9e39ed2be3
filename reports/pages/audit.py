"""The audit log: who did or tried what, newest first, with refusals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.pages import Cell, Column, Field, ListPage, Reply
from core.pages.tables import Row
from organisation.access import access_of
from reports.audit_actions import action_name, named_actions
from reports.audit_words import refusal_words, subject_words

RESULTS = {"done": (_("done"), "good"), "refused": (pgettext_lazy("command", "refused"), "wait")}


class AuditPage(ListPage):
    title = _("Audit log")
    help = _("Who did or tried what, with refusals. Nothing in it can be changed.")
    template = "reports/audit.html"
    route = "audit/"
    empty = _("Nothing was done yet. Whatever anybody does is written down by itself.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return [
            Column("at", lambda row: self._at(row)),
            Column("id", lambda row: Cell(row["id"], number=True)),
            Column("sealed", _sealed),
            Column("username"),
            Column("action", lambda row: _named(action_name(row["action"]), row["action"])),
            Column(
                "subject", lambda row: _named(subject_words(row["subject"], row["action"]), row["subject"])
            ),
            Column("result", _result),
            Column(
                "code",
                lambda row: _named(refusal_words(row["code"]), row["code"]),
                title=_("Reason"),
            ),
            Column("address"),
        ]

    def context(self) -> Mapping[str, Any]:
        state = self.ask("GET", "audit/chain/").data
        return {
            "chain": state,
            "waiting_since": self._moment(state["waiting_since"]),
            "verified_at": self._moment(state["verified_at"]),
        }

    def _at(self, row: Row) -> Cell:
        if row["at"] is None:
            return Cell(_("entry %(id)d cannot be read") % {"id": row["id"]}, tone="bad")
        return Cell(self._moment(row["at"]))

    def _moment(self, text: str | None) -> str:
        """A moment in the county's time."""
        moment = parse_datetime(text) if text else None
        zone = ZoneInfo(access_of(self.request).person.county.time_zone)
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if moment else ""

    def filters(self) -> Sequence[Field]:
        results = [(name, words) for name, (words, _tone) in RESULTS.items()]
        return [
            Field("action_is", _("Action"), "select", options=[("", _("all")), *named_actions()]),
            Field("subject", _("Subject")),
            Field("result", _("Result"), "select", options=[("", _("all")), *results]),
        ]


def _named(words: Any, stored: str) -> Cell:
    """Words for a person, and below them what is stored, as programs and files have it."""
    return Cell(words, note=stored) if words else Cell(stored)


def _sealed(row: Row) -> Cell:
    return Cell(pgettext_lazy("log", "sealed")) if row["sealed"] else Cell(_("not yet sealed"), tone="wait")


def _result(row: Row) -> Cell:
    words, tone = RESULTS.get(row["result"], (row["result"], "bad"))
    return Cell(words, tone=tone)
