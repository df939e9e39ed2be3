"""Deputies: who stands in for whom, naming one, ending it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.pages import Cell, Column, Field, FormPage, ListPage, Reply, StepPage
from core.pages.tables import Row
from organisation.access import access_of
from organisation.deputies_api import DeputyInput
from organisation.models import Role, RoleGrant
from organisation.pages.people import scopes
from organisation.queries import people_of


class DeputiesPage(ListPage):
    template = "organisation/deputies.html"
    title = _("Deputies")
    help = _("Who holds a colleague's role for some days, for instance where there is one pharmacist only.")
    route = "deputies/"
    empty = _("Nobody has stood in for anybody yet. Security appoints a deputy for some days.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names = scopes(self.request)
        people = dict(people_of(access_of(self.request).county_id).values_list("username", "name"))
        return [
            Column("deputy", lambda row: Cell(people.get(row["deputy"], row["deputy"])), _("Deputy")),
            Column("person", lambda row: Cell(people.get(row["person"], row["person"])), _("Stands in for")),
            Column("role", lambda row: Cell(Role(row["role"]).label)),
            Column("place", lambda row: Cell(names.get(row["place"] or row["township"] or "", ""))),
            Column("starts_on"),
            Column("ends_on"),
            Column("ended_on", self._end, _("State")),
        ]

    def _end(self, row: Row) -> Cell:
        if row["ended_on"]:
            return Cell(gettext("ended on %(day)s") % {"day": row["ended_on"]})
        on = str(act_of(self.request).on)
        if row["ends_on"] < on:
            return Cell(gettext("over"))
        address = reverse("deputy-end", args=[row["id"]])
        may = self.request.may_open(address)  # type: ignore[attr-defined]
        return Cell(gettext("End it"), link=address) if may else Cell(gettext("in force"), tone="good")

    def filters(self) -> Sequence[Field]:
        return [
            Field("role", _("Role"), "select", options=[("", _("all")), *Role.choices]),
            Field("on", _("On the day"), "date"),
        ]

    def context(self) -> dict[str, Any]:
        return {"may_write": self.request.may_open(reverse("deputy-new"))}  # type: ignore[attr-defined]


class DeputyNewPage(FormPage):
    """First the role that is stood in for, as one choice; then by whom and from when to when."""

    title = _("Name a deputy")
    help = _("For at most 92 days. What a deputy does is their own deed.")
    button = _("Name the deputy")
    said = _("The deputy is named.")
    shape = DeputyInput

    def route(self) -> str:
        return "deputies/"

    def fields(self) -> Sequence[Field]:
        on = act_of(self.request).on.isoformat()
        people = people_of(access_of(self.request).county_id).filter(is_active=True)
        return [
            Field("grant", _("Stands in for"), "select", options=self._roles()),
            Field("/deputy", _("Deputy"), "select", options=[(each.username, each.name) for each in people]),
            Field("/starts_on", _("First day"), "date", required=True, value=on, hints={"min": on}),
            Field("/ends_on", _("Last day"), "date", required=True, hints={"min": on}),
        ]

    def _roles(self) -> list[tuple[str, str]]:
        names, county = scopes(self.request), access_of(self.request).county_id
        grants = RoleGrant.objects.filter(county_id=county, person__is_active=True)
        rows = grants.select_related("person", "place").order_by("person__name", "role", "pk")
        return [
            (str(each.pk), _words(each, names)) for each in rows if each.in_force(act_of(self.request).on)
        ]

    def body(self) -> dict[str, Any]:
        chosen = self.request.POST.get("grant", "")
        grants = RoleGrant.objects.filter(county_id=access_of(self.request).county_id)
        grant = (
            grants.select_related("person", "place").filter(pk=chosen).first() if chosen.isdecimal() else None
        )
        held = (
            {
                "person": grant.person.username,
                "role": grant.role,
                "place": grant.place and grant.place.code,
                "township": grant.township_id,
            }
            if grant
            else {}
        )
        return {**super().body(), **held}

    def done(self, reply: Reply) -> str:
        return reverse("deputies")


def _words(grant: RoleGrant, names: dict[str, str]) -> str:
    where = grant.place.code if grant.place else grant.township_id or ""
    return " · ".join(
        [grant.person.name, str(Role(grant.role).label), names.get(where, gettext("the whole county"))]
    )


class DeputyEndPage(StepPage):
    title = _("End a deputy's time")
    help = _("From this moment on the role is the colleague's alone.")
    button = _("End it")
    said = _("It is ended.")
    about = "deputies/?id={pk}"
    while_it_is = {"ended_on": {None}}

    def route(self) -> str:
        return f"deputies/{self.kwargs['pk']}/end/"

    def done(self, reply: Reply) -> str:
        return reverse("deputies")
