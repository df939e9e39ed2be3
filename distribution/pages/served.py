"""Who the clinics serve, and who comes or goes for a time: the lists, and both tables read in from a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.pages import Cell, Column, Field, FormPage, ListPage, Page, Reply, spreadsheet_field
from core.pages.calls import API
from core.pages.tables import Row
from distribution.api.profiles import ProfilesUpload
from distribution.pages.fields import clinic_choice
from distribution.pages.words import place_column
from distribution.serializers.shifts import ShiftEndInput, ShiftInput
from distribution.shifts import DAY, townships_planned
from organisation.access import access_of
from organisation.queries import place_names, place_options, townships

# Lines of a table that the preview shows; all of them are entered.
SHOWN = 60


class ProfilesPage(ListPage):
    template = "distribution/profiles.html"
    title = _("Who is served")
    help = _("What is needed is estimated from these figures. Each has the day on which it was counted.")
    route = "clinic-profiles/"
    empty = _("Nobody has written down yet who the clinics serve. Without it no need is estimated.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names = place_names(access_of(self.request).county_id)
        figures = [
            "population", "age_0_3", "age_4_14", "pregnant", "tier_red", "tier_yellow", "tier_green",
            "current_fever_cases", "travel_minutes", "data_date",
        ]  # fmt: skip
        may_set = self.request.may_open(reverse("profile-set"))  # type: ignore[attr-defined]
        change = [Column("version", _change, " ")] if may_set else []
        return [place_column("place", names, _("Clinic")), *(Column(name) for name in figures), *change]

    def context(self) -> Mapping[str, Any]:
        return {"may_enter": self.request.may_open(reverse("profiles-read"))}  # type: ignore[attr-defined]


def _change(row: Row) -> Cell:
    return Cell(gettext("Change"), link=f"{reverse('profile-set')}?{urlencode({'place': row['place']})}")


class ShiftsPage(ListPage):
    template = "distribution/shifts.html"
    title = _("People who come or go for a time")
    help = _(
        "Returners at the Spring Festival, for instance: needs count them on the days on which they are there."
    )
    route = "population-shifts/"
    empty = _("Nobody comes or goes. Add who does, or read a table in.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        access, on = access_of(self.request), act_of(self.request).on.isoformat()
        names = place_names(access.county_id) | dict(townships(access.county_id).values_list("code", "name"))
        return [
            Column("place", lambda row: Cell(_whom(row, names)), _("Where")),
            Column("starts_on"),
            Column("ends_on", lambda row: Cell(row["ends_on"], tone="plain" if row["ends_on"] < on else "")),
            Column("percent", lambda row: Cell(_how_many(row)), _("More or fewer people")),
            Column("entered_on"),
            Column("id", lambda row: self._end(row, on), " "),
        ]

    def _end(self, row: Row, on: str) -> Cell:
        address = reverse("shift-end", args=[row["id"]])
        may = row["ends_on"] >= on and self.request.may_open(address)  # type: ignore[attr-defined]
        return Cell(gettext("End earlier"), link=address) if may else Cell("")

    def filters(self) -> Sequence[Field]:
        return [clinic_choice(self.request), Field("on", _("On day"), "date")]

    def context(self) -> Mapping[str, Any]:
        return {"may_enter": self.request.may_open(reverse("shift-new"))}  # type: ignore[attr-defined]


def _whom(row: Row, names: Mapping[str, str]) -> str:
    if row.get("township"):
        return gettext("%(name)s, the whole township") % {"name": names.get(row["township"], row["township"])}
    return names.get(row["place"], row["place"])


def _how_many(row: Row) -> str:
    if row.get("percent") is not None:
        return f"{row['percent']:+d}%"
    return gettext("%(heads)s people") % {"heads": f"{row['heads']:+d}"}


class ShiftNewPage(FormPage):
    title = _("Add who comes or goes")
    help = _(
        "For a township or for one clinic, in per cent of its people or in heads; fewer with a minus sign."
    )
    button = _("Add")
    said = _("It is written down; plans drafted from now on count it.")
    shape = ShiftInput

    def route(self) -> str:
        return "population-shifts/"

    def fields(self) -> Sequence[Field]:
        access, on = access_of(self.request), act_of(self.request).on
        clinics = access.places().filter(hands_out=True, active=True).order_by("code")
        areas = townships_planned(access).values_list("code", "name")
        last, signed = on + 14 * DAY, {"maxlength": "8", "autocomplete": "off"}
        return [
            Field("/township", _("Township"), "select", options=[("", "—"), *areas]),
            Field("/place", _("or one clinic"), "select", options=[("", "—"), *place_options(clinics)]),
            Field("/from", _("From day"), "date", value=on.isoformat()),
            Field("/to", _("To day"), "date", value=last.isoformat()),
            Field("/percent", _("Per cent"), help=_("30: nearly a third more; -20: a fifth fewer"), hints=signed),
            Field("/heads", _("or people"), help=_("of a township they are shared by its people"), hints=signed),
        ]  # fmt: skip

    def done(self, reply: Reply) -> str:
        return reverse("shifts")


class ShiftEndPage(FormPage):
    title = _("End earlier")
    help = _("One that has not begun by that day is taken out.")
    button = _("End earlier")
    said = _("It is ended; plans drafted from now on no longer count it.")
    shape = ShiftEndInput
    about = "population-shifts/?id={pk}"
    facts = ("starts_on", "ends_on")

    def route(self) -> str:
        return f"population-shifts/{self.kwargs['pk']}/end/"

    def fields(self) -> Sequence[Field]:
        yesterday = act_of(self.request).on - DAY
        return [Field("/to", _("Last day that counts"), "date", value=yesterday.isoformat(), required=True)]

    def done(self, reply: Reply) -> str:
        return reverse("shifts")


class TableReadPage(FormPage):
    """A file is looked at, with every bad cell named; what it says is entered by the page after it."""

    template = "distribution/table_read.html"
    preview = "distribution/table_preview.html"
    help = _("It is looked at first; nothing is changed before you say so.")
    button = _("Look at it")
    shape = ProfilesUpload
    # The list of the API that the table is for, the field its rows stand in, and the screens that go with it.
    table, rows, enter, listed, another = "", "", "", "", ""
    note: Any = ""

    def route(self) -> str:
        return f"{self.table}/read/"

    def fields(self) -> Sequence[Field]:
        return [spreadsheet_field(_("Filled-in table"))]

    def context(self) -> Mapping[str, Any]:
        return {"is_upload": True, "template_address": f"{API}{self.table}/template.xlsx", "note": self.note}

    def post(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        reply = self.send()
        if not reply.ok:
            return self.again(reply)
        read = reply.data[self.rows]
        access = access_of(request)
        names = place_names(access.county_id) | dict(townships(access.county_id).values_list("code", "name"))
        columns = self.columns(names)
        return self.page(
            template=self.preview,
            read=reply.data,
            count=len(read),
            heads=[column.heading for column in columns],
            lines=[[(column.heading, column.cell(row)) for column in columns] for row in read[:SHOWN]],
            more=len(read) - SHOWN,
            content=json.dumps(read, ensure_ascii=False),
            enter=reverse(self.enter),
            listed=reverse(self.listed),
            again=reverse(self.another),
            note=self.note,
        )

    def columns(self, names: Mapping[str, str]) -> Sequence[Column]:
        """How the preview shows a row that was read; `names` of places and townships by code."""
        raise NotImplementedError


class TableEnterPage(Page):
    """What the preview showed, entered whole or not at all."""

    template = "distribution/table_refused.html"
    help = _("What the preview showed is taken over whole, or nothing of it.")
    table, rows, listed, another = "", "", "", ""

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            rows = json.loads(request.POST.get("content", ""))
        except ValueError:
            rows = None
        reply = self.ask("PUT", f"{self.table}/", {self.rows: rows})
        if not reply.ok:
            another = reverse(self.another)
            return self.page(reply.status, detail=reply.detail, faults=reply.faults, again=another)
        messages.success(request, gettext("The table is entered."))
        return redirect(self.listed)


class ProfilesReadPage(TableReadPage):
    title = _("Who is served, from a file")
    table, rows, enter, listed, another = (
        "clinic-profiles", "profiles", "profiles-enter", "profiles", "profiles-read",
    )  # fmt: skip
    note = _("Clinics that the table does not name keep their figures.")

    def columns(self, names: Mapping[str, str]) -> Sequence[Column]:
        figures = ["population", "tier_red", "tier_yellow", "tier_green", "current_fever_cases", "data_date"]
        return [place_column("place", names, _("Clinic")), *(Column(name) for name in figures)]


class ProfilesEnterPage(TableEnterPage):
    title = ProfilesReadPage.title
    table, rows, listed, another = "clinic-profiles", "profiles", "profiles", "profiles-read"


class ShiftsReadPage(TableReadPage):
    title = _("Who comes or goes, from a file")
    table, rows, enter, listed, another = (
        "population-shifts", "shifts", "shifts-enter", "shifts", "shifts-read",
    )  # fmt: skip
    note = _("The table takes the place of all that is written down so far.")

    def columns(self, names: Mapping[str, str]) -> Sequence[Column]:
        return [
            Column("place", lambda row: Cell(_whom(row, names)), _("Where")),
            Column("from", title=_("From day")),
            Column("to", title=_("To day")),
            Column("percent", lambda row: Cell(_how_many(row)), _("More or fewer people")),
        ]


class ShiftsEnterPage(TableEnterPage):
    title = ShiftsReadPage.title
    table, rows, listed, another = "population-shifts", "shifts", "shifts", "shifts-read"
