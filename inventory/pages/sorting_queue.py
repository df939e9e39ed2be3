"""What waits at the sorting table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.api import act_of
from core.pages import Cell, Column, Field, ListPage, Reply
from core.pages.tables import Row
from inventory.pages.words import expiry_cell, may, place_choices, place_column, verdict_cell


class SortingQueuePage(ListPage):
    template = "inventory/sorting_queue.html"
    title = gettext_lazy("Sorting")
    help = gettext_lazy("What was counted and waits to be judged, the most urgent first.")
    route = "sorting-queue/"
    empty = gettext_lazy("Nothing waits to be sorted. What is counted at the pharmacy appears here.")
    first: int | None = None

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        rows = reply.data["results"] if reply.ok else []
        self.first = rows[0]["item"] if rows else None
        on, sorts = act_of(self.request).on, may(self.request, "sorting-item", 1)
        return [
            Column("name", lambda row: _named(row, sorts)),
            Column("lot_number"),
            Column("last_usable_day", lambda row: expiry_cell(row, on)),
            Column("counted", _waiting),
            Column(
                "screening", lambda row: verdict_cell(row["screening"]["outcome"]), _("What the rules say")
            ),
            Column("waiting_since"),
            place_column(self.request),
        ]

    def filters(self) -> Sequence[Field]:
        return [
            Field("place", _("Place"), "select", options=place_choices(self.request)),
            Field("standing", _("State"), "select", options=_standings()),
            Field("waiting_before", _("Waiting since before"), "date"),
        ]

    def context(self) -> Mapping[str, Any]:
        return {"first": self.first if may(self.request, "sorting-item", 1) else None}


def _standings() -> list[tuple[str, str]]:
    return [("", _("all")), ("counted", _("to sort")), ("in_doubt", _("in doubt"))]


def _named(row: Row, sorts: bool) -> Cell:
    return Cell(row["name"], link=reverse("sorting-item", args=[row["item"]]) if sorts else "")


def _waiting(row: Row) -> Cell:
    counted = f"{row['counted']} {row['unit']}" if row["counted"] else ""
    lines = []
    if row["in_doubt"]:
        words = _("in doubt: %(units)d %(unit)s") % {"units": row["in_doubt"], "unit": row["unit"]}
        lines.append(Cell(words, tone="wait"))
    if row["broken_seal"]:
        lines.append(Cell(_("seal broken: %(seen)s") % {"seen": row["broken_seal"]}, tone="bad"))
    return Cell(counted, lines=lines)
