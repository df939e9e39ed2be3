"""What was verified last and what came of it, on one page for who audits: the books, the log, and the backups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.pages import Cell, Page
from donations.models import Campaign
from organisation.access import access_of


@dataclass(frozen=True)
class Verified:
    """What was looked at, when, what came of it, and where more is said."""

    what: Any
    at: str
    result: Cell
    words: str
    link: str


class VerificationPage(Page):
    template = "reports/verification.html"
    title = _("Verification results")
    help = _(
        "What was checked last, when, and what came of it. The books are checked as this page is opened."
    )

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(found=[*self._books(), self._log(), self._drill()])

    def _books(self) -> Sequence[Verified]:
        """The identities of every medicine since the first campaign began."""
        on = act_of(self.request).on
        campaigns = Campaign.objects.filter(county_id=access_of(self.request).county_id)
        first = campaigns.order_by("starts_on").values_list("starts_on", flat=True).first()
        query = {"from": str(min(first or on, on)), "to": str(on)}
        reply = self.ask("GET", "figures/", query=query)
        if not reply.ok:
            return []
        identities = reply.data["identities"]
        words = gettext("%(count)d sums of %(medicines)d medicines, from %(day)s on") % {
            "count": len(identities),
            "medicines": len(reply.data["medicines"]),
            "day": query["from"],
        }
        result = _result(holds=reply.data["identities_hold"])
        at, link = self._moment(reply.data["as_of"]), f"{reverse('figures')}?from={query['from']}"
        return [Verified(_("The books: totals equal their details"), at, result, words, link)]

    def _log(self) -> Verified:
        chain = self.ask("GET", "audit/chain/").data
        at = self._moment(chain["verified_at"])
        words = gettext("not yet sealed: %(count)d entries") % {"count": chain["waiting"]}
        if chain["faults"]:
            words = gettext("%(count)d faults, the first at entry %(entry)s") % {
                "count": chain["faults"],
                "entry": chain["first_entry"],
            }
        elif chain["chain_whole"] is False:
            words = gettext("the chain was cut or altered")
        result = _result(holds=not chain["faults"] and chain["chain_whole"]) if at else _never()
        return Verified(
            _("The audit log: unaltered since it was sealed"), at, result, words, reverse("audit")
        )

    def _drill(self) -> Verified:
        """A restored backup is verified whole: books, sealed days, log and bulletins."""
        drills = self.ask("GET", "restore-drills/", query={"page_size": "1"}).data["results"]
        last = next(iter(drills), None)
        what, link = _("The newest backup: restored, and all of it verified"), reverse("restore-drills")
        if last is None:
            return Verified(what, "", _never(), "", link)
        words = "" if last["good"] else gettext("whoever runs the installation sees what did not hold")
        return Verified(what, self._moment(last["at"]), _result(holds=last["good"]), words, link)

    def _moment(self, text: str | None) -> str:
        moment = parse_datetime(str(text)) if text else None
        zone = ZoneInfo(access_of(self.request).person.county.time_zone)
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""


def _result(*, holds: bool) -> Cell:
    return Cell(gettext("holds"), tone="good") if holds else Cell(gettext("does not hold"), tone="bad")


def _never() -> Cell:
    return Cell(gettext("not done yet"), tone="wait")
