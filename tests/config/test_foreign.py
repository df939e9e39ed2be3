"""The right role of the wrong county: every row of another county is as if it did not exist."""

from __future__ import annotations

import re
from typing import Any

import pytest

from catalogue.models import Recall
from config.access import ACCESS, PAGES, PUBLIC, SIGNED_IN
from distribution.models import Dispensing, Plan, PlanLine, Shipment
from distribution.models.shifts import PopulationShift
from distribution.models.spot_checks import SpotCheck
from distribution.models.urgent import UrgentIssue
from donations.models import Campaign, Donation, DonorReturn, Handover
from inventory.models import Batch, Hold, SortingDecision
from inventory.models.counts import StockCount
from inventory.models.destructions import Destruction
from inventory.models.devices import DeviceUse
from inventory.models.kits import Kit, KitTemplate
from inventory.models.labels import LabelRun
from organisation.loading import load_county
from organisation.models import Person, Place, Role
from reports.models import Bulletin
from reports.models.questions import Question
from tests.config.test_access import browser
from tests.config.test_examples import (
    Story,
    bring_in,
    lend_a_device,
    look_and_put_right,
    open_and_correct,
    send_urgently,
    share_and_hand_out,
    stop_and_let_go,
)
from tests.world import Signed

ROWS: dict[str, Any] = {
    "batches": Batch,
    "bulletins": Bulletin,
    "campaigns": Campaign,
    "counts": StockCount,
    "destructions": Destruction,
    "device-uses": DeviceUse,
    "dispensings": Dispensing,
    "donations": Donation,
    "donor-returns": DonorReturn,
    "handovers": Handover,
    "people": Person,
    "plans": Plan,
    "population-shifts": PopulationShift,
    "shipments": Shipment,
    "holds": Hold,
    "kit-templates": KitTemplate,
    "kits": Kit,
    "labels": LabelRun,
    "recalls": Recall,
    "spot-checks": SpotCheck,
    "urgent-issues": UrgentIssue,
    "questions": Question,
    "sortings": SortingDecision,
}


def addresses(table: Any = ACCESS) -> list[tuple[str, str, str]]:
    """Every route with a row's id that the story has made, with one of the roles that may call it."""
    found = []
    for route, methods in table.items():
        room = route.split("/")[0]
        if "<int:pk>" not in route or room not in ROWS:
            continue
        for method, allowed in methods.items():
            if allowed not in (PUBLIC, SIGNED_IN):
                address = route.replace("<int:pk>", str(ROWS[room].objects.latest("pk").pk))
                line = PlanLine.objects.latest("pk").pk
                found.append((re.sub(r"<int:\w+>", str(line), address), method, sorted(allowed)[0]))
    return found


@pytest.mark.django_db
def test_right_role_of_the_wrong_county_finds_nothing() -> None:
    story = Story()
    bring_in(story)
    share_and_hand_out(story)
    open_and_correct(story)
    send_urgently(story)
    look_and_put_right(story)
    lend_a_device(story)
    stop_and_let_go(story)
    story.send("bulletins/", Role.PUBLISHER)
    story.send("public/questions/", Role.PUBLISHER)
    pages = addresses(PAGES)
    foreign = type(story.stage)(load_county("611022"), seed=2)
    hospital = Place.objects.get(code="P-611022-01")

    def staff(role: str) -> Person:
        return foreign.staff(
            Role(role), hospital if role in {"clerk", "checker", "pharmacist", "clinic"} else None
        )

    answers = {}
    for address, method, role in addresses():
        signed = Signed(staff(role))
        body = None if method == "GET" else {}
        answer = signed.get(address) if body is None else getattr(signed, method.lower())(address, body)
        answers[address, method] = answer.status_code

    assert len(answers) > 20
    assert {key: status for key, status in answers.items() if key[1] == "GET" and status != 404} == {}
    # 415: the scan of a stamped bulletin comes as a form, which this is not.
    assert {key: status for key, status in answers.items() if status not in {400, 404, 415}} == {}

    screens = {
        address: browser(staff(role)).get(f"/{address}").status_code
        for address, method, role in pages
        if method == "GET"
    }
    assert len(screens) > 40
    assert {address: status for address, status in screens.items() if status != 404} == {}
