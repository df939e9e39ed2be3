"""A clinic's own page: what is coming, what stands here; asking for more, and sending back."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.pages import Cell, Field, Form, Reply, one_of
from core.pages.tables import Row
from distribution.models import Shipment
from distribution.pages.rows import RowsPage
from distribution.pages.shipments import coming
from distribution.pages.words import expiry_cell, lines_cell, medicines
from distribution.serializers.shipments import LocalUseInput, ReturnInput
from inventory.models import State
from organisation.models import Place
from organisation.pages.here import PlaceNeeded
from organisation.queries import place_names

FOUND = "200"


class ClinicPage(PlaceNeeded):
    template = "distribution/clinic.html"
    title = _("My clinic")
    help = _("What is on its way here and what stands here, what expires first at the top.")
    wanted = {"hands_out": True}

    def get(self, request: HttpRequest) -> HttpResponse:
        names, known = place_names(self.place.county_id), medicines()
        shipments = coming(self, self.place.code)
        query = {"place": self.place.code, "side": "clinic", "page_size": FOUND}
        stock = self.ask("GET", "stock/", query=query).data["results"]
        return self.page(
            place=self.place,
            arriving=[
                {**row, "from": names[row["from_place"]], "what": lines_cell(row["lines"], known, "picked")}
                for row in shipments[Shipment.State.DISPATCHED]
            ],
            promised=[
                {**row, "from": names[row["from_place"]], "what": lines_cell(row["lines"], known, "promised")}
                for row in shipments[Shipment.State.RESERVED]
            ],
            stock=stock_shown(stock, act_of(request).on),
        )


def stock_shown(rows: Sequence[Row], on: datetime.date) -> list[dict[str, Any]]:
    """Rows of the shelf with expiry and state in words, first to expire first."""
    by_day = sorted(rows, key=lambda row: row["last_usable_day"] or str(datetime.date.max))
    return [
        {**row, "expiry": expiry_cell(row["last_usable_day"], on), "standing": _state(row)} for row in by_day
    ]


def _state(row: Row) -> Cell:
    state = State(row["state"])
    return Cell(state.label, tone={State.AVAILABLE: "good", State.HELD: "bad"}.get(state, "wait"))


class ReturnPage(PlaceNeeded, RowsPage):
    template = "distribution/return.html"
    title = _("Send back")
    help = _("What will not be used here in time goes to a pharmacy, which counts it. Others may need it.")
    button = _("Send back")
    said = _("It is on its way. The pharmacy counts it on arrival.")
    shape: type[LocalUseInput] = ReturnInput
    side = "clinic"
    wanted = {"hands_out": True}

    def route(self) -> str:
        return "returns/"

    @cached_property
    def stock(self) -> list[dict[str, Any]]:
        query = {"place": self.place.code, "side": self.side, "state": "available", "page_size": FOUND}
        reply = self.ask("GET", "stock/", query=query)
        return stock_shown(reply.data["results"], act_of(self.request).on) if reply.ok else []

    def fields(self) -> Sequence[Field]:
        rows = [
            one
            for number, row in enumerate(self.stock)
            for one in (
                Field(f"/lines/{number}/batch", "", "hidden", value=row["batch"]),
                Field(f"/lines/{number}/quantity", self.button, hints={"inputmode": "numeric", "maxlength": "7"}),
            )
        ]  # fmt: skip
        return [*rows, *self.rest()]

    def rest(self) -> list[Field]:
        pharmacies = Place.objects.filter(county_id=self.place.county_id, sorts=True, active=True)
        there = pharmacies.exclude(pk=self.place.pk).order_by("code").values_list("code", "name")
        return [
            Field("/place", "", "hidden", value=self.place.code),
            Field("/to_place", _("To pharmacy"), "select", options=one_of(there), required=True),
            Field("/reason", _("Reason"), required=True, hints={"maxlength": "200"}),
        ]

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        rows = [(row, form.fields[2 * n : 2 * n + 2]) for n, row in enumerate(self.stock)]
        rest = form.fields[2 * len(rows) :]
        return self.page(status, form=form, rows=rows, rest=rest, button=self.button, place=self.place)

    def done(self, reply: Reply) -> str:
        return reverse("shipment", args=[reply.data["id"]])


class LocalUsePage(ReturnPage):
    """The same rows, of the store that a centre supplies others from: what it keeps for its own patients."""

    title = _("Keep for local use")
    help = _(
        "What came into this store to be sorted or sent on is handed out here once it is kept for local use."
    )
    button = _("Keep for local use")
    said = _("It is kept here, and can be handed out now.")
    shape = LocalUseInput
    side = "store"
    wanted = {"hands_out": True, "sorts": True}

    def route(self) -> str:
        return "local-uses/"

    def rest(self) -> list[Field]:
        return [Field("/place", "", "hidden", value=self.place.code)]

    def done(self, reply: Reply) -> str:
        return reverse("local-use")
