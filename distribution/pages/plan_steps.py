"""A plan in the making: changing one of its lines, handing it in, approving, computing anew, giving up."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.pages import Field, Form, FormPage, Reply, StepPage
from core.pages.tables import Row
from distribution.models import Plan, PlanLine
from distribution.pages.plans import ALL
from distribution.pages.words import medicines
from distribution.serializers.plans import LineChange
from distribution.services.plans import left_on_shelf
from organisation.access import access_of
from organisation.queries import place_names


class PlanLinePage(FormPage):
    """Changing one line, with those beside it who get the same batch: what one is given, another does not get."""

    template = "distribution/plan_line.html"
    title = _("Change a line")
    help = _(
        "Say why. A line grows by what the shelf still has; beyond that another line has to shrink first."
    )
    button = _("Change it")
    shape = LineChange
    method = "PATCH"
    about = "plans/{pk}/"
    while_it_is = {"status": {Plan.State.DRAFT}}

    def route(self) -> str:
        return f"plans/{self.kwargs['pk']}/lines/{self.kwargs['line']}/"

    @cached_property
    def line(self) -> Row | None:
        query = {"line": str(self.kwargs["line"])}
        reply = self.ask("GET", f"plans/{self.kwargs['pk']}/lines/", query=query)
        return next(iter(reply.data["results"]), None) if reply.ok else None

    def fields(self) -> Sequence[Field]:
        line = self.line or {"quantity": "", "reason": ""}
        plan = self.ask("GET", f"plans/{self.kwargs['pk']}/")
        return [
            Field("/quantity", _("New quantity"), value=line["quantity"], required=True,
                  hints={"inputmode": "numeric", "maxlength": "7"}),
            Field("/reason", _("Reason"), value=line["reason"], hints={"maxlength": "200"}),
            Field("/version", "", "hidden", value=plan.data.get("version", "")),
        ]  # fmt: skip

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        if self.line is None:
            return self.refused(self.ask("PATCH", self.route(), {"quantity": 0}))
        pk, line = self.kwargs["pk"], self.line
        names, known = place_names(access_of(self.request).county_id), medicines()
        same = self.ask(
            "GET", f"plans/{pk}/lines/", query={"batch": str(line["batch"]), "page_size": ALL}
        ).data["results"]
        shares = self.ask(
            "GET", f"plans/{pk}/clinics/", query={"medicine": line["medicine"], "page_size": ALL}
        )
        levels = {share["clinic"]: share for share in shares.data["results"]}
        row = PlanLine.objects.select_related("from_place").get(pk=line["id"])
        return self.page(
            status,
            form=form,
            line=line,
            clinic=names[line["clinic"]],
            medicine=known[line["medicine"]],
            left=left_on_shelf(row),
            others=[
                {**other, "name": names[other["clinic"]], "share": levels.get(other["clinic"])}
                for other in same
                if other["from_place"] == line["from_place"]
            ],
            plan=pk,
            button=self.button,
        )

    def done(self, reply: Reply) -> str:
        line = reply.data
        words = gettext("%(quantity)d now; %(left)d units of this batch stay on the shelf.")
        messages.success(self.request, words % {"quantity": line["quantity"], "left": line["left_on_shelf"]})
        return f"{reverse('plan', args=[self.kwargs['pk']])}?medicine={line['medicine']}"


class PlanStepPage(StepPage):
    step = ""
    about = "plans/{pk}/"
    facts = ("period", "planned_on")

    def route(self) -> str:
        return f"plans/{self.kwargs['pk']}/{self.step}/"

    def done(self, reply: Reply) -> str:
        return reverse("plan", args=[self.kwargs["pk"]])


class PlanSubmitPage(PlanStepPage):
    title = _("Hand in for approval")
    help = _("Another person approves it. It can no longer be changed.")
    button = _("Hand in")
    said = _("The plan waits for approval.")
    step = "submit"
    while_it_is = {"status": {Plan.State.DRAFT}}


class PlanApprovePage(PlanStepPage):
    title = _("Approve the plan")
    help = _("Everything is reserved, or nothing; what moved since the draft is named line by line.")
    button = _("Approve")
    said = _("The plan is approved and its goods are reserved. The shipments can be picked.")
    step = "approve"
    while_it_is = {"status": {Plan.State.SUBMITTED}}


class PlanPublishPage(PlanStepPage):
    title = _("Publish the plan")
    help = _("From then on anyone reads which place gets what, and why. It cannot be taken back.")
    button = _("Publish")
    said = _("The plan is published.")
    step = "publish"
    while_it_is = {"status": {Plan.State.APPROVED}, "published_on": {None}}


class PlanRecomputePage(PlanStepPage):
    title = _("Compute anew")
    help = _("From today's stock and needs. Changes made by hand are given up.")
    button = _("Compute anew")
    said = _("The plan is computed anew.")
    step = "recompute"
    while_it_is = {"status": {Plan.State.DRAFT, Plan.State.SUBMITTED}}


class PlanCancelPage(PlanStepPage):
    title = _("Give the plan up")
    help = _("What it reserved goes back to the shelf, as long as nothing of it has left.")
    button = _("Give up")
    said = _("The plan is given up.")
    step = "cancel"
    while_it_is = {"status": {Plan.State.DRAFT, Plan.State.SUBMITTED, Plan.State.APPROVED}}
