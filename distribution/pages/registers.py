"""A health centre's desk for villages that write on paper: their receipts, and their registers typed or uploaded."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.pages import Field, Form, FormPage, Page, Reply, one_of, spreadsheet_field
from core.pages.forms import KEY
from distribution.api.registers import RegisterInput, RegisterUpload
from distribution.models import AgeBand, Dispensing, Shipment
from distribution.pages.fields import COUNT, NamesMedicines
from distribution.pages.rows import RowsPage
from distribution.pages.words import amount, lines_cell, medicines
from organisation.access import access_of
from organisation.models import Place
from organisation.queries import place_names, place_options

ROWS = 10
EACH = 6
# The hand-outs of a file that the preview shows; all of them are entered.
SHOWN = 60


def covered(request: HttpRequest) -> QuerySet[Place]:
    return access_of(request).places().filter(hands_out=True, active=True).order_by("code")


class RegistersPage(NamesMedicines, RowsPage):
    template = "distribution/registers.html"
    title = _("Paper registers")
    help = _("For clinics that write on paper: count in what arrived, and enter the register of a day.")
    button = _("Enter the register")
    shape = RegisterInput
    rows = "/hand_outs"
    chosen = "lines/0/quantity"

    def route(self) -> str:
        return "dispensing-registers/"

    def fields(self) -> Sequence[Field]:
        on = act_of(self.request).on
        places = place_options(covered(self.request))
        return [
            *(one for number in range(ROWS) for one in self._row(f"/hand_outs/{number}")),
            Field("place", _("Clinic"), "select", options=one_of(places), required=True),
            Field("day", _("Day of the hand-outs"), "date", value=on.isoformat(), hints={"max": on.isoformat()}),
        ]  # fmt: skip

    def _row(self, at: str) -> list[Field]:
        bands = [("", "—"), *AgeBand.choices]
        return [
            Field(f"{at}/register_ref", _("Number in the register"), hints={"maxlength": "40"}),
            Field(f"{at}/age_band", _("Age"), "select", options=bands),
            self.medicine(f"{at}/lines/0/medicine"),
            Field(f"{at}/lines/0/quantity", _("Quantity"), hints=COUNT),
            Field(f"{at}/lines/0/days_supply", _("For how many days"), value="3", hints=COUNT),
            Field(f"{at}/lines/0/prescriber", _("Prescriber"), hints={"maxlength": "60"}),
        ]

    def body(self) -> dict[str, Any]:
        """Every row is one hand-out of the place and the day that stand above them."""
        typed, body = self.request.POST, super().body()
        common = {
            "place": typed.get("place", ""),
            "dispensed_on": typed.get("day", ""),
            "collected_by": Dispensing.CollectedBy.SELF.value,
        }
        for one in body["hand_outs"]:
            for line in one["lines"]:
                line["medicine"] = self.code_of(line.get("medicine", ""))
        return {"hand_outs": [{**one, **common} for one in body["hand_outs"]]}

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        rows = [form.fields[n : n + EACH] for n in range(0, EACH * ROWS, EACH)]
        return self.page(
            status,
            form=form,
            rows=rows,
            rest=form.fields[EACH * ROWS :],
            known=self.known,
            arriving=self._arriving(),
            button=self.button,
        )

    def _arriving(self) -> list[dict[str, Any]]:
        """What is on the road to any of the clinics; its receipt may be signed on paper."""
        names, known = place_names(access_of(self.request).county_id), medicines()
        reply = self.ask("GET", "shipments/", query={"status": Shipment.State.DISPATCHED.value})
        codes = set(covered(self.request).values_list("code", flat=True))
        rows = reply.data["results"] if reply.ok else []
        return [
            {**row, "to": names[row["to_place"]], "what": lines_cell(row["lines"], known, "picked")}
            for row in rows
            if row["to_place"] in codes
        ]

    def done(self, reply: Reply) -> str:
        messages.success(self.request, entered(reply))
        return reverse("registers")


def entered(reply: Reply) -> str:
    count = reply.data["hand_outs"]
    return ngettext("%(count)d hand-out is entered.", "%(count)d hand-outs are entered.", count) % {
        "count": count
    }


class RegisterReadPage(FormPage):
    template = "distribution/register_read.html"
    title = _("Register from a file")
    help = _("It is looked at first; nothing is entered before you say so.")
    button = _("Look at it")
    shape = RegisterUpload

    def route(self) -> str:
        return "dispensing-registers/read/"

    def fields(self) -> Sequence[Field]:
        places = place_options(covered(self.request))
        return [
            spreadsheet_field(_("Filled-in register")),
            Field("/place", _("Clinic, where a row names none"), "select", options=one_of(places)),
        ]  # fmt: skip

    def context(self) -> Mapping[str, Any]:
        return {"is_upload": True}

    def post(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        reply = self.send()
        if not reply.ok:
            form = Form(self.fields(), request.POST, detail=reply.detail, faults=reply.faults)
            return self.shown(form, reply.status)
        return self.page(template="distribution/register_preview.html", **self._preview(reply.data))

    def _preview(self, read: dict[str, Any]) -> dict[str, Any]:
        names, known = place_names(access_of(self.request).county_id), medicines()
        shown = [
            {
                **one,
                "place": names.get(one["place"], one["place"]),
                "age": AgeBand(one["age_band"]).label,
                "rows": "、".join(map(str, rows)),
                "what": [_given(known, line) for line in one["lines"]],
            }
            for one, rows in zip(read["hand_outs"][:SHOWN], read["rows_of"], strict=False)
        ]
        return {
            "read": read,
            "hand_outs": shown,
            "more": len(read["hand_outs"]) - len(shown),
            "content": json.dumps(read["hand_outs"], ensure_ascii=False),
            "key": Form([]).key,
        }


def _given(known: Mapping[str, Any], line: Mapping[str, Any]) -> str:
    if line.get("medicine") in known:
        return amount(known, line["medicine"], line["quantity"])
    return gettext("batch %(batch)s × %(quantity)s") % {
        "batch": line.get("batch"),
        "quantity": line["quantity"],
    }


class RegisterEnterPage(Page):
    """What the preview showed, entered whole or not at all."""

    template = "distribution/register_refused.html"
    title = _("Register from a file")
    help = _("What the preview showed is entered whole, or nothing of it.")

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            hand_outs = json.loads(request.POST.get("content", ""))
        except ValueError:
            hand_outs = None
        body = {"hand_outs": hand_outs}
        reply = self.ask("POST", "dispensing-registers/", body, key=request.POST.get(KEY, ""))
        if not reply.ok:
            return self.page(reply.status, detail=reply.detail, faults=reply.faults)
        messages.success(request, entered(reply))
        return redirect("registers")
