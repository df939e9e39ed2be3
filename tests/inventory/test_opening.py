"""Opening sealed boxes at a place, so that their medicine can be given by the unit."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models.conversions import Opening
from inventory.verification import verify
from tests.distribution.stock import stock
from tests.inventory.recalls import faults, raised
from tests.inventory.stories import stocked, written
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def tables() -> dict[str, int]:
    return {**written(), "Opening": Opening.objects.count()}


def opened(world: World, batch: int, quantity: int = 10, role: str = "pharmacist", **fields: Any) -> Any:
    body = {"place": "P-522633-01", "side": "store", "quantity": quantity, **fields}
    return world.signed(role).post(f"batches/{batch}/open/", body)


def test_units_stand_where_they_stood_as_opened_ones_with_their_label(world: World) -> None:
    sealed = stocked(world, 20)

    answer = opened(world, sealed, 8)

    assert answer.status_code == 201, answer.json()
    told = world.signed("pharmacist").get("stock/").json()["results"]
    assert {row["pack"]: (row["place"], row["lot_number"], row["quantity"]) for row in told} == {
        "sealed": ("P-522633-01", "2203051", 12),
        "opened": ("P-522633-01", "2203051", 8),
    }
    assert verify(world.county.pk) == []


def test_opened_units_join_those_opened_before(world: World) -> None:
    sealed = stocked(world, 20)
    first = opened(world, sealed, 8).json()["batch"]

    assert opened(world, sealed, 5).json()["batch"] == first


def test_trace_of_an_opened_batch_names_the_items_of_the_box(world: World) -> None:
    into = opened(world, stocked(world, 20)).json()["batch"]

    told = world.signed("pharmacist").get(f"batches/{into}/trace/").json()

    assert (told["donors"], [source["quantity"] for source in told["sources"]]) == (1, [20])


def test_clinic_opens_on_its_own_side(world: World) -> None:
    batch = stock(world, 20, place=world.villages[0], side="clinic").pk  # type: ignore[arg-type]
    body = {"place": "P-522633-11", "side": "clinic", "quantity": 6}

    answer = world.signed("clinic", world.villages[0]).post(f"batches/{batch}/open/", body)

    assert answer.status_code == 201, answer.json()


@pytest.mark.parametrize(
    ("rule", "container", "allowed"),
    [
        ("dep", "blister", True), ("dep", "sachet", True), ("dep", "bottle", False), ("dep", "loose", False),
        ("y", "blister", True), ("y", "bottle", False), ("y", "loose", False), ("n", "blister", False),
    ],
)  # fmt: skip
def test_catalogue_says_what_is_given_by_the_unit(
    world: World, rule: str, container: str, allowed: bool
) -> None:
    batch = stocked(world, 20)
    world.ibuprofen.loose_ok = rule
    world.ibuprofen.save(update_fields=["loose_ok"])
    before = tables()

    answer = opened(world, batch, container=container)

    assert answer.status_code == (201 if allowed else 422), answer.json()
    if not allowed:
        assert answer.json()["code"] == "not_by_the_unit"
        assert tables() == before


def expired(world: World) -> int:
    return stock(world, 20, days=-1, since=TODAY - datetime.timedelta(days=9)).pk


def recalled(world: World) -> int:
    batch = stocked(world)
    raised(world)
    return batch


def held(world: World) -> int:
    batch = stocked(world)
    world.signed("pharmacist").post("holds/", {"place": "P-522633-01", "batch": batch, "reason": "x"})
    return batch


def opened_already(world: World) -> int:
    return int(opened(world, stocked(world)).json()["batch"])


REFUSED = {
    "expired": (expired, {}, 422, ("", "expired_stock")),
    "recalled": (recalled, {}, 409, ("", "recalled")),
    "held": (held, {}, 409, ("/quantity", "short_stock")),
    "opened already": (opened_already, {}, 409, ("", "not_sealed")),
    "more than there is": (stocked, {"quantity": 21}, 409, ("/quantity", "short_stock")),
    "on the other side": (stocked, {"side": "clinic"}, 409, ("/quantity", "short_stock")),
    "not there": (stocked, {"place": "P-522633-10"}, 404, ("/place", "not_found")),
    "no whole number": (stocked, {"quantity": 1.5}, 400, ("/quantity", "not_whole")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_opening_refused(world: World, case: str) -> None:
    prepare, fields, status, fault = REFUSED[case]
    batch = prepare(world)
    before = tables()

    answer = opened(world, batch, **fields)

    assert (answer.status_code, faults(answer)) == (status, [fault])
    assert tables() == before


def test_statements_do_not_grow(world: World) -> None:
    batch = stocked(world, 20)
    signed = world.signed("pharmacist")

    def counted(quantity: int) -> int:
        body = {"place": "P-522633-01", "quantity": quantity}
        with CaptureQueriesContext(connection) as captured:
            assert signed.post(f"batches/{batch}/open/", body).status_code == 201
        return len(captured)

    counted(1)
    assert counted(9) == counted(1)
