"""The shelves: what stands where, added up, by its last usable day, and the books behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalogue.models import Medicine
from core.api import act_of
from core.pages import Cell, Column, Field, ListPage, Reply
from core.pages.tables import Row
from inventory.models import INSIDE, Kind, Side, State
from inventory.pages.words import (
    amount_cell,
    batch_link,
    choices,
    detail_cell,
    expiry_cell,
    may,
    pack_words,
    place_choices,
    place_column,
    side_words,
    state_cell,
)
from organisation.access import access_of
from organisation.queries import place_names

KINDS = {
    Kind.ACCEPT: gettext_lazy("accepted at sorting"),
    Kind.HOLD: gettext_lazy("held"),
    Kind.RELEASE: gettext_lazy("released"),
    Kind.RESERVE: gettext_lazy("reserved"),
    Kind.UNRESERVE: gettext_lazy("reservation given up"),
    Kind.DISPATCH: gettext_lazy("dispatched"),
    Kind.RECEIVE: gettext_lazy("received"),
    Kind.LOCAL_USE: gettext_lazy("kept for local use"),
    Kind.DISPENSE: gettext_lazy("dispensed"),
    Kind.PUT_IN_USE: gettext_lazy("put in use"),
    Kind.LEND: gettext_lazy("lent out"),
    Kind.TAKE_BACK: gettext_lazy("given back"),
    Kind.DESTROY: gettext_lazy("destroyed"),
    Kind.LOSE: gettext_lazy("lost"),
    Kind.ADJUST: gettext_lazy("adjusted after a count"),
    Kind.CONVERT: gettext_lazy("opened or relabelled"),
    Kind.REVERSAL: gettext_lazy("reversal"),
}
STATES = [(state.value, state.label) for state in INSIDE]


def kind_words(kind: str) -> str:
    return str(KINDS[Kind(kind)])


def stock_filters(request: HttpRequest) -> list[Field]:
    return [
        Field("q", _("Name, pinyin or lot")),
        Field("place", _("Place"), "select", options=place_choices(request)),
        Field("state", _("State"), "select", options=choices(STATES)),
        Field("side", _("Side"), "select", options=choices(Side.choices)),
        Field("expires_from", _("Expires from day"), "date"),
        Field("expires_before", _("Expires before day"), "date"),
    ]


class StockPage(ListPage):
    template = "inventory/stock.html"
    title = gettext_lazy("Stock")
    help = gettext_lazy("Everything that stands here, held, reserved or on the way included.")
    route = "stock/"
    empty = gettext_lazy("Nothing is in stock. What is accepted at sorting appears here.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        on = act_of(self.request).on
        return [
            Column("medicine", batch_link, _("Medicine")),
            Column("lot_number"),
            Column("last_usable_day", lambda row: expiry_cell(row, on)),
            Column("state", _state),
            Column("quantity", _amount),
            Column("pack", lambda row: Cell(pack_words(row["pack"]))),
            place_column(self.request),
            Column("side", lambda row: Cell(side_words(row["side"]))),
        ]

    def filters(self) -> Sequence[Field]:
        return stock_filters(self.request)


def _state(row: Row) -> Cell:
    """Where goods are; of what is packed in a kit, that it is."""
    if not row["kit"]:
        return state_cell(row["state"])
    return Cell(_("in a health kit"), tone="wait", link="/kits/?state=packed")


def _amount(row: Row) -> Cell:
    """In smallest units, and below in boxes where they are known."""
    return Cell(
        f"{row['quantity']} {row['unit']}", number=True, lines=[row["packs"]] if row["pack_size"] else []
    )


class StockSummaryPage(ListPage):
    title = gettext_lazy("Stock by medicine")
    help = gettext_lazy("Units in each state, added up for each medicine under the same filters.")
    route = "stock/summary/"
    empty = gettext_lazy("Nothing is in stock. What is accepted at sorting appears here.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return [
            Column("name", lambda row: _medicine(row, "stock")),
            Column("unit"),
            *(Column(str(state)) for state in INSIDE),
        ]

    def filters(self) -> Sequence[Field]:
        return stock_filters(self.request)


def _medicine(row: Row, screen: str) -> Cell:
    name = f"{row['name']} {row['strength']}".strip()
    return Cell(name, link=f"{reverse(screen)}?q={row['name']}&place={row.get('place', '')}")


class ExpiryCalendarPage(ListPage):
    title = gettext_lazy("Expiry calendar")
    help = gettext_lazy(
        "What has expired and what soon will. What has 30 days is among what has 60, and that among 90."
    )
    route = "expiry-calendar/"
    empty = gettext_lazy("Nothing has expired and nothing will within 90 days. There is nothing to do here.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return [
            Column("name", _near),
            place_column(self.request),
            Column("passed_units", lambda row: _band(row, "passed", "bad"), _("expired")),
            Column("within_30_units", lambda row: _band(row, "within_30", "bad"), _("30 days or less")),
            Column("within_60_units", lambda row: _band(row, "within_60", "wait"), _("60 days or less")),
            Column("within_90_units", lambda row: _band(row, "within_90", "plain"), _("90 days or less")),
        ]

    def filters(self) -> Sequence[Field]:
        return [
            Field("q", _("Name, pinyin or lot")),
            Field("place", _("Place"), "select", options=place_choices(self.request)),
        ]


def _near(row: Row) -> Cell:
    """Links to the stock of all these batches, as the API's row does."""
    return Cell(f"{row['name']} {row['strength']}".strip(), link="/" + row["link"].removeprefix("/api/v1/"))


def _band(row: Row, band: str, tone: str) -> Cell:
    batches, units = row[f"{band}_batches"], row[f"{band}_units"]
    words = _("%(units)d %(unit)s in %(batches)d batches")
    told = words % {"units": units, "unit": row["unit"], "batches": batches}
    return Cell(told, tone=tone) if batches else Cell("—")


class MovementsPage(ListPage):
    title = gettext_lazy("Movements")
    help = gettext_lazy("The ledger, newest first. Days are those of booking.")
    route = "movements/"
    empty = gettext_lazy(
        "Nothing has moved yet. What is accepted, sent and handed out appears here by itself."
    )

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names = place_names(access_of(self.request).county_id)
        return [
            Column("booked_on"),
            Column("kind", lambda row: Cell(kind_words(row["kind"]))),
            Column("name", batch_link),
            Column("lot_number"),
            Column("quantity", amount_cell),
            Column("origin", lambda row: _end(row["origin"], names)),
            Column("target", lambda row: _end(row["target"], names)),
            Column("detail", detail_cell),
        ]

    def filters(self) -> Sequence[Field]:
        kinds = [(kind.value, words) for kind, words in KINDS.items()]
        return [
            Field("kind", _("Kind"), "select", options=choices(kinds)),
            Field("place", _("Place"), "select", options=place_choices(self.request)),
            Field("booked_from", _("From day"), "date"),
            Field("booked_to", _("To day"), "date"),
        ]


def _end(end: Mapping[str, str], names: Mapping[str, str]) -> Cell:
    return Cell(names.get(end["place"], end["place"]), lines=[State(end["state"]).label])


class StockCardPage(ListPage):
    template = "inventory/stock_card.html"
    title = gettext_lazy("Stock card")
    help = gettext_lazy("What came, what went and what then stood there, in the order of the book.")
    route = "stock-card/"
    empty = gettext_lazy("Choose a place and a medicine; where they are chosen, nothing moved in these days.")

    def get(self, request: HttpRequest) -> HttpResponse:
        self.ends: Mapping[str, Any] = {}
        return super().get(request)

    def ask(self, method: str, route: str, *args: Any, **options: Any) -> Reply:
        """Opened without a place and a medicine it asks for them, and for nothing else."""
        if not self.request.GET:
            return Reply(200, {"results": []})
        return super().ask(method, route, *args, **options)

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        if reply.ok and "opening" in reply.data:
            self.ends = {"opening": reply.data["opening"], "closing": reply.data["closing"]}
        return [
            Column("booked_on"),
            Column("kind", lambda row: Cell(kind_words(row["kind"]))),
            Column(
                "lot_number", lambda row: Cell(row["lot_number"], link=reverse("batch", args=[row["batch"]]))
            ),
            Column("change", lambda row: Cell(f"{row['change']:+d}" if row["change"] else "0", number=True)),
            Column("balance"),
            Column("available"),
            Column("held"),
            Column("reserved"),
            Column("in_use"),
            Column("lent"),
            Column("in_transit"),
            Column("detail", detail_cell),
        ]

    def filters(self) -> Sequence[Field]:
        listed = {"list": "medicines", "autocomplete": "off"}
        return [
            Field("place", _("Place"), "select", options=place_choices(self.request, every=False)),
            Field("medicine", _("Medicine"), hints=listed),
            Field("from", _("From day"), "date"),
            Field("to", _("To day"), "date"),
        ]

    def context(self) -> Mapping[str, Any]:
        return {**self.ends, "medicines": Medicine.objects.values_list("code", "generic_name", "strength")}


class HoldsPage(ListPage):
    title = gettext_lazy("Holds")
    help = gettext_lazy("What is held, why, and what of it still is. Released goods are available again.")
    route = "holds/"
    empty = gettext_lazy("Nothing was ever held here. Goods are held from their batch's page.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        on, holds = act_of(self.request).on, may(self.request, "hold-release", 1)
        return [
            Column("name", batch_link),
            Column("lot_number"),
            Column("last_usable_day", lambda row: expiry_cell(row, on)),
            Column("still_held", lambda row: amount_cell(row, "still_held")),
            Column("reason"),
            Column("placed_on"),
            place_column(self.request),
            Column(
                "id", lambda row: _release(row) if holds else Cell(row["id"]), _("Release") if holds else ""
            ),
        ]

    def filters(self) -> Sequence[Field]:
        yes_or_no = choices([("true", _("yes")), ("false", _("no"))])
        return [
            Field("open", _("Still held"), "select", options=yes_or_no),
            Field("place", _("Place"), "select", options=place_choices(self.request)),
        ]


def _release(row: Row) -> Cell:
    if not row["still_held"]:
        return Cell(row["id"])
    return Cell(_("Release"), link=reverse("hold-release", args=[row["id"]]))


class RelabellingsPage(ListPage):
    title = gettext_lazy("Corrections of labels")
    help = gettext_lazy(
        "A lot or an expiry that was read wrongly, corrected everywhere at once by two pharmacists."
    )
    route = "relabellings/"
    empty = gettext_lazy("No label was corrected. A correction begins on the batch's page.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return [
            Column("name", batch_link),
            Column("lot_number"),
            Column("last_usable_day"),
            Column("true_lot_number"),
            Column("true_last_usable_day"),
            Column("reason"),
            Column(
                "state",
                lambda row: Cell(RELABEL_STATES[row["state"]][0], tone=RELABEL_STATES[row["state"]][1]),
            ),
            Column("proposed_on"),
        ]

    def filters(self) -> Sequence[Field]:
        states = [(state, words) for state, (words, _tone) in RELABEL_STATES.items()]
        return [Field("state", _("State"), "select", options=choices(states))]


RELABEL_STATES = {
    "proposed": (gettext_lazy("waits to be confirmed"), "wait"),
    "confirmed": (pgettext_lazy("label", "confirmed"), "good"),
    "withdrawn": (pgettext_lazy("label", "withdrawn"), "plain"),
}
