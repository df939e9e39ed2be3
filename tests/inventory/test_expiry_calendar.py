"""What has expired and what soon will, counted by place and medicine."""

from __future__ import annotations

import datetime
from typing import Any

from tests.distribution.stock import stock
from tests.world import TODAY, Signed, World

HOSPITAL, CENTRE = "P-522633-01", "P-522633-10"
BANDS = ["passed", "within_30", "within_60", "within_90"]


def calendar(signed: Signed, **query: str) -> list[dict[str, Any]]:
    answer = signed.get("expiry-calendar/", **query)
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


def counts(row: dict[str, Any]) -> list[tuple[int, int]]:
    return [(row[f"{band}_batches"], row[f"{band}_units"]) for band in BANDS]


def test_band_holds_what_has_so_many_days_or_less(world: World) -> None:
    for days in (-2, -1, 0, 30, 31, 60, 61, 90, 91, 400):
        stock(world, 10, days=days, lot=f"L{days}")

    (row,) = calendar(world.signed("pharmacist"))

    assert counts(row) == [(2, 20), (2, 20), (4, 40), (6, 60)]
    assert (row["place"], row["medicine"], row["name"], row["unit"]) == (HOSPITAL, "M009a", "布洛芬片", "片")


def test_places_and_medicines_stand_apart(world: World) -> None:
    stock(world, 10, days=5)
    stock(world, 20, days=5, place=world.centre)
    stock(world, 30, days=5, medicine=world.paracetamol)
    stock(world, 99, days=200, place=world.centre, medicine=world.paracetamol)

    found = calendar(world.signed("lead_pharmacist"))

    assert [(row["place"], row["medicine"], row["within_30_units"]) for row in found] == [
        (HOSPITAL, "M001b", 30),
        (HOSPITAL, "M009a", 10),
        (CENTRE, "M009a", 20),
    ]


def test_batch_in_several_states_counts_once_with_all_its_units(world: World) -> None:
    batch = stock(world, 10, days=5)
    hold = {"place": HOSPITAL, "batch": batch.pk, "quantity": 4, "reason": "外观可疑"}
    world.signed("pharmacist").post("holds/", hold)

    (row,) = calendar(world.signed("pharmacist"))
    (held,) = calendar(world.signed("pharmacist"), state="held")

    assert (counts(row)[1], counts(held)[1]) == ((1, 10), (1, 4))


def test_link_shows_the_rows_behind_the_counts(world: World) -> None:
    pharmacist = world.signed("pharmacist")
    for days in (-1, 5, 90, 91):
        stock(world, 10, days=days, lot=f"L{days}")

    (row,) = calendar(pharmacist)
    shown = pharmacist.client.get(row["link"]).json()["results"]

    assert sum(line["quantity"] for line in shown) == row["passed_units"] + row["within_90_units"] == 30


def test_calendar_keeps_to_the_reader_s_places_and_filters(world: World) -> None:
    stock(world, 10, days=5)
    stock(world, 20, days=5, place=world.centre)

    seen = {
        "pharmacist": [row["place"] for row in calendar(world.signed("pharmacist"))],
        "clinic": [row["place"] for row in calendar(world.signed("clinic"))],
        "abroad": calendar(world.signed("auditor", foreign=True)),
        "filtered": [
            row["place"] for row in calendar(world.signed("auditor"), place=CENTRE, medicine="M009a")
        ],
    }

    assert seen == {"pharmacist": [HOSPITAL], "clinic": [CENTRE], "abroad": [], "filtered": [CENTRE]}


def test_nothing_is_due_far_ahead(world: World) -> None:
    stock(world, 10, days=(datetime.date(TODAY.year + 2, 1, 1) - TODAY).days)

    assert calendar(world.signed("pharmacist")) == []
