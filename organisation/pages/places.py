"""The county's places: the administrator's screens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.pages import Cell, Column, Field, FormPage, ListPage, Reply
from core.pages.tables import Row
from organisation.access import access_of
from organisation.models import Place
from organisation.places_api import PlaceChange, PlaceInput
from organisation.queries import townships_of


class PlacesPage(ListPage):
    template = "organisation/places.html"
    title = _("Places")
    help = _("Where donations are taken in, sorted and handed out.")
    route = "places/"
    empty = _("No place fits. Change the filter, or open a place.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names = {each.pk: each.name for each in townships_of(access_of(self.request).county_id)}
        may = self.request.may_open(reverse("place-new"))  # type: ignore[attr-defined]

        def name(row: Row) -> Cell:
            return Cell(row["name"], link=reverse("place-change", args=[row["code"]]) if may else "")

        return [
            Column("name", name),
            Column("code"),
            Column("kind", lambda row: Cell(Place.Kind(row["kind"]).label)),
            Column("township", lambda row: Cell(names.get(row["township"] or "", ""))),
            Column("takes_donations", _does, _("What is done there")),
            Column("opening_hours"),
            Column("phone"),
            Column("active", _open),
        ]

    def filters(self) -> Sequence[Field]:
        townships = [(each.pk, each.name) for each in townships_of(access_of(self.request).county_id)]
        return [
            Field("q", _("Name or code")),
            Field("kind", _("Kind"), "select", options=[("", _("all")), *Place.Kind.choices]),
            Field("township", _("Township"), "select", options=[("", _("all")), *townships]),
        ]

    def context(self) -> dict[str, Any]:
        return {"may_write": self.request.may_open(reverse("place-new"))}  # type: ignore[attr-defined]


def _does(row: Row) -> Cell:
    deeds = {
        "takes_donations": gettext("takes donations in"),
        "sorts": gettext("sorts and supplies"),
        "hands_out": gettext("hands out"),
    }
    return Cell(lines=[words for name, words in deeds.items() if row[name]])


def _open(row: Row) -> Cell:
    return (
        Cell(gettext("in operation"), tone="good") if row["active"] else Cell(gettext("closed"), tone="bad")
    )


def _described(place: Place) -> list[Field]:
    return [
        Field(
            "/name",
            pgettext_lazy("column", "Name"),
            required=True,
            value=place.name,
            hints={"maxlength": "80"},
        ),
        Field("/address", _("Address"), value=place.address, hints={"maxlength": "200"}),
        Field("/phone", _("Phone"), "tel", value=place.phone, hints={"maxlength": "40"}),
        Field("/opening_hours", _("Opening hours"), value=place.opening_hours, hints={"maxlength": "120"}),
    ]


class PlaceNewPage(FormPage):
    title = _("Open a place")
    help = _("What is done there and its code stay as they are given here.")
    button = _("Open the place")
    said = _("The place is open.")
    shape = PlaceInput

    def route(self) -> str:
        return "places/"

    def fields(self) -> Sequence[Field]:
        county = access_of(self.request).county_id
        townships = [("", "—"), *((each.pk, each.name) for each in townships_of(county))]
        centres = Place.objects.filter(county_id=county, kind=Place.Kind.HEALTH_CENTRE).order_by("code")
        start = f"P-{county}-"
        return [
            Field("/code", _("Code"), required=True, value=start, hints={"maxlength": "24"}),
            *_described(Place()),
            Field("/kind", _("Kind"), "select", options=Place.Kind.choices),
            Field("/township", _("Township"), "select", options=townships),
            Field(
                "/parent", _("Health centre"), "select", help=_("For a village clinic."),
                options=[("", "—"), *centres.values_list("code", "name")],
            ),
            Field("/takes_donations", _("Takes donations in"), "check"),
            Field("/sorts", _("Sorts and supplies"), "check"),
            Field("/hands_out", _("Hands out"), "check"),
        ]  # fmt: skip

    def done(self, reply: Reply) -> str:
        return reverse("places")


class PlaceChangePage(FormPage):
    title = _("Change a place")
    help = _("At a closed place nothing begins; what stands there is returned, sent or destroyed as before.")
    button = _("Save")
    said = _("The place is changed.")
    shape = PlaceChange
    method = "PATCH"
    about = "places/{code}/"

    def route(self) -> str:
        return f"places/{self.kwargs['code']}/"

    def fields(self) -> Sequence[Field]:
        county, code = access_of(self.request).county_id, self.kwargs["code"]
        place = Place.objects.filter(county_id=county, code=code).first() or Place()
        return [
            *_described(place),
            Field("/active", _("in operation"), "check", value=place.active),
            Field("/version", "", "hidden", value=place.version),
        ]

    def done(self, reply: Reply) -> str:
        return reverse("places")
