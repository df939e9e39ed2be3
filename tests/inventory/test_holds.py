"""Holding and releasing stock."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.errors import DomainError
from inventory.errors import ExpiredStock
from inventory.ledger import Entry, Shelf, post
from inventory.models import Batch, Hold, HoldRelease, Kind, Side, State
from inventory.services.holds import hold_stock, release_hold
from tests.inventory.stories import book, stocked, written
from tests.world import TODAY, World

HOSPITAL, CENTRE = "P-522633-01", "P-522633-10"


def hold(world: World, batch: int, **fields: Any) -> Any:
    body = {"place": HOSPITAL, "batch": batch, "reason": "外观可疑", **fields}
    return world.signed("pharmacist").post("holds/", body)


def on_shelves(place: str = HOSPITAL) -> dict[tuple[str, str], int]:
    """Units at the place by side and state, what was donated left out."""
    return {(side, state): n for (code, side, state, _lot), n in book().items() if code == place and n > 0}


def test_everything_available_is_held(world: World) -> None:
    batch = stocked(world)

    answer = hold(world, batch)

    made = Hold.objects.get()
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "id": made.pk,
            "place": HOSPITAL,
            "batch": batch,
            "lines": [{"side": "store", "quantity": 20}],
        },
    )
    assert on_shelves() == {("store", "held"): 20}
    assert (made.reason, made.placed_by) == ("外观可疑", world.person("pharmacist").pk)


def test_some_units_are_held(world: World) -> None:
    batch = stocked(world)

    hold(world, batch, quantity=6)

    assert on_shelves() == {("store", "available"): 14, ("store", "held"): 6}


def both_sides(world: World) -> int:
    batch = stocked(world, 20, world.centre)
    store, clinic = (Shelf(world.centre.pk, side, State.AVAILABLE) for side in (Side.STORE, Side.CLINIC))
    post([Entry(Kind.LOCAL_USE, batch, 12, store, clinic, "test")], act=world.act())
    return batch


@pytest.mark.parametrize(
    ("fields", "after"),
    [
        ({}, {("store", "held"): 8, ("clinic", "held"): 12}),
        ({"quantity": 10}, {("store", "held"): 8, ("clinic", "held"): 2, ("clinic", "available"): 10}),
        (
            {"side": "clinic"},
            {("store", "available"): 8, ("clinic", "held"): 12},
        ),
    ],
)
def test_place_with_both_sides_is_held_on_both(
    world: World, fields: dict[str, Any], after: dict[tuple[str, str], int]
) -> None:
    batch = both_sides(world)
    pharmacist = world.signed("pharmacist", world.centre)

    answer = pharmacist.post("holds/", {"place": CENTRE, "batch": batch, "reason": "召回核查", **fields})

    assert answer.status_code == 201
    assert on_shelves(CENTRE) == after


def test_hold_is_released_whole_and_listed_as_over(world: World) -> None:
    batch = stocked(world)
    pk = hold(world, batch, quantity=6).json()["id"]
    pharmacist = world.signed("pharmacist")
    before = [
        (row["id"], row["still_held"]) for row in pharmacist.get("holds/", open="true").json()["results"]
    ]

    answer = pharmacist.post(f"holds/{pk}/release/", {"reason": "厂家答复无碍"})

    assert before == [(pk, 6)]
    assert (answer.status_code, answer.json()["lines"]) == (200, [{"side": "store", "quantity": 6}])
    assert on_shelves() == {("store", "available"): 20}
    assert HoldRelease.objects.get().reason == "厂家答复无碍"
    assert pharmacist.get("holds/", open="true").json()["results"] == []


def test_part_is_released_and_the_rest_stays(world: World) -> None:
    batch = stocked(world)
    pk = hold(world, batch).json()["id"]

    world.signed("pharmacist").post(f"holds/{pk}/release/", {"quantity": 15})

    assert on_shelves() == {("store", "available"): 15, ("store", "held"): 5}


def test_release_touches_no_units_of_another_hold(world: World) -> None:
    batch = stocked(world)
    first, second = (hold(world, batch, quantity=units).json()["id"] for units in (6, 4))
    world.signed("pharmacist").post(f"holds/{first}/release/")
    before = written()

    again = world.signed("pharmacist").post(f"holds/{first}/release/")
    more = world.signed("pharmacist").post(f"holds/{second}/release/", {"quantity": 5})

    assert [(a.status_code, a.json()["code"]) for a in (again, more)] == [(409, "hold_released")] * 2
    assert (written(), on_shelves()) == (before, {("store", "available"): 16, ("store", "held"): 4})


def test_more_than_available_cannot_be_held(world: World) -> None:
    batch = stocked(world)
    before = written()

    answer = hold(world, batch, quantity=21)

    assert (answer.status_code, answer.json()["code"]) == (409, "short_stock")
    assert answer.json()["errors"][0]["pointer"] == "/quantity"
    assert (written(), on_shelves()) == (before, {("store", "available"): 20})


def test_nothing_left_to_hold_refused(world: World) -> None:
    batch = stocked(world)
    hold(world, batch)
    before = written()

    answer = hold(world, batch)

    assert (answer.status_code, answer.json()["code"], written()) == (409, "short_stock", before)


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"reason": ""}, "/reason", "blank"),
        ({"reason": None}, "/reason", "null"),
        ({"quantity": 0}, "/quantity", "min_value"),
        ({"quantity": 1.5}, "/quantity", "not_whole"),
        ({"side": "left"}, "/side", "invalid_choice"),
        ({"place": None}, "/place", "null"),
        ({"lot": "x"}, "/lot", "unknown_field"),
    ],
)
def test_hold_of_another_shape_refused(world: World, fields: dict[str, Any], pointer: str, code: str) -> None:
    batch = stocked(world)
    before = written()

    answer = hold(world, batch, **fields)

    assert answer.status_code == 400
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]
    assert written() == before


def test_hold_out_of_scope_is_not_found(world: World) -> None:
    batch = stocked(world)
    pk = hold(world, batch, quantity=5).json()["id"]
    before = written()
    body = {"place": HOSPITAL, "batch": batch, "reason": "外观可疑"}
    elsewhere = {**body, "place": CENTRE}

    answers = [
        world.signed("pharmacist", world.centre).post("holds/", body),
        world.signed("pharmacist", foreign=True).post("holds/", body),
        world.signed("pharmacist", world.centre).post("holds/", elsewhere),
        world.signed("pharmacist", world.centre).post(f"holds/{pk}/release/"),
        world.signed("pharmacist", foreign=True).post(f"holds/{pk}/release/"),
    ]

    assert [(a.status_code, [e["pointer"] for e in a.json()["errors"]]) for a in answers] == [
        (404, ["/place"]),
        (404, ["/place"]),
        (404, ["/batch"]),
        (404, []),
        (404, []),
    ]
    assert written() == before


@pytest.mark.parametrize("role", ["clerk", "checker", "clinic", "auditor"])
def test_only_pharmacists_hold_and_release(world: World, role: str) -> None:
    batch = stocked(world)
    pk = hold(world, batch, quantity=5).json()["id"]
    signed = world.signed(role)

    answers = [
        signed.post("holds/", {"place": HOSPITAL, "batch": batch, "reason": "外观可疑"}),
        signed.post(f"holds/{pk}/release/"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403]


def test_expired_goods_stay_held(world: World) -> None:
    batch = Batch.objects.get(pk=stocked(world))
    made, _units = hold_stock(act=world.act(), place=world.hospital, batch=batch, reason="近效期")
    after_last_day = world.act(on=batch.last_usable_day + datetime.timedelta(days=1))
    before = written()

    with pytest.raises(DomainError) as caught:
        release_hold(act=after_last_day, hold=made)

    assert type(caught.value) is ExpiredStock
    assert (written(), on_shelves()) == (before, {("store", "held"): 20})


def test_goods_are_released_on_their_last_usable_day(world: World) -> None:
    batch = Batch.objects.get(pk=stocked(world))
    made, _units = hold_stock(act=world.act(), place=world.hospital, batch=batch, reason="近效期")

    released = release_hold(act=world.act(on=batch.last_usable_day), hold=made)

    assert released == {"store": 20, "clinic": 0}


@pytest.mark.parametrize("change", ["update", "delete"])
def test_holds_are_never_changed(world: World, change: str) -> None:
    batch = stocked(world)
    hold(world, batch)
    rows = Hold.objects.filter(batch=batch)

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        rows.update(reason="别的原因") if change == "update" else rows._raw_delete(rows.db)

    assert caught.value.__cause__.diag.constraint_name == "inventory_hold_append_only"
    assert Hold.objects.get().reason == "外观可疑"


def test_hold_without_a_reason_refused_by_the_database(world: World) -> None:
    batch = stocked(world)

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Hold.objects.create(
            county=world.county,
            place=world.hospital,
            batch_id=batch,
            reason="",
            placed_by=1,
            placed_on=TODAY,
            command=world.act().command,
        )

    assert caught.value.__cause__.diag.constraint_name == "hold_has_reason"
