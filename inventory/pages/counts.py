"""Counting a place blindly: what the books have is not shown before the count is finished."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.models import Medicine
from core.pages import Cell, Column, Field, Form, FormPage, ListPage, Page, Reply, one_of
from core.pages.forms import KEY
from core.pages.tables import Row
from donations.pages.intake import CONTAINERS
from inventory.models import Pack
from inventory.models.counts import Spot, StockCount
from inventory.pages.deeds import DeedPage
from inventory.pages.words import choices, may, pack_words, place_choices, place_column, side_words
from inventory.serializers_counts import AbandonInput, CountLinesInput, StockCountInput
from organisation.access import access_of
from organisation.models import Role
from organisation.queries import place_names

State = StockCount.State
TONES = {State.OPEN: "wait", State.FINISHED: "wait", State.APPROVED: "good", State.ABANDONED: "plain"}
# A page of what is still to be counted; the rest comes once these are written down.
AT_ONCE = 50
APPROVERS = {str(role) for role in (Role.PHARMACIST, Role.LEAD_PHARMACIST, Role.CHECKER)}
DIGITS = {"inputmode": "numeric", "maxlength": "7", "autocomplete": "off"}


def state_cell(state: str) -> Cell:
    return Cell(State(state).label, tone=TONES[State(state)])


class CountsPage(ListPage):
    template = "inventory/counts.html"
    title = gettext_lazy("Counts")
    help = gettext_lazy(
        "One person counts without seeing the books, another approves. Goods keep moving meanwhile."
    )
    route = "counts/"
    empty = gettext_lazy(
        "There was no count yet. Begin one; its sheet can be printed, or written as you count."
    )

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return [
            Column("id", lambda row: Cell(row["id"], link=reverse("count", args=[row["id"]]))),
            place_column(self.request),
            Column("state", lambda row: state_cell(row["state"])),
            Column("started_by"),
            Column("started_on"),
            Column("finished_by"),
            Column("ended_by"),
            Column("ended_on"),
        ]

    def filters(self) -> Sequence[Field]:
        return [
            Field("state", _("State"), "select", options=choices(State.choices)),
            Field("place", _("Place"), "select", options=place_choices(self.request)),
        ]

    def context(self) -> dict[str, Any]:
        return {"may_count": may(self.request, "count-new")}


class CountNewPage(FormPage):
    title = gettext_lazy("Begin a count")
    help = gettext_lazy("One count of a place at a time. Print the sheet, or type as you count.")
    button = gettext_lazy("Begin")
    shape = StockCountInput

    def route(self) -> str:
        return "counts/"

    def fields(self) -> Sequence[Field]:
        places = one_of(place_choices(self.request, every=False))
        return [Field("/place", _("Place"), "select", options=places, required=True)]

    def done(self, reply: Reply) -> str:
        return reverse("count", args=[reply.data["id"]])


class CountPage(Page):
    """A count with its lines; one button of it (finish, reopen, approve) posts back here."""

    template = "inventory/count.html"
    help = gettext_lazy(
        "A blind count: what stands here is compared with the books only once it is finished."
    )
    deeds = ("finish", "reopen", "approve")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._page(pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        deed = request.POST.get("deed", "")
        if deed not in self.deeds:
            return self._page(pk, 400)
        reply = self.ask("POST", f"counts/{pk}/{deed}/", {}, key=request.POST.get(KEY, ""))
        return self._page(pk, reply.status if not reply.ok else 200, "" if reply.ok else reply.detail)

    def _page(self, pk: int, status: int = 200, refusal: str = "") -> HttpResponse:
        reply = self.ask("GET", f"counts/{pk}/")
        if not reply.ok:
            return self.refused(reply)
        count = reply.data
        size = {"page_size": "200"}
        lines = self.ask("GET", f"counts/{pk}/lines/", query=size).data
        uncounted = self.ask("GET", f"counts/{pk}/uncounted/", query=size).data
        return self.page(
            status,
            title=_("Count %(number)d") % {"number": pk},
            count=count,
            place=place_names(access_of(self.request).county_id).get(count["place"]),
            state=state_cell(count["state"]),
            lines=[_line(row) for row in lines["results"]],
            lines_left=lines["count"] - len(lines["results"]),
            uncounted=[_line(row) for row in uncounted["results"]],
            refusal=refusal,
            key=Form([]).key,
            is_open=count["state"] == State.OPEN,
            is_finished=count["state"] == State.FINISHED,
            may_count=may(self.request, "count-lines", pk),
            may_co_sign=access_of(self.request).policy.pins and may(self.request, "count-co-sign", pk),
            may_approve=bool(access_of(self.request).reach.roles & APPROVERS),
        )


def _line(row: Row) -> dict[str, Any]:
    spot = str(Spot(row["spot"]).label) if row["spot"] else ""
    name = f"{row['name']} {row.get('strength', '')}".strip()
    kept = {"where": " · ".join(part for part in (side_words(row["side"]), spot) if part)}
    return {**row, **kept, "full_name": name, "pack_words": pack_words(row["pack"])}


class CountLinesPage(FormPage):
    """The next goods to count, a field for each; what is left empty stays uncounted."""

    template = "inventory/count_lines.html"
    title = gettext_lazy("Write down what was counted")
    help = gettext_lazy(
        "Smallest units. What is left empty is not counted, which is not zero; what is not there is 0."
    )
    button = gettext_lazy("Write down")
    said = gettext_lazy("The lines are written down.")
    shape = CountLinesInput
    about = "counts/{pk}/"
    while_it_is = {"state": {"open"}}

    def route(self) -> str:
        return f"counts/{self.kwargs['pk']}/lines/"

    def fields(self) -> Sequence[Field]:
        query = {"page_size": str(AT_ONCE)}
        reply = self.ask("GET", f"counts/{self.kwargs['pk']}/uncounted/", query=query)
        self.rows = [_line(row) for row in reply.data["results"]] if reply.ok else []
        return [field for number, row in enumerate(self._asked()) for field in _fields(number, row)]

    def _asked(self) -> Sequence[Row]:
        """What stands on the form that was sent, which is not what another has counted since."""
        post = self.request.POST
        if not post:
            return self.rows
        known: dict[tuple[str, ...], Row] = {
            (str(row["batch"]), row["side"], row["spot"]): row for row in self.rows
        }
        numbers = range(sum(name.endswith("/batch") for name in post))
        keys = [
            tuple(post.get(f"/lines/{n}/{name}", "") for name in ("batch", "side", "spot")) for n in numbers
        ]
        unknown = {
            "full_name": _("counted meanwhile"),
            "where": "",
            "lot_number": "",
            "last_usable_day": "",
            "unit": "",
        }
        return [
            known.get(key) or {**unknown, "batch": key[0], "side": key[1], "spot": key[2]} for key in keys
        ]

    def body(self) -> dict[str, Any]:
        """Of the lines only those with a number; their places in the form are kept for what is wrong with them."""
        lines = super().body()["lines"]
        self.sent = [number for number, line in enumerate(lines) if line.get("counted", "") != ""]
        return {"lines": [lines[number] for number in self.sent]}

    def send(self) -> Reply:
        reply = super().send()
        for fault in reply.faults:
            head, _slash, rest = fault["pointer"].removeprefix("/lines/").partition("/")
            if head.isdecimal() and int(head) < len(self.sent):
                fault["pointer"] = f"/lines/{self.sent[int(head)]}/{rest}"
        return reply

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        rows = [(row, form[f"/lines/{number}/counted"]) for number, row in enumerate(self._asked())]
        return self.page(status, form=form, rows=rows, button=self.button, pk=self.kwargs["pk"])

    def done(self, reply: Reply) -> str:
        return reverse("count", args=[self.kwargs["pk"]])


def _fields(number: int, row: Row) -> list[Field]:
    at = f"/lines/{number}"
    hidden = [Field(f"{at}/{name}", "", "hidden", value=row[name]) for name in ("batch", "side", "spot")]
    return [*hidden, Field(f"{at}/counted", _("Counted"), hints=DIGITS)]


class CountFoundPage(FormPage):
    title = gettext_lazy("Found, but not in the books")
    help = gettext_lazy(
        "What the books do not know here is registered as an anonymous donation once the count is approved."
    )
    button = gettext_lazy("Write down")
    said = gettext_lazy("The lines are written down.")
    template = "inventory/count_found.html"
    shape = CountLinesInput
    about = "counts/{pk}/"
    while_it_is = {"state": {"open"}}

    def route(self) -> str:
        return f"counts/{self.kwargs['pk']}/lines/"

    def fields(self) -> Sequence[Field]:
        at = "/lines/0"
        listed = {"list": "medicines", "autocomplete": "off", "maxlength": "12"}
        return [
            Field(
                f"{at}/medicine", _("Medicine"), help=_("Its code; type a part of the name."), hints=listed
            ),
            Field(
                f"{at}/description",
                _("In words, where the catalogue does not have it"),
                hints={"maxlength": "200"},
            ),
            Field(f"{at}/lot_number", _("Lot number"), hints={"maxlength": "40"}),
            Field(f"{at}/expiry", _("Expiry as printed"), hints={"maxlength": "80"}),
            Field(f"{at}/pack", _("Pack"), "select", options=Pack.choices),
            Field(f"{at}/container", _("Lies in"), "select", options=[("", "—"), *CONTAINERS.items()]),
            Field(f"{at}/counted", _("Counted"), required=True, hints=DIGITS),
        ]

    def context(self) -> dict[str, Any]:
        return {"medicines": Medicine.objects.values_list("code", "generic_name", "strength")}

    def done(self, reply: Reply) -> str:
        return reverse("count", args=[self.kwargs["pk"]])


class CountAbandonPage(DeedPage):
    title = gettext_lazy("Abandon a count")
    help = gettext_lazy("It ends without any consequence; the books stay as they are.")
    button = gettext_lazy("Abandon")
    said = gettext_lazy("The count is abandoned.")
    shape = AbandonInput
    api, after, after_same = "counts/{pk}/abandon/", "count", True
    about = "counts/{pk}/"
    while_it_is = {"state": {"open", "finished"}}

    def fields(self) -> Sequence[Field]:
        return [Field("/reason", _("Reason"), required=True, hints={"maxlength": "200"})]
