"""Shipments: which are promised or on the road, sending one, and receiving one by counting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.pages import Cell, Column, Field, Form, FormPage, ListPage, Page, Reply, body_of
from core.pages.tables import Row
from distribution.api.shipments import SENDERS
from distribution.models import Shipment
from distribution.pages.fields import clinic_choice
from distribution.pages.words import expiry_cell, lines_cell, medicines, place_column, shipment_cell
from distribution.serializers.shipments import DispatchInput, ReceiptInput
from inventory.models import Pack, Side
from organisation.access import access_of
from organisation.models import Role
from organisation.queries import place_names

COUNT = {"inputmode": "numeric", "maxlength": "7", "autocomplete": "off"}


class ShipmentsPage(ListPage):
    title = _("Shipments")
    help = _("What an approved plan promised, what is on the road, and what has arrived.")
    route = "shipments/"
    empty = _("There are no shipments yet. They are made when a plan is approved.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names, known = place_names(access_of(self.request).county_id), medicines()
        return [
            Column("id", lambda row: Cell(row["id"], link=reverse("shipment", args=[row["id"]]))),
            Column("status", lambda row: shipment_cell(row["status"])),
            place_column("from_place", names),
            place_column("to_place", names),
            Column("lines", lambda row: lines_cell(row["lines"], known, "promised")),
            Column("dispatched_on"),
            Column("received_on"),
        ]

    def filters(self) -> Sequence[Field]:
        return [
            Field("status", _("State"), "select", options=[("", _("all")), *Shipment.State.choices]),
            clinic_choice(self.request, "to_place", _("To place")),
            Field("dispatched_before", _("Sent before"), "date"),
        ]


class ShipmentPage(Page):
    template = "distribution/shipment.html"
    help = _("Goods for one place, from the shelf to the receipt: what was sent and what arrived.")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        reply = self.ask("GET", f"shipments/{pk}/")
        if not reply.ok:
            return self.refused(reply)
        shipment, names = reply.data, place_names(access_of(request).county_id)
        return self.page(
            title=gettext("Shipment %(number)d") % {"number": pk},
            shipment=shipment,
            state=shipment_cell(shipment["status"]),
            ends=[names.get(shipment[end]) for end in ("from_place", "to_place")],
            lines=lines_shown(request, shipment),
            may_dispatch=shipment["status"] == Shipment.State.RESERVED
            and _reaches(request, shipment["from_place"], SENDERS[Side(shipment["from_side"])]),
            may_receive=shipment["status"] == Shipment.State.DISPATCHED
            and _reaches(request, shipment["to_place"], {role for side in SENDERS.values() for role in side}),
        )


def lines_shown(request: HttpRequest, shipment: Row) -> list[dict[str, Any]]:
    known, on = medicines(), act_of(request).on
    return [
        {
            **line,
            "name": str(known[line["medicine"]]),
            "unit": known[line["medicine"]].smallest_unit,
            "pack": Pack(line["pack"]).label,
            "expiry": expiry_cell(line["last_usable_day"], on),
        }
        for line in shipment["lines"]
    ]


def _reaches(request: HttpRequest, code: str, roles: set[Role]) -> bool:
    access = access_of(request)
    return access.reach.places(access.roles & roles).filter(code=code).exists()


class LinesPage(FormPage):
    """A form with one row for each line of the shipment."""

    template = "distribution/shipment_lines.html"
    each = 0

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        reply = self.ask("GET", f"shipments/{self.kwargs['pk']}/")
        if not reply.ok:
            return self.refused(reply)
        names = place_names(access_of(self.request).county_id)
        lines = [line for line in lines_shown(self.request, reply.data) if self.is_asked(line)]
        fields = [field for number, line in enumerate(lines) for field in self.row(number, line)]
        told = getattr(self, "_told", None)
        bound = Form(
            [*fields, *self.rest()],
            self.request.POST if told else None,
            detail=told.detail if told else "",
            faults=told.faults if told else (),
        )
        rows = [
            (line, bound.fields[self.each * n : self.each * (n + 1)], self.at_line(n, told))
            for n, line in enumerate(lines)
        ]
        return self.page(
            status,
            form=bound,
            rows=rows,
            rest=bound.fields[self.each * len(rows) :],
            ends=[names.get(reply.data[end]) for end in ("from_place", "to_place")],
            button=self.button,
        )

    def at_line(self, number: int, told: Reply | None) -> list[str]:
        """What is wrong with a whole line."""
        return (
            [fault["message"] for fault in told.faults if fault["pointer"] == f"/lines/{number}"]
            if told
            else []
        )

    def is_asked(self, line: Row) -> bool:
        return True

    def row(self, number: int, line: Row) -> list[Field]:
        raise NotImplementedError

    def rest(self) -> list[Field]:
        return []

    def send(self) -> Reply:
        self._told = super().send()
        return self._told

    def done(self, reply: Reply) -> str:
        return reverse("shipment", args=[self.kwargs["pk"]])


class ShipmentDispatchPage(LinesPage):
    title = _("Send it off")
    help = _("Say what was picked. What stays behind goes back to the shelf, with the reason.")
    button = _("Send it off")
    said = _("It is on its way. Somebody else counts it on arrival.")
    shape = DispatchInput
    each = 3

    def route(self) -> str:
        return f"shipments/{self.kwargs['pk']}/dispatch/"

    def row(self, number: int, line: Row) -> list[Field]:
        at = f"/lines/{number}"
        return [
            Field(f"{at}/line", "", "hidden", value=line["id"]),
            Field(f"{at}/picked", _("Picked"), required=True, value=line["promised"], hints=COUNT),
            Field(f"{at}/reason", _("Why it differs"), hints={"maxlength": "200"}),
        ]


class ShipmentReceivePage(LinesPage):
    title = _("Receive by counting")
    help = _("Count every line: good, damaged and missing add up to what was sent.")
    button = _("Book the count")
    said = _("The count is booked; what is good is in stock.")
    shape = ReceiptInput
    each = 5

    def route(self) -> str:
        return f"shipments/{self.kwargs['pk']}/receive/"

    def is_asked(self, line: Row) -> bool:
        return bool(line["picked"])

    def row(self, number: int, line: Row) -> list[Field]:
        at = f"/lines/{number}"
        return [
            Field(f"{at}/line", "", "hidden", value=line["id"]),
            Field(f"{at}/accepted", _("Good"), required=True, hints=COUNT),
            Field(f"{at}/damaged", _("Damaged"), value="0", hints=COUNT),
            Field(f"{at}/missing", _("Missing"), value="0", hints=COUNT),
            Field(f"{at}/reason", _("Why it differs"), hints={"maxlength": "200"}),
        ]

    def rest(self) -> list[Field]:
        help_ = _("Only where the receipt was signed on paper on an earlier day.")
        whole = _("Only where every line was counted, and only those that differ are filled in above.")
        return [
            Field("whole", _("Lines left empty arrived good, as many as were sent"), "check", help=whole),
            Field("/received_on", _("Day of receipt"), "date", help=help_),
        ]

    def body(self) -> dict[str, Any]:
        """What was counted; lines left empty as they were sent, where somebody says that they were counted so."""
        data = self.request.POST.copy()
        if data.get("whole"):
            sent = self.ask("GET", f"shipments/{self.kwargs['pk']}/").data.get("lines", [])
            picked = {str(line["id"]): line["picked"] for line in sent}
            for name in [name for name in data if name.endswith("/line")]:
                at = name.removesuffix("line")
                number = str(data[name])
                if not data.get(f"{at}accepted") and number in picked:
                    data[f"{at}accepted"] = str(picked[number])
        return body_of(self.shape, data)


def coming(page: Page, place: str) -> Mapping[str, Any]:
    """What is promised to a place and what is on the road to it, as lists of the API."""
    return {
        status: page.ask("GET", "shipments/", query={"to_place": place, "status": status}).data["results"]
        for status in (Shipment.State.DISPATCHED.value, Shipment.State.RESERVED.value)
    }
