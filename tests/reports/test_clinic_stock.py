"""What clinics have is told where the county's policy says so, as finely as it says, and never in quantities."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from catalogue.models import Product
from inventory.models import Kind, Side, State
from organisation.models import Policy
from reports.clinic_stock import clinic_stock
from tests.reports.play import DAY, Play
from tests.world import TODAY, item

PAGE = "/counties/522633/clinic-stock/"


@pytest.fixture
def shelves(play: Play) -> Play:
    """Ibuprofen at a village and at its health centre, paracetamol there too; some held, some past its day."""
    world = play.world
    Product.objects.create(medicine=world.ibuprofen, pack_size=20, manufacturer="贵州百灵")
    for medicine, at, units in (
        ("M009a", world.villages[0], 30),
        ("M009a", world.centre, 90),
        ("M001b", world.centre, 5),
    ):
        _bring(play, at, units, medicine=medicine)
    held = _bring(play, world.centre, 7, medicine="M001b", lot_number="HELD")
    play.move(Kind.HOLD, held, 7, State.AVAILABLE, State.HELD, place=world.centre, side=Side.CLINIC)
    return play


def _bring(play: Play, at: Any, units: int, label: dict[str, Any] | None = None, **fields: Any) -> Any:
    given = play.give(item(quantity=units + 10, **fields))
    play.count(given, units + 10)
    play.accept(given, units + 10, **(label or {}))
    batch, shipment = play.batch(given, **(label or {})), play.shipment(at)
    play.dispatch(shipment, batch, units)
    play.receive(shipment, batch, units)
    return batch


def policy(play: Play, by: str) -> None:
    answer = play.world.signed("administrator").put("policies/", {"public_clinic_stock": by})
    assert answer.status_code == 200, answer.json()


def told() -> Any:
    return APIClient().get("/api/v1/public/counties/522633/summary/").json()["clinic_stock"]


def levels(row: dict[str, Any]) -> dict[str, str]:
    return {each["medicine"]: each["level"] for each in row["medicines"]}


def test_nothing_is_told_unless_the_policy_says_so(shelves: Play) -> None:
    page = Client().get(PAGE).content.decode()

    assert told() is None
    assert "可能引起抢购" in page
    assert "布洛芬" not in page
    assert "clinic-stock" not in Client().get("/counties/522633/").content.decode()


def test_townships_are_told_names_and_levels(shelves: Play) -> None:
    policy(shelves, "townships")

    found = told()

    assert found["by"] == "townships"
    (row,) = found["rows"]
    assert (row["township"], row["name"]) == ("522633100", "贯洞镇")
    assert levels(row) == {"M009a": "some", "M001b": "unknown"}
    assert "quantity" not in json.dumps(found)
    page = Client().get(f"{PAGE}?of=522633100").content.decode()
    assert "<li>布洛芬片 0.1g</li>" in page
    assert "卫生室" not in page
    assert f'href="{PAGE}"' in Client().get("/counties/522633/").content.decode()


def test_clinics_are_told_apart_where_the_policy_says_so(shelves: Play) -> None:
    policy(shelves, "clinics")

    rows = {row["place"]: levels(row) for row in told()["rows"]}

    assert rows == {"P-522633-10": {"M009a": "few", "M001b": "unknown"}, "P-522633-11": {"M009a": "few"}}
    page = Client().get(f"{PAGE}?of=P-522633-11").content.decode()
    assert "<li>布洛芬片 0.1g（少量）</li>" in page


def test_what_cannot_be_handed_out_is_not_there(shelves: Play) -> None:
    """Held goods, stores, and what is past its last usable day."""
    world = shelves.world
    soon = _bring(shelves, world.villages[1], 60, {"last_usable_day": TODAY + DAY})
    policy(shelves, "clinics")

    now = {row["place"] for row in told()["rows"]}
    later = {row["place"] for row in (clinic_stock(Policy.objects.get(), TODAY + 2 * DAY) or {})["rows"]}

    assert soon.last_usable_day == TODAY + DAY
    assert now == {"P-522633-10", "P-522633-11", "P-522633-12"}
    assert later == {"P-522633-10", "P-522633-11"}


def test_reading_is_cached_and_takes_no_lock(shelves: Play) -> None:
    policy(shelves, "clinics")

    with CaptureQueriesContext(connection) as sent:
        answer = Client().get(PAGE)

    said = [each["sql"] for each in sent.captured_queries]
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert len(said) == 6
    assert [sql for sql in said if not sql.startswith("SELECT") or "FOR " in sql] == []
