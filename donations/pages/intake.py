"""The counter: one page on which a donor and what they bring is registered.

Its script speaks with the API itself (barcodes/, medicines/, screenings/, donations/), for a queue does not wait for
pages; this view gives it the frame and what it needs to know of the county.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from catalogue.screening import Outcome
from catalogue.screening_rules import ROWS
from core.api import act_of
from core.language import in_language
from core.pages import Field, Form, Page
from donations.models import UNITS, Donation, Donor, Item
from donations.pages.words import TONES, outcome_words
from donations.queries import campaigns_open
from organisation.access import access_of
from organisation.models import Division
from organisation.pages.here import PlaceNeeded
from organisation.queries import drop_off_points, townships_of

CONTAINERS = {
    Item.Container.BLISTER: _("blister"),
    Item.Container.BOTTLE: _("bottle"),
    Item.Container.SACHET: _("sachet"),
    Item.Container.LOOSE: _("bare, out of its pack"),
}
# What a code may say of a box in more than one way.
CODE_FIELDS = {
    "lot_number": _("Lot number"),
    "serial": _("Serial number"),
    "expiry": _("Expiry"),
    "produced_on": _("Produced on"),
}
# Things of which one is one: for these a box is the unit.
ONE_BY_ONE = ["瓶", "支", "台", "枚", "只", "盒", "人份"]


class IntakePage(PlaceNeeded, Page):
    template = "donations/intake.html"
    title = _("Take in")
    help = _("One donor, then one medicine after another: scan, or type; each is judged while you type.")
    wanted = {"takes_donations": True}

    def get(self, request: HttpRequest) -> HttpResponse:
        act = act_of(request)
        campaigns = list(campaigns_open(act.county_id, act.on))
        points = drop_off_points(act.county_id)
        return self.page(
            place=self.place,
            on=act.on,
            campaigns=campaigns,
            form=Form(donor_fields(townships_of(act.county_id))),
            containers=CONTAINERS.items(),
            findings=finding_words(),
            units=UNITS,
            forgets=access_of(request).policy.identity_days,
            known={
                "points": {point.code: f"{point.name} {point.address}".strip() for point in points},
                "outcomes": {str(each): outcome_words(each) for each in Outcome},
                "tones": TONES,
                "one_by_one": ONE_BY_ONE,
                "fields": CODE_FIELDS,
            },
        )


def finding_words() -> list[tuple[str, str]]:
    """What a clerk may tick on a line: one code for each wording."""
    ticked = [row for row in ROWS if row.ticked]
    return [
        (code, words) for words, code in {in_language(row.zh, row.en): row.code for row in ticked}.items()
    ]


def donor_fields(townships: Sequence[Division], unfit: str = Donation.Unfit.RETURN) -> list[Field]:
    """The donor's line, and what is seldom asked; names as the API's pointers. `unfit` is chosen to begin with."""
    usual = Donor.Publish.MASKED
    rest = [choice for choice in Donor.Publish.choices if choice[0] != usual]
    consent: list[tuple[Any, Any]] = [("", _("not asked")), (usual.value, usual.label), *rest]
    named = [("", _("not named")), *((each.code, each.name) for each in townships)]
    asked = _(
        "Ask the donor: surname only unless they wish otherwise. Not asked: shown as a kind-hearted person."
    )
    slip = _("Scan it if the bag bears one already.")
    return [
        Field("/donor/kind", _("Donor"), "radio", options=Donor.Kind.choices, value=Donor.Kind.PERSON),
        Field("/donor/name", _("Name"), hints=_typed(80)),
        Field("/donor/phone", _("Phone"), "tel", hints=_typed(30)),
        Field("/donor/work_unit", _("Work unit"), hints={**_typed(80), "list": "units"}),
        Field("/donor/township", _("Township"), "select", options=named),
        Field(
            "/donor/publish", _("Name in public"), "select",
            options=consent, help=asked,
        ),
        Field("/receipt_code", _("Code of a printed slip"), help=slip, hints=_typed(40)),
        Field(
            "/unfit", _("What cannot be taken"), "radio",
            options=Donation.Unfit.choices, value=unfit,
        ),
    ]  # fmt: skip


def _typed(most: int) -> dict[str, str]:
    """The browser offers nobody else's name and phone."""
    return {"autocomplete": "off", "maxlength": str(most)}
