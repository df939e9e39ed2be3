"""What differs from what was declared is explained line by line, and a surplus stays within a miscount."""

from __future__ import annotations

from typing import Any

import pytest

from donations.differences import LineCount, Tolerance, Unexplained, unexplained
from donations.models import CustodyEntry, GroupHoldings
from organisation.models import Policy
from tests.donations.holdings import rows_written, standing
from tests.world import World, donation, item

DECLARED = 20
DIFFERENCES = [
    ({"counted": 19}, "/items/1/reason", "reason_required"),
    ({"counted": 21}, "/items/1/reason", "reason_required"),
    ({"counted": 21, "reason": "lost"}, "/items/1/reason", "reason_does_not_fit"),
    ({"counted": 21, "reason": "unknown"}, "/items/1/reason", "reason_does_not_fit"),
    ({"counted": 19, "reason": "not_listed"}, "/items/1/reason", "reason_does_not_fit"),
    ({"counted": 20, "reason": "miscounted"}, "/items/1/reason", "reason_does_not_fit"),
    ({"counted": 19, "reason": "other"}, "/items/1/note", "required"),
    ({"counted": 21, "reason": "other", "note": ""}, "/items/1/note", "required"),
    ({"counted": 19, "reason": "gone"}, "/items/1/reason", "invalid_choice"),
]


def counting(world: World, second: dict[str, Any]) -> Any:
    """Two items at a pharmacy: the first is counted as declared, the second as given."""
    items = [item(), item(lot_number="7")]
    made = world.signed("clerk").post("donations/", donation(items=items)).json()["items"]
    made_id = world.signed("clerk").get("donations/").json()["results"][0]["id"]
    lines = [{"item": made[0]["id"], "counted": DECLARED}, {"item": made[1]["id"], **second}]
    return made[1]["id"], lambda: world.signed("checker").post(
        f"donations/{made_id}/count/", {"items": lines}
    )


def receiving(world: World, second: dict[str, Any]) -> Any:
    """The same by a handover."""
    clerk = world.signed("clerk", world.office)
    items = [item(), item(lot_number="7")]
    made = clerk.post("donations/", donation(place=world.office.code, items=items)).json()
    body = {"from_place": world.office.code, "to_place": world.hospital.code, "donations": [made["id"]]}
    handover = clerk.post("handovers/", body).json()["id"]
    lines = [
        {"item": made["items"][0]["id"], "counted": DECLARED},
        {"item": made["items"][1]["id"], **second},
    ]
    route = f"handovers/{handover}/receive/"
    return made["items"][1]["id"], lambda: world.signed("checker").post(route, {"items": lines})


@pytest.mark.parametrize("way", [counting, receiving])
@pytest.mark.parametrize(("second", "pointer", "code"), DIFFERENCES)
def test_unexplained_difference_is_refused_where_it_stands(
    world: World, way: Any, second: dict[str, Any], pointer: str, code: str
) -> None:
    _item, count = way(world, second)
    before = rows_written()

    answer = count()

    assert answer.status_code == 400
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [(pointer, code)]
    assert rows_written() == before


@pytest.mark.parametrize("way", [counting, receiving])
@pytest.mark.parametrize(
    ("second", "kind", "expected"),
    [
        ({"counted": 19, "reason": "lost"}, "missing", {"counted": 19, "missing": 1}),
        ({"counted": 15, "reason": "other", "note": "途中遇雨"}, "missing", {"counted": 15, "missing": 5}),
        ({"counted": 40, "reason": "miscounted"}, "surplus", {"counted": 40}),
        ({"counted": 21, "reason": "other", "note": "多装一片"}, "surplus", {"counted": 21}),
    ],
)
def test_explanation_stays_with_the_entry(
    world: World, way: Any, second: dict[str, Any], kind: str, expected: dict[str, int]
) -> None:
    item_id, count = way(world, second)

    answer = count()

    entry = CustodyEntry.objects.get(kind=kind)
    assert (answer.status_code, standing(item_id)) == (200, expected)
    assert (entry.reason, entry.note) == (second["reason"], second.get("note", ""))


@pytest.mark.parametrize("way", [counting, receiving])
@pytest.mark.parametrize("counted", [41, 1_000_000])
def test_surplus_beyond_a_miscount_is_refused_though_explained(world: World, way: Any, counted: int) -> None:
    _item, count = way(world, {"counted": counted, "reason": "miscounted"})
    before = rows_written()

    answer = count()

    assert (answer.status_code, answer.json()["code"]) == (422, "surplus_too_large")
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == "/items/1/counted"
    assert "20" in fault["message"]
    assert "40" in fault["message"]
    assert rows_written() == before


def test_county_sets_how_much_a_miscount_may_be(world: World) -> None:
    Policy.objects.create(county=world.county, surplus_units=1, surplus_percent=0)
    _item, two = counting(world, {"counted": 22, "reason": "miscounted"})
    _item, one = counting(world, {"counted": 21, "reason": "miscounted"})

    assert (two().status_code, one().status_code) == (422, 200)


def test_surplus_of_a_group_is_bounded_as_a_whole(world: World) -> None:
    clerk = world.signed("clerk", world.office)
    made = [clerk.post("donations/", donation(place=world.office.code)).json()["id"] for _n in range(2)]
    body = {"from_place": world.office.code, "to_place": world.hospital.code, "donations": made}
    handover = clerk.post("handovers/", body).json()["id"]
    line = {"group": GroupHoldings.objects.get().group_id, "counted": 61, "reason": "miscounted"}

    answer = world.signed("checker").post(f"handovers/{handover}/receive/", {"items": [line]})

    assert (answer.status_code, answer.json()["code"]) == (422, "surplus_too_large")


def test_count_of_a_donation_takes_items_only(world: World) -> None:
    made = world.signed("clerk").post("donations/", donation()).json()["id"]

    answer = world.signed("checker").post(f"donations/{made}/count/", {"items": [{"group": 1, "counted": 2}]})

    assert answer.status_code == 400
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/items/0/group"]


@pytest.mark.parametrize(
    ("declared", "most"), [(1, 21), (20, 40), (200, 220), (201, 221), (1000, 1100), (999_999, 1_099_998)]
)
def test_tolerance_is_the_larger_of_units_and_share(declared: int, most: int) -> None:
    assert Tolerance(20, 10).most(declared) == most


def test_every_unexplained_line_is_named() -> None:
    declared = {1: 5, 2: 5, 3: 5}
    counted = {
        1: LineCount(4, pointer="/items/0"),
        2: LineCount(5, pointer="/items/1"),
        3: LineCount(6, "other", pointer="/items/2"),
    }

    assert unexplained(declared, counted) == [
        Unexplained("/items/0/reason", "reason_required"),
        Unexplained("/items/2/note", "required"),
    ]
