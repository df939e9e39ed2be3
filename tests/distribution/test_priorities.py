"""What is needed most is told to the sorting tables as soon as it changes."""

from __future__ import annotations

import pytest

from distribution.services.priorities import rank_needs
from inventory.models import Priority
from tests.distribution.stock import FIRST, PERIOD, SECOND, profile, stock
from tests.distribution.stories import approved, statements
from tests.inventory.stories import counted
from tests.world import TODAY, World, item


def ranks(world: World) -> dict[str, int]:
    rows = Priority.objects.filter(county=world.county).order_by("rank", "medicine__code")
    return dict(rows.values_list("medicine__code", "rank"))


def asked(world: World, place: str, **lines: int) -> None:
    body = {
        "place": place,
        "period": PERIOD,
        "lines": [{"medicine": code, "requested": units} for code, units in lines.items()],
    }
    answer = world.signed("allocator").put("needs/", body)
    assert answer.status_code == 200, answer.json()


def test_least_covered_medicine_comes_first(world: World) -> None:
    stock(world, 50, medicine=world.ibuprofen)
    stock(world, 90, medicine=world.paracetamol)

    asked(world, FIRST, M009a=100, M001b=300)

    assert ranks(world) == {"M001b": 1, "M009a": 2}


def test_equally_covered_medicines_share_a_rank(world: World) -> None:
    asked(world, FIRST, M009a=100, M001b=300)

    assert ranks(world) == {"M001b": 1, "M009a": 1}


def test_medicine_nobody_needs_has_no_rank(world: World) -> None:
    asked(world, FIRST, M009a=100)
    asked(world, SECOND, M001b=0)

    assert ranks(world) == {"M009a": 1}


def test_expired_stock_covers_nothing(world: World) -> None:
    stock(world, 500, days=-1, medicine=world.ibuprofen)
    stock(world, 10, medicine=world.paracetamol)

    asked(world, FIRST, M009a=100, M001b=100)

    assert ranks(world) == {"M009a": 1, "M001b": 2}


def test_profile_says_what_is_needed_where_nobody_asked(world: World) -> None:
    figures = {"population": 700, "data_date": str(TODAY)}
    stock(world, 10, medicine=world.paracetamol)

    world.signed("allocator").put(f"clinic-profiles/{FIRST}/", figures)

    assert ranks(world) == {"M009a": 1, "M001b": 2}


def test_request_takes_the_place_of_the_estimate(world: World) -> None:
    profile(world, world.villages[0])  # 1,400 tablets of each medicine
    stock(world, 70, medicine=world.ibuprofen)
    stock(world, 80, medicine=world.paracetamol)

    asked(world, FIRST, M009a=70)

    assert ranks(world) == {"M001b": 1, "M009a": 2}


def test_request_of_another_period_counts_for_nothing(world: World) -> None:
    body = {
        "place": FIRST,
        "period": "2023-01-01/2023-01-14",
        "lines": [{"medicine": "M009a", "requested": 9}],
    }

    world.signed("allocator").put("needs/", body)

    assert ranks(world) == {}


def test_approved_plan_renews_the_ranks(world: World) -> None:
    approved(world)

    assert ranks(world) == {"M001b": 1, "M009a": 2}


def test_county_ranks_its_own_needs_only(world: World) -> None:
    asked(world, FIRST, M009a=100)

    rank_needs(world.neighbour.pk, TODAY)

    assert ranks(world) == {"M009a": 1}
    assert not Priority.objects.filter(county=world.neighbour).exists()


@pytest.mark.parametrize("first", ["M009a", "M001b"])
def test_sorting_queue_puts_first_what_is_needed_most(world: World, first: str) -> None:
    stock(world, 50, medicine=world.paracetamol if first == "M009a" else world.ibuprofen)
    asked(world, FIRST, M009a=100, M001b=100)
    counted(world, item(medicine="M001b"), item(medicine="M009a"))

    rows = world.signed("pharmacist").get("sorting-queue/").json()["results"]

    assert [row["priority"] for row in rows] == [1, 2]
    assert rows[0]["medicine"] == first


def test_statements_do_not_grow_with_places_and_requests(world: World) -> None:
    counts = [statements(lambda: rank_needs(world.county.pk, TODAY))]
    asked(world, FIRST, M009a=100, M001b=100)
    counts.append(statements(lambda: rank_needs(world.county.pk, TODAY)))
    profile(world, world.villages[0])
    profile(world, world.villages[1])
    asked(world, SECOND, M009a=100, M001b=100)
    counts.append(statements(lambda: rank_needs(world.county.pk, TODAY)))

    assert set(counts) == {10}
