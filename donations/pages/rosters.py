"""Rosters that a work unit has filled in: uploaded, looked at, and registered whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from core.pages import Field, Form, FormPage, Page, spreadsheet_field
from core.pages.forms import KEY
from donations.pages.words import TONES, outcome_words
from donations.roster_import_api import RosterUpload
from organisation.pages.here import PlaceNeeded


def preview_context(answer: dict[str, Any]) -> dict[str, Any]:
    outcomes = [
        {"words": outcome_words(name), "tone": TONES[name], "count": count}
        for name, count in answer["outcomes"].items()
    ]
    return {"roster": answer, "outcomes": outcomes, "key": Form([]).key}


class RostersPage(PlaceNeeded, FormPage):
    template = "donations/rosters.html"
    title = _("Rosters")
    help = _(
        "A list of many donors, filled in beforehand. It is looked at first; nothing is registered before you say so."
    )
    button = _("Look at it")
    shape = RosterUpload
    wanted = {"takes_donations": True}

    def route(self) -> str:
        return "rosters/"

    def fields(self) -> Sequence[Field]:
        return [
            spreadsheet_field(_("Filled-in roster")),
            Field("/place", "", "hidden", value=self.place.code),
            Field("/collector", _("Who brings it for the others"), hints={"maxlength": "80"}),
            Field("/collector_phone", _("Their phone"), "tel", hints={"maxlength": "30"}),
            Field("/collector_unit", _("Their work unit"), hints={"maxlength": "80"}),
        ]  # fmt: skip

    def context(self) -> dict[str, Any]:
        return {"is_upload": True, "place": self.place}

    def post(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        reply = self.send()
        if reply.ok:
            return self.page(template="donations/roster_preview.html", **preview_context(reply.data))
        return self.shown(
            Form(self.fields(), request.POST, detail=reply.detail, faults=reply.faults), reply.status
        )


class RosterCommitPage(Page):
    template = "donations/roster_preview.html"
    title = _("Rosters")
    help = _("What became of the roster's file; a wrong cell is named by row and column.")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        reply = self.ask("POST", f"rosters/{pk}/commit/", {}, key=request.POST.get(KEY, ""))
        return self.page(**preview_context(reply.data)) if reply.ok else self.refused(reply)
