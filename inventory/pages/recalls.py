"""Recalls in two steps, what they reach and where they went; suspected adverse reactions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.models import Medicine, Recall
from core.api import act_of
from core.pages import Cell, Column, Field, Form, FormPage, ListPage, Page, Reply, one_of
from core.pages.tables import Row
from core.receipt_codes import grouped
from inventory.pages.deeds import DeedPage
from inventory.pages.words import choices, may, place_choices, place_column, units_words
from inventory.recall_shapes import AcknowledgeInput, LiftInput, ReactionInput, RecallInput
from organisation.access import access_of
from organisation.models import Role
from organisation.queries import place_names

KINDS = {
    Recall.Kind.RECALL: gettext_lazy("recall"),
    Recall.Kind.REACTION: gettext_lazy("inquiry into a reaction"),
}


def _lot(row: Row) -> str:
    return row["lot_number"] or _("every lot")


def _standing(row: Row) -> Cell:
    if row["lifted_on"]:
        return Cell(_("lifted"), tone="plain")
    return Cell(_("in force"), tone="bad")


class RecallsPage(ListPage):
    template = "inventory/recalls.html"
    title = gettext_lazy("Recalls")
    help = gettext_lazy("What is recalled or looked into. Every place concerned says that it has looked.")
    route = "recalls/"
    empty = gettext_lazy("Nothing is recalled. The lead pharmacist recalls for the county.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return [
            Column("name", lambda row: Cell(row["name"], link=reverse("recall", args=[row["id"]]))),
            Column("lot_number", lambda row: Cell(_lot(row))),
            Column("kind", lambda row: Cell(KINDS[Recall.Kind(row["kind"])])),
            Column("status", _standing),
            Column("reason"),
            Column("acknowledged", _acknowledged),
            Column("raised_on"),
        ]

    def filters(self) -> Sequence[Field]:
        yes_or_no = choices([("true", _("yes")), ("false", _("no"))])
        kinds = [(kind.value, words) for kind, words in KINDS.items()]
        return [
            Field("open", _("In force"), "select", options=yes_or_no),
            Field("unacknowledged", _("Not acknowledged"), "select", options=yes_or_no),
            Field("kind", _("Kind"), "select", options=choices(kinds)),
        ]

    def context(self) -> dict[str, Any]:
        return {"may_recall": may(self.request, "recall-new"), "may_report": may(self.request, "reactions")}


def _unit(code: str) -> str:
    """What units of this medicine are: 片, 袋, 瓶 …"""
    return Medicine.objects.filter(code=code).values_list("smallest_unit", flat=True).first() or ""


def _acknowledged(row: Row) -> Cell:
    is_done = row["acknowledged"] == row["places"]
    return Cell(f"{row['acknowledged']} / {row['places']}", tone="good" if is_done else "wait")


class RecallPage(Page):
    template = "inventory/recall.html"
    help = gettext_lazy("What is called back, what each place still holds of it, and who has confirmed.")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        reply = self.ask("GET", f"recalls/{pk}/")
        if not reply.ok:
            return self.refused(reply)
        recall = reply.data
        unit = _unit(recall["medicine"])
        notices = [{**notice, "cells": units_words(notice["units"], unit)} for notice in recall["notices"]]
        is_open = not recall["lifted_on"]
        return self.page(
            title=recall["name"],
            recall=recall,
            lot=_lot(recall),
            kind=KINDS[Recall.Kind(recall["kind"])],
            standing=_standing(recall),
            place=place_names(access_of(request).county_id).get(recall["place"] or ""),
            notices=notices,
            may_acknowledge=may(request, "recall-acknowledge", pk),
            may_lift=is_open and may(request, "recall-lift", pk),
            may_trace=may(request, "recall-trace", pk),
        )


class RecallNewPage(FormPage):
    """First what the recall would reach is shown, computed by the API; only the second step, which sends the same
    fields with `sure`, raises it. The button of the second step stands under the reach alone."""

    template = "inventory/recall_new.html"
    title = gettext_lazy("Recall")
    help = gettext_lazy("First it is shown what the recall reaches. Nothing is held before you confirm.")
    said = gettext_lazy("The goods are recalled and held.")
    shape = RecallInput

    def route(self) -> str:
        return "recalls/"

    def post(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        if "sure" in request.POST:
            return super().post(request, **ids)
        if "change" in request.POST:
            return self.shown(Form(self.fields(), request.POST))
        asked = {name: request.POST.get(f"/{name}", "") for name in ("medicine", "lot_number", "place")}
        reply = self.ask("GET", "recalls/reach/", query={name: text for name, text in asked.items() if text})
        faults = [*reply.faults, *self._without_reason()]
        form = Form(self.fields(), request.POST, detail=_detail(reply, faults), faults=faults)
        if faults or not reply.ok:
            return self.shown(form, reply.status if not reply.ok else 400)
        units = units_words(reply.data["units"], _unit(asked["medicine"]))
        known = Medicine.objects.filter(code=asked["medicine"]).first()
        return self.page(form=form, reach=reply.data, units=units, medicine=known, **self.context())

    def _without_reason(self) -> list[dict[str, str]]:
        """A reason is asked for before anybody looks at the reach, not after."""
        if self.request.POST.get("/reason", "").strip():
            return []
        return [{"pointer": "/reason", "code": "required", "message": _("Needed here.")}]

    def fields(self) -> Sequence[Field]:
        places = one_of(place_choices(self.request, every=False))
        if Role.LEAD_PHARMACIST in access_of(self.request).roles:
            places = [("", _("the whole county")), *place_choices(self.request, every=False)]
        listed = {"list": "medicines", "autocomplete": "off", "maxlength": "12"}
        return [
            Field(
                "/medicine",
                _("Medicine"),
                required=True,
                help=_("Its code; type a part of the name."),
                hints=listed,
            ),
            Field(
                "/lot_number", _("Lot number"), help=_("Left empty: every lot."), hints={"maxlength": "40"}
            ),
            Field("/place", _("Where"), "select", options=places),
            Field("/reason", _("Reason"), required=True, hints={"maxlength": "200"}),
            Field("/reference", _("Reference of the notice"), hints={"maxlength": "120"}),
            Field("/standing", _("Also a lot that nobody has seen here yet"), "check"),
        ]

    def body(self) -> dict[str, Any]:
        return {**super().body(), "lot_number": self.request.POST.get("/lot_number") or None}

    def context(self) -> dict[str, Any]:
        return {"medicines": Medicine.objects.values_list("code", "generic_name", "strength")}

    def done(self, reply: Reply) -> str:
        return reverse("recall", args=[reply.data["id"]])


def _detail(reply: Reply, faults: Sequence[Row]) -> str:
    return reply.detail or (_("Not everything is filled in.") if faults else "")


class RecallAcknowledgePage(DeedPage):
    title = gettext_lazy("Acknowledge a recall")
    help = gettext_lazy("You say that the notice was read here and the shelves were looked through.")
    button = gettext_lazy("Acknowledge")
    said = gettext_lazy("The recall is acknowledged.")
    shape = AcknowledgeInput
    api, after, after_same = "recalls/{pk}/acknowledge/", "recall", True
    about = "recalls/{pk}/"
    facts = ("name", "lot_number", "reason")

    def fields(self) -> Sequence[Field]:
        places, asked = one_of(place_choices(self.request, every=False)), self.request.GET.get("place", "")
        return [
            Field("/place", _("Place"), "select", options=places, value=asked, required=True),
            Field("/note", _("Note"), hints={"maxlength": "200"}),
        ]


class RecallLiftPage(DeedPage):
    title = gettext_lazy("Lift a recall")
    help = gettext_lazy("Another person than who raised it. What nothing else keeps held is available again.")
    button = gettext_lazy("Lift")
    said = gettext_lazy("The recall is lifted.")
    shape = LiftInput
    api, after, after_same = "recalls/{pk}/lift/", "recall", True
    about = "recalls/{pk}/"
    facts = ("name", "lot_number", "reason")
    while_it_is = {"lifted_on": {None}}

    def fields(self) -> Sequence[Field]:
        return [Field("/reason", _("Reason"), required=True, hints={"maxlength": "200"})]


class RecallTracePage(Page):
    template = "inventory/recall_trace.html"
    title = gettext_lazy("Trace of a recall")
    help = gettext_lazy("The donated items behind it and every hand-out. No donor and no recipient is named.")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        reply = self.ask("GET", f"recalls/{pk}/trace/")
        if not reply.ok:
            return self.refused(reply)
        names = place_names(access_of(request).county_id)
        trace = reply.data
        sources = [
            {**s, "receipt": grouped(s["receipt_code"]), "place": names.get(s["sorted_at"])}
            for s in trace["sources"]
        ]
        hand_outs = [
            {**given, "place": names.get(given["place"], given["place"])} for given in trace["hand_outs"]
        ]
        loans = [{**loan, "place": names.get(loan["place"], loan["place"])} for loan in trace["loans"]]
        medicine = Recall.objects.filter(pk=pk).values_list("medicine__code", flat=True).first()
        unit = _unit(medicine or "")
        places = [{**place, "cells": units_words(place["units"], unit)} for place in trace["places"]]
        told: dict[str, Any] = {"sources": sources, "hand_outs": hand_outs, "places": places, "loans": loans}
        return self.page(pk=pk, trace=trace, unit=unit, **told)


class ReactionsPage(ListPage):
    title = gettext_lazy("Suspected adverse reactions")
    help = gettext_lazy("Reported without any name. Each stops the lot in the whole county.")
    route = "adverse-reactions/"
    empty = gettext_lazy("None was reported. A report begins on the batch's page.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return [
            Column("happened_on"),
            Column("name"),
            Column("lot_number"),
            Column("description"),
            Column("register_ref"),
            place_column(self.request),
            Column("recall", lambda row: Cell(row["recall"], link=reverse("recall", args=[row["recall"]]))),
        ]


class ReactionNewPage(DeedPage):
    title = gettext_lazy("Report an adverse reaction")
    help = gettext_lazy(
        "Write no name. The lot is held at once in the whole county, and the lead pharmacist is told."
    )
    button = gettext_lazy("Report and hold the lot")
    said = gettext_lazy("The reaction is reported and the lot is held.")
    shape = ReactionInput
    api, after = "adverse-reactions/", "reactions"

    def fields(self) -> Sequence[Field]:
        return [
            Field("/batch", _("Batch"), "hidden", value=self.request.GET.get("batch", "")),
            Field(
                "/place",
                _("Place"),
                "select",
                options=one_of(place_choices(self.request, every=False)),
                required=True,
            ),
            Field("/happened_on", _("Day"), "date", value=act_of(self.request).on, required=True),
            Field("/description", _("What happened"), "area", required=True, hints={"maxlength": "500"}),
            Field("/register_ref", _("Number in the dispensing register"), hints={"maxlength": "40"}),
        ]
