"""What was decided at the sorting table: the record, taking a decision back, and a second pharmacist's word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.api import act_of
from core.pages import Cell, Column, Field, Form, ListPage, Reply
from core.pages.tables import Row
from core.receipt_codes import grouped
from inventory.models import SortingDecision
from inventory.pages.deeds import DeedPage
from inventory.pages.words import (
    amount_cell,
    choices,
    decision_cell,
    may,
    pack_words,
    place_choices,
    place_column,
    reason_words,
)
from inventory.serializers import ReverseInput
from organisation.access import access_of


class SortingsPage(ListPage):
    title = gettext_lazy("Sorting record")
    help = gettext_lazy("Every decision with its reason. What was decided today can be taken back.")
    route = "sortings/"
    empty = gettext_lazy("Nothing has been sorted yet. Begin with what waits to be sorted.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        today, sorts = str(act_of(self.request).on), may(self.request, "sorting-reverse", 1)
        min_days = access_of(self.request).policy.min_days
        return [
            Column("name"),
            Column("outcome", lambda row: decision_cell(row["outcome"])),
            Column("quantity", amount_cell),
            Column("lot_number"),
            Column("last_usable_day"),
            Column("reason", lambda row: _reason(row, min_days)),
            place_column(self.request),
            Column("receipt_code", lambda row: Cell(grouped(row["receipt_code"]))),
            Column("decided_on"),
            Column(
                "reversed_on",
                lambda row: _taken_back(row, today) if sorts else Cell(row["reversed_on"] or ""),
            ),
        ]

    def filters(self) -> Sequence[Field]:
        return [
            Field("outcome", _("Decision"), "select", options=choices(SortingDecision.Outcome.choices)),
            Field("place", _("Place"), "select", options=place_choices(self.request)),
            Field("product", _("Number of the product"), hints={"inputmode": "numeric", "maxlength": "18"}),
            Field("decided_from", _("From day"), "date"),
            Field("decided_to", _("To day"), "date"),
        ]


def _reason(row: Row, min_days: int) -> Cell:
    return Cell(" · ".join(part for part in (_why(row, min_days), row["note"]) if part))


def _why(row: Row, min_days: int) -> str:
    return reason_words(row["reason"], min_days, waits=row["outcome"] == SortingDecision.Outcome.HOLD)


def _taken_back(row: Row, today: str) -> Cell:
    if row["reversed_on"] or row["decided_on"] != today:
        return Cell(row["reversed_on"] or "")
    return Cell(_("Take the decision back"), link=reverse("sorting-reverse", args=[row["id"]]))


class SortingReversePage(DeedPage):
    title = gettext_lazy("Take a decision back")
    help = gettext_lazy(
        "Only today, and only while its units have not moved on. They count as counted again."
    )
    button = gettext_lazy("Take the decision back")
    said = gettext_lazy("The decision is taken back.")
    shape = ReverseInput
    api, after = "sortings/{pk}/reverse/", "sortings"
    about = "sortings/{pk}/"

    def fields(self) -> Sequence[Field]:
        return [Field("/reason", _("Reason"), hints={"maxlength": "200"})]


class AwaitingPage(ListPage):
    title = gettext_lazy("Decisions to confirm")
    help = gettext_lazy("A colleague who is alone proposes; another pharmacist confirms from the photos.")
    route = "sortings/awaiting/"
    empty = gettext_lazy("No decision waits for a second pharmacist. There is nothing to do here.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        sorts = may(self.request, "sorting-confirm", 1)
        return [
            Column("name", lambda row: _proposal(row, sorts)),
            Column("outcome", lambda row: decision_cell(row["outcome"])),
            Column("quantity"),
            Column("lot_number"),
            Column("expiry"),
            Column("photos", lambda row: Cell(len(row["photos"]), number=True)),
            place_column(self.request),
            Column("decided_on"),
        ]

    def filters(self) -> Sequence[Field]:
        return [Field("place", _("Place"), "select", options=place_choices(self.request))]


def _proposal(row: Row, sorts: bool) -> Cell:
    return Cell(row["name"], link=reverse("sorting-confirm", args=[row["decision"]]) if sorts else "")


class SortingConfirmPage(DeedPage):
    template = "inventory/sorting_confirm.html"
    title = gettext_lazy("Confirm a decision")
    help = gettext_lazy("Look at the photos as you would at the box. The decision becomes your own.")
    button = gettext_lazy("Confirm")
    said = gettext_lazy("The decision is confirmed.")
    api, after = "sortings/{pk}/confirm/", "sortings-awaiting"

    @cached_property
    def row(self) -> Row:
        """What was proposed, while it waits."""
        query = {"decision": str(self.kwargs["pk"])}
        rows = self.ask("GET", "sortings/awaiting/", query=query).data["results"]
        return rows[0] if rows else {}

    def missing(self) -> Reply | None:
        """A decision that waits no more is told to whoever reads the record of its place."""
        reply = None if self.row else self.ask("GET", f"sortings/{self.kwargs['pk']}/")
        return reply if reply and not reply.ok else None

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        told = _told(self.row, access_of(self.request).policy.min_days)
        return self.page(status, form=form, button=self.button, **told)


def _told(row: Row, min_days: int) -> Mapping[str, Any]:
    if not row:
        return {"row": None}
    return {
        "row": row,
        "outcome": decision_cell(row["outcome"]),
        "pack": pack_words(row["pack"]),
        "reason": _why(row, min_days),
    }
