"""Places: opened, described and closed by the administrator."""

from __future__ import annotations

from typing import Any

import pytest

from organisation.models import Place
from organisation.queries import place_names
from tests.inventory.stories import counted
from tests.organisation.test_people import refusal
from tests.world import Signed, World, donation

POINT = {"code": "P-522633-77", "name": "从江县公安局", "kind": "office", "takes_donations": True}
VILLAGE = {
    "code": "P-522633-19", "name": "美娥村卫生室", "kind": "village_clinic", "township": "522633100",
    "parent": "P-522633-10", "hands_out": True,
}  # fmt: skip


@pytest.fixture
def administrator(world: World) -> Signed:
    return world.signed("administrator")


def test_new_point_takes_donations_in(world: World, administrator: Signed) -> None:
    answer = administrator.post("places/", {**POINT, "opening_hours": "工作日 9:00-17:00"})

    assert answer.status_code == 201, answer.json()
    assert (answer.json()["active"], answer.json()["version"]) == (True, 1)
    clerk = world.signed("clerk", Place.objects.get(code="P-522633-77"))
    assert clerk.post("donations/", donation(place="P-522633-77")).status_code == 201


def test_new_clinic_is_covered_by_its_health_centre(world: World, administrator: Signed) -> None:
    assert administrator.post("places/", VILLAGE).status_code == 201

    covered = world.signed("clinic", world.centre).get("stock/", place="P-522633-19")
    assert covered.status_code == 200


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"code": "P-522622-77"}, (422, "place_code_unfit", "/code")),
        ({"code": "P-522633-ä"}, (422, "place_code_unfit", "/code")),
        ({"code": "P-522633-01"}, (409, "place_code_taken", "/code")),
        ({"kind": "palace"}, (400, "invalid", "/kind")),
        ({"name": ""}, (400, "invalid", "/name")),
        ({"township": "522622100"}, (404, "not_found", "/township")),
        ({"parent": "P-522633-10"}, (422, "place_needs_parent", "/parent")),
        ({"kind": "village_clinic"}, (422, "place_needs_parent", "/parent")),
        ({"kind": "village_clinic", "parent": "P-522633-10"}, (422, "place_needs_parent", "/parent")),
        ({"kind": "village_clinic", "parent": "P-522622-01"}, (404, "not_found", "/parent")),
    ],
)
def test_place_that_does_not_fit_is_refused(
    world: World, administrator: Signed, changes: Any, expected: Any
) -> None:
    before = Place.objects.count()

    assert refusal(administrator.post("places/", {**POINT, **changes})) == expected
    assert Place.objects.count() == before


def test_closed_place_takes_nothing_in_and_hands_on_what_it_has(world: World, administrator: Signed) -> None:
    counted(world, clerk=world.signed("clerk", name="desk"))

    answer = administrator.patch("places/P-522633-01/", {"active": False, "version": 1})

    assert (answer.status_code, answer.json()["active"], answer.json()["version"]) == (200, False, 2)
    refused = world.signed("clerk").post("donations/", donation())
    assert refused.status_code == 422, refused.json()
    assert world.signed("pharmacist").get("sorting-queue/").json()["results"]


def test_change_of_what_another_has_changed_is_refused(world: World, administrator: Signed) -> None:
    administrator.patch("places/P-522633-01/", {"phone": "0855-6412120", "version": 1})

    answer = administrator.patch("places/P-522633-01/", {"phone": "", "version": 1})

    assert refusal(answer) == (409, "stale", "/version")
    assert Place.objects.get(code="P-522633-01").phone == "0855-6412120"


def test_places_of_another_county_are_not_there(world: World, administrator: Signed) -> None:
    assert administrator.get("places/P-522622-01/").status_code == 404
    assert administrator.patch("places/P-522622-01/", {"name": "x", "version": 1}).status_code == 404


def test_places_are_found_by_part_of_their_name(world: World, administrator: Signed) -> None:
    def found(text: str) -> list[str]:
        return [row["code"] for row in administrator.get("places/", q=text).json()["results"]]

    assert found("干团") == ["P-522633-11"]
    assert found("522633-1") == ["P-522633-10", "P-522633-11", "P-522633-12"]


def test_places_of_one_name_are_told_apart(world: World) -> None:
    """By their township, else by their code; the name of one alone stays as it is."""
    other = world._division("522633101", "西山镇", world.county)
    there = [("V1", world.township), ("V2", other), ("V3", other)]
    for code, township in there:
        name = "大塘村卫生室" if code != "V3" else "美娥村卫生室"
        Place.objects.create(
            county=world.county,
            code=code,
            name=name,
            kind="village_clinic",
            township=township,
            parent=world.centre,
        )
    Place.objects.create(county=world.county, code="V4", name="美娥村卫生室", kind="office", township=other)

    names = place_names(world.county.pk)

    assert [names[f"V{n}"] for n in range(1, 5)] == [
        "大塘村卫生室（贯洞镇）",
        "大塘村卫生室（西山镇）",
        "美娥村卫生室（V3）",
        "美娥村卫生室（V4）",
    ]
    assert names[world.villages[0].code] == "干团村卫生室"
