"""Holidays: the days that a county's working days leave out, and weekend days that count among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.pages import Cell, Column, Field, FormPage, ListPage, Reply, StepPage
from core.pages.tables import Row
from organisation.holidays_api import HolidayInput


class HolidaysPage(ListPage):
    template = "organisation/holidays.html"
    title = _("Holidays")
    help = _("Working days, such as those for objections to a bulletin, are counted by these days.")
    route = "holidays/"
    empty = _("No holiday is written down: Monday to Friday are working days. The administrator adds them.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        may_write = bool(self.request.may_open(reverse("holiday-new")))  # type: ignore[attr-defined]
        shown = [Column("day"), Column("name"), Column("works", _kind, _("Kind"))]
        return [*shown, Column("id", _undo, _("Undo"))] if may_write else shown

    def filters(self) -> Sequence[Field]:
        return [Field("year", _("Year"), "number", hints={"min": "2000", "max": "2100"})]

    def context(self) -> Mapping[str, Any]:
        return {"may_write": self.request.may_open(reverse("holiday-new"))}  # type: ignore[attr-defined]


def _kind(row: Row) -> Cell:
    return Cell(gettext("worked"), tone="wait") if row["works"] else Cell(gettext("day off"), tone="plain")


def _undo(row: Row) -> Cell:
    return Cell(gettext("Take it out"), link=reverse("holiday-remove", args=[row["id"]]))


class HolidayNewPage(FormPage):
    title = _("Write holidays down")
    help = _(
        "As the yearly notice of the State Council tells them: the days off, then the weekend days worked."
    )
    button = _("Write down")
    said = _("The holidays are written down.")
    shape = HolidayInput

    def route(self) -> str:
        return "holidays/"

    def fields(self) -> Sequence[Field]:
        days = _("Weekend days among them are closed anyway and are left out.")
        return [
            Field("/name", pgettext_lazy("column", "Name"), required=True, hints={"maxlength": "40"}),
            Field("/first", _("First day"), "date", required=True),
            Field("/last", _("Last day"), "date", required=True, help=days),
            Field("/works", _("These weekend days are worked"), "check"),
        ]

    def done(self, reply: Reply) -> str:
        return reverse("holidays")


class HolidayRemovePage(StepPage):
    title = _("Take a holiday out")
    help = _("The day is as usual again: a weekday is worked, a weekend is closed.")
    button = _("Take it out")
    said = _("The holiday is taken out.")
    about = "holidays/?id={pk}"
    facts = ("day", "name")

    def route(self) -> str:
        return f"holidays/{self.kwargs['pk']}/remove/"

    def done(self, reply: Reply) -> str:
        return reverse("holidays")
