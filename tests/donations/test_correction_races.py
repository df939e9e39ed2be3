"""Corrections of one donation at the same time: each begins from what the one before it has written."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from donations.models import Item
from donations.queries import given_of
from donations.services import corrections
from inventory.verification import verify
from tests.cloned import together
from tests.world import World, donation


def corrected_by_three(world: World) -> int:
    """What three pharmacists' corrections of 20 units to 30, sent at once, leave as given."""
    clerk = world.signed("clerk", world.office)
    made = clerk.post("donations/", donation(place=world.office.code)).json()
    number = made["items"][0]["id"]
    body = {"reason": "写错", "items": [{"item": number, "quantity": 30}]}
    people = [world.signed("pharmacist", world.office, name=f"pharmacist {n}") for n in range(3)]
    answers = together([partial(each.post, f"donations/{made['id']}/correct/", body) for each in people])
    assert {answer.status_code for answer in answers} <= {200, 409, 422}
    assert verify(world.county.pk) == []
    return given_of(Item.objects.filter(pk=number))[number]


def test_same_correction_three_times_at_once_is_made_once(cloned_db: str) -> None:
    assert corrected_by_three(World()) == 30


def test_without_the_lock_it_is_added_up(cloned_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unlocked(given: Any) -> dict[int, Item]:
        return {item.pk: item for item in given.items.select_related("holdings", "medicine")}

    monkeypatch.setattr(corrections, "_locked", unlocked)
    world = World()

    assert max(corrected_by_three(world) for _time in range(5)) > 30
