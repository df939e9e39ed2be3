"""Who may sort what: places, counties, roles."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from tests.inventory.stories import accept, counted, custody, sort, written
from tests.world import World


def test_pharmacist_of_another_place_finds_no_item(world: World) -> None:
    (item_id,) = counted(world, place=world.hospital)
    before = written()

    answer = sort(world.signed("pharmacist", world.centre), item_id, accept(20))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (404, "/item")
    assert (written(), custody(item_id)) == (before, {"counted": 20})


def test_pharmacist_of_another_county_finds_no_item(world: World) -> None:
    (item_id,) = counted(world)
    before = written()

    answer = sort(world.signed("pharmacist", foreign=True), item_id, accept(20))

    assert (answer.status_code, written()) == (404, before)


def test_lead_pharmacist_sorts_anywhere_in_the_county_only(world: World) -> None:
    (item_id,) = counted(world, place=world.centre)

    foreign = sort(world.signed("lead_pharmacist", foreign=True), item_id, accept(20))
    own = sort(world.signed("lead_pharmacist"), item_id, accept(20))

    assert (foreign.status_code, own.status_code) == (404, 201)


@pytest.mark.parametrize("role", ["clerk", "checker", "clinic", "allocator", "auditor", "administrator"])
def test_other_roles_may_not_sort(world: World, role: str) -> None:
    (item_id,) = counted(world)
    before = written()

    answer = sort(world.signed(role), item_id, accept(20))

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert written() == before


def test_anonymous_caller_must_sign_in(world: World) -> None:
    (item_id,) = counted(world)
    before = written()

    answer = APIClient().post(
        "/api/v1/sortings/", {"item": item_id, "decisions": [accept(20)]}, format="json"
    )

    assert (answer.status_code, written()) == (401, before)


def test_decision_of_another_place_is_neither_shown_nor_taken_back(world: World) -> None:
    (item_id,) = counted(world, place=world.hospital)
    decision = sort(world.signed("pharmacist"), item_id, accept(20)).json()["decisions"][0]["id"]
    before = written()
    strangers = [world.signed("pharmacist", world.centre), world.signed("pharmacist", foreign=True)]

    answers = [
        answer.status_code
        for stranger in strangers
        for answer in (
            stranger.get(f"sortings/{decision}/"),
            stranger.post(f"sortings/{decision}/reverse/"),
        )
    ]

    assert answers == [404, 404, 404, 404]
    assert [stranger.get("sortings/").json()["count"] for stranger in strangers] == [0, 0]
    assert written() == before


def test_decision_is_shown_with_the_law_behind_it_in_the_readers_language(world: World) -> None:
    (item_id,) = counted(world)
    decision = sort(world.signed("pharmacist"), item_id, {
        "outcome": "reject", "quantity": 20, "reason": "expired", "medicine": "M009a",
        "lot_number": "2203051", "expiry": "2020年1月",
    }).json()["decisions"][0]["id"]  # fmt: skip
    auditor = world.signed("auditor")

    chinese = auditor.get(f"sortings/{decision}/").json()
    english = auditor.client.get(f"/api/v1/sortings/{decision}/", headers={"Accept-Language": "en"}).json()

    assert chinese["screening"] == {
        "outcome": "refuse",
        "reasons": [{"code": "expired", "message": "已过有效期", "basis": "药品管理法第九十八条"}],
    }
    assert english["screening"]["reasons"][0] == {
        "code": "expired", "message": "Past its expiry", "basis": "药品管理法 art. 98"
    }  # fmt: skip
    assert (chinese["last_usable_day"], chinese["reason"], chinese["batch"]) == (
        "2020-01-31",
        "expired",
        None,
    )
