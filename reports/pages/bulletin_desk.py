"""The publisher's and the signer's desk: bulletins from draft to correction."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.api import act_of
from core.days import local_day
from core.pages import Cell, Column, Field, FormPage, ListPage, Page, Reply, one_of
from core.pages.tables import Row
from donations.models import Campaign
from organisation.access import access_of
from organisation.holidays import working_day
from organisation.models import Rhythm, Role
from reports.files.words import STANDING, UNNAMED
from reports.models import Bulletin
from reports.pages.account import account_heads, account_rows
from reports.pages.figures import COUNTS
from reports.pages.parts import part_of
from reports.pages.unit_tables import unit_tables
from reports.queries import last_published
from reports.serializers import BulletinInput, ClosingInput, NewEditionInput, TakenBackInput

TONES = {
    Bulletin.State.DRAFT: "plain",
    Bulletin.State.SUBMITTED: "wait",
    Bulletin.State.PUBLISHED: "good",
    Bulletin.State.WITHDRAWN: "bad",
}

SOON = 3
# Of editions that were published before their own content said it.
OBJECTION_DAYS = 5
WITHDRAW = ("bulletin-withdraw", _("Withdraw"))
STEPS = {
    Bulletin.State.DRAFT: [("bulletin-submit", _("Lay before the signer")), WITHDRAW],
    Bulletin.State.SUBMITTED: [
        ("bulletin-publish", _("Sign and publish")),
        ("bulletin-send-back", _("Send back to the drafter")),
        WITHDRAW,
    ],
    Bulletin.State.PUBLISHED: [
        ("bulletin-correct", _("Correct")),
        ("bulletin-stamped", _("Attach the stamped scan")),
    ],
}


def bulletin_cell(row: Row) -> Cell:
    """The state in words; what is internal is signed, not published."""
    known = Bulletin.State(row["state"])
    internal = known == Bulletin.State.PUBLISHED and row["kind"] not in Bulletin.PUBLIC
    return Cell(gettext("signed") if internal else known.label, tone=TONES[known])


class BulletinsDeskPage(ListPage):
    template = "reports/bulletins_desk.html"
    title = _("Bulletins")
    help = _("Drafted by one, signed by another, then frozen. A mistake is mended by a correction.")
    route = "bulletins/"
    empty = _("There is no bulletin yet. Draft the first one.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return [
            Column("id", lambda row: Cell(row["id"], link=reverse("bulletin-desk", args=[row["id"]]))),
            Column("state", bulletin_cell),
            Column("kind", lambda row: Cell(Bulletin.Kind(row["kind"]).label)),
            Column("period_start"),
            Column("period_end"),
            Column("number", lambda row: Cell(_issue(row))),
            Column("corrected_by", lambda row: Cell(_corrected(row))),
        ]

    def filters(self) -> Sequence[Field]:
        return [
            Field("state", _("State"), "select", options=[("", _("all")), *Bulletin.State.choices]),
            Field("kind", _("Kind"), "select", options=[("", _("all")), *Bulletin.Kind.choices]),
        ]

    def context(self) -> dict[str, Any]:
        return {"may_draft": self.request.may_open(reverse("bulletin-new"))}  # type: ignore[attr-defined]


def _not_closed(content: Row) -> list[dict[str, Any]]:
    """What a closing account leaves open, in the words of the printed one."""
    return [
        {
            "medicine": " ".join(filter(None, (row["generic_name"] or UNNAMED, row["strength"]))),
            "state": STANDING[row["account"], row["state"]],
            "quantity": row["quantity"],
            "unit": row["unit"] or "",
        }
        for row in content.get("not_closed", [])
    ]


def _bulletin_tables(content: Row, asked: Mapping[str, str]) -> dict[str, Any]:
    """Counts and table C of both periods, and what a closing account leaves open."""
    periods = (("this_period", _("This period")), ("cumulative", _("Since the beginning")))
    return {
        "not_closed": _not_closed(content),
        "counts": [
            (words, *(content[period]["counts"][name] for period, _words in periods))
            for name, words in COUNTS
        ],
        "tables": [
            (words, part_of(account_rows(content[period]), account_heads(), asked))
            for period, words in periods
        ],
    }


def _issue(row: Row) -> str:
    if not row["number"]:
        return ""
    return gettext("issue %(number)d of %(year)d") % {"number": row["number"], "year": row["year"]}


def _corrected(row: Row) -> str:
    return _issue(row["corrected_by"]) if row["corrected_by"] else ""


class CalendarPage(ListPage):
    title = _("Days of publishing")
    help = _(
        "Every 5 days in an emergency, else every month or 3 months, counted from the last bulletin; the closing"
        " account within 3 months of the campaign's last day."
    )
    route = "bulletin-calendar/"
    empty = _("No campaign has anything to publish. The administrator opens a campaign.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return [
            Column("campaign"),
            Column("name"),
            Column("kind", lambda row: Cell(Bulletin.Kind(row["kind"]).label)),
            Column("rhythm", lambda row: Cell(Rhythm(row["rhythm"]).label)),
            Column("told_through"),
            Column("due_on"),
            Column("days_left", _days_left),
        ]

    def filters(self) -> Sequence[Field]:
        return [Field("overdue", _("State"), "select", options=[("", _("all")), ("true", _("overdue"))])]


def _days_left(row: Row) -> Cell:
    if row["overdue"]:
        return Cell(gettext("%(days)d days late") % {"days": -row["days_left"]}, tone="bad")
    tone = "wait" if row["days_left"] <= SOON else "good"
    return Cell(gettext("%(days)d days left") % {"days": row["days_left"]}, tone=tone)


class BulletinNewPage(FormPage):
    title = _("Draft a bulletin")
    help = _(
        "Periods follow each other without a gap. It may end today; what happens later today counts tomorrow."
    )
    button = _("Draft")
    said = _("The draft is made. Look at it, then lay it before the signer.")
    shape = BulletinInput

    def route(self) -> str:
        return "bulletins/"

    def fields(self) -> Sequence[Field]:
        act = act_of(self.request)
        campaigns = Campaign.objects.filter(county_id=act.county_id).order_by("-starts_on")
        return [
            Field(
                "/campaign", _("Campaign"), "select", options=one_of(campaigns.values_list("code", "name"))
            ),
            Field("/period_start", _("First day"), "date", value=self._first()),
            Field("/period_end", _("Last day"), "date", value=act.on.isoformat()),
        ]

    def _first(self) -> str:
        """The day after the last bulletin's period; that days are closed says nothing, every night closes one."""
        last = self._last()
        return (last.period_end + datetime.timedelta(days=1)).isoformat() if last else ""

    def _last(self) -> Bulletin | None:
        return last_published(act_of(self.request).county_id)

    def done(self, reply: Reply) -> str:
        return reverse("bulletin-desk", args=[reply.data["id"]])


class ClosingPage(FormPage):
    title = _("Draft a closing account")
    help = _(
        "For a campaign that is over, once its last bulletin is published. It adds up all its days and names what is"
        " not closed."
    )
    button = _("Draft")
    said = _("The draft is made. Look at it, then lay it before the signer.")
    shape = ClosingInput

    def route(self) -> str:
        return "bulletins/closing/"

    def fields(self) -> Sequence[Field]:
        campaigns = Campaign.objects.filter(county_id=act_of(self.request).county_id).order_by("-starts_on")
        return [
            Field("/campaign", _("Campaign"), "select", options=one_of(campaigns.values_list("code", "name")))
        ]

    def done(self, reply: Reply) -> str:
        return reverse("bulletin-desk", args=[reply.data["id"]])


class BulletinDeskPage(Page):
    template = "reports/bulletin_desk.html"
    help = _("A bulletin from its draft to its publication: somebody else signs than drafted it.")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        reply = self.ask("GET", f"bulletins/{pk}/")
        if not reply.ok:
            return self.refused(reply)
        bulletin, content = reply.data, reply.data["content"]
        shown = {
            "objections_until": _objections_until(request, bulletin),
            "bulletin": bulletin,
            "state": bulletin_cell(bulletin),
            "content": content,
            "corrected": _corrected(bulletin),
            "steps": self._steps(bulletin),
            "has_draft_paper": self._has_draft_paper(bulletin),
            "lacking": [each["message"] for each in bulletin["lacking"]],
            "policy": self._policy(),
        }
        if bulletin["kind"] == Bulletin.Kind.UNITS:
            title = _issue(bulletin) or gettext("Draft of a report by unit")
            return self.page(
                template="reports/unit_report.html", title=title, **shown, **unit_tables(content)
            )
        title = _issue(bulletin) or gettext("Draft of a bulletin")
        return self.page(title=title, **shown, **_bulletin_tables(content, request.GET.dict()))

    def _has_draft_paper(self, bulletin: Row) -> bool:
        """For those who draft and sign, as long as it is not signed."""
        is_press = access_of(self.request).reach.roles & {str(Role.PUBLISHER), str(Role.SIGNER)}
        return bool(is_press) and bulletin["state"] in (Bulletin.State.DRAFT, Bulletin.State.SUBMITTED)

    def _policy(self) -> str:
        """Where what is lacking is set, for whoever may."""
        address = reverse("policy")
        return address if self.request.may_open(address) else ""  # type: ignore[attr-defined]

    def _steps(self, bulletin: Row) -> list[tuple[str, Any]]:
        found = [
            (reverse(name, args=[bulletin["id"]]), words)
            for name, words in STEPS.get(Bulletin.State(bulletin["state"]), [])
            if not (name == "bulletin-correct" and bulletin["corrected_by"])
            and not (name == "bulletin-stamped" and bulletin["stamped"])
        ]
        return [step for step in found if self.request.may_open(step[0])]  # type: ignore[attr-defined]


def _objections_until(request: HttpRequest, bulletin: Row) -> datetime.date | None:
    """The last working day on which anyone may object to what was published, by the county's holidays."""
    if not bulletin["published_at"]:
        return None
    county = access_of(request).person.county
    published = local_day(county.time_zone, datetime.datetime.fromisoformat(bulletin["published_at"]))
    return working_day(county.pk, published, bulletin["content"].get("objection_days", OBJECTION_DAYS))


class BulletinStepPage(FormPage):
    shape: type[serializers.Serializer[Any]] = serializers.Serializer
    step = ""
    about = "bulletins/{pk}/"
    facts = ("period_start", "period_end")

    def route(self) -> str:
        return f"bulletins/{self.kwargs['pk']}/{self.step}/"

    def done(self, reply: Reply) -> str:
        return reverse("bulletin-desk", args=[reply.data["id"]])


class BulletinSubmitPage(BulletinStepPage):
    title = _("Lay before the signer")
    help = _("Another person signs it.")
    button = _("Lay before the signer")
    said = _("The bulletin waits for the signer.")
    step = "submit"
    while_it_is = {"state": {"draft"}}


class BulletinPublishPage(BulletinStepPage):
    title = _("Sign and publish")
    help = _(
        "The days of the period are closed; the figures are numbered, sealed and frozen. This cannot be undone."
    )
    button = _("Sign and publish")
    said = _("The bulletin is published.")
    step = "publish"
    while_it_is = {"state": {"submitted"}}


class BulletinSendBackPage(BulletinStepPage):
    title = _("Send back to the drafter")
    help = _("It becomes a draft again, with your words beside it.")
    button = _("Send back to the drafter")
    said = _("The bulletin is a draft again.")
    shape = TakenBackInput
    step = "send-back"
    while_it_is = {"state": {"submitted"}}

    def fields(self) -> Sequence[Field]:
        return [
            Field("/reason", _("What is to be changed"), "area", required=True, hints={"maxlength": "500"})
        ]


class BulletinWithdrawPage(BulletinStepPage):
    title = _("Withdraw a bulletin")
    help = _("It is given up for good, and its days may be drafted anew. No number is lost by it.")
    button = _("Withdraw")
    said = _("The bulletin is withdrawn.")
    shape = TakenBackInput
    step = "withdraw"
    while_it_is = {"state": {"draft", "submitted"}}

    def fields(self) -> Sequence[Field]:
        return [Field("/reason", _("Why it is withdrawn"), "area", required=True, hints={"maxlength": "500"})]


class BulletinCorrectPage(BulletinStepPage):
    title = _("Correct a bulletin")
    help = _("A new edition that lists what changed. The old one stays, with a note.")
    button = _("Draft the correction")
    said = _("The correction is drafted. Another person signs it.")
    shape = NewEditionInput
    step = "correct"
    while_it_is = {"state": {"published"}, "corrected_by": (None,)}

    def fields(self) -> Sequence[Field]:
        return [
            Field("/reason", _("What is wrong, and why"), "area", required=True, hints={"maxlength": "500"})
        ]
