"""Goods that are moved while a correction of them is under way, and a campaign that closes on a registration."""

from __future__ import annotations

from functools import partial
from typing import Any

from donations.models import Donation
from inventory.verification import verify
from tests.donations.holdings import standing
from tests.inventory.test_recall_races import Deed, one_before_the_other
from tests.plain_sql import drop_guard
from tests.world import World, donation


def given(world: World) -> tuple[int, int]:
    made = world.signed("clerk").post("donations/", donation()).json()
    return made["id"], made["items"][0]["id"]


def correcting(world: World, made: int, item: int) -> Deed:
    body = {"reason": "写错", "items": [{"item": item, "quantity": 30}]}
    return partial(world.signed("pharmacist").post, f"donations/{made}/correct/", body)


def voiding(world: World, made: int, _item: int) -> Deed:
    return partial(world.signed("clerk").post, f"donations/{made}/void/", {"reason": "重复登记"})


def handing_over(world: World, made: int, _item: int) -> Deed:
    body = {"from_place": world.hospital.code, "to_place": world.centre.code, "donations": [made]}
    return partial(world.signed("clerk").post, "handovers/", body)


def counting(world: World, made: int, item: int) -> Deed:
    counted = {"items": [{"item": item, "counted": 30}]}
    return partial(world.signed("checker").post, f"donations/{made}/count/", counted)


def test_what_a_correction_adds_is_moved_with_the_rest(cloned_db: str) -> None:
    """It stayed behind before: whoever moved the goods had looked before the correction was written."""
    world = World()
    for deed, state in ((voiding, "voided"), (handing_over, "on_the_way"), (counting, "counted")):
        goods = given(world)
        corrected, moved = one_before_the_other(correcting(world, *goods), deed(world, *goods))

        assert (corrected.status_code, moved.status_code in {200, 201}) == (200, True)
        assert standing(goods[1]) == {state: 30}
    assert verify(world.county.pk) == []


def test_correction_waits_for_goods_that_are_leaving_and_is_refused(cloned_db: str) -> None:
    world = World()
    for deed, state in ((voiding, "voided"), (handing_over, "on_the_way")):
        goods = given(world)
        _moved, late = one_before_the_other(deed(world, *goods), correcting(world, *goods))

        assert (late.status_code, late.json()["code"]) == (409, "not_correctable")
        assert standing(goods[1]) == {state: 20}


def test_registration_and_closing_of_its_campaign_wait_for_each_other(cloned_db: str) -> None:
    world = World()
    close: Any = partial(world.signed("administrator").post, f"campaigns/{world.campaign.pk}/close/")
    register = partial(world.signed("clerk").post, "donations/", donation())

    made, closed = one_before_the_other(register, close)
    assert (made.status_code, closed.status_code) == (201, 200)

    type(world.campaign).objects.update(state="open", closed_on=None)
    closed, late = one_before_the_other(close, register)
    assert (closed.status_code, late.status_code, late.json()["code"]) == (200, 422, "campaign_closed")
    assert Donation.objects.count() == 1

    type(world.campaign).objects.update(state="open", closed_on=None)
    drop_guard("donation_in_open_campaign")
    closed, late = one_before_the_other(close, register)
    assert (closed.status_code, late.status_code) == (200, 201)
