"""Spot checks (督查记录): their list, writing one, putting right what it found, and closing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.pages import Cell, Column, Field, FormPage, ListPage, Reply, StepPage, one_of
from core.pages.tables import Row
from distribution.api.spot_checks import RectifyInput, SpotCheckInput
from distribution.models.spot_checks import SpotCheck
from distribution.pages.words import place_column
from organisation.access import access_of
from organisation.queries import place_names, place_options

TONES = {SpotCheck.State.OPEN: "wait", SpotCheck.State.RECTIFIED: "wait", SpotCheck.State.CLOSED: "good"}


class SpotChecksPage(ListPage):
    template = "distribution/spot_checks.html"
    title = _("Spot checks")
    help = _("What was found at a place, by when it is to be put right, and how it was.")
    route = "spot-checks/"
    empty = _("Nothing has been checked yet. The auditor writes down what was seen on the spot.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names, on = place_names(access_of(self.request).county_id), str(act_of(self.request).on)

        def deadline(row: Row) -> Cell:
            is_late = row["state"] == SpotCheck.State.OPEN and (row["rectify_by"] or on) < on
            late = gettext("%(day)s, overdue") % {"day": row["rectify_by"]}
            return Cell(late, tone="bad") if is_late else Cell(row["rectify_by"] or "")

        return [
            Column("checked_on"),
            place_column("place", names, _("Place")),
            Column("findings"),
            Column("rectify_by", deadline),
            Column("state", _state),
            Column("rectification"),
            Column("closed_on", self._next, _("Next")),
        ]

    def _next(self, row: Row) -> Cell:
        """What can be done about it now, for who may."""
        steps = {
            SpotCheck.State.OPEN: ("spot-check-rectify", gettext("Put right")),
            SpotCheck.State.RECTIFIED: ("spot-check-close", gettext("Close")),
        }
        name, words = steps.get(SpotCheck.State(row["state"]), ("", ""))
        address = reverse(name, args=[row["id"]]) if name else ""
        may = address and self.request.may_open(address)  # type: ignore[attr-defined]
        return Cell(words, link=address) if may else Cell(row["closed_on"] or "")

    def filters(self) -> Sequence[Field]:
        places = place_options(access_of(self.request).places().order_by("code"))
        return [
            Field("state", _("State"), "select", options=[("", _("all")), *SpotCheck.State.choices]),
            Field("place", _("Place"), "select", options=[("", _("all")), *places]),
            Field("due_before", _("Due before"), "date"),
        ]

    def context(self) -> dict[str, Any]:
        return {"may_write": self.request.may_open(reverse("spot-check-new"))}  # type: ignore[attr-defined]


def _state(row: Row) -> Cell:
    state = SpotCheck.State(row["state"])
    return Cell(state.label, tone=TONES[state])


class SpotCheckNewPage(FormPage):
    title = _("Write a spot check")
    help = _("Without a deadline there is nothing to put right, and it is closed at once.")
    button = _("Write down")
    said = _("The spot check is written down.")
    shape = SpotCheckInput

    def route(self) -> str:
        return "spot-checks/"

    def fields(self) -> Sequence[Field]:
        on = act_of(self.request).on.isoformat()
        places = access_of(self.request).places().filter(active=True).order_by("code")
        return [
            Field("/place", _("Place"), "select", options=one_of(place_options(places)), required=True),
            Field("/checked_on", _("Day"), "date", value=on, hints={"max": on}),
            Field("/findings", _("What was found"), "area", required=True, hints={"maxlength": "1000"}),
            Field("/rectify_by", _("To be put right by"), "date", hints={"min": on}),
        ]

    def done(self, reply: Reply) -> str:
        return reverse("spot-checks")


class SpotCheckRectifyPage(FormPage):
    title = _("Put right")
    help = _("Say what was done. The auditor looks at it again.")
    button = _("Tell the auditor")
    said = _("The auditor looks at it again.")
    shape = RectifyInput
    about = "spot-checks/?id={pk}"
    facts = ("checked_on", "findings", "rectify_by")
    while_it_is = {"state": {"open"}}

    def route(self) -> str:
        return f"spot-checks/{self.kwargs['pk']}/rectify/"

    def fields(self) -> Sequence[Field]:
        return [
            Field("/rectification", _("What was done"), "area", required=True, hints={"maxlength": "1000"})
        ]

    def done(self, reply: Reply) -> str:
        return reverse("spot-checks")


class SpotCheckClosePage(StepPage):
    title = _("Close a spot check")
    help = _("You have seen that it was put right.")
    button = _("Close")
    said = _("The spot check is closed.")
    about = "spot-checks/?id={pk}"
    facts = ("checked_on", "findings", "rectification")
    while_it_is = {"state": {"open", "rectified"}}

    def route(self) -> str:
        return f"spot-checks/{self.kwargs['pk']}/close/"

    def done(self, reply: Reply) -> str:
        return reverse("spot-checks")
