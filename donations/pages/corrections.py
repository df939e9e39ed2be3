"""Corrections of donations that have left the counter: who put what right, and putting something right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine
from core.pages import Cell, Column, Field, Form, FormPage, ListPage, Reply
from core.pages.tables import Row
from core.receipt_codes import grouped
from donations.models import Custody, Seen
from donations.serializers import CorrectionInput
from organisation.access import access_of
from organisation.queries import place_names

DIGITS = {"inputmode": "numeric", "maxlength": "7", "autocomplete": "off"}
ADDED = "/added/0"


class CorrectionsPage(ListPage):
    title = _("Corrections of donations")
    help = _(
        "What was put right after the registration, and by whom. Units that were added are counted by somebody else."
    )
    route = "donation-corrections/"
    empty = _("Nothing has been corrected yet. A pharmacist corrects from the donation's page.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names = place_names(access_of(self.request).county_id)
        return [
            Column("corrected_on"),
            Column("receipt_code", self._donation),
            Column("place", lambda row: Cell(names.get(row["place"], row["place"])), _("Drop-off point")),
            Column("changes", _changes),
            Column("reason"),
            Column("corrector"),
            Column("waiting", _waiting, _("Still to be counted")),
        ]

    def _donation(self, row: Row) -> Cell:
        return Cell(grouped(row["receipt_code"]), link=reverse("donation", args=[row["donation"]]))

    def filters(self) -> Sequence[Field]:
        places = access_of(self.request).places().filter(takes_donations=True).order_by("code")
        every = ("", _("all"))
        return [
            Field("corrected_from", _("From day"), "date"),
            Field("corrected_to", _("To day"), "date"),
            Field("receipt_code", _("Receipt code")),
            Field(
                "place", _("Drop-off point"), "select", options=[every, *places.values_list("code", "name")]
            ),
            Field(
                "waiting", _("Still to be counted"), "select",
                options=[every, ("true", _("yes")), ("false", _("no"))],
            ),
        ]  # fmt: skip


def _changes(row: Row) -> Cell:
    lines = [f"{each['name']} {each['change']:+d} {each['unit']}" for each in row["changes"]]
    renamed = [gettext("the donor's name or contact")] if row["renamed"] else []
    return Cell(lines=[*lines, *renamed])


def _waiting(row: Row) -> Cell:
    units = sum(each["waiting"] for each in row["changes"])
    return Cell(units, tone="wait") if units else Cell("—")


class DonationCorrectPage(FormPage):
    """Fields that are left empty change nothing and are not sent; faults are led back to the rows they came from."""

    template = "donations/donation_correct.html"
    title = _("Correct a donation")
    help = _(
        "Fill in only what was wrong. What stands in the books stays there; the difference is booked with it."
    )
    button = _("Correct")
    said = _("The correction is booked.")
    shape = CorrectionInput

    def route(self) -> str:
        return f"donations/{self.kwargs['pk']}/correct/"

    def fields(self) -> Sequence[Field]:
        self.reply = self.ask("GET", self.route())
        items = self.reply.data["items"] if self.reply.ok else []
        self.items = [{**item, "words": standing_words(item["standing"])} for item in items]
        return [
            *(field for number, item in enumerate(self.items) for field in _item_fields(number, item)),
            Field("/reason", _("Reason"), required=True, hints={"maxlength": "200"}),
            *_added_fields(),
            Field("/donor/name", _("Right name"), hints=_typed(80)),
            Field("/donor/phone", _("Phone"), "tel", hints=_typed(30)),
            Field("/donor/work_unit", _("Work unit"), hints=_typed(80)),
        ]

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        if not self.reply.ok:
            return self.refused(self.reply)
        rows = [
            (item, form[f"/items/{n}/item"], form[f"/items/{n}/quantity"])
            for n, item in enumerate(self.items)
        ]
        added = [field for field in form.fields if field.name.startswith(ADDED)]
        donor = [field for field in form.fields if field.name.startswith("/donor/")]
        return self.page(
            status,
            form=form,
            receipt=grouped(self.reply.data["receipt_code"]),
            rows=rows,
            reason=form["/reason"],
            added=added,
            donor=donor,
            is_adding=any(field.faults or self.request.POST.get(field.name) for field in (*added, *donor)),
            medicines=Medicine.objects.values_list("code", "generic_name", "strength"),
            button=self.button,
        )

    def body(self) -> dict[str, Any]:
        body, typed = super().body(), self.request.POST
        body["items"] = [line for line in body.get("items", []) if line.get("quantity", "") != ""]
        if not any(typed.get(f"{ADDED}/{name}") for name in ("medicine", "description", "quantity")):
            body.pop("added", None)
        for item in body.get("added", []):
            item.update(_as_read(item))
        if not any(text for name, text in typed.items() if name.startswith("/donor/")):
            body.pop("donor", None)
        return body

    def send(self) -> Reply:
        """The API counts the lines that were sent; the form all of them."""
        reply = super().send()
        if reply.ok:
            return reply
        typed = self.request.POST
        numbers = sorted(
            int(name.split("/")[2]) for name, text in typed.items() if name.endswith("/quantity") and text
            and name.startswith("/items/")
        )  # fmt: skip
        faults = [{**fault, "pointer": _at_row(fault["pointer"], numbers)} for fault in reply.faults]
        return Reply(reply.status, {**reply.data, "errors": faults})

    def done(self, reply: Reply) -> str:
        return reverse("corrections")


def _typed(most: int) -> dict[str, str]:
    """The browser offers nobody else's name and phone."""
    return {"autocomplete": "off", "maxlength": str(most)}


def _item_fields(number: int, item: Row) -> list[Field]:
    at = f"/items/{number}"
    return [
        Field(f"{at}/item", "", "hidden", value=item["id"]),
        Field(f"{at}/quantity", _("Should have been"), hints=DIGITS),
    ]


def _added_fields() -> list[Field]:
    listed = {"list": "medicines", "autocomplete": "off", "maxlength": "12"}
    return [
        Field(
            f"{ADDED}/medicine", _("Medicine"), help=_("Its code; type a part of the name."), hints=listed
        ),
        Field(
            f"{ADDED}/description", _("Name, where the catalogue does not know it"), hints={"maxlength": "200"}
        ),
        Field(f"{ADDED}/quantity", _("Quantity"), help=_("In smallest units."), hints=DIGITS),
        Field(f"{ADDED}/lot_number", _("Lot number"), hints={"maxlength": "40", "autocomplete": "off"}),
        Field(f"{ADDED}/expiry", _("Expiry as printed"), hints={"maxlength": "80", "autocomplete": "off"}),
        Field(f"{ADDED}/opened", _("The pack is opened"), "check"),
    ]  # fmt: skip


def _as_read(item: dict[str, Any]) -> dict[str, str]:
    """What is typed was read; what is left empty nobody has looked at yet."""
    read = {True: Seen.READ.value, False: Seen.NOT_READ.value}
    return {
        "lot_state": read[bool(item.get("lot_number"))],
        "expiry_state": read[bool(item.get("expiry"))],
    }


def _at_row(pointer: str, numbers: Sequence[int]) -> str:
    """`/items/1/quantity` of what was sent as the field of the form it came from."""
    parts = pointer.split("/")
    if parts[1:2] != ["items"] or len(parts) < 3 or int(parts[2]) >= len(numbers):
        return pointer
    # What is wrong with a line as a whole is said at its only field.
    return f"/items/{numbers[int(parts[2])]}/quantity"


def standing_words(standing: str | None) -> str:
    """Where it can still be corrected, or that it no longer can."""
    return (
        str(Custody(standing).label) if standing else gettext("sorted or gone: take the sorting back first")
    )
