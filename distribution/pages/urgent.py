"""Urgent issues (紧急调拨): their list, making one, and the countersignature."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.pages import Cell, Column, Field, ListPage, Reply, StepPage, one_of
from core.pages.tables import Row
from distribution.api.urgent import UrgentInput
from distribution.pages.fields import COUNT
from distribution.pages.rows import MedicineRowsPage
from distribution.pages.words import place_column, shipment_cell
from organisation.access import access_of
from organisation.models import Place
from organisation.queries import place_names, place_options

LISTED = 4


def clock(request: HttpRequest) -> ZoneInfo:
    """The county's own time."""
    return ZoneInfo(access_of(request).person.county.time_zone)


def moment_cell(value: str | None, zone: ZoneInfo) -> Cell:
    """A moment as the county's clocks show it."""
    at = parse_datetime(value) if value else None
    return Cell(at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else "")


class UrgentIssuesPage(ListPage):
    template = "distribution/urgent_issues.html"
    title = _("Urgent issues")
    help = _("Goods that left the same day without a plan. The approver countersigns within 24 hours.")
    route = "urgent-issues/"
    empty = _("There was no urgent issue yet. What cannot wait for a plan is sent from here.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names, zone = place_names(access_of(self.request).county_id), clock(self.request)
        return [
            Column("shipment", lambda row: Cell(row["shipment"], link=reverse("shipment", args=[row["shipment"]]))),
            Column("status", lambda row: shipment_cell(row["status"])),
            place_column("from_place", names),
            place_column("to_place", names),
            Column("reason"),
            Column("agreed_by"),
            Column("agreed_at", lambda row: moment_cell(row["agreed_at"], zone)),
            Column("due_at", lambda row: moment_cell(row["due_at"], zone)),
            Column("countersigned_at", self._signed),
        ]  # fmt: skip

    def _signed(self, row: Row) -> Cell:
        if row["countersigned_at"]:
            return Cell(
                moment_cell(row["countersigned_at"], clock(self.request)).text,
                tone="wait" if row["overdue"] else "good",
            )
        address = reverse("urgent-countersign", args=[row["id"]])
        may = self.request.may_open(address)  # type: ignore[attr-defined]
        words = gettext("late") if row["overdue"] else gettext("open")
        tone = "bad" if row["overdue"] else "wait"
        if not may:
            return Cell(words, tone=tone)
        return Cell(gettext("%(state)s: countersign") % {"state": words}, address, tone)

    def filters(self) -> Sequence[Field]:
        return [
            Field("open", _("Not countersigned"), "select", options=[("", _("all")), ("true", _("yes"))]),
            Field("overdue", _("Late"), "select", options=[("", _("all")), ("true", _("yes"))]),
        ]

    def context(self) -> dict[str, Any]:
        return {"may_issue": self.request.may_open(reverse("urgent-new"))}  # type: ignore[attr-defined]


class UrgentNewPage(MedicineRowsPage):
    title = _("Urgent issue")
    help = _("For the same day, with a leader's word. It leaves at once and counts as allotted.")
    button = _("Issue at once")
    said = _("The goods are on the road. The approver countersigns within 24 hours.")
    shape = UrgentInput
    legend = _("What is needed")

    def route(self) -> str:
        return "urgent-issues/"

    def fields(self) -> Sequence[Field]:
        rows = [
            one
            for number in range(LISTED)
            for one in (
                self.medicine(f"/lines/{number}/medicine"),
                Field(f"/lines/{number}/quantity", _("Smallest units"), hints=COUNT),
            )
        ]
        places: QuerySet[Place] = Place.objects.filter(
            county_id=access_of(self.request).county_id, active=True
        )
        shelves = access_of(self.request).places().filter(sorts=True, active=True).order_by("code")
        clinics = places.filter(hands_out=True).order_by("code")
        return [
            *rows,
            Field("/from_place", _("From place"), "select", options=one_of(place_options(shelves)), required=True),
            Field("/to_place", _("To place"), "select", options=one_of(place_options(clinics)), required=True),
            Field("/agreed_by", _("Which leader agreed"), required=True, hints={"maxlength": "60"}),
            Field("/agreed_at", _("When"), "datetime-local", required=True,
                  value=timezone.now().astimezone(clock(self.request)).strftime("%Y-%m-%dT%H:%M")),
            Field("/reason", _("Reason"), required=True, hints={"maxlength": "200"}),
        ]  # fmt: skip

    def body(self) -> dict[str, Any]:
        body = super().body()
        return {**body, "agreed_at": self._in_zone(str(body.get("agreed_at", "")))}

    def _in_zone(self, typed: str) -> str:
        """What was typed, as a moment of the county's clocks; what is none stays for the API to refuse."""
        try:
            at = datetime.datetime.fromisoformat(typed)
        except ValueError:
            return typed
        return at.replace(tzinfo=clock(self.request)).isoformat()

    def done(self, reply: Reply) -> str:
        return reverse("urgent-issues")


class UrgentCountersignPage(StepPage):
    title = _("Countersign an urgent issue")
    help = _("You confirm that a leader agreed to it, as another person than who issued it.")
    button = _("Countersign")
    said = _("The urgent issue is countersigned.")
    about = "urgent-issues/?id={pk}"
    facts = ("agreed_by", "reason")
    while_it_is = {"countersigned_at": {None}}

    def route(self) -> str:
        return f"urgent-issues/{self.kwargs['pk']}/countersign/"

    def done(self, reply: Reply) -> str:
        return reverse("urgent-issues")
