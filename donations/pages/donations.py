"""What was registered: the list of a place's donations, one of them, taking one back, and the roster on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.pages import Cell, Column, Field, ListPage, Page, Reply, StepPage, not_there
from core.pages.tables import Row
from core.receipt_codes import grouped
from donations.models import Donor
from donations.pages.photos import PhotoPage
from donations.pages.words import item_line, outcome_cell, reason_words, standing
from donations.roster_api import SLIPS_LIMIT
from donations.serializers import VoidInput
from organisation.access import access_of
from organisation.models import Role
from organisation.queries import place_names

# Whom the API shows a donor (config.access); for others it is not asked, for a refusal would stand in the log.
SEE_DONORS = frozenset(
    str(role) for role in (Role.CLERK, Role.PHARMACIST, Role.LEAD_PHARMACIST, Role.AUDITOR)
)


def _code(row: Row) -> Cell:
    return Cell(grouped(row["receipt_code"]), link=reverse("donation", args=[row["id"]]))


def _verdicts(row: Row) -> Cell:
    worst = [
        name for name in ("refuse", "review", "accept") if any(i["outcome"] == name for i in row["items"])
    ]
    return Cell(lines=[outcome_cell(name) for name in worst])


def _standing(row: Row) -> Cell:
    cells = [
        cell
        for item in row["items"]
        for state in item["holdings"]
        for cell in standing({state: 0}, item["outcome"])
    ]
    return Cell(lines=list({cell.text: cell for cell in cells}.values()))


class DonationsPage(ListPage):
    template = "donations/donations.html"
    title = _("Donations")
    help = _(
        "What was brought to your places, newest first. Open one to print its receipt or to take it back."
    )
    route = "donations/"
    empty = _("Nothing has been registered here yet. Begin with “Take in”.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names = place_names(access_of(self.request).county_id)
        return [
            Column("receipt_code", _code),
            Column("received_on"),
            Column("place", lambda row: Cell(names.get(row["place"], row["place"])), _("Drop-off point")),
            Column("donor_kind", lambda row: Cell(Donor.Kind(row["donor_kind"]).label)),
            Column("items", lambda row: Cell(lines=[item_line(item) for item in row["items"]])),
            Column("outcome", _verdicts, _("Screening")),
            Column("state", _standing),
        ]

    def filters(self) -> Sequence[Field]:
        places = access_of(self.request).places().filter(takes_donations=True).order_by("code")
        return [
            Field("received_from", _("From day"), "date"),
            Field("received_to", _("To day"), "date"),
            Field("receipt_code", _("Receipt code")),
            Field(
                "standing",
                _("State"),
                "select",
                options=[
                    ("", _("all")),
                    ("hand_over", _("to be handed over")),
                    ("count", _("to be counted")),
                ],
            ),
            Field(
                "place",
                _("Drop-off point"),
                "select",
                options=[("", _("all")), *places.values_list("code", "name")],
            ),
            Field(
                "waiting",
                _("Waiting over 48 hours"),
                "select",
                options=[("", _("all")), ("true", _("yes")), ("false", _("no"))],
            ),
        ]

    def context(self) -> Mapping[str, Any]:
        act = act_of(self.request)
        places = access_of(self.request).places().filter(takes_donations=True).order_by("code")
        return {
            "on": act.on,
            "places": places,
            "first": act.on.replace(day=1),
            "slips_most": SLIPS_LIMIT,
            "may_take_in": self.request.may_open(reverse("intake")),  # type: ignore[attr-defined]
        }


class DonationPage(Page):
    template = "donations/donation.html"
    help = _("What one donor brought, what was decided on each item, and where it stands now.")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        reply = self.ask("GET", f"donations/{pk}/")
        if not reply.ok:
            return self.refused(reply)
        donation = reply.data
        min_days = access_of(request).policy.min_days
        items = [
            {
                **item,
                "verdict": outcome_cell(item["outcome"]),
                "why": reason_words(item["reasons"], min_days),
                "standing": standing(item["holdings"], item["outcome"]),
            }
            for item in donation["items"]
        ]
        return self.page(
            title=grouped(donation["receipt_code"]),
            donation=donation,
            items=items,
            place=place_names(access_of(request).county_id).get(donation["place"]),
            donor_kind=Donor.Kind(donation["donor_kind"]).label,
            person=self._donor(donation),
            may_serve_donors=request.may_open(reverse("donors")),  # type: ignore[attr-defined]
            may_correct=not donation["found_in"] and request.may_open(reverse("donation-correct", args=[pk])),  # type: ignore[attr-defined]
            may_count=_may_count(request, donation),
            may_leave=_may_leave(request, donation),
            may_photo=request.may_open(reverse("donation-photo", args=[pk, 0])),  # type: ignore[attr-defined]
            may_void=all(set(item["holdings"]) <= {"at_point", "refused", "in_bin"} for item in items)
            and any(item["holdings"].get("at_point") for item in items),
        )

    def _donor(self, donation: Row) -> Mapping[str, Any]:
        """Who it was, for those who may see it; empty for others, for the anonymous and for those erased."""
        is_for = SEE_DONORS & access_of(self.request).reach.roles
        if donation["donor_kind"] == Donor.Kind.ANONYMOUS or not is_for:
            return {}
        reply = self.ask("GET", f"donors/{donation['donor']}/")
        if not reply.ok:
            return {}
        publish = reply.data["publish"]
        asked = Donor.Publish(publish).label if publish else _("not asked")
        return {**reply.data, "publish_words": asked}


def _may_count(request: HttpRequest, donation: Row) -> bool:
    """Whether it waits at a pharmacy for somebody who may count there."""
    stands = any(item["holdings"].get("at_point") for item in donation["items"])
    places = access_of(request).places().filter(code=donation["place"], sorts=True)
    address = reverse("donation-count", args=[donation["id"]])
    return stands and request.may_open(address) and places.exists()  # type: ignore[attr-defined]


def _may_leave(request: HttpRequest, donation: Row) -> bool:
    """Whether something was refused today: afterwards nobody knows what was handed back."""
    refused = any(item["holdings"].get("refused") for item in donation["items"])
    is_today = str(donation["received_on"]) == str(act_of(request).on)
    address = reverse("donation-leave", args=[donation["id"]])
    return refused and is_today and request.may_open(address)  # type: ignore[attr-defined]


class _OfDonation(StepPage):
    about = "donations/{pk}/"
    facts = ("receipt_code", "received_on")

    def fact(self, name: str) -> Any:
        words = super().fact(name)
        return grouped(words) if words and name == "receipt_code" else words

    def done(self, reply: Reply) -> str:
        return reverse("donation", args=[self.kwargs["pk"]])


class DonationLeavePage(_OfDonation):
    title = _("The donor leaves it")
    help = _(
        "What was refused counts as handed back. If the donor leaves it after all, it goes into the sealed bin."
    )
    button = _("The donor leaves it")
    said = _("It lies in the sealed bin and will be destroyed.")

    def route(self) -> str:
        return f"donations/{self.kwargs['pk']}/leave/"


class DonationPhotoPage(PhotoPage):
    help = _(
        "For a pharmacist elsewhere who judges the goods. At most six of an item; the place is not kept."
    )

    def missing(self) -> Reply | None:
        reply = self.ask("GET", f"donations/{self.kwargs['pk']}/")
        if not reply.ok:
            return reply
        known = {item["id"] for item in reply.data["items"]}
        return None if self.kwargs["item"] in known else not_there()

    def done(self, reply: Reply) -> str:
        return reverse("donation", args=[self.kwargs["pk"]])


class DonationVoidPage(_OfDonation):
    title = _("Take a registration back")
    help = _("Only whoever registered it may, and only before it leaves. Afterwards it is corrected.")
    button = _("Take back")
    said = _("The registration is taken back.")
    shape = VoidInput

    def route(self) -> str:
        return f"donations/{self.kwargs['pk']}/void/"

    def fields(self) -> Sequence[Field]:
        return [Field("/reason", _("Reason"), required=True, hints={"maxlength": "200"})]
