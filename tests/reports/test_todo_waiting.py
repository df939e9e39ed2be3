"""Goods that wait too long outside a pharmacy stand on the to-do list, place by place."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone

from core.commands import Act
from donations.identity import Identity
from donations.intake import DonationDraft, ItemDraft
from donations.models import Donation
from donations.services.registration import register_donation
from organisation.models import Place, Policy
from tests.world import TODAY, World

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


def brought(
    world: World, place: Place, *, ago: datetime.timedelta = 0 * HOUR, came: datetime.date = TODAY
) -> Donation:
    """A donation that was registered some time ago."""
    moment = timezone.now() - ago
    draft = DonationDraft(
        received_on=came,
        items=[ItemDraft(medicine=world.ibuprofen, quantity=20, container="blister")],
        kind="anonymous",
        source_confirmed=True,
        unfit="return",
        identity=Identity(),
    )
    act = Act(world.person("clerk", place).pk, world.county.pk, TODAY, at=moment)
    made, _items = register_donation(
        act=act, place=place, campaign=world.campaign, policy=Policy(county=world.county), draft=draft
    )
    return made


def waiting(world: World, role: str, place: Place | None = None) -> Any:
    found = world.signed(role, place).get("todo/").json()["duties"]
    (duty,) = [duty for duty in found if duty["code"] == "waiting"]
    return duty["count"], [(each["code"], each["count"]) for each in duty["places"]]


@pytest.mark.parametrize(
    ("ago", "came", "late"),
    [
        (47 * HOUR, TODAY, False),
        (49 * HOUR, TODAY, True),
        (0 * HOUR, TODAY - 2 * DAY, False),
        (0 * HOUR, TODAY - 3 * DAY, True),
    ],
)
def test_donation_waits_too_long_from_48_hours_on(
    world: World, ago: datetime.timedelta, came: datetime.date, late: bool
) -> None:
    made = brought(world, world.office, ago=ago, came=came)
    clerk = world.signed("clerk", world.office)

    listed = [row["id"] for row in clerk.get("donations/", waiting="true").json()["results"]]
    others = [row["id"] for row in clerk.get("donations/", waiting="false").json()["results"]]

    assert waiting(world, "clerk", world.office) == ((1, [(world.office.code, 1)]) if late else (0, []))
    assert (listed, others) == (([made.pk], []) if late else ([], [made.pk]))


def test_goods_on_the_way_wait_until_they_are_received(world: World) -> None:
    made = brought(world, world.office, ago=50 * HOUR)
    clerk = world.signed("clerk", world.office)
    body = {"from_place": world.office.code, "to_place": world.hospital.code, "donations": [made.pk]}
    handover = clerk.post("handovers/", body).json()["id"]
    on_the_way = waiting(world, "clerk", world.office)

    lines = {"items": [{"item": made.items.get().pk, "counted": 20}]}
    assert world.signed("checker").post(f"handovers/{handover}/receive/", lines).status_code == 200

    assert on_the_way == (1, [(world.office.code, 1)])
    assert waiting(world, "clerk", world.office) == (0, [])


def test_goods_at_a_pharmacy_are_not_outside_one(world: World) -> None:
    brought(world, world.hospital, ago=50 * HOUR)

    assert waiting(world, "clerk", world.hospital) == (0, [])


def test_lead_pharmacist_sees_every_place_and_a_clerk_the_own(world: World) -> None:
    other = Place.objects.create(
        county=world.county, code="P-522633-03", name="县一中", kind="office", takes_donations=True
    )
    for place in (world.office, world.office, other):
        brought(world, place, ago=50 * HOUR)

    assert waiting(world, "lead_pharmacist") == (3, [(world.office.code, 2), (other.code, 1)])
    assert waiting(world, "clerk", other) == (1, [(other.code, 1)])


def test_handovers_under_way_are_told_to_who_sent_them(world: World) -> None:
    made = brought(world, world.office)
    clerk = world.signed("clerk", world.office)
    body = {"from_place": world.office.code, "to_place": world.hospital.code, "donations": [made.pk]}
    clerk.post("handovers/", body)

    found = clerk.get("todo/").json()["duties"]

    (duty,) = [duty for duty in found if duty["code"] == "under_way"]
    assert (duty["count"], duty["link"]) == (1, "/api/v1/handovers/?state=open")
    assert duty["places"] == [{"code": world.office.code, "name": world.office.name, "count": 1}]
