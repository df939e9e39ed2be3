"""The stock card: every page of it tells what a replay of the whole ledger would."""

from __future__ import annotations

import datetime
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import Batch, Movement
from tests.inventory.stories import accept, counted, sort, stocked
from tests.plain_sql import Books
from tests.world import TODAY, Signed, World, item

HOSPITAL, CENTRE = "P-522633-01", "P-522633-10"
ON_SHELF = ["available", "held", "reserved"]
DAYS = 4
FIRST = TODAY - datetime.timedelta(days=DAYS - 1)
PERIOD = {"from": str(FIRST), "to": str(TODAY)}


class Season:
    """Four days of one medicine at the hospital: two batches taken in, held, promised, sent, given and taken back."""

    def __init__(self, world: World) -> None:
        self.books = books = Books(world)
        self.batches = [books.batch(), books.batch()]
        self.ship = books.shipment()
        self.paper = {"document_type": "shipment", "document_id": self.ship}
        available, held, lost, dispensed = (
            books.account(state) for state in ("available", "held", "lost", "dispensed")
        )
        reserved, road = books.account("reserved", self.ship), books.account("in_transit", self.ship)
        there = books.account("available", place_id=world.centre.pk, side="clinic")
        clinic = books.account("available", side="clinic")
        for day in range(DAYS):
            on = {"business_day": FIRST + datetime.timedelta(days=day)}
            on["booked_on"] = on["business_day"]
            for batch in self.batches:
                books.accept(20, batch, **on)
                books.move("hold", available, held, 5, batch, **on)
                books.move("lose", held, lost, 1, batch, **on)
                books.move("reserve", available, reserved, 6, batch, **on, **self.paper)
                books.move("dispatch", reserved, road, 4, batch, **on, **self.paper)
                books.move("receive", road, there, 3, batch, **on, **self.paper)
                given = books.move("dispense", available, dispensed, 2, batch, **on)
                if day % 2:
                    books.move("reversal", dispensed, available, 2, batch, reverses_id=given, **on)
                books.move("local_use", available, clinic, 1, batch, **on)


@pytest.fixture
def season(world: World) -> Season:
    return Season(world)


def card(signed: Signed, **query: Any) -> dict[str, Any]:
    answer = signed.get("stock-card/", **{"place": HOSPITAL, "medicine": "M009a", **PERIOD, **query})
    assert answer.status_code == 200, answer.json()
    return answer.json()


def replayed(place: str, batches: list[int], side: str | None = None) -> list[dict[str, int]]:
    """The card as a walk through the whole ledger tells it."""
    stands = dict.fromkeys([*ON_SHELF, "in_transit"], 0)
    told = []
    movements = Movement.objects.filter(batch__in=batches).order_by("booked_on", "id")
    for movement in movements.select_related("from_account__place", "to_account__place"):
        touched = False
        for account, sign in ((movement.from_account, -1), (movement.to_account, 1)):
            if account.place.code == place and side in (None, account.side):
                touched = True
                if account.state in stands:
                    stands[account.state] += sign * movement.quantity
        if touched:
            balance = sum(stands[state] for state in ON_SHELF)
            told.append({"id": movement.pk, "balance": balance, **stands})
    return told


def figures(rows: list[dict[str, Any]]) -> list[dict[str, int]]:
    return [{name: row[name] for name in ("id", "balance", *ON_SHELF, "in_transit")} for row in rows]


@pytest.mark.parametrize("place", [HOSPITAL, CENTRE])
@pytest.mark.parametrize("side", [None, "store", "clinic"])
@pytest.mark.parametrize("of", ["medicine", "batch"])
@pytest.mark.parametrize("size", ["7", "200"])
def test_every_page_agrees_with_a_replay(
    world: World, season: Season, place: str, side: str | None, of: str, size: str
) -> None:
    lead = world.signed("lead_pharmacist")
    query = {"place": place, "page_size": size} | ({"side": side} if side else {})
    batches = season.batches if of == "medicine" else season.batches[:1]
    query |= {"batch": str(batches[0])} if of == "batch" else {}
    expected = replayed(place, batches, side)

    page = card(lead, **query)
    rows, closing = page["results"], page["closing"]
    while page["next"]:
        page = lead.client.get(page["next"]).json()
        assert page["opening"] == closing
        rows, closing = rows + page["results"], page["closing"]

    assert figures(rows) == expected
    assert [row["change"] for row in rows[1:]] == [
        after["balance"] - before["balance"] for before, after in pairwise(rows)
    ]


def test_pages_are_read_backwards_as_well(world: World, season: Season) -> None:
    lead = world.signed("lead_pharmacist")
    pages = [card(lead, page_size="11")]
    while pages[-1]["next"]:
        pages.append(lead.client.get(pages[-1]["next"]).json())

    back = [pages[-1]]
    while back[-1]["previous"]:
        back.append(lead.client.get(back[-1]["previous"]).json())

    assert [row["id"] for page in reversed(back) for row in page["results"]] == [
        row["id"] for page in pages for row in page["results"]
    ]
    assert back[-1]["opening"]["balance"] == 0
    assert pages[0]["previous"] is None


def test_period_opens_with_what_stood_there(world: World, season: Season) -> None:
    lead = world.signed("lead_pharmacist")
    middle = FIRST + datetime.timedelta(days=2)

    before = card(lead, to=str(middle - datetime.timedelta(days=1)), page_size="200")
    after = card(lead, **{"from": str(middle), "page_size": "200"})

    assert before["closing"] == after["opening"] != before["opening"]
    assert after["opening"]["balance"] == before["results"][-1]["balance"]


def test_page_size_at_the_edge_of_a_day(world: World, season: Season) -> None:
    lead = world.signed("lead_pharmacist")
    rows = len(replayed(HOSPITAL, season.batches))

    whole = card(lead, page_size="200")

    assert (len(whole["results"]), whole["next"]) == (rows, None)
    assert [len(card(lead, page_size=str(size))["results"]) for size in (1, 16, 17, 18)] == [1, 16, 17, 18]


def test_row_tells_where_goods_came_from_and_went(world: World) -> None:
    batch = stocked(world)

    (row,) = card(world.signed("pharmacist"))["results"]

    assert (row["kind"], row["from_place"], row["from_state"], row["to_state"]) == (
        "accept",
        HOSPITAL,
        "donated",
        "available",
    )
    assert (row["batch"], row["lot_number"], row["change"], row["balance"]) == (batch, "2203051", 20, 20)


def test_days_default_to_the_last_thirty(world: World, season: Season) -> None:
    answer = world.signed("pharmacist").get("stock-card/", place=HOSPITAL, medicine="M009a", page_size="200")

    assert figures(answer.json()["results"]) == replayed(HOSPITAL, season.batches)


def test_card_without_movements_opens_and_closes_alike(world: World, season: Season) -> None:
    tomorrow = TODAY + datetime.timedelta(days=1)

    page = card(world.signed("pharmacist"), **{"from": str(tomorrow), "to": str(tomorrow)})

    assert (page["results"], page["next"], page["previous"]) == ([], None, None)
    assert page["opening"] == page["closing"]
    assert page["closing"]["balance"] == replayed(HOSPITAL, season.batches)[-1]["balance"]


def test_export_of_a_card_holds_all_its_rows(world: World, season: Season) -> None:
    answer = world.signed("pharmacist").get(
        "stock-card/", place=HOSPITAL, medicine="M009a", page_size="3", format="csv", **PERIOD
    )

    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()

    assert len(lines) == 1 + len(replayed(HOSPITAL, season.batches))
    assert lines[0].startswith("编号,入账日期")


@pytest.mark.parametrize(
    ("query", "status", "pointer"),
    [
        ({"place": "P-522622-01"}, 404, "/place"),
        ({"place": CENTRE}, 404, "/place"),
        ({"medicine": "M999"}, 404, "/medicine"),
        ({"medicine": "M001b", "batch": "here"}, 404, "/batch"),
        ({"batch": "999999"}, 404, "/batch"),
        ({"batch": "0"}, 400, "/batch"),
        ({"side": "left"}, 400, "/side"),
        ({"from": "2023-02-30"}, 400, "/from"),
        ({"to": str(FIRST - datetime.timedelta(days=1))}, 400, "/to"),
        ({"cursor": "a20231301.1"}, 404, "/cursor"),
        ({"cursor": "cD0x"}, 404, "/cursor"),
    ],
)
def test_card_that_cannot_be_had(
    world: World, season: Season, query: dict[str, str], status: int, pointer: str
) -> None:
    query = {name: str(season.batches[0]) if value == "here" else value for name, value in query.items()}
    asked = {"place": HOSPITAL, "medicine": "M009a", **PERIOD, **query}

    answer = world.signed("pharmacist").get("stock-card/", **asked)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)


def test_place_and_medicine_or_batch_are_needed(world: World, season: Season) -> None:
    pharmacist = world.signed("pharmacist")

    nowhere = pharmacist.get("stock-card/", medicine="M009a")
    nothing = pharmacist.get("stock-card/", place=HOSPITAL)
    batch = pharmacist.get("stock-card/", place=HOSPITAL, batch=str(season.batches[1]))

    assert [answer.json()["errors"][0]["pointer"] for answer in (nowhere, nothing)] == ["/place", "/medicine"]
    assert {row["batch"] for row in batch.json()["results"]} == {season.batches[1]}


def test_statements_do_not_grow_with_the_card(world: World) -> None:
    lead, counts = world.signed("lead_pharmacist"), set()
    for more in (1, 2, 27):
        for _n in range(more):
            (item_id,) = counted(world, item(quantity=9))
            sort(lead, item_id, accept(9, lot_number=f"L{item_id}"))
        with CaptureQueriesContext(connection) as queries:
            found = card(lead)["results"]
        assert len(found) == Batch.objects.count()
        counts.add(len(queries))

    assert len(counts) == 1
