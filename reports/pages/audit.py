"""The audit log: who did or tried what, newest first, with refusals."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from core.pages import Cell, Column, Field, ListPage, Reply
from core.pages.tables import Row
from organisation.access import access_of

RESULTS = {"done": (_("done"), "good"), "refused": (_("refused"), "wait")}


class AuditPage(ListPage):
    title = _("Audit log")
    help = _("Who did or tried what, with refusals. Nothing in it can be changed.")
    route = "audit/"
    empty = _("Nothing was done yet.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        zone = ZoneInfo(access_of(self.request).person.county.time_zone)

        def at(row: Row) -> Cell:
            moment = parse_datetime(row["at"])
            return Cell(moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if moment else "")

        return [
            Column("at", at),
            Column("username"),
            Column("action"),
            Column("subject"),
            Column("result", _result),
            Column("code"),
            Column("address"),
        ]

    def filters(self) -> Sequence[Field]:
        results = [(name, words) for name, (words, _tone) in RESULTS.items()]
        return [
            Field("action", _("Action")),
            Field("subject", _("Subject")),
            Field("result", _("Result"), "select", options=[("", _("all")), *results]),
        ]


def _result(row: Row) -> Cell:
    words, tone = RESULTS[row["result"]]
    return Cell(words, tone=tone)
