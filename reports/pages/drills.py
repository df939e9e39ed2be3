"""The rehearsed restores: whether the books could be had back, and what was wrong when they could not."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from core.pages import Cell, Column, ListPage, Reply
from organisation.access import access_of


class DrillsPage(ListPage):
    title = _("Rehearsed restores")
    help = _(
        "The newest backup is restored beside the running system and verified; a day without is a warning. "
        "What did not hold is told to whoever runs the installation."
    )
    route = "restore-drills/"
    empty = _("No restore was rehearsed yet. Whoever runs the server rehearses one, as the manual says.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return [
            Column("at", lambda row: Cell(self._moment(row["at"]))),
            Column(
                "good",
                lambda row: Cell(_("yes"), tone="good") if row["good"] else Cell(_("no"), tone="bad"),
            ),
            Column("backup_taken_at", lambda row: Cell(self._moment(row["backup_taken_at"]))),
        ]

    def _moment(self, text: str | None) -> str:
        """A moment in the county's time."""
        moment = parse_datetime(text) if text else None
        zone = ZoneInfo(access_of(self.request).person.county.time_zone)
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else ""
