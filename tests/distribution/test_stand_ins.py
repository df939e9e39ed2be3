"""Who is well supplied with a stand-in is not short: ranks, days of stock, waste and swaps know the groups."""

from __future__ import annotations

from typing import Any

from inventory.models import Batch, Side
from tests.distribution.stock import CENTRE, FIRST, PERIOD, SECOND, order, profile, stock
from tests.distribution.stories import statements
from tests.distribution.test_outlook import gave, outlook, shelf
from tests.distribution.test_priorities import asked, ranks
from tests.distribution.test_swaps import move, proposals
from tests.world import TODAY, World

PAIR = ("M001b", "M009a")
# Thirty people need ten courses of a fever remedy in 14 days, whichever it is: sixty tablets.
TEN_COURSES = {"population": 30}


def grouped(world: World) -> None:
    """Ibuprofen and paracetamol stand in for each other in the county."""
    answer = world.signed("administrator").put("interchangeable-medicines/", {"groups": [list(PAIR)]})
    assert answer.status_code == 200, answer.json()


def on_shelf(
    world: World, units: int, medicine: str, *, place: int = 0, days: int = 400, lot: str = "OWN"
) -> Batch:
    known = {"M001b": world.paracetamol, "M009a": world.ibuprofen}
    return stock(
        world,
        units,
        medicine=known[medicine],
        place=world.villages[place],
        side=Side.CLINIC,
        days=days,
        lot=lot,
    )


def seen(world: World, place: str = FIRST) -> dict[str, dict[str, Any]]:
    return {row["medicine"]: row for row in outlook(world, place=place)}


def test_group_is_ranked_once_by_what_covers_it_together(world: World) -> None:
    other = world._medicine("M777", "蒙脱石散", "3g", "diosmectite")
    stock(world, 120)
    stock(world, 30, medicine=other)
    asked(world, FIRST, M009a=60, M001b=60, M777=100)
    assert ranks(world) == {"M001b": 1, "M777": 2, "M009a": 3}

    grouped(world)

    # Twenty courses for ten and ten: covered whole, though there is no paracetamol at all.
    assert ranks(world) == {"M777": 1, "M001b": 2, "M009a": 2}
    world.signed("administrator").put("interchangeable-medicines/", {"groups": []})
    assert ranks(world) == {"M001b": 1, "M777": 2, "M009a": 3}


def test_people_are_estimated_once_for_a_group(world: World) -> None:
    other = world._medicine("M777", "蒙脱石散", "3g", "diosmectite")
    stock(world, 30)
    stock(world, 30, medicine=other)
    profile(world, world.villages[0], **TEN_COURSES)
    grouped(world)
    world.signed("allocator").put(f"clinic-profiles/{FIRST}/", {**TEN_COURSES, "data_date": str(TODAY)})

    # Half of the need is there of each: five courses of ten, 30 tablets of 60.
    assert ranks(world) == {"M001b": 1, "M777": 1, "M009a": 1}


def test_clinic_that_has_a_stand_in_is_not_short(world: World) -> None:
    profile(world, world.villages[0], **TEN_COURSES)
    on_shelf(world, 60, "M001b")
    lines = [{"medicine": "M009a", "requested": 60}]
    world.signed("clinic").put("needs/", {"place": FIRST, "period": PERIOD, "lines": lines})
    alone = seen(world)["M009a"]
    assert (alone["days_of_stock"], alone["below_reserve"], alone["group"]) == (0, True, "")

    grouped(world)

    together = seen(world)
    names = ("group", "usable", "group_usable", "days_of_stock", "below_reserve", "need")
    assert [together["M009a"][name] for name in names] == ["M001b+M009a", 0, 60, 14, False, 60]
    assert [together["M001b"][name] for name in names] == ["M001b+M009a", 60, 60, 14, False, 60]


def test_outlook_needs_what_a_plan_would_take(world: World) -> None:
    grouped(world)
    shelf(world, 120, ago=12)
    for days_ago in range(10, 0, -1):
        gave(world, 6, days_ago)
    on_shelf(world, 60, "M001b")
    profile(world, world.villages[0], **TEN_COURSES)
    stock(world, 600)
    stock(world, 600, medicine=world.paracetamol)

    rows = seen(world)
    plan = world.signed("allocator").post("plans/", order()).json()["id"]

    shares = world.signed("allocator").get(f"plans/{plan}/clinics/", clinic=FIRST).json()["results"]
    told = {row["medicine"]: (row["need"], row["need_basis"], row["need_formula"]) for row in shares}
    assert {code: (row["need"], row["need_basis"], row["need_formula"]) for code, row in rows.items()} == told
    had = {row["medicine"]: row["on_hand"] for row in shares}
    assert {code: row["group_usable"] + row["group_on_the_way"] for code, row in rows.items()} == had


def test_waste_of_a_group_is_what_one_queue_leaves_over(world: World) -> None:
    """Ten courses in 14 days: what can be given in the nine days left of the first lot is not given of the other."""
    profile(world, world.villages[0], **TEN_COURSES)
    on_shelf(world, 36, "M009a", days=10, lot="EARLY")
    on_shelf(world, 36, "M001b", days=10, lot="ALSO EARLY")
    assert {code: row["expected_waste"] for code, row in seen(world).items()} == {"M001b": 0, "M009a": 0}

    grouped(world)

    wasted = {code: row["expected_waste"] for code, row in seen(world).items()}
    # Twelve courses, of which 10/14 × 9 = 6.4 are used: six are left over, as whole courses of one or the other.
    assert sum(wasted.values()) == 36
    assert {row["days_of_stock"] for row in seen(world).values()} == {16}


def test_clinic_with_a_stand_in_is_offered_nothing_and_one_without_it_either(world: World) -> None:
    on_shelf(world, 60, "M009a", days=9, lot="SPARE")
    profile(world, world.villages[0], population=3)
    profile(world, world.villages[1], **TEN_COURSES)
    on_shelf(world, 60, "M001b", place=1)
    assert [(row["to_place"], row["lacking"]) for row in proposals(world)] == [(SECOND, 60)]

    grouped(world)

    assert proposals(world) == []


def test_stand_in_is_moved_to_who_lacks_the_group(world: World) -> None:
    batch = on_shelf(world, 60, "M009a", days=30, lot="SPARE")
    profile(world, world.villages[0], population=3)
    profile(world, world.villages[1], **TEN_COURSES)
    on_shelf(world, 20, "M001b", place=1)
    lines = [{"medicine": "M001b", "requested": 40}]
    body = {"place": SECOND, "period": PERIOD, "lines": lines}
    assert world.signed("clinic", world.villages[1]).put("needs/", body).status_code == 200

    grouped(world)

    # Three courses of paracetamol are there of ten that are needed; it asked for six and is offered them.
    (row,) = proposals(world)
    names = ("medicine", "batch", "to_place", "lacking", "quantity")
    assert [row[name] for name in names] == ["M009a", batch.pk, SECOND, 36, 36]
    assert "现有18片，缺36片，建议调剂36片。本品与可互换药品按疗程合并计算。" in row["explanation_zh"]
    assert row["explanation_en"].endswith("What stands in for it counts with it, by courses.")
    giver = world.signed("clinic", world.villages[0])
    assert giver.post("swaps/", move(batch, 37)).json()["code"] == "not_proposed"
    assert giver.post("swaps/", move(batch, 36)).status_code == 201
    assert [(row["lacking"], row["quantity"]) for row in proposals(world)] == [(6, 6)]


def test_what_one_asked_for_goes_to_it_before_its_stand_in(world: World) -> None:
    on_shelf(world, 60, "M009a", days=30, lot="SPARE")
    on_shelf(world, 60, "M001b", days=30, lot="SPARE")
    for place, code in ((world.villages[1], "M001b"), (world.centre, "M009a")):
        profile(world, place, **TEN_COURSES)
        body = {"place": place.code, "period": PERIOD, "lines": [{"medicine": code, "requested": 24}]}
        assert world.signed("clinic", place).put("needs/", body).status_code == 200
    profile(world, world.villages[0], population=3)
    grouped(world)

    assert {(row["to_place"], row["medicine"]): row["quantity"] for row in proposals(world)} == {
        (SECOND, "M001b"): 24,
        (CENTRE, "M009a"): 24,
    }


def test_group_costs_no_statement_more(world: World) -> None:
    on_shelf(world, 60, "M009a", days=9, lot="SPARE")
    profile(world, world.villages[1], **TEN_COURSES)
    allocator = world.signed("allocator")
    reads = ("swaps/", "clinic-outlook/")
    alone = [statements(lambda route=route: allocator.get(route)) for route in reads]  # type: ignore[misc]
    grouped(world)

    assert [statements(lambda route=route: allocator.get(route)) for route in reads] == alone  # type: ignore[misc]
