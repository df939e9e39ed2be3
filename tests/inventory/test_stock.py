"""Shelves, sums and batches as the API shows them."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.models import Product
from inventory.ledger import Entry, Shelf, post
from inventory.models import Batch, Kind, Movement, Side, State
from organisation.models import Place
from tests.inventory.stories import LATER, accept, counted, printed, reject, sort, stocked
from tests.world import TODAY, Signed, World, item

HOSPITAL, CENTRE = "P-522633-01", "P-522633-10"


def rows(signed: Signed, route: str = "stock/", **query: str) -> list[dict]:
    answer = signed.get(route, **query)
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


def test_shelf_row_tells_place_batch_and_smallest_units(world: World) -> None:
    batch = stocked(world)

    found = rows(world.signed("pharmacist"))

    assert found == [
        {
            "place": HOSPITAL,
            "side": "store",
            "state": "available",
            "shipment": None,
            "kit": None,
            "medicine": "M009a",
            "name": "布洛芬片 0.1g",
            "unit": "片",
            "batch": batch,
            "lot_number": "2203051",
            "last_usable_day": str(LATER),
            "pack": "sealed",
            "quantity": 20,
            "pack_size": None,
            "packs": "20 片",
        }
    ]


@pytest.mark.parametrize(
    ("pack", "size", "packs", "english"),
    [
        ("sealed", 8, "2 盒 + 4 片", "2 packs + 4 片"),
        ("sealed", 10, "2 盒", "2 packs"),
        ("sealed", 20, "1 盒", "1 pack"),
        ("sealed", 24, "20 片", "20 片"),
        ("opened", 8, "20 片", "20 片"),
    ],
)
def test_shelf_row_counts_in_boxes_where_there_are_any(
    world: World, pack: str, size: int, packs: str, english: str
) -> None:
    product = Product.objects.create(medicine=world.ibuprofen, pack_size=size)
    batch = stocked(world, product=product.pk, pack=pack, container="blister")
    pharmacist = world.signed("pharmacist")

    (row,) = rows(pharmacist)
    (told,) = pharmacist.client.get("/api/v1/stock/", headers={"Accept-Language": "en"}).json()["results"]

    assert (row["quantity"], row["pack_size"], row["packs"]) == (
        20,
        size if pack == "sealed" else None,
        packs,
    )
    assert told["packs"] == english
    assert pharmacist.get(f"batches/{batch}/").json()["stock"][0]["packs"] == packs


def test_empty_shelves_are_left_out(world: World) -> None:
    batch = stocked(world)
    everything = {"place": HOSPITAL, "batch": batch, "reason": "外观可疑"}
    world.signed("pharmacist").post("holds/", everything)

    found = rows(world.signed("pharmacist"))

    assert [(row["state"], row["quantity"]) for row in found] == [("held", 20)]


def moved(
    world: World, batch: int, quantity: int, source: Shelf, target: Shelf, kind: Kind, **more: int
) -> None:
    post([Entry(kind, batch, quantity, source, target, "test", more.get("document_id"))], act=world.act())


def shelf(place: Place, side: Side, state: State) -> Shelf:
    return Shelf(place.pk, side, state)


@pytest.fixture
def shelves(world: World) -> dict[str, int]:
    """Ibuprofen at the hospital, and at the centre's clinic side; paracetamol that ends soon at the hospital."""
    soon = TODAY + datetime.timedelta(days=40)
    pharmacist = world.signed("pharmacist")
    (ending,) = counted(world, item(medicine="M001b", quantity=9))
    made = sort(pharmacist, ending, accept(9, medicine="M001b", lot_number="P1", expiry=printed(soon))).json()
    batches = {
        "hospital": stocked(world),
        "centre": stocked(world, 8, world.centre, lot_number="C7"),
        "ending": made["decisions"][0]["batch"],
    }
    store, clinic = (shelf(world.centre, side, State.AVAILABLE) for side in (Side.STORE, Side.CLINIC))
    moved(world, batches["centre"], 8, store, clinic, Kind.LOCAL_USE)
    return batches


FILTERS = [
    ({}, ["P1", "2203051", "C7"]),
    ({"place": CENTRE}, ["C7"]),
    ({"medicine": "M001b"}, ["P1"]),
    ({"state": "available"}, ["P1", "2203051", "C7"]),
    ({"state": "held"}, []),
    ({"side": "clinic"}, ["C7"]),
    ({"expires_before": str(TODAY + datetime.timedelta(days=41))}, ["P1"]),
    ({"expires_before": str(TODAY + datetime.timedelta(days=40))}, []),
    ({"expires_from": str(TODAY + datetime.timedelta(days=40)), "medicine": "M001b"}, ["P1"]),
    ({"expires_from": str(TODAY + datetime.timedelta(days=41))}, ["2203051", "C7"]),
    ({"ordering": "-quantity"}, ["2203051", "P1", "C7"]),
    ({"ordering": "place,last_usable_day"}, ["P1", "2203051", "C7"]),
    ({"ordering": "-place,-last_usable_day"}, ["C7", "2203051", "P1"]),
    ({"q": "乙酰"}, ["P1"]),
    ({"q": "布洛芬 c7"}, ["C7"]),
    ({"q": "% _"}, []),
]


def test_stock_filters(world: World, shelves: dict[str, int]) -> None:
    lead = world.signed("lead_pharmacist")

    found = [(query, [row["lot_number"] for row in rows(lead, **query)]) for query, _lots in FILTERS]

    assert found == FILTERS


@pytest.mark.parametrize(
    "query",
    [
        {"state": "dispensed"},
        {"side": "left"},
        {"expires_before": "2023-02-30"},
        {"ordering": "place,colour"},
    ],
)
def test_unknown_filter_value_refused(world: World, query: dict[str, str]) -> None:
    answer = world.signed("pharmacist").get("stock/", **query)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_summary_adds_up_per_medicine_and_state(world: World, shelves: dict[str, int]) -> None:
    hold = {"place": HOSPITAL, "batch": shelves["hospital"], "quantity": 5, "reason": "外观可疑"}
    world.signed("pharmacist").post("holds/", hold)

    found = rows(world.signed("lead_pharmacist"), "stock/summary/")

    figures = [
        (row["medicine"], row["available"], row["held"], row["reserved"], row["in_transit"]) for row in found
    ]
    assert figures == [("M001b", 9, 0, 0, 0), ("M009a", 23, 5, 0, 0)]


def test_summary_and_rows_agree_under_the_same_filter(world: World, shelves: dict[str, int]) -> None:
    lead = world.signed("lead_pharmacist")

    single = sum(row["quantity"] for row in rows(lead, place=HOSPITAL))
    summed = sum(row["available"] for row in rows(lead, "stock/summary/", place=HOSPITAL))

    assert single == summed == 29


def test_each_role_sees_the_shelves_of_its_places(world: World, shelves: dict[str, int]) -> None:
    seen = {
        (role, foreign): [row["lot_number"] for row in rows(world.signed(role, foreign=foreign))]
        for role, foreign in [
            ("pharmacist", False),
            ("checker", False),
            ("clinic", False),
            ("allocator", False),
            ("auditor", False),
            ("auditor", True),
            ("pharmacist", True),
        ]
    }

    everything = ["P1", "2203051", "C7"]
    assert seen == {
        ("pharmacist", False): ["P1", "2203051"],
        ("checker", False): ["P1", "2203051"],
        ("clinic", False): ["C7"],
        ("allocator", False): everything,
        ("auditor", False): everything,
        ("auditor", True): [],
        ("pharmacist", True): [],
    }


def test_batch_shows_where_it_stands(world: World, shelves: dict[str, int]) -> None:
    answer = world.signed("lead_pharmacist").get(f"batches/{shelves['centre']}/")

    assert answer.json() == {
        "id": shelves["centre"],
        "medicine": "M009a",
        "name": "布洛芬片 0.1g",
        "unit": "片",
        "product": None,
        "lot_number": "C7",
        "last_usable_day": str(LATER),
        "pack": "sealed",
        "pack_size": None,
        "stock": [{"place": CENTRE, "side": "clinic", "state": "available", "quantity": 8, "packs": "8 片"}],
    }


@pytest.mark.parametrize("route", ["batches/{}/", "batches/{}/trace/"])
def test_batch_that_was_never_here_is_not_found(world: World, shelves: dict[str, int], route: str) -> None:
    route = route.format(shelves["centre"])

    statuses = [
        world.signed("pharmacist").get(route).status_code,
        world.signed("auditor", foreign=True).get(route).status_code,
        world.signed("pharmacist", world.centre).get(route).status_code,
    ]

    assert statuses == [404, 404, 200]


def test_trace_names_items_and_places_and_no_person(world: World) -> None:
    pharmacist = world.signed("pharmacist")
    first, second = counted(world)[0], counted(world)[0]
    batch = sort(pharmacist, first, accept(20)).json()["decisions"][0]["batch"]
    sort(pharmacist, second, accept(15), reject(5))
    dispensed(world, batch, 6)

    trace = pharmacist.get(f"batches/{batch}/trace/").json()

    assert [(row["item_id"], row["quantity"], row["sorted_at"]) for row in trace["sources"]] == [
        (first, 20, HOSPITAL),
        (second, 15, HOSPITAL),
    ]
    assert all(len(row["receipt_code"]) >= 8 for row in trace["sources"])
    assert trace["donors"] == 2
    assert trace["stops"] == [{"place": HOSPITAL, "units": {"available": 29, "dispensed": 6}, "hand_outs": 1}]
    assert (trace["elsewhere_accepted"], trace["elsewhere_units"]) == (0, 0)
    assert "张三" not in str(trace)


def dispensed(world: World, batch: int, quantity: int, place: Place | None = None) -> None:
    place = place or world.hospital
    states = (State.AVAILABLE, State.DISPENSED)
    moved(
        world, batch, quantity, *(shelf(place, Side.STORE, s) for s in states), Kind.DISPENSE, document_id=1
    )


def test_trace_tells_other_places_in_sums(world: World) -> None:
    batch = stocked(world, 20, world.hospital)
    assert stocked(world, 8, world.centre) == batch
    dispensed(world, batch, 3, world.centre)

    own = world.signed("pharmacist").get(f"batches/{batch}/trace/").json()
    whole = world.signed("lead_pharmacist").get(f"batches/{batch}/trace/").json()

    assert [stop["place"] for stop in own["stops"]] == [HOSPITAL]
    assert (len(own["sources"]), own["elsewhere_accepted"], own["elsewhere_units"]) == (1, 8, 8)
    assert [(stop["place"], stop["hand_outs"]) for stop in whole["stops"]] == [(HOSPITAL, 0), (CENTRE, 1)]
    assert (len(whole["sources"]), whole["elsewhere_units"], whole["donors"]) == (2, 0, 2)


def test_trace_leaves_out_what_was_taken_back(world: World) -> None:
    batch = stocked(world)
    (item_id,) = counted(world)
    decision = sort(world.signed("pharmacist"), item_id, accept(20)).json()["decisions"][0]["id"]
    world.signed("pharmacist").post(f"sortings/{decision}/reverse/")

    trace = world.signed("pharmacist").get(f"batches/{batch}/trace/").json()

    assert (len(trace["sources"]), trace["donors"]) == (1, 1)


def test_statements_do_not_grow_with_the_shelves(world: World) -> None:
    lead = world.signed("lead_pharmacist")
    routes = [
        "stock/",
        "stock/summary/",
        "expiry-calendar/",
        "movements/",
        "sortings/",
        "holds/",
        "batches/{}/",
        "batches/{}/trace/",
    ]
    counts: dict[str, list[int]] = {route: [] for route in routes}
    for more in (1, 2, 27):
        for n in range(more):
            pack = "sealed" if n else "opened"
            batch = stocked(world, lot_number=f"L{more}-{n}", pack=pack, container="blister")
            lead.post("holds/", {"place": HOSPITAL, "batch": batch, "quantity": 1, "reason": "外观可疑"})
        for route in routes:
            with CaptureQueriesContext(connection) as queries:
                answer = lead.get(route.format(Batch.objects.latest("id").pk))
            assert answer.status_code == 200
            counts[route].append(len(queries))

    assert {route: len(set(found)) for route, found in counts.items()} == dict.fromkeys(routes, 1)


def test_ledger_is_read_newest_first_with_both_ends(world: World) -> None:
    batch = stocked(world)
    world.signed("pharmacist").post(
        "holds/", {"place": HOSPITAL, "batch": batch, "quantity": 4, "reason": "外观可疑"}
    )

    found = rows(world.signed("pharmacist"), "movements/")

    assert [
        (row["kind"], row["quantity"], row["origin"]["state"], row["target"]["state"]) for row in found
    ] == [
        ("hold", 4, "available", "held"),
        ("accept", 20, "donated", "available"),
    ]
    assert found[0]["origin"] == {"place": HOSPITAL, "side": "store", "state": "available"}
    assert (found[0]["document_type"], found[0]["booked_on"]) == ("hold", str(TODAY))


LEDGER_FILTERS = [
    ({"kind": "local_use"}, ["local_use"]),
    ({"place": CENTRE}, ["local_use", "accept"]),
    ({"medicine": "M001b"}, ["accept"]),
    ({"booked_from": str(TODAY + datetime.timedelta(days=1))}, []),
    ({"booked_to": str(TODAY)}, ["local_use", "accept", "accept", "accept"]),
]


def test_ledger_filters(world: World, shelves: dict[str, int]) -> None:
    lead = world.signed("lead_pharmacist")

    found = [
        (query, [row["kind"] for row in rows(lead, "movements/", **query)])
        for query, _kinds in LEDGER_FILTERS
    ]

    assert found == LEDGER_FILTERS


def test_ledger_is_read_page_by_page(world: World, shelves: dict[str, int]) -> None:
    lead = world.signed("lead_pharmacist")
    first = lead.get("movements/", page_size="3").json()

    second = lead.client.get(first["next"]).json()

    ids = [row["id"] for row in first["results"] + second["results"]]
    assert ids == sorted(Movement.objects.values_list("id", flat=True), reverse=True)
    assert second["next"] is None


def test_ledger_of_other_places_is_not_shown(world: World, shelves: dict[str, int]) -> None:
    at_hospital = rows(world.signed("pharmacist"), "movements/")
    abroad = rows(world.signed("lead_pharmacist", foreign=True), "movements/")

    assert ({row["lot_number"] for row in at_hospital}, abroad) == ({"2203051", "P1"}, [])
