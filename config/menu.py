"""The menu of the screens: of these the ones that the person may open, which config.access says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from organisation.models import Person
from organisation.pages.here import may_choose, place_here

ENTRIES = (
    ("/", _("To do")),
    ("/intake/", _("Take in")),
    ("/donations/", _("Donations")),
    ("/handovers/", _("Handovers")),
    ("/rosters/", _("Rosters")),
    ("/work-units/", _("Work units")),
    ("/medicines/", _("Catalogue")),
    ("/sorting-queue/", _("Sorting")),
    ("/stock/", _("Stock")),
    ("/recalls/", _("Recalls")),
    ("/counts/", _("Counts")),
    ("/destructions/", _("Destruction")),
    # distribution and reports
    ("/dispense/", _("Hand out")),
    ("/local-uses/", _("Local use")),
    ("/clinic/", _("My clinic")),
    ("/dispensings/", _("Hand-outs")),
    ("/kits/", _("Health kits")),
    ("/device-uses/", _("Devices")),
    ("/dispensing-registers/", _("Paper registers")),
    ("/needs/", _("Needs")),
    ("/clinic-profiles/", _("Who is served")),
    ("/interchangeable-medicines/", _("Interchangeable medicines")),
    ("/plans/", _("Plans")),
    ("/shipments/", _("Shipments")),
    ("/urgent-issues/", _("Urgent issues")),
    ("/clinic-outlook/", _("Days of stock")),
    ("/swaps/", _("Swaps")),
    ("/unusual-hand-outs/", _("Unusual hand-outs")),
    ("/bulletins/", _("Bulletins")),
    ("/bulletin-calendar/", _("Days of publishing")),
    ("/daily-report/", _("Daily report")),
    ("/questions/", _("Questions of the public")),
    ("/figures/", _("Figures")),
    ("/spot-checks/", _("Spot checks")),
    ("/audit/", _("Audit log")),
    ("/verification/", _("Verification results")),
    ("/restore-drills/", _("Rehearsed restores")),
    # organisation
    ("/people/", _("People")),
    ("/confirmations/", _("Second person")),
    ("/donors/", _("Donors' rights")),
    ("/deputies/", _("Deputies")),
    ("/places/", _("Places")),
    ("/campaigns/", _("Campaigns")),
    ("/policies/", _("County policy")),
    ("/privacy-notice/", _("Privacy notice")),
    ("/processing-record/", _("Record of processing")),
    ("/holidays/", _("Holidays")),
    ("/dispensing-limits/", _("Limits of hand-outs")),
    ("/local-use-rules/", _("Shares for local use")),
)


@dataclass(frozen=True)
class Entry:
    link: str
    title: Any
    is_here: bool


def frame(request: HttpRequest) -> dict[str, Any]:
    """What the frame of every page shows: the person, where they work, and their menu."""
    if not isinstance(getattr(request, "user", None), Person):
        return {}
    if not hasattr(request, "access"):  # an address that leads nowhere
        return {"person": request.user}
    path = request.path
    menu = [
        Entry(link, title, path == link or (link != "/" and path.startswith(link)))
        for link, title in ENTRIES
        if request.may_open(link)  # type: ignore[attr-defined]
    ]
    return {
        "person": request.user,
        "here": place_here(request),
        "several_places": may_choose(request),
        "menu": menu,
    }
