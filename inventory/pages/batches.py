"""One batch: where it stands, where it came from and went, and what is done to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.api import act_of
from core.pages import Field, Page, Reply, one_of
from core.pages.tables import Row
from core.receipt_codes import grouped
from donations.pages.intake import CONTAINERS
from inventory.api.conversions import OpenInput, RelabelInput
from inventory.api.labels import LabelInput
from inventory.models import Pack, Side, State
from inventory.models.labels import LabelRun
from inventory.pages.deeds import DeedPage
from inventory.pages.words import (
    days_left,
    may,
    pack_words,
    place_choices,
    side_words,
    state_cell,
    units_words,
)
from inventory.serializers import HoldInput, ReleaseInput
from organisation.access import access_of
from organisation.queries import place_names

LAYOUTS = {
    LabelRun.Layout.SHEET: gettext_lazy("A4 sheet, 3 × 8 labels"),
    LabelRun.Layout.SINGLE: gettext_lazy("single labels, 60 × 40 mm"),
    LabelRun.Layout.BAGS: gettext_lazy("bags for loose units, A4"),
}
DIGITS = {"inputmode": "numeric", "maxlength": "7", "autocomplete": "off"}


class BatchPage(Page):
    template = "inventory/batch.html"
    help = gettext_lazy("One lot of one medicine: where it stands, and all that happened to it.")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        reply = self.ask("GET", f"batches/{pk}/")
        if not reply.ok:
            return self.refused(reply)
        batch, names = reply.data, place_names(access_of(request).county_id)
        waiting = self.ask("GET", "relabellings/", query={"batch": str(pk), "state": "proposed"})
        day, on = batch["last_usable_day"], act_of(request).on
        return self.page(
            title=batch["name"],
            batch=batch,
            near=days_left(day, on) if day else None,
            pack=pack_words(batch["pack"]),
            stock=[_shelf(row, names) for row in batch["stock"]],
            # Who may read the sortings may know; nobody else asks, for a refusal is written in the log.
            trace=self._trace(pk, names, batch["unit"]) if may(request, "sortings") else None,
            relabelling=next(iter(waiting.data["results"]), None) if waiting.ok else None,
            may={name: may(request, screen, *ids) for name, screen, ids in _deeds(pk)},
            is_sealed=batch["pack"] == Pack.SEALED,
        )

    def _trace(self, pk: int, names: Mapping[str, str], unit: str) -> Mapping[str, Any] | None:
        """Where it came from and went, for those who may know."""
        reply = self.ask("GET", f"batches/{pk}/trace/")
        if not reply.ok:
            return None
        trace = reply.data
        sources = [
            {**source, "receipt": grouped(source["receipt_code"]), "place": names.get(source["sorted_at"])}
            for source in trace["sources"]
        ]
        stops = [
            {**stop, "name": names.get(stop["place"]), "cells": units_words(stop["units"], unit)}
            for stop in trace["stops"]
        ]
        return {**trace, "sources": sources, "stops": stops}


def _deeds(pk: int) -> list[tuple[str, str, list[int]]]:
    return [
        ("hold", "hold-new", []),
        ("labels", "label-new", []),
        ("relabel", "batch-relabel", [pk]),
        ("relabel_confirm", "batch-relabel-confirm", [pk]),
        ("open", "batch-open", [pk]),
        ("reaction", "reaction-new", []),
    ]


def _shelf(row: Row, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        **row,
        "name": names.get(row["place"]),
        "cell": state_cell(row["state"]),
        "side_words": side_words(row["side"]),
        "is_available": row["state"] == State.AVAILABLE,
    }


class _OfBatch(DeedPage):
    """A form about a batch at a place, both named in the address: ?batch=3&place=P-1&side=store.

    It says which goods are meant; without any the shelves are shown, where they are chosen.
    """

    def get(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        return super().get(request, **ids) if self.batch() else redirect("stock")

    def batch(self) -> str:
        sent = self.request.POST
        typed = sent.get("/batch") or sent.get("/lines/0/batch") or self.request.GET.get("batch", "")
        return str(self.kwargs.get("pk", typed))

    def context(self) -> Mapping[str, Any]:
        reply = self.ask("GET", f"batches/{self.batch()}/") if self.batch().isdecimal() else None
        if reply is None or not reply.ok:
            return {}
        row = reply.data
        goods = " · ".join(str(row[name]) for name in ("name", "lot_number", "last_usable_day") if row[name])
        return {"help": f"{goods} — {self.help}"}

    def chosen(self, name: str) -> str:
        return self.request.POST.get(f"/{name}") or self.request.GET.get(name, "")

    def place_field(self) -> Field:
        places = one_of(place_choices(self.request, every=False))
        return Field(
            "/place", _("Place"), "select", options=places, value=self.chosen("place"), required=True
        )

    def side_field(self) -> Field:
        return Field("/side", _("Side"), "select", options=Side.choices, value=self.chosen("side"))


class HoldNewPage(_OfBatch):
    title = gettext_lazy("Hold")
    help = gettext_lazy("Held goods cannot be planned, sent or dispensed until they are released.")
    button = gettext_lazy("Hold")
    said = gettext_lazy("The goods are held.")
    shape = HoldInput
    api, after = "holds/", "holds"

    def fields(self) -> Sequence[Field]:
        return [
            Field("/batch", "", "hidden", value=self.chosen("batch")),
            self.place_field(),
            self.side_field(),
            Field("/quantity", _("Units"), help=_("Left empty: all that is available there."), hints=DIGITS),
            Field("/reason", _("Reason"), required=True, hints={"maxlength": "200"}),
        ]


class HoldReleasePage(DeedPage):
    title = gettext_lazy("Release")
    help = gettext_lazy("What nothing else keeps held is available again.")
    button = gettext_lazy("Release")
    said = gettext_lazy("The goods are released.")
    shape = ReleaseInput
    api, after = "holds/{pk}/release/", "holds"
    about = "holds/?id={pk}"
    facts = ("name", "lot_number", "reason")

    def fields(self) -> Sequence[Field]:
        return [
            Field("/quantity", _("Units"), help=_("Left empty: all that it still holds."), hints=DIGITS),
            Field("/reason", _("Reason"), hints={"maxlength": "200"}),
        ]


class BatchOpenPage(_OfBatch):
    title = gettext_lazy("Open boxes")
    help = gettext_lazy("The units stand under an opened batch afterwards and are given out loose.")
    button = gettext_lazy("Open")
    said = gettext_lazy("The boxes are opened.")
    shape = OpenInput
    api = "batches/{pk}/open/"
    about = "batches/{pk}/"

    def fields(self) -> Sequence[Field]:
        return [
            self.place_field(),
            self.side_field(),
            Field("/quantity", _("Units"), required=True, hints=DIGITS),
            Field("/container", _("Lies in"), "select", options=CONTAINERS.items()),
        ]

    def done(self, reply: Reply) -> str:
        return reverse("batch", args=[reply.data["batch"]])


class BatchRelabelPage(DeedPage):
    title = gettext_lazy("Correct a label")
    help = gettext_lazy(
        "Type what the label really reads. Another pharmacist confirms it; only then does anything change."
    )
    button = gettext_lazy("Propose")
    said = gettext_lazy("The correction waits for another pharmacist.")
    shape = RelabelInput
    api, after, after_same = "batches/{pk}/relabel/", "batch", True
    about = "batches/{pk}/"

    def fields(self) -> Sequence[Field]:
        keep = _("Left empty: it was read rightly.")
        return [
            Field("/lot_number", _("Lot number"), help=keep, hints={"maxlength": "40"}),
            Field("/expiry", _("Expiry as printed"), help=keep, hints={"maxlength": "80"}),
            Field("/reason", _("Reason"), required=True, hints={"maxlength": "200"}),
        ]


class BatchRelabelConfirmPage(DeedPage):
    title = gettext_lazy("Confirm the correction of a label")
    help = gettext_lazy(
        "Look at the label yourself. Every unit of the batch changes its lot or expiry at once, everywhere."
    )
    button = gettext_lazy("Confirm")
    said = gettext_lazy("The label is corrected everywhere.")
    api, after = "batches/{pk}/relabel/confirm/", "relabellings"
    about = "batches/{pk}/"


class BatchRelabelWithdrawPage(DeedPage):
    title = gettext_lazy("Give up the correction of a label")
    help = gettext_lazy("The batch stays as it is in the books.")
    button = gettext_lazy("Give the correction up")
    said = gettext_lazy("The correction is given up.")
    api, after, after_same = "batches/{pk}/relabel/withdraw/", "batch", True
    about = "batches/{pk}/"


class LabelNewPage(_OfBatch):
    title = gettext_lazy("Print labels")
    help = gettext_lazy("Bags for loose units also say how many are in them and how they are taken.")
    button = gettext_lazy("Make the labels (PDF)")
    shape = LabelInput
    api = "labels/"

    def fields(self) -> Sequence[Field]:
        return [
            Field("/lines/0/batch", "", "hidden", value=self.request.GET.get("batch", "")),
            self.place_field(),
            Field("/layout", _("Paper"), "select", options=LAYOUTS.items()),
            Field("/lines/0/copies", _("How many"), value=1, required=True, hints=DIGITS),
            Field("/lines/0/quantity", _("Units in a bag"), help=_("On bags only."), hints=DIGITS),
            Field("/lines/0/usage", _("How it is taken"), help=_("On bags only."), hints={"maxlength": "60"}),
        ]

    def done(self, reply: Reply) -> str:
        return str(reply.data["file"])
