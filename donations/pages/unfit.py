"""Unfit goods: what lies in the bins, and what goes back to its donor against a signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.api import act_of
from core.pages import Cell, Column, Field, Form, FormPage, ListPage, Reply
from core.pages.tables import Row
from core.receipt_codes import grouped
from donations.models import DonorReturn
from donations.unfit_serializers import DonorReturnInput
from organisation.access import access_of
from organisation.queries import place_names

COLLECTED = {
    DonorReturn.CollectedBy.DONOR: gettext_lazy("the donor"),
    DonorReturn.CollectedBy.PROXY: gettext_lazy("somebody for the donor"),
}
AT_MOST = 200


def _places(request: HttpRequest) -> Field:
    places = access_of(request).places().order_by("code").values_list("code", "name")
    return Field("place", _("Place"), "select", options=[("", _("all")), *places])


def _place_column(request: HttpRequest) -> Column:
    names = place_names(access_of(request).county_id)
    return Column("place", lambda row: Cell(names.get(row["place"], row["place"])))


class UnfitGoodsPage(ListPage):
    template = "donations/unfit.html"
    title = gettext_lazy("Unfit goods")
    help = gettext_lazy(
        "What was rejected or left for disposal. It goes back to its donor or is destroyed before a witness."
    )
    route = "unfit-goods/"
    empty = gettext_lazy("The bins are empty. There is nothing to give back or to destroy.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        today = str(act_of(self.request).on)
        returns = self.request.may_open(reverse("donor-return-new"))  # type: ignore[attr-defined]
        return [
            Column("name"),
            Column("in_bin", lambda row: Cell(f"{row['in_bin']} {row['unit']}", number=True)),
            Column("receipt_code", lambda row: Cell(grouped(row["receipt_code"]))),
            Column("in_bin_since"),
            Column("claimable_until", lambda row: _waits(row, today)),
            Column("left", _why, _("Where from")),
            _place_column(self.request),
            Column("donation", lambda row: _give_back(row) if returns else Cell(row["donation"])),
        ]

    def filters(self) -> Sequence[Field]:
        overdue = [("", _("all")), ("1", _("not fetched in time"))]
        return [
            _places(self.request),
            Field("unclaimed", _("Waiting for the donor"), "select", options=overdue),
        ]

    def context(self) -> Mapping[str, Any]:
        return {"may_see_returns": self.request.may_open(reverse("donor-returns"))}  # type: ignore[attr-defined]


def _why(row: Row) -> Cell:
    return Cell(_("left by the donor") if row["left"] else _("rejected at sorting"))


def _waits(row: Row, today: str) -> Cell:
    day = str(row["claimable_until"])
    over = [Cell(_("not fetched in time"), tone="wait")] if day < today else []
    return Cell(day, lines=over)


def _give_back(row: Row) -> Cell:
    address = reverse("donor-return-new")
    return Cell(_("Give back"), link=f"{address}?donation={row['donation']}&place={row['place']}")


class DonorReturnsPage(ListPage):
    title = gettext_lazy("Given back to donors")
    help = gettext_lazy("What went back, against a signature.")
    route = "donor-returns/"
    empty = gettext_lazy("Nothing has gone back yet. Goods are given back from the list of unfit goods.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return [
            Column("returned_on"),
            Column("receipt_code", lambda row: Cell(grouped(row["receipt_code"]))),
            Column("lines", _units, _("Units")),
            Column("collected_by", lambda row: Cell(COLLECTED[DonorReturn.CollectedBy(row["collected_by"])])),
            _place_column(self.request),
            Column("id", _slip),
        ]

    def filters(self) -> Sequence[Field]:
        return [
            _places(self.request),
            Field("returned_from", _("From day"), "date"),
            Field("returned_to", _("To day"), "date"),
        ]


def _units(row: Row) -> Cell:
    return Cell(sum(line["quantity"] for line in row["lines"]), number=True)


def _slip(row: Row) -> Cell:
    return Cell(_("Slip to sign (PDF)"), link=f"/api/v1/donor-returns/{row['id']}/slip.pdf")


class DonorReturnNewPage(FormPage):
    """What of one donation lies in one bin, named in the address: ?donation=3&place=P-1."""

    template = "donations/donor_return.html"
    title = gettext_lazy("Give back to the donor")
    help = gettext_lazy("Say how many of each go back; what stays is 0. Whoever fetches them signs the slip.")
    button = gettext_lazy("Give back")
    said = gettext_lazy("The goods are given back.")
    shape = DonorReturnInput

    def route(self) -> str:
        return "donor-returns/"

    def fields(self) -> Sequence[Field]:
        chosen = {
            name: self.request.POST.get(f"/{name}") or self.request.GET.get(name, "")
            for name in ("donation", "place")
        }
        self.goods = self._in_bin(chosen)
        digits = {"inputmode": "numeric", "maxlength": "7", "autocomplete": "off"}
        lines = [
            field
            for number, row in enumerate(self.goods)
            for field in (
                Field(f"/items/{number}/item", "", "hidden", value=row["item"]),
                Field(
                    f"/items/{number}/quantity", _("Units that go back"), value=row["in_bin"], hints=digits
                ),
            )
        ]
        return [
            *(Field(f"/{name}", "", "hidden", value=value) for name, value in chosen.items()),
            *lines,
            Field("/collector", _("Who fetches them, if not the donor"), hints={"maxlength": "80"}),
            Field("/signed", _("The slip is signed"), "check"),
        ]

    def _in_bin(self, chosen: Mapping[str, str]) -> list[Row]:
        query = {"place": chosen["place"], "page_size": str(AT_MOST)}
        reply = self.ask("GET", "unfit-goods/", query=query)
        rows = reply.data["results"] if reply.ok else []
        return [row for row in rows if str(row["donation"]) == chosen["donation"]]

    def body(self) -> dict[str, Any]:
        """Of what stays nothing is said."""
        body = super().body()
        return {**body, "items": [line for line in body["items"] if line.get("quantity", "") not in (0, "")]}

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        lines = [(row, form[f"/items/{number}/quantity"]) for number, row in enumerate(self.goods)]
        receipt = grouped(self.goods[0]["receipt_code"]) if self.goods else ""
        rest = [form["/collector"], form["/signed"]]
        return self.page(status, form=form, lines=lines, rest=rest, receipt=receipt, button=self.button)

    def done(self, reply: Reply) -> str:
        return reverse("donor-returns")
