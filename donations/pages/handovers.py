"""Handovers: which are on their way, making one, and receiving one by counting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.pages import Cell, Column, Field, Form, FormPage, ListPage, Page, Reply, one_of
from core.pages.tables import Row
from core.receipt_codes import grouped
from donations.differences import Difference
from donations.handover_serializers import (
    DONATIONS_LIMIT,
    HandoverArrivalInput,
    HandoverInput,
    HandoverVoidInput,
)
from donations.models import Handover
from donations.pages.words import item_line
from donations.printed import unit_of
from donations.queries import donations_standing
from organisation.access import access_of
from organisation.models import Place
from organisation.pages.here import PlaceNeeded
from organisation.queries import place_names

STATES = {
    Handover.State.OPEN: (_("on the way"), "wait"),
    Handover.State.RECEIVED: (_("received by counting"), "good"),
    Handover.State.VOIDED: (_("voided"), "plain"),
}


def state_cell(state: str) -> Cell:
    words, tone = STATES[Handover.State(state)]
    return Cell(words, tone=tone)


class HandoversPage(ListPage):
    template = "donations/handovers.html"
    title = _("Handovers")
    help = _(
        "Goods travel from a drop-off point to a pharmacy on a sealed list, and another person counts them."
    )
    route = "handovers/"
    empty = _("Nothing has been handed over yet. What was taken in is sent with “Hand over”.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names = place_names(access_of(self.request).county_id)

        def place(end: str) -> Column:
            return Column(end, lambda row: Cell(names.get(row[end], row[end])))

        return [
            Column("id", lambda row: Cell(row["id"], link=reverse("handover", args=[row["id"]]))),
            Column("handed_over_on"),
            place("from_place"),
            place("to_place"),
            Column("state", lambda row: state_cell(row["state"])),
            Column("lines", _lines),
            Column("received_on"),
        ]

    def filters(self) -> Sequence[Field]:
        states = [("", _("all")), *((state.value, words) for state, (words, _tone) in STATES.items())]
        return [
            Field("state", _("State"), "select", options=states),
            Field("handed_over_from", _("From day"), "date"),
            Field("handed_over_to", _("To day"), "date"),
        ]

    def context(self) -> Mapping[str, Any]:
        return {"may_send": self.request.may_open(reverse("handover-new"))}  # type: ignore[attr-defined]


def _lines(row: Row) -> Cell:
    return Cell(gettext("%(lines)d lines") % {"lines": len(row["lines"])})


class HandoverPage(Page):
    template = "donations/handover.html"
    help = _("Goods on their way to a pharmacy: what was declared, and what was counted on arrival.")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        reply = self.ask("GET", f"handovers/{pk}/")
        if not reply.ok:
            return self.refused(reply)
        handover, access = reply.data, access_of(request)
        names = place_names(access.county_id)
        is_open = handover["state"] == Handover.State.OPEN
        return self.page(
            title=gettext("Handover %(number)d") % {"number": pk},
            handover=handover,
            ends=[names.get(handover[end]) for end in ("from_place", "to_place")],
            state=state_cell(handover["state"]),
            may_receive=is_open and _may(request, pk, "handover-receive", handover["to_place"]),
            may_void=is_open and _may(request, pk, "handover-void", handover["from_place"]),
        )


def _may(request: HttpRequest, pk: int, name: str, code: str) -> bool:
    access = access_of(request)
    is_here = access.reach.places(access.roles).filter(code=code).exists()
    return is_here and request.may_open(reverse(name, args=[pk]))  # type: ignore[attr-defined]


class HandoverNewPage(PlaceNeeded, FormPage):
    template = "donations/handover_new.html"
    title = _("Hand over")
    help = _("Tick what goes into the bag. The list is sealed with it and printed to travel along.")
    button = _("Seal the list and send")
    said = _("The list is sealed. Print it and put it to the goods.")
    shape = HandoverInput
    wanted = {"takes_donations": True}

    def route(self) -> str:
        return "handovers/"

    def fields(self) -> Sequence[Field]:
        pharmacies = Place.objects.filter(county_id=self.place.county_id, sorts=True, active=True)
        there = pharmacies.exclude(pk=self.place.pk).order_by("code").values_list("code", "name")
        return [
            Field("/from_place", "", "hidden", value=self.place.code),
            Field("/to_place", _("To pharmacy"), "select", options=one_of(there), required=True),
            Field("/carrier", _("Who carries it"), hints={"maxlength": "80"}),
            Field("/vehicle", _("Number plate"), hints={"maxlength": "20"}),
            Field("/seal_number", _("Number of the bag's seal"), hints={"maxlength": "40"}),
        ]

    def context(self) -> Mapping[str, Any]:
        ticked = set(self.request.POST.getlist("/donations"))
        is_new = self.request.method == "GET"
        standing = donations_standing(self.place)
        waiting = [
            {
                "id": donation.pk,
                "code": grouped(donation.receipt_code),
                "received_on": donation.received_on,
                "items": [_standing_line(item) for item in donation.items.all() if item.holdings.at_point],
                "is_ticked": is_new or str(donation.pk) in ticked,
            }
            for donation in standing[:DONATIONS_LIMIT]
        ]
        more = standing.count() - DONATIONS_LIMIT if len(waiting) == DONATIONS_LIMIT else 0
        return {"waiting": waiting, "more": more, "place": self.place}

    def done(self, reply: Reply) -> str:
        return reverse("handover", args=[reply.data["id"]])


def _standing_line(item: Any) -> str:
    told = {"name": item.label, "lot_number": item.lot_number, "unit": unit_of(item)}
    return item_line({**told, "quantity": item.holdings.at_point})


class HandoverReceivePage(FormPage):
    template = "donations/handover_receive.html"
    title = _("Receive by counting")
    help = _("Count every line. Where your count differs, choose why. What was declared is not changed.")
    button = _("Book the count")
    said = _("The count is booked.")
    shape = HandoverArrivalInput

    def route(self) -> str:
        return f"handovers/{self.kwargs['pk']}/receive/"

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        reply = self.ask("GET", f"handovers/{self.kwargs['pk']}/")
        if not reply.ok:
            return self.refused(reply)
        handover = reply.data
        fields = [field for n, line in enumerate(handover["lines"]) for field in _count_fields(n, line)]
        asked = [*fields, *(_seal_fields() if handover["seal_number"] else [])]
        data = self.request.POST if self.request.method == "POST" else None
        told = getattr(self, "_told", None)
        bound = Form(asked, data, detail=told.detail if told else "", faults=told.faults if told else ())
        rows = [(line, bound.fields[4 * n : 4 * n + 4]) for n, line in enumerate(handover["lines"])]
        return self.page(
            status,
            form=bound,
            rows=rows,
            rest=bound.fields[4 * len(rows) :],
            button=self.button,
            handover=handover,
        )

    def send(self) -> Reply:
        self._told = super().send()
        return self._told

    def done(self, reply: Reply) -> str:
        return reverse("handover", args=[self.kwargs["pk"]])


def _count_fields(number: int, line: Row) -> list[Field]:
    kind = "group" if "group" in line else "item"
    at = f"/items/{number}"
    return [
        Field(f"{at}/{kind}", "", "hidden", value=line[kind]),
        Field(
            f"{at}/counted",
            _("Counted"),
            required=True,
            hints={"inputmode": "numeric", "maxlength": "7", "autocomplete": "off"},
        ),
        Field(f"{at}/reason", _("Why it differs"), "select", options=[("", "—"), *Difference.choices]),
        Field(f"{at}/note", _("Note"), hints={"maxlength": "200"}),
    ]


def _seal_fields() -> list[Field]:
    return [
        Field(
            "/seal_intact",
            _("Was the bag's seal whole?"),
            "radio",
            options=[("true", _("yes")), ("false", _("no"))],
        ),
        Field("/seal_note", _("What was seen on the seal")),
    ]


class HandoverVoidPage(FormPage):
    title = _("Take a handover back")
    help = _("Only where the goods never left. Its donations can then be sent on another list.")
    button = _("Take back")
    said = _("The handover is taken back.")
    shape = HandoverVoidInput
    about = "handovers/{pk}/"
    while_it_is = {"state": {"open"}}

    def route(self) -> str:
        return f"handovers/{self.kwargs['pk']}/void/"

    def fields(self) -> Sequence[Field]:
        return [Field("/reason", _("Reason"), required=True, hints={"maxlength": "200"})]

    def done(self, reply: Reply) -> str:
        return reverse("handover", args=[self.kwargs["pk"]])
