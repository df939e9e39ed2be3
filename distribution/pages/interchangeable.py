"""Which medicines stand in for each other in the county's plans: the groups, and setting them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.pages import Cell, Column, Field, Form, ListPage, Reply
from distribution.api.interchangeable import GroupsInput
from distribution.pages.groups import NamesGroups
from distribution.pages.words import medicines
from organisation.access import access_of

# Groups that the form has room for beyond those there are.
MORE = 3


class InterchangeablePage(ListPage):
    template = "distribution/interchangeable.html"
    title = _("Interchangeable medicines")
    help = _(
        "Medicines of a group do for each other: plans add up need, stock and requests of the group in whole courses "
        "and share it out once."
    )
    route = "interchangeable-medicines/"
    empty = _(
        "There is no group: each medicine is shared out by itself."
        " The administrator or the lead pharmacist sets groups."
    )

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        known = medicines()
        return [
            Column("group_number"),
            Column("medicine", lambda row: Cell(str(known.get(row["medicine"], row["medicine"])))),
            Column("set_on"),
        ]

    def context(self) -> Mapping[str, Any]:
        may = self.request.may_open  # type: ignore[attr-defined]
        return {
            "may_set": may(reverse("interchangeable-set")),
            "may_set_bands": may(reverse("policy")),
            "policy": access_of(self.request).policy,
        }


class InterchangeableSetPage(NamesGroups):
    template = "distribution/interchangeable_set.html"
    title = _("Set interchangeable medicines")
    help = _(
        "One line for each group of two to four, no medicine twice. Emptied lines end their group. "
        "Plans drafted from now on go by them; a plan may still name groups of its own."
    )
    button = _("Save")
    said = _("The groups are saved.")
    shape = GroupsInput
    method = "PUT"

    def route(self) -> str:
        return "interchangeable-medicines/"

    @cached_property
    def groups(self) -> list[list[str]]:
        """Those there are, by code."""
        rows = self.ask("GET", self.route(), query={"page_size": "200"}).data["results"]
        groups: dict[int, list[str]] = defaultdict(list)
        for row in rows:
            groups[row["group_number"]].append(row["medicine"])
        return list(groups.values())

    def fields(self) -> Sequence[Field]:
        return self.group_fields(self.groups, MORE)

    def body(self) -> dict[str, Any]:
        return {"groups": self.groups_typed}

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        lines = self.group_lines(form.fields)
        return self.page(status, form=form, lines=lines, known=self.known, button=self.button)

    def done(self, reply: Reply) -> str:
        return reverse("interchangeable")
