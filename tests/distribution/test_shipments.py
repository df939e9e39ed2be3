import pytest
from django.db import IntegrityError, transaction

from distribution.models import Plan, Shipment, ShipmentLine
from inventory.ledger import Entry, Shelf, post
from inventory.models import Kind, Movement, Side, State
from organisation.models import Place
from tests.distribution.stock import CENTRE, FIRST, HOSPITAL, SECOND, book, stock
from tests.distribution.stories import approved, dispatched, only_line, statements
from tests.world import World

ON_SHELF = (HOSPITAL, "store", "available")
PROMISED = (HOSPITAL, "store", "reserved")
ON_ROAD = (HOSPITAL, "store", "in_transit")


def hold_reserved(world: World, shipment: int, units: int) -> None:
    """A recall takes some of what is promised."""
    line = ShipmentLine.objects.get(shipment=shipment)
    store = world.hospital.pk
    reserved = Shelf(store, Side.STORE, State.RESERVED, shipment)
    held = Shelf(store, Side.STORE, State.HELD)
    post([Entry(Kind.HOLD, line.batch_id, units, reserved, held, "shipment", shipment)], act=world.act())


@pytest.mark.parametrize(
    ("pick", "status", "code", "pointer"),
    [
        ({"picked": 101}, 422, "more_than_promised", "/lines/0/picked"),
        ({"picked": 99}, 422, "reason_needed", "/lines/0/reason"),
        ({"picked": -1}, 400, "invalid", "/lines/0/picked"),
        ({"picked": 50, "line": 999_999}, 404, "not_found", "/lines/0/line"),
    ],
)
def test_dispatch_with_a_faulty_pick_sends_nothing(
    world: World, pick: dict[str, object], status: int, code: str, pointer: str
) -> None:
    shipment = approved(world)
    before = book(world)
    body = {"lines": [{"line": only_line(world, shipment), **pick}]}

    answer = world.signed("pharmacist").post(f"shipments/{shipment}/dispatch/", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert book(world) == before


def test_dispatch_naming_a_line_twice_is_refused(world: World) -> None:
    shipment = approved(world)
    line = {"line": only_line(world, shipment), "picked": 100}

    answer = world.signed("pharmacist").post(f"shipments/{shipment}/dispatch/", {"lines": [line, line]})

    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/lines/1/line"]


def test_dispatch_of_goods_expired_meanwhile_is_refused_and_gives_them_back_when_unpicked(
    world: World,
) -> None:
    shipment = approved(world)
    line = ShipmentLine.objects.get()
    old = stock(world, 100, lot="OLD", days=-1)
    ShipmentLine.objects.update(batch=old)

    answer = world.signed("pharmacist").post(f"shipments/{shipment}/dispatch/")

    assert (answer.status_code, answer.json()["code"]) == (409, "expired_meanwhile")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/lines/{line.pk}"]
    assert Movement.objects.filter(kind="dispatch").count() == 0


def test_dispatch_of_goods_a_recall_took_is_refused_until_the_pick_says_so(world: World) -> None:
    shipment = approved(world)
    hold_reserved(world, shipment, 30)
    pharmacist = world.signed("pharmacist")

    refused = pharmacist.post(f"shipments/{shipment}/dispatch/")
    line = {"line": only_line(world, shipment), "picked": 60, "reason": "召回"}
    sent = pharmacist.post(f"shipments/{shipment}/dispatch/", {"lines": [line]})

    assert (refused.status_code, refused.json()["code"]) == (409, "short_stock")
    assert sent.status_code == 200
    books = book(world)
    assert (books[ON_ROAD], books[ON_SHELF], books[HOSPITAL, "store", "held"]) == (60, 10, 30)
    assert PROMISED not in books


def test_dispatch_of_nothing_cancels_the_shipment(world: World) -> None:
    shipment = approved(world)
    line = {"line": only_line(world, shipment), "picked": 0, "reason": "道路中断"}

    answer = world.signed("pharmacist").post(f"shipments/{shipment}/dispatch/", {"lines": [line]})

    assert answer.json()["status"] == "cancelled"
    assert book(world) == {ON_SHELF: 100, (HOSPITAL, "store", "donated"): -100}


def test_cancelled_plan_gives_back_only_what_a_recall_left(world: World) -> None:
    shipment = approved(world)
    hold_reserved(world, shipment, 30)

    answer = world.signed("allocator").post(f"plans/{Plan.objects.get().pk}/cancel/")

    assert answer.json()["status"] == "cancelled"
    assert (book(world)[ON_SHELF], book(world)[HOSPITAL, "store", "held"]) == (70, 30)


def test_dispatch_twice_is_refused(world: World) -> None:
    shipment = dispatched(world)

    answer = world.signed("pharmacist").post(f"shipments/{shipment}/dispatch/")

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_shipment_state")


def test_dispatch_belongs_to_the_pharmacist_of_the_sending_store(world: World) -> None:
    shipment = approved(world)
    people = [
        world.signed("clinic", world.hospital),
        world.signed("pharmacist", world.centre),
        world.signed("pharmacist", foreign=True),
    ]

    assert [person.post(f"shipments/{shipment}/dispatch/").status_code for person in people] == [404] * 3
    assert world.signed("lead_pharmacist").post(f"shipments/{shipment}/dispatch/").status_code == 200


@pytest.mark.parametrize(
    ("arrival", "status", "code", "pointer"),
    [
        ({"accepted": 99}, 422, "receipt_does_not_add_up", "/lines/0"),
        ({"accepted": 101}, 422, "receipt_does_not_add_up", "/lines/0"),
        ({"accepted": 98, "damaged": 1, "missing": 1}, 422, "reason_needed", "/lines/0/reason"),
        ({"accepted": 100, "line": 999_999}, 404, "not_found", "/lines/0/line"),
        ({"accepted": 100.0}, 400, "invalid", "/lines/0/accepted"),
    ],
)
def test_receipt_that_is_wrong_books_nothing(
    world: World, arrival: dict[str, object], status: int, code: str, pointer: str
) -> None:
    shipment = dispatched(world)
    before = book(world)
    body = {"lines": [{"line": only_line(world, shipment), **arrival}]}

    answer = world.signed("clinic").post(f"shipments/{shipment}/receive/", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert book(world) == before
    assert Shipment.objects.get().state == "dispatched"


def test_receipt_that_does_not_add_up_is_refused_by_the_database(world: World) -> None:
    dispatched(world)

    with pytest.raises(IntegrityError, match="receipt_adds_up"), transaction.atomic():
        ShipmentLine.objects.update(accepted=90, damaged=0, missing=0)


def test_receipt_of_half_the_lines_is_refused(world: World) -> None:
    stock(world, 10, medicine=world.paracetamol)
    shipment = dispatched(world)
    first, _second = ShipmentLine.objects.order_by("id")

    answer = world.signed("clinic").post(
        f"shipments/{shipment}/receive/", {"lines": [{"line": first.pk, "accepted": first.picked}]}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "not_the_whole_shipment")


def test_receipt_twice_is_refused(world: World) -> None:
    shipment = dispatched(world)
    body = {"lines": [{"line": only_line(world, shipment), "accepted": 100}]}
    world.signed("clinic").post(f"shipments/{shipment}/receive/", body)

    answer = world.signed("clinic").post(f"shipments/{shipment}/receive/", body)

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_shipment_state")
    assert book(world)[FIRST, "clinic", "available"] == 100


def test_receipt_before_dispatch_is_refused(world: World) -> None:
    shipment = approved(world)
    body = {"lines": [{"line": only_line(world, shipment), "accepted": 100}]}

    assert (
        world.signed("clinic").post(f"shipments/{shipment}/receive/", body).json()["code"]
        == "wrong_shipment_state"
    )


def test_receipt_by_who_dispatched_is_refused(world: World) -> None:
    world.grant(world.person("pharmacist"), "clinic", world.centre)
    shipment = dispatched(world)
    body = {"lines": [{"line": only_line(world, shipment), "accepted": 100}]}

    answer = world.signed("pharmacist").post(f"shipments/{shipment}/receive/", body)

    assert (answer.status_code, answer.json()["code"]) == (403, "second_person_needed")


def test_receipt_belongs_to_the_receiving_place(world: World) -> None:
    shipment = dispatched(world)
    body = {"lines": [{"line": only_line(world, shipment), "accepted": 100}]}
    strangers = [
        world.signed("clinic", world.villages[1]),
        world.signed("pharmacist", name="another of the hospital"),
        world.signed("clinic", foreign=True),
    ]

    assert [person.post(f"shipments/{shipment}/receive/", body).status_code for person in strangers] == [
        404
    ] * 3


def test_goods_expired_on_the_road_are_held_on_arrival(world: World) -> None:
    shipment = dispatched(world)
    line = ShipmentLine.objects.get()
    batch = stock(world, 100, lot="OLD", days=-1)
    road = Shelf(world.hospital.pk, Side.STORE, State.IN_TRANSIT, shipment)
    old_days = {"business_day": batch.last_usable_day}
    reserved = Shelf(world.hospital.pk, Side.STORE, State.RESERVED, shipment)
    shelf = Shelf(world.hospital.pk, Side.STORE, State.AVAILABLE)
    post(
        [Entry(Kind.RESERVE, batch.pk, 100, shelf, reserved, "shipment", shipment, **old_days)],
        act=world.act(),
    )
    post(
        [Entry(Kind.DISPATCH, batch.pk, 100, reserved, road, "shipment", shipment, **old_days)],
        act=world.act(),
    )
    ShipmentLine.objects.update(batch=batch)

    world.signed("clinic").post(
        f"shipments/{shipment}/receive/", {"lines": [{"line": line.pk, "accepted": 100}]}
    )

    assert book(world)[FIRST, "clinic", "held"] == 100
    assert Movement.objects.get(kind="receive").detail == "expired"


def test_list_of_three_costs_as_much_as_of_one(world: World) -> None:
    origin = Shipment.objects.get(pk=approved(world))
    batch = ShipmentLine.objects.get().batch
    reader = world.signed("pharmacist")
    one = statements(lambda: reader.get("shipments/"))
    for _n in range(2):
        copy = Shipment.objects.create(
            county=world.county,
            plan=origin.plan,
            from_place=world.hospital,
            from_side=Side.STORE,
            to_place=world.villages[1],
            to_side=Side.CLINIC,
        )
        ShipmentLine.objects.create(county=world.county, shipment=copy, batch=batch, promised=5)

    assert statements(lambda: reader.get("shipments/")) == one
    assert reader.get("shipments/").json()["count"] == 3


def test_list_shows_what_a_place_sends_or_gets(world: World) -> None:
    approved(world)

    assert world.signed("pharmacist").get("shipments/", to_place=FIRST).json()["count"] == 1
    assert world.signed("pharmacist").get("shipments/", to_place=SECOND).json()["count"] == 0
    assert world.signed("clinic", world.villages[0]).get("shipments/").json()["count"] == 1
    assert world.signed("clinic", world.villages[1]).get("shipments/").json()["count"] == 0
    assert world.signed("auditor", foreign=True).get("shipments/").json()["count"] == 0


def test_local_use_moves_stock_to_the_own_clinic(world: World) -> None:
    batch = stock(world, 50, place=world.centre)
    keeper = world.signed("pharmacist", world.centre)

    answer = keeper.post("local-uses/", {"place": CENTRE, "lines": [{"batch": batch.pk, "quantity": 20}]})

    assert answer.status_code == 201
    assert book(world) == {
        (CENTRE, "store", "donated"): -50,
        (CENTRE, "store", "available"): 30,
        (CENTRE, "clinic", "available"): 20,
    }


def local_use(place: Place, batch: int, units: int) -> dict[str, object]:
    return {"place": place.code, "lines": [{"batch": batch, "quantity": units}]}


def test_local_use_is_refused_with_nothing_written(world: World) -> None:
    batch = stock(world, 50, place=world.centre)
    old = stock(world, 50, place=world.centre, lot="OLD", days=-1)
    at_hospital = stock(world, 50)
    keeper = world.signed("pharmacist", world.centre)
    before = book(world)

    refusals = [
        keeper.post("local-uses/", local_use(world.centre, batch.pk, 51)).json(),
        keeper.post("local-uses/", local_use(world.centre, old.pk, 5)).json(),
        keeper.post("local-uses/", local_use(world.centre, 999_999, 5)).json(),
        keeper.post("local-uses/", local_use(world.hospital, at_hospital.pk, 5)).json(),
        world.signed("pharmacist").post("local-uses/", local_use(world.hospital, at_hospital.pk, 5)).json(),
    ]

    assert [(refusal["code"], refusal["errors"][0]["pointer"]) for refusal in refusals] == [
        ("short_stock", "/lines/0/quantity"),
        ("expired_meanwhile", "/lines/0/batch"),
        ("not_found", "/lines/0/batch"),
        ("not_found", "/place"),
        ("hands_nothing_out", "/place"),
    ]
    assert book(world) == before
