"""Counting what was brought straight to a pharmacy, by another person than who registered it."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.pages import Field, Form, FormPage, Reply
from core.pages.tables import Row
from donations.differences import Difference
from donations.handover_serializers import CountInput

PER_LINE = 4


class DonationCountPage(FormPage):
    template = "donations/handover_receive.html"
    title = _("Count what was brought")
    help = _("Count every line. Where your count differs, choose why. What was declared is not changed.")
    button = _("Book the count")
    said = _("The count is booked.")
    shape = CountInput

    def route(self) -> str:
        return f"donations/{self.kwargs['pk']}/count/"

    def fields(self) -> Sequence[Field]:
        self.reply = self.ask("GET", f"donations/{self.kwargs['pk']}/")
        items = self.reply.data["items"] if self.reply.ok else []
        self.lines = [
            {**item, "declared": item["quantity"]} for item in items if item["holdings"].get("at_point")
        ]
        return [field for number, line in enumerate(self.lines) for field in _count_fields(number, line)]

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        if not self.reply.ok:
            return self.refused(self.reply)
        rows = [
            (line, form.fields[PER_LINE * number : PER_LINE * (number + 1)])
            for number, line in enumerate(self.lines)
        ]
        return self.page(status, form=form, rows=rows, rest=[], button=self.button)

    def done(self, reply: Reply) -> str:
        return reverse("donation", args=[self.kwargs["pk"]])


def _count_fields(number: int, line: Row) -> list[Field]:
    at = f"/items/{number}"
    digits = {"inputmode": "numeric", "maxlength": "7", "autocomplete": "off"}
    return [
        Field(f"{at}/item", "", "hidden", value=line["id"]),
        Field(f"{at}/counted", _("Counted"), required=True, hints=digits),
        Field(f"{at}/reason", _("Why it differs"), "select", options=[("", "—"), *Difference.choices]),
        Field(f"{at}/note", _("Note"), hints={"maxlength": "200"}),
    ]
