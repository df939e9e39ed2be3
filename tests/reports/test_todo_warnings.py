"""Warnings of the to-do list: what waits too long, with a link to just the rows that were counted."""

from __future__ import annotations

from typing import Any

from distribution.models import Shipment
from distribution.services.shipments import dispatch_shipment
from tests.distribution.stock import stock
from tests.distribution.stories import approved
from tests.reports.play import DAY, Play
from tests.world import TODAY, World, item


def warned(world: World, role: str, code: str, place: Any = None) -> tuple[int, int]:
    """The count of a duty, and how many rows its link shows."""
    signed = world.signed(role, place)
    (duty,) = [duty for duty in signed.get("todo/").json()["duties"] if duty["code"] == code]
    return duty["count"], len(signed.client.get(duty["link"]).json()["results"])


def counted_since(play: Play, days: int) -> None:
    earlier = play.at(-days)
    earlier.count(earlier.give(item()), 20)


def test_items_unsorted_for_more_than_a_week_are_told(play: Play) -> None:
    for days in (0, 7, 8, 20):
        counted_since(play, days)

    assert warned(play.world, "pharmacist", "unsorted") == (2, 2)
    assert warned(play.world, "pharmacist", "sort") == (4, 4)


def test_item_long_in_doubt_is_unsorted_too(play: Play) -> None:
    earlier = play.at(-9)
    given = earlier.give(item())
    earlier.count(given, 20)
    earlier.step(given, "in_doubt", "counted", "in_doubt", 20)

    assert warned(play.world, "pharmacist", "unsorted") == (1, 1)


def sent_days_ago(world: World, days: int) -> None:
    shipment = Shipment.objects.get(pk=approved(world))
    dispatch_shipment(act=world.act("pharmacist", on=TODAY - days * DAY), shipment=shipment, picks={})


def test_shipment_on_the_road_for_more_than_three_days_is_told_at_both_ends(world: World) -> None:
    sent_days_ago(world, 4)

    assert warned(world, "pharmacist", "overdue") == (1, 1)
    assert warned(world, "clinic", "overdue", world.villages[0]) == (1, 1)
    assert warned(world, "clinic", "overdue", world.villages[1]) == (0, 0)


def test_shipment_of_three_days_is_no_warning_yet(world: World) -> None:
    sent_days_ago(world, 3)

    assert warned(world, "pharmacist", "overdue") == (0, 0)
    assert warned(world, "clinic", "arrivals", world.villages[0]) == (1, 1)


def test_expiry_warnings_show_the_batches_they_count(world: World) -> None:
    for days in (-3, -1, 0, 30, 31):
        stock(world, 10, days=days, lot=f"L{days}")

    assert warned(world, "pharmacist", "expired") == (2, 2)
    assert warned(world, "pharmacist", "expiring") == (2, 2)
