"""What clinics ask for: the board of all, and asking."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.pages import Cell, Column, Field, ListPage, Reply, one_of
from core.pages.tables import Row
from distribution.pages.fields import COUNT, clinic_choice
from distribution.pages.rows import MedicineRowsPage
from distribution.pages.words import amount, medicines, place_column
from distribution.serializers.needs import NeedsInput
from organisation.access import access_of
from organisation.models import Place
from organisation.queries import place_names, place_options

# So many rows more than were asked for before.
MORE = 3
LISTED = 6


class NeedsPage(ListPage):
    template = "distribution/needs.html"
    title = _("Needs")
    help = _(
        "What clinics ask for, newest period first. It caps what a plan gives them and never weights it."
    )
    route = "needs/"
    empty = _("Nobody has asked for anything yet. Ask for what your clinics need.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names, known = place_names(access_of(self.request).county_id), medicines()

        def lines(row: Row) -> Cell:
            asked = [amount(known, line["medicine"], line["requested"]) for line in row["lines"]]
            return Cell(lines=asked)

        return [
            place_column("place", names, _("Clinic")),
            Column("period"),
            Column("lines", lines, _("Medicines")),
            Column("id", self._change, " "),
        ]

    def _change(self, row: Row) -> Cell:
        first, last = row["period"].split("/")
        address = f"{reverse('ask')}?place={row['place']}&from={first}&to={last}"
        may = self.request.may_open(reverse("ask"))  # type: ignore[attr-defined]
        return Cell(_("Change"), link=address) if may else Cell("")

    def filters(self) -> Sequence[Field]:
        return [clinic_choice(self.request), Field("on", _("On day"), "date")]

    def context(self) -> dict[str, Any]:
        return {"may_ask": self.request.may_open(reverse("ask"))}  # type: ignore[attr-defined]


class AskPage(MedicineRowsPage):
    title = _("Ask for more")
    help = _("Say what the clinic needs in the period; it replaces what was asked for the same days before.")
    button = _("Ask for this")
    said = _("What the clinic asks for is written down.")
    shape = NeedsInput
    method = "PUT"
    legend = _("What is needed")

    def route(self) -> str:
        return "needs/"

    def places(self) -> QuerySet[Place]:
        return access_of(self.request).places().filter(hands_out=True, active=True).order_by("code")

    @cached_property
    def period(self) -> tuple[str, str]:
        on = act_of(self.request).on
        horizon = access_of(self.request).policy.horizon_days
        usual = (on.isoformat(), (on + datetime.timedelta(days=horizon - 1)).isoformat())
        given = (self.request.GET.get("from", ""), self.request.GET.get("to", ""))
        return given if all(given) else usual

    @cached_property
    def asked(self) -> list[Row]:
        """What was asked for the same place and days before."""
        place = self.request.GET.get("place", "")
        reply = self.ask("GET", "needs/", query={"place": place}) if place else None
        sheets = reply.data["results"] if reply and reply.ok else []
        found = [sheet for sheet in sheets if sheet["period"] == "/".join(self.period)]
        return found[0]["lines"] if found else []

    def fields(self) -> Sequence[Field]:
        count = max(LISTED, len(self.asked) + MORE)
        filled = [*self.asked, *({"medicine": "", "requested": ""} for _n in range(count - len(self.asked)))]
        rows = [
            one
            for number, line in enumerate(filled)
            for one in (
                self.medicine(f"/lines/{number}/medicine", line["medicine"]),
                Field(
                    f"/lines/{number}/requested", _("Smallest units"), value=line["requested"], hints=COUNT
                ),
            )
        ]
        return [
            *rows,
            Field("/place", _("Clinic"), "select", options=one_of(place_options(self.places())), required=True,
                  value=self.request.GET.get("place", "")),
            Field("from", _("From day"), "date", value=self.period[0]),
            Field("to", _("To day"), "date", value=self.period[1]),
        ]  # fmt: skip

    def body(self) -> dict[str, Any]:
        typed = self.request.POST
        return {**super().body(), "period": f"{typed.get('from', '')}/{typed.get('to', '')}"}

    def done(self, reply: Reply) -> str:
        return reverse("needs")
