"""Work units: where the people of each hand in, by category or by a place of its own, and lists of them read in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.pages import Cell, Column, Field, Form, FormPage, ListPage, Page, Reply, spreadsheet_field
from core.pages.forms import KEY
from core.pages.tables import Row
from organisation.access import access_of
from organisation.models import UnitCategory
from organisation.queries import drop_off_points, place_names
from organisation.work_units_api import UnitCategoryInput, UnitFile, WorkUnitInput

NAME = pgettext_lazy("column", "Name")
# Lines of a list that the preview shows; all of them are taken over.
SHOWN = 60


def _points(request: HttpRequest) -> list[tuple[str, str]]:
    return [(place.code, place.name) for place in drop_off_points(access_of(request).county_id)]


def _categories(request: HttpRequest) -> list[tuple[str, str]]:
    county_id = access_of(request).county_id
    names = UnitCategory.objects.filter(county_id=county_id).order_by("name").values_list("name", flat=True)
    return [(name, name) for name in names]


def _may(request: HttpRequest, name: str) -> bool:
    return bool(request.may_open(reverse(name)))  # type: ignore[attr-defined]


class WorkUnitsPage(ListPage):
    template = "organisation/work_units.html"
    title = _("Work units")
    help = _("Where the people of a work unit hand in. Who stands at another counter is told where to go.")
    route = "work-units/"
    empty = _("No work unit has a place yet. Whoever sets up the county reads a list in.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names = place_names(access_of(self.request).county_id)
        may_save = _may(self.request, "work-unit-save")
        return [
            Column("name", lambda row: _unit(row, may_save)),
            Column("category", lambda row: Cell(row["category"] or "—")),
            Column("place", lambda row: Cell(names.get(row["place"], row["place"])), _("Hands in at")),
            Column("own_place", _override, _("Instead of its category's")),
        ]

    def filters(self) -> Sequence[Field]:
        every = [("", _("all"))]
        own = [*every, ("true", _("yes")), ("false", _("no"))]
        return [
            Field("name", NAME),
            Field("category", _("Category"), "select", options=[*every, *_categories(self.request)]),
            Field("place", _("Hands in at"), "select", options=[*every, *_points(self.request)]),
            Field("own", _("A place of its own"), "select", options=own),
        ]

    def context(self) -> Mapping[str, Any]:
        return {"may_save": _may(self.request, "work-unit-save")}


def _unit(row: Row, may_save: bool) -> Cell:
    link = f"{reverse('work-unit-save')}?{urlencode({'name': row['name']})}" if may_save else ""
    return Cell(row["name"], link=link)


def _override(row: Row) -> Cell:
    return Cell(gettext("a place of its own"), tone="wait") if row["own_place"] else Cell("—")


class UnitCategoriesPage(ListPage):
    template = "organisation/unit_categories.html"
    title = _("Categories of work units")
    help = _("Each category hands in at one drop-off point; a unit may have a place of its own.")
    route = "unit-categories/"
    empty = _("There is no category yet. The administrator adds one, or reads a list of work units in.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names = place_names(access_of(self.request).county_id)
        may_save = _may(self.request, "unit-category-save")
        return [
            Column("name", lambda row: _category(row, may_save)),
            Column("place", lambda row: Cell(names.get(row["place"], row["place"])), _("Hands in at")),
        ]

    def filters(self) -> Sequence[Field]:
        return [
            Field("name", NAME),
            Field(
                "place", _("Hands in at"), "select", options=[("", _("all")), *_points(self.request)]
            ),
        ]  # fmt: skip

    def context(self) -> Mapping[str, Any]:
        return {"may_save": _may(self.request, "unit-category-save")}


def _category(row: Row, may_save: bool) -> Cell:
    asked = urlencode({"name": row["name"], "place": row["place"]})
    return Cell(row["name"], link=f"{reverse('unit-category-save')}?{asked}" if may_save else "")


class WorkUnitSavePage(FormPage):
    """A new unit, or one named in the address (?name=…), which is altered under its name."""

    title = _("Place a work unit")
    help = _(
        "Give it a category, a place of its own, or both: the place then counts instead of the category's."
    )
    button = _("Save")
    said = _("The work unit is saved.")
    shape = WorkUnitInput

    def route(self) -> str:
        return "work-units/"

    def fields(self) -> Sequence[Field]:
        known = self._known(self.request.GET.get("name", ""))
        return [
            Field("/name", NAME, required=True, value=known["name"], hints={"maxlength": "80"}),
            Field(
                "/category", _("Category"), "select",
                options=[("", "—"), *_categories(self.request)], value=known["category"] or "",
            ),
            Field(
                "/place", _("A place of its own"), "select",
                options=[("", _("none: its category's")), *_points(self.request)], value=known["own_place"] or "",
            ),
        ]  # fmt: skip

    def _known(self, name: str) -> Row:
        reply = self.ask("GET", "work-units/", query={"name": name, "page_size": "200"}) if name else None
        rows = reply.data["results"] if reply and reply.ok else []
        bare = {"name": name, "category": "", "own_place": ""}
        return next((row for row in rows if row["name"] == name), bare)

    def done(self, reply: Reply) -> str:
        return reverse("work-units")


class UnitCategorySavePage(FormPage):
    title = _("Place a category")
    help = _("All units of this category hand in there, but for those with a place of their own.")
    button = _("Save")
    said = _("The category is saved.")
    shape = UnitCategoryInput

    def route(self) -> str:
        return "unit-categories/"

    def fields(self) -> Sequence[Field]:
        asked = self.request.GET
        hints = {"maxlength": "80"}
        return [
            Field("/name", NAME, required=True, value=asked.get("name", ""), hints=hints),
            Field(
                "/place", _("Hands in at"), "select",
                options=_points(self.request), value=asked.get("place", ""), required=True,
            ),
        ]  # fmt: skip

    def done(self, reply: Reply) -> str:
        return reverse("unit-categories")


class WorkUnitsReadPage(FormPage):
    template = "organisation/work_units_read.html"
    title = _("List of work units from a file")
    help = _("It is looked at first; nothing is changed before you say so.")
    button = _("Look at it")
    shape = UnitFile

    def route(self) -> str:
        return "work-units/read/"

    def fields(self) -> Sequence[Field]:
        return [spreadsheet_field(_("List of work units"))]

    def context(self) -> Mapping[str, Any]:
        return {
            "is_upload": True,
            "points": _points(self.request),
            "categories": [name for name, _words in _categories(self.request)],
        }

    def post(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        reply = self.send()
        if not reply.ok:
            return self.again(reply)
        return self.page(template="organisation/work_units_preview.html", **self._preview(reply.data))

    def _preview(self, read: dict[str, Any]) -> dict[str, Any]:
        names = place_names(access_of(self.request).county_id)
        rows = [
            {**line, "place": names.get(line["place"], "—")} for line in [*read["categories"], *read["units"]]
        ]
        content = {"categories": read["categories"], "units": read["units"]}
        return {
            "read": read,
            "rows": rows[:SHOWN],
            "more": len(rows) - SHOWN,
            "content": json.dumps(content, ensure_ascii=False),
            "key": Form([]).key,
        }


class WorkUnitsEnterPage(Page):
    """What the preview showed, taken over whole or not at all."""

    template = "organisation/work_units_refused.html"
    title = _("List of work units from a file")
    help = _("What the preview showed is taken over whole, or nothing of it.")

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            body = json.loads(request.POST.get("content", ""))
        except ValueError:
            body = None
        body = body if isinstance(body, dict) else {}
        reply = self.ask("PUT", "work-units/", body, key=request.POST.get(KEY, ""))
        if not reply.ok:
            return self.page(reply.status, detail=reply.detail, faults=reply.faults)
        messages.success(request, gettext("The list is taken over."))
        return redirect("work-units")
