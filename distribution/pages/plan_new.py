"""Drafting a plan: from which stock, for whom and when, which medicines, and by which rules."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.pages import Field, Form, Reply
from distribution.interchangeable import groups_of
from distribution.models import Plan
from distribution.pages.groups import NamesGroups
from distribution.pages.words import LEVELS
from distribution.queries import medicines_stored_at
from distribution.serializers.plans import PlanInput
from organisation.access import access_of
from organisation.models import Place
from organisation.queries import townships

# What a rule of the plan follows: the county's, none, or what is typed beside it.
COUNTY, NONE, OWN = "county", "none", "own"
STEPS = 3
# Groups that the form has room for beyond those of the county.
MORE = 2
PERCENT = {"inputmode": "numeric", "maxlength": "4", "autocomplete": "off"}


class PlanNewPage(NamesGroups):
    template = "distribution/plan_new.html"
    title = _("Draft a plan")
    help = _("The draft reserves nothing. Everybody's share is computed and explained; change it afterwards.")
    button = _("Draft")
    said = _("The draft is made.")
    shape = PlanInput
    groups_at = "/interchangeable"

    def route(self) -> str:
        return "plans/"

    @cached_property
    def suppliers(self) -> list[Place]:
        return list(access_of(self.request).places().filter(sorts=True, active=True).order_by("code"))

    @cached_property
    def groups(self) -> list[list[str]]:
        """The county's, by code."""
        return groups_of(access_of(self.request).county_id)

    def fields(self) -> Sequence[Field]:
        return [*self._whom_and_when(), *self._bands(), *self._groups()]

    def _whom_and_when(self) -> list[Field]:
        access, on = access_of(self.request), act_of(self.request).on
        horizon = access.policy.horizon_days
        last = on + datetime.timedelta(days=horizon - 1)
        areas = townships(access.county_id).order_by("code").values_list("code", "name")
        everywhere = [("", _("the whole county")), *areas]
        return [
            Field("/county", "", "hidden", value=access.county_id),
            Field("/level", _("For whom"), "radio", options=LEVELS.items(), value=Plan.Level.TOWNSHIPS.value),
            Field("/township", _("Only this township"), "select", options=everywhere),
            Field("from", _("From day"), "date", value=on.isoformat()),
            Field("to", _("To day"), "date", value=last.isoformat()),
            Field("/horizon_days", _("Days to be covered"), value=horizon, hints={"inputmode": "numeric"}),
        ]

    def _bands(self) -> list[Field]:
        bands = access_of(self.request).policy.bands
        county = " → ".join(f"{percent}%" for percent in bands) or gettext("the need alone")
        choices = [
            (COUNTY, gettext("as the county has set it: %(rule)s") % {"rule": county}),
            (NONE, gettext("the need alone, in one go")),
            (OWN, gettext("in these steps")),
        ]
        steps = bands or (20, 100)
        return [
            Field("bands", _("How the need is met"), "radio", options=choices, value=COUNTY),
            *(
                Field(
                    f"bands-{n}",
                    gettext("Step %(number)d, per cent") % {"number": n + 1},
                    hints=PERCENT,
                    value=steps[n] if n < len(steps) else "",
                )
                for n in range(STEPS)
            ),
        ]

    def _groups(self) -> list[Field]:
        rule = self._groups_of_the_county() or gettext("none")
        choices = [
            (COUNTY, gettext("as the county has set it: %(rule)s") % {"rule": rule}),
            (NONE, gettext("each medicine by itself")),
            (OWN, gettext("these, one group in a line")),
        ]
        return [
            Field("groups", _("Which medicines do for each other"), "radio", options=choices, value=COUNTY),
            *self.group_fields(self.groups, MORE),
        ]

    def _groups_of_the_county(self) -> str:
        names = {code: words.rpartition(" (")[0] for code, words in self.known.items()}
        return "; ".join(" / ".join(names[code] for code in group) for group in self.groups)

    def body(self) -> dict[str, Any]:
        typed = self.request.POST
        body = {**super().body(), "period": f"{typed.get('from', '')}/{typed.get('to', '')}"}
        steps = [typed.get(f"bands-{n}", "").strip() for n in range(STEPS)]
        own = {
            "bands": [int(step) if step.isdecimal() else step for step in steps if step],
            "interchangeable": self.groups_typed,
        }
        for name, choice in (("bands", "bands"), ("interchangeable", "groups")):
            body.pop(name, None)
            follows = typed.get(choice, COUNTY)
            if follows != COUNTY:
                body[name] = own[name] if follows == OWN else []
        return body

    def send(self) -> Reply:
        """What the API says of the steps is said at the first of them."""
        reply = super().send()
        if reply.ok:
            return reply
        faults = [
            {**fault, "pointer": "bands-0" if fault["pointer"].startswith("/bands") else fault["pointer"]}
            for fault in reply.faults
        ]
        return Reply(reply.status, {**reply.data, "errors": faults})

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        by_name = {field.name: field for field in form.fields}
        return self.page(
            status,
            form=form,
            plain=form.fields[: list(by_name).index("bands")],
            bands=by_name["bands"],
            steps=[by_name[f"bands-{n}"] for n in range(STEPS)],
            groups=by_name["groups"],
            lines=self.group_lines(form.fields),
            known=self.known,
            button=self.button,
            **self._ticked(),
        )

    def _ticked(self) -> Mapping[str, Any]:
        """Where the stock comes from, and which of the medicines there are shared out."""
        typed, is_new, few = self.request.POST, self.request.method == "GET", len(self.suppliers) <= 1
        places, codes = typed.getlist("/from_places"), typed.getlist("/medicines")
        county = access_of(self.request).county_id
        return {
            "suppliers": [
                (place.code, place.name, place.code in places or (is_new and few)) for place in self.suppliers
            ],
            "medicines": [
                (medicine.code, str(medicine), medicine.code in codes)
                for medicine in medicines_stored_at(county, self.suppliers)
            ],
            "some": bool(codes),
        }

    def done(self, reply: Reply) -> str:
        return reverse("plan", args=[reply.data["id"]])
