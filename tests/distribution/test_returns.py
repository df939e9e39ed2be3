from distribution.models import Shipment, ShipmentLine
from inventory.models import Movement, Side
from tests.distribution.stock import CENTRE, FIRST, HOSPITAL, SECOND, book, stock
from tests.world import World


def back(batch: int, units: int, **fields: object) -> dict[str, object]:
    lines = [{"batch": batch, "quantity": units}]
    return {"place": FIRST, "to_place": CENTRE, "reason": "用量小", "lines": lines, **fields}


def test_return_is_on_the_road_at_once_and_counted_on_arrival(world: World) -> None:
    batch = stock(world, 50, place=world.villages[0], side=Side.CLINIC)
    clinic, keeper = world.signed("clinic", world.villages[0]), world.signed("pharmacist", world.centre)

    sent = clinic.post("returns/", back(batch.pk, 30))

    assert (sent.status_code, sent.json()["status"]) == (201, "dispatched")
    assert book(world) == {
        (FIRST, "clinic", "donated"): -50,
        (FIRST, "clinic", "available"): 20,
        (FIRST, "clinic", "in_transit"): 30,
    }
    line = {"line": ShipmentLine.objects.get().pk, "accepted": 29, "missing": 1, "reason": "少一片"}
    taken = keeper.post(f"returns/{sent.json()['id']}/receive/", {"lines": [line]})
    assert taken.json()["status"] == "received"
    assert book(world) == {
        (FIRST, "clinic", "donated"): -50,
        (FIRST, "clinic", "available"): 20,
        (FIRST, "clinic", "lost"): 1,
        (CENTRE, "store", "available"): 29,
    }
    assert list(Movement.objects.order_by("id").values_list("kind", flat=True)) == [
        "accept", "reserve", "dispatch", "receive", "lose",
    ]  # fmt: skip


def test_return_is_refused_with_nothing_written(world: World) -> None:
    batch = stock(world, 50, place=world.villages[0], side=Side.CLINIC)
    old = stock(world, 50, place=world.villages[0], side=Side.CLINIC, lot="OLD", days=-1)
    clinic = world.signed("clinic", world.villages[0])
    before = book(world)

    refusals = [
        clinic.post("returns/", body).json()
        for body in (
            back(batch.pk, 51),
            back(old.pk, 5),
            back(999_999, 5),
            back(batch.pk, 5, to_place=SECOND),
            back(batch.pk, 5, to_place="P-522622-01"),
            back(batch.pk, 5, place=SECOND),
            back(batch.pk, 5, reason=""),
        )
    ]

    assert [(refusal["code"], refusal["errors"][0]["pointer"]) for refusal in refusals] == [
        ("short_stock", "/lines/0/quantity"),
        ("expired_meanwhile", "/lines/0/batch"),
        ("not_found", "/lines/0/batch"),
        ("not_a_pharmacy", "/to_place"),
        ("not_found", "/to_place"),
        ("not_found", "/place"),
        ("invalid", "/reason"),
    ]
    assert book(world) == before
    assert Shipment.objects.count() == 0


def test_return_is_received_by_another_person_of_the_pharmacy(world: World) -> None:
    batch = stock(world, 50, place=world.villages[0], side=Side.CLINIC)
    sent = world.signed("clinic").post("returns/", back(batch.pk, 30)).json()["id"]
    body = {"lines": [{"line": ShipmentLine.objects.get().pk, "accepted": 30}]}

    same = world.signed("clinic").post(f"returns/{sent}/receive/", body)
    stranger = world.signed("pharmacist", world.hospital).post(f"returns/{sent}/receive/", body)

    assert (same.status_code, same.json()["code"]) == (403, "second_person_needed")
    assert stranger.status_code == 404
    assert (HOSPITAL, "store", "available") not in book(world)
