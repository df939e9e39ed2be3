"""Campaigns: their list, opening one, closing one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.pages import Cell, Column, Field, FormPage, ListPage, Reply, StepPage, body_of, one_of
from core.pages.tables import Row
from donations.models import Campaign
from donations.serializers import CampaignInput, RhythmInput
from organisation.access import access_of
from organisation.models import Place, Rhythm
from organisation.queries import place_names


class CampaignsPage(ListPage):
    template = "donations/campaigns.html"
    title = _("Campaigns")
    help = _("From when to when donations are taken in, in whose name, and who answers for it.")
    route = "campaigns/"
    empty = _("There has been no campaign yet. Open one, and donations can be registered.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names = place_names(access_of(self.request).county_id)
        return [
            Column("name"),
            Column("code"),
            Column("starts_on"),
            Column("ends_on"),
            Column("donee", lambda row: Cell(names.get(row["donee"], row["donee"]))),
            Column("coordinator"),
            Column("supervision_phone"),
            Column("rhythm", self._rhythm),
            Column("state", self._state),
        ]

    def _rhythm(self, row: Row) -> Cell:
        words = Rhythm(row["rhythm"]).label if row["rhythm"] else gettext("as the county's policy says")
        address = reverse("campaign-rhythm", args=[row["id"]])
        return Cell(words, link=address if self.request.may_open(address) else "")  # type: ignore[attr-defined]

    def _state(self, row: Row) -> Cell:
        if row["state"] != Campaign.State.OPEN:
            return Cell(gettext("closed"), tone="plain")
        address = reverse("campaign-close", args=[row["id"]])
        may = self.request.may_open(address)  # type: ignore[attr-defined]
        return (
            Cell(gettext("Close the campaign"), link=address)
            if may
            else Cell(gettext("in operation"), tone="good")
        )

    def context(self) -> dict[str, Any]:
        return {"may_write": self.request.may_open(reverse("campaign-new"))}  # type: ignore[attr-defined]


class CampaignNewPage(FormPage):
    title = _("Open a campaign")
    help = _("The donee's name stands on every receipt, the supervision phone in every bulletin.")
    button = _("Open the campaign")
    said = _("The campaign is open.")
    shape = CampaignInput

    def route(self) -> str:
        return "campaigns/"

    def fields(self) -> Sequence[Field]:
        county, on = access_of(self.request).county_id, act_of(self.request).on.isoformat()
        donees = Place.objects.filter(county_id=county, active=True, sorts=True).order_by("code")
        return [
            Field("/code", _("Code"), required=True, value=f"C-{county}-{on[:4]}", hints={"maxlength": "24"}),
            Field("/name", pgettext_lazy("column", "Name"), required=True, hints={"maxlength": "80"}),
            Field("/starts_on", _("First day"), "date", required=True, value=on),
            Field("/ends_on", _("Last day"), "date", required=True, hints={"min": on}),
            Field("/donee", _("Donee"), "select", options=one_of(donees.values_list("code", "name")),
                  required=True),
            Field("/coordinator", _("Coordinator"), required=True, hints={"maxlength": "80"}),
            Field("/contact", _("Contact"), hints={"maxlength": "80"}),
            Field("/supervision_phone", _("Supervision phone"), "tel", hints={"maxlength": "40"}),
            _rhythm_field(),
            Field(
                "/categories", _("What is accepted"), "area",
                help=_("One kind on each line, as the public reads it."),
            ),
        ]  # fmt: skip

    def body(self) -> dict[str, Any]:
        """What is accepted is typed line by line."""
        data: QueryDict = self.request.POST.copy()
        lines = [line.strip() for line in data.get("/categories", "").splitlines()]
        data.setlist("/categories", [line for line in lines if line])
        return body_of(self.shape, data)

    def done(self, reply: Reply) -> str:
        return reverse("campaigns")


class CampaignRhythmPage(FormPage):
    title = _("How often a campaign publishes")
    help = _("Every 5 days in an emergency; the days of publishing are counted anew from the last bulletin.")
    button = _("Save")
    said = _("The campaign publishes by this rhythm from now on.")
    shape = RhythmInput
    method = "PUT"
    about = "campaigns/?id={pk}"
    facts = ("name",)

    def route(self) -> str:
        return f"campaigns/{self.kwargs['pk']}/rhythm/"

    def fields(self) -> Sequence[Field]:
        county, pk = access_of(self.request).county_id, self.kwargs["pk"]
        rhythm = Campaign.objects.filter(county_id=county, pk=pk).values_list("rhythm", flat=True).first()
        return [_rhythm_field(rhythm or "")]

    def done(self, reply: Reply) -> str:
        return reverse("campaigns")


def _rhythm_field(value: str = "") -> Field:
    options = [("", _("as the county's policy says")), *Rhythm.choices]
    return Field("/rhythm", _("How often a campaign publishes"), "select", options=options, value=value)


class CampaignClosePage(StepPage):
    title = _("Close the campaign")
    help = _(
        "No donation is registered for it any more. What was registered is sorted and handed out as before."
    )
    button = _("Close the campaign")
    said = _("The campaign is closed.")
    about = "campaigns/?id={pk}"
    facts = ("name", "ends_on")
    while_it_is = {"closed_on": {None}}

    def route(self) -> str:
        return f"campaigns/{self.kwargs['pk']}/close/"

    def done(self, reply: Reply) -> str:
        return reverse("campaigns")
