"""Which medicines stand in for each other in the county's plans: the groups, and setting them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.pages import Cell, Column, Field, Form, FormPage, ListPage, Reply
from distribution.api.interchangeable import GroupsInput
from distribution.models.interchangeable import LARGEST_GROUP, MOST_GROUPS
from distribution.pages.fields import NamesMedicines
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
    empty = _("There is no group: each medicine is shared out by itself.")

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


class InterchangeableSetPage(NamesMedicines, FormPage):
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
        lines = min(len(self.groups) + MORE, MOST_GROUPS)
        there = [*self.groups, *([] for _n in range(lines - len(self.groups)))]
        return [
            self.medicine(f"/groups/{line}/{place}", codes[place] if place < len(codes) else "")
            for line, codes in enumerate(there)
            for place in range(LARGEST_GROUP)
        ]

    @cached_property
    def filled(self) -> list[list[tuple[str, str]]]:
        """The lines that name anything, each as names of fields and what was typed into them."""
        typed = self.request.POST
        lines = [
            [
                (name, typed[name].strip())
                for place in range(LARGEST_GROUP)
                for name in [f"/groups/{line}/{place}"]
                if typed.get(name, "").strip()
            ]
            for line in range(MOST_GROUPS)
        ]
        return [line for line in lines if line]

    def body(self) -> dict[str, Any]:
        return {"groups": [[self.code_of(words) for _name, words in line] for line in self.filled]}

    def send(self) -> Reply:
        """What the API says of its second group is said at the line of the form that it came from."""
        reply = super().send()
        if reply.ok:
            return reply
        faults = [{**fault, "pointer": self._at_field(fault["pointer"])} for fault in reply.faults]
        return Reply(reply.status, {**reply.data, "errors": faults})

    def _at_field(self, pointer: str) -> str:
        parts = [int(part) for part in pointer.split("/")[2:] if part.isdecimal()]
        if not pointer.startswith("/groups/") or not parts:
            return pointer
        line = self.filled[parts[0]]
        return line[parts[1] if len(parts) > 1 else 0][0]

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        lines = [form.fields[n : n + LARGEST_GROUP] for n in range(0, len(form.fields), LARGEST_GROUP)]
        return self.page(status, form=form, lines=lines, known=self.known, button=self.button)

    def done(self, reply: Reply) -> str:
        return reverse("interchangeable")
