"""Destruction: one person lists what is to be destroyed, the witness confirms it from an account of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core.days import local_day
from core.pages import Cell, Column, Field, FormPage, ListPage, Page, Reply
from core.pages.forms import WHOLE
from core.pages.tables import Row
from core.receipt_codes import grouped
from inventory.models import State as Stock
from inventory.models.destructions import Destruction
from inventory.pages.deeds import DeedPage
from inventory.pages.words import choices, may, place_choices, place_column, reason_words
from inventory.serializers_destructions import DestructionInput, WithdrawInput
from inventory.services.destructions import WITNESSES
from organisation.access import access_of
from organisation.pages.here import PlaceNeeded
from organisation.queries import people_covering, place_names

State = Destruction.State
TONES = {State.PROPOSED: "wait", State.CONFIRMED: "bad", State.WITHDRAWN: "plain"}
METHODS = gettext_lazy("For example: handed to a licensed firm, burned under supervision.")


def state_cell(state: str) -> Cell:
    return Cell(State(state).label, tone=TONES[State(state)])


class DestructionsPage(ListPage):
    template = "inventory/destructions.html"
    title = gettext_lazy("Destruction")
    help = gettext_lazy(
        "Goods leave the books only when the witness named has confirmed from their own account."
    )
    route = "destructions/"
    empty = gettext_lazy(
        "Nothing was destroyed or listed for it. A pharmacist makes a list of what is unfit."
    )

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return [
            Column("id", lambda row: Cell(row["id"], link=reverse("destruction", args=[row["id"]]))),
            place_column(self.request),
            Column("state", lambda row: state_cell(row["state"])),
            Column("line_count"),
            Column("method"),
            Column("proposed_by"),
            Column("witness"),
            Column("proposed_on"),
            Column("ended_on"),
        ]

    def filters(self) -> Sequence[Field]:
        return [
            Field("state", _("State"), "select", options=choices(State.choices)),
            Field("place", _("Place"), "select", options=place_choices(self.request)),
        ]

    def context(self) -> dict[str, Any]:
        return {
            "may_list": may(self.request, "destruction-new"),
            "may_bins": may(self.request, "unfit-goods"),
        }


class DestructionPage(Page):
    template = "inventory/destruction.html"
    help = gettext_lazy("What is to be destroyed, how, and by which two people.")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        reply = self.ask("GET", f"destructions/{pk}/")
        if not reply.ok:
            return self.refused(reply)
        listed = reply.data
        me = access_of(
            request
        ).person.name  # the API knows who the witness is; this only spares others a button
        is_open = listed["state"] == State.PROPOSED
        return self.page(
            title=_("Destruction %(number)d") % {"number": pk},
            listed=listed,
            place=place_names(access_of(request).county_id).get(listed["place"]),
            state=state_cell(listed["state"]),
            lines=[_line(row, access_of(request).policy.min_days) for row in listed["lines"]],
            may_co_sign=is_open
            and listed["witness"] != me
            and access_of(request).policy.pins
            and may(request, "destruction-co-sign", pk),
            may_confirm=is_open and listed["witness"] == me and may(request, "destruction-confirm", pk),
            may_withdraw=is_open and may(request, "destruction-withdraw", pk),
        )


def _line(row: Row, min_days: int) -> dict[str, Any]:
    receipt = grouped(row["receipt_code"]) if row["receipt_code"] else ""
    return {**row, "receipt": receipt, "reason_words": reason_words(row["reason"], min_days)}


class DestructionNewPage(PlaceNeeded, FormPage):
    """All held stock and all goods in the bin of the place, each with a box to tick."""

    template = "inventory/destruction_new.html"
    title = gettext_lazy("List goods for destruction")
    help = gettext_lazy(
        "Tick what is to be destroyed. Rejected goods wait until their donor may no longer claim them."
    )
    button = gettext_lazy("Lay the list before the witness")
    said = gettext_lazy("The list waits for its witness.")
    shape = DestructionInput
    wanted = {"sorts": True}

    def route(self) -> str:
        return "destructions/"

    def fields(self) -> Sequence[Field]:
        return [
            Field("/place", "", "hidden", value=self.place.code),
            Field("/method", _("How"), required=True, help=METHODS, hints={"maxlength": "60"}),
            self._witness(),
        ]

    def _witness(self) -> Field:
        """Who may witness at this place: everybody of the staff there but the one who lists."""
        me = access_of(self.request).person
        others = people_covering(self.place, WITNESSES, local_day(me.county.time_zone)).exclude(pk=me.pk)
        named = [
            (username, f"{name} · {username}") for name, username in others.values_list("name", "username")
        ]
        help_text = (
            "" if named else _("Nobody else works at this place; security gives somebody a role there.")
        )
        options = [("", _("choose")), *named]
        return Field(
            "/witness",
            pgettext("column", "Witness"),
            "select",
            help=help_text,
            options=options,
            required=True,
        )

    def body(self) -> dict[str, Any]:
        lines = [_named(value) for value in self.request.POST.getlist("goods")]
        return {**super().body(), "lines": [line for line in lines if line]}

    def context(self) -> dict[str, Any]:
        query = {"place": self.place.code, "page_size": "200"}
        held = self.ask("GET", "stock/", query={**query, "state": str(Stock.HELD)}).data["results"]
        bins = self.ask("GET", "unfit-goods/", query=query).data["results"]
        ticked = set(self.request.POST.getlist("goods"))
        goods = [*map(_held, held), *map(_in_bin, bins)]
        return {
            "goods": [{**each, "is_ticked": each["value"] in ticked} for each in goods],
            "place": self.place,
        }

    def done(self, reply: Reply) -> str:
        return reverse("destruction", args=[reply.data["id"]])


def _held(row: Row) -> dict[str, Any]:
    return {
        "value": f"batch {row['batch']} {row['side']} {row['quantity']}",
        "name": row["name"],
        "detail": f"{row['lot_number']} · {row['last_usable_day'] or '—'}",
        "amount": f"{row['quantity']} {row['unit']}",
        "why": _("held"),
    }


def _in_bin(row: Row) -> dict[str, Any]:
    until = _("waits for the donor until %(day)s") % {"day": row["claimable_until"]}
    return {
        "value": f"item {row['item']}",
        "name": row["name"],
        "detail": grouped(row["receipt_code"]),
        "amount": f"{row['in_bin']} {row['unit']}",
        "why": until,
    }


def _named(value: str) -> dict[str, Any]:
    """The line that a ticked box stands for; nothing where somebody made it up."""
    match value.split():
        case ["batch", batch, side, quantity] if WHOLE.fullmatch(batch) and WHOLE.fullmatch(quantity):
            return {"batch": int(batch), "side": side, "quantity": int(quantity)}
        case ["item", item] if WHOLE.fullmatch(item):
            return {"item": int(item)}
    return {}


class DestructionConfirmPage(DeedPage):
    title = gettext_lazy("Confirm a destruction")
    help = gettext_lazy("You have seen that all goods of the list were destroyed. This cannot be taken back.")
    button = gettext_lazy("I have seen it: confirm")
    said = gettext_lazy("The destruction is confirmed; the goods have left the books.")
    api, after, after_same = "destructions/{pk}/confirm/", "destruction", True
    about = "destructions/{pk}/"
    while_it_is = {"state": {"proposed"}}


class DestructionWithdrawPage(DeedPage):
    title = gettext_lazy("Withdraw a list")
    help = gettext_lazy("The goods stay where they are and can be listed anew.")
    button = gettext_lazy("Withdraw")
    said = gettext_lazy("The list is withdrawn.")
    shape = WithdrawInput
    api, after, after_same = "destructions/{pk}/withdraw/", "destruction", True
    about = "destructions/{pk}/"
    while_it_is = {"state": {"proposed"}}

    def fields(self) -> Sequence[Field]:
        return [Field("/reason", _("Reason"), required=True, hints={"maxlength": "200"})]
