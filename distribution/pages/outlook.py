"""How long stocks last and what will expire, swaps that help against it, and hand-outs to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine
from core.api import act_of
from core.pages import Cell, Column, Field, Form, FormPage, ListPage, Reply
from core.pages.tables import Row
from distribution.api.swaps import SwapInput
from distribution.known_needs import NeedBasis
from distribution.pages.fields import clinic_choice, medicine_choice
from distribution.pages.words import expiry_cell, medicines, place_column
from distribution.unusual import Why
from organisation.access import access_of
from organisation.queries import place_names


def _medicine(row: Row) -> Cell:
    return Cell(f"{row['name']} {row['strength']}".strip())


class FoundByMedicine(ListPage):
    """A list of which one chooses a clinic, and a medicine found as one types."""

    template = "distribution/found_by_medicine.html"

    def context(self) -> Mapping[str, Any]:
        return {"medicines": Medicine.objects.values_list("code", "generic_name", "strength")}


class OutlookPage(FoundByMedicine):
    title = _("Days of stock")
    help = _(
        "How long each clinic's stock lasts and what will expire there unused. Use is learned from hand-outs, "
        "days out of stock left out; until it is known it is estimated from who is served, as the formula shows."
    )
    route = "clinic-outlook/"
    empty = _("No clinic has, asks for or is sent anything. What is sent or asked for appears here.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names, known = place_names(access_of(self.request).county_id), medicines()
        return [
            place_column("place", names, _("Clinic")),
            Column("name", lambda row: _with_stand_ins(row, known), _("Medicine")),
            Column("usable", _stock),
            Column("weekly_use", _use),
            Column("days_of_stock", _lasts),
            Column("expected_waste", _waste),
            Column("need", _need),
        ]  # fmt: skip

    def filters(self) -> Sequence[Field]:
        either = [("", _("all")), ("true", _("yes")), ("false", _("no"))]
        return [
            clinic_choice(self.request),
            medicine_choice(),
            Field("below_reserve", _("Below the reserve"), "select", options=either),
            Field("wasting", _("Something will expire"), "select", options=either),
        ]


def _with_stand_ins(row: Row, known: Mapping[str, Medicine]) -> Cell:
    others = [str(known[code]) for code in row["group"].split("+") if code and code != row["medicine"]]
    if not others:
        return _medicine(row)
    return Cell(
        lines=[_medicine(row).text, gettext("counts with %(others)s") % {"others": "、".join(others)}]
    )


def _stock(row: Row) -> Cell:
    """What is there of it, and what comes; where others stand in for it, what is there of all of them."""
    there = f"{row['usable']} {row['unit']}"
    lines: list[Any] = [there]
    if row["on_the_way"]:
        lines.append(gettext("%(units)d more on the way") % {"units": row["on_the_way"]})
    together = row["group_usable"] + row["group_on_the_way"]
    if row["group"] and together != row["usable"] + row["on_the_way"]:
        lines.append(gettext("%(units)d with its stand-ins") % {"units": together})
    return Cell(lines=lines) if len(lines) > 1 else Cell(there, number=True)


def _use(row: Row) -> Cell:
    if row["weekly_use"] is None:
        return Cell(gettext("not known"), tone="plain")
    used = f"{row['weekly_use']} {row['unit']}"
    if row["basis"] != "learned":
        return Cell(lines=[used, gettext("estimated")])
    if row["group"]:
        return Cell(lines=[used, gettext("learned with its stand-ins")])
    words = gettext("%(units)d handed out on %(days)d days with stock")
    return Cell(lines=[used, words % {"units": row["handed_out"], "days": row["days_with_stock"]}])


def _need(row: Row) -> Cell:
    """What a plan would take for the need, its formula, and where that comes from."""
    if row["need_basis"] == NeedBasis.UNKNOWN:
        return Cell("")
    if row["need_basis"] == NeedBasis.ESTIMATED:
        return Cell(lines=[row["need"], row["need_formula"], gettext("estimated from who is served")])
    words = gettext("learned from %(days)d days") % {"days": row["learned_days"]}
    return Cell(lines=[row["need"], row["need_formula"], words])


def _lasts(row: Row) -> Cell:
    if row["days_of_stock"] is None:
        return Cell("")
    if row["below_reserve"]:
        return Cell(gettext("%(days)d, below the reserve") % {"days": row["days_of_stock"]}, tone="bad")
    return Cell(row["days_of_stock"], number=True)


def _waste(row: Row) -> Cell:
    if not row["expected_waste"]:
        return Cell("")
    words = gettext("%(units)d, from %(day)s") % {"units": row["expected_waste"], "day": row["waste_from"]}
    return Cell(words, tone="wait")


class SwapsPage(FoundByMedicine):
    title = _("Swaps")
    help = _(
        "What one clinic will not use before it expires, to one that lacks it: first within a township, then in the "
        "county. Proposed from today's books; the giving clinic sends it."
    )
    route = "swaps/"
    empty = _("No clinic has too much of what another lacks. There is nothing to arrange today.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names, on = place_names(access_of(self.request).county_id), act_of(self.request).on
        return [
            place_column("from_place", names, _("From clinic")),
            place_column("to_place", names, _("To clinic")),
            Column("name", _medicine, _("Medicine")),
            Column("last_usable_day", lambda row: expiry_cell(row["last_usable_day"], on)),
            Column("quantity", lambda row: Cell(f"{row['quantity']} {row['unit']}", number=True)),
            Column("explanation"),
            Column("batch", self._send, " "),
        ]

    def _send(self, row: Row) -> Cell:
        may = self.request.may_open(reverse("swap")) and row["from_place"] in self._own  # type: ignore[attr-defined]
        asked = {"from": row["from_place"], "to": row["to_place"], "batch": row["batch"]}
        return Cell(gettext("Send it"), link=f"{reverse('swap')}?{urlencode(asked)}") if may else Cell("")

    @cached_property
    def _own(self) -> set[str]:
        return set(access_of(self.request).places().values_list("code", flat=True))

    def filters(self) -> Sequence[Field]:
        return [
            clinic_choice(self.request),
            medicine_choice(),
        ]


class SwapPage(FormPage):
    """One proposal, named in the address (?from=…&to=…&batch=…), sent as it is or less of it."""

    title = _("Send to another clinic")
    help = _(
        "What one clinic will not use in time goes to one that lacks it; the other counts it when it arrives."
    )
    button = _("Send it")
    said = _("It is on the road; the other clinic counts it when it arrives.")
    shape = SwapInput

    def route(self) -> str:
        return "swaps/"

    @cached_property
    def proposed(self) -> Row | None:
        named = self.request.GET
        reply = self.ask("GET", "swaps/", query={"place": named.get("from", ""), "page_size": "200"})
        asked = (named.get("from", ""), named.get("to", ""), named.get("batch", ""))
        rows = reply.data["results"] if reply.ok else []
        found = (row for row in rows if (row["from_place"], row["to_place"], str(row["batch"])) == asked)
        return next(found, None)

    def fields(self) -> Sequence[Field]:
        row = self.proposed or {"from_place": "", "to_place": "", "batch": "", "quantity": ""}
        return [
            Field("/from_place", "", "hidden", value=row["from_place"]),
            Field("/to_place", "", "hidden", value=row["to_place"]),
            Field("/lines/0/batch", "", "hidden", value=row["batch"]),
            Field("/lines/0/quantity", _("Smallest units"), value=row["quantity"], required=True,
                  hints={"inputmode": "numeric", "maxlength": "7"}),
        ]  # fmt: skip

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        if self.proposed is None and status == 200:
            messages.warning(self.request, gettext("This is no longer proposed: the books have changed."))
            return redirect("swaps")
        told = self.proposed["explanation"] if self.proposed else ""
        return self.page(status, form=form, button=self.button, help=told)

    def done(self, reply: Reply) -> str:
        return reverse("shipment", args=[reply.data["id"]])


class UnusualPage(ListPage):
    template = "distribution/unusual.html"
    title = _("Unusual hand-outs")
    help = _("They accuse nobody. What an auditor makes of one is a spot check.")
    route = "unusual-hand-outs/"
    empty = _("Nothing unusual on these days. Choose other days to look further back.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names = place_names(access_of(self.request).county_id)
        return [
            Column("day"),
            place_column("place", names, _("Clinic")),
            Column("why_text"),
            Column("name", lambda row: Cell(row["name"] or ""), _("Medicine")),
            Column("hand_outs"),
            Column("units", _far_above),
            Column("register_ref"),
            Column("days_late"),
        ]

    def filters(self) -> Sequence[Field]:
        return [
            clinic_choice(self.request),
            Field("why", _("Why"), "select", options=[("", _("all")), *Why.choices]),
            Field("from", _("From day"), "date"),
            Field("to", _("To day"), "date"),
        ]

    def context(self) -> Mapping[str, Any]:
        return {"may_check": self.request.may_open(reverse("spot-check-new"))}  # type: ignore[attr-defined]


def _far_above(row: Row) -> Cell:
    if row["usual"] is None:
        return Cell("" if row["units"] is None else row["units"])
    return Cell(gettext("%(units)s (usually %(usual)s)") % {"units": row["units"], "usual": row["usual"]})
