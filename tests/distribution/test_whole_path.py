"""From need to patient through the API, with the books read after every step."""

from distribution.models import Shipment
from inventory.models import Movement
from tests.distribution.stock import (
    CENTRE,
    FIRST,
    HOSPITAL,
    PERIOD,
    SECOND,
    book,
    hand_out,
    order,
    profile,
    stock,
)
from tests.world import World


def test_county_plan_from_need_to_patient(world: World) -> None:
    batch = stock(world, 1000)
    allocator, approver = world.signed("allocator"), world.signed("approver")
    for place, people in ((FIRST, 350), (SECOND, 700)):
        answer = allocator.put(f"clinic-profiles/{place}/", {"population": people, "data_date": PERIOD[:10]})
        assert answer.status_code == 200, answer.json()
    asked = world.signed("clinic").put(
        "needs/", {"place": FIRST, "period": PERIOD, "lines": [{"medicine": "M009a", "requested": 300}]}
    )
    assert asked.json()["version"] == 1

    plan = allocator.post("plans/", order())
    assert plan.status_code == 201, plan.json()
    assert plan.json()["totals"] == {"medicines": 1, "clinics": 2, "lines": 2, "quantity": 1000}
    assert plan.json()["leftovers"] == []
    number = plan.json()["id"]
    lines = allocator.get(f"plans/{number}/lines/").json()["results"]
    assert [(row["from_place"], row["clinic"], row["batch"], row["quantity"]) for row in lines] == [
        (HOSPITAL, FIRST, batch.pk, 300),
        (HOSPITAL, SECOND, batch.pk, 700),
    ]
    shares = {row["clinic"]: row for row in allocator.get(f"plans/{number}/clinics/").json()["results"]}
    assert (shares[FIRST]["need"], shares[FIRST]["limited_by"]) == (700, "request")
    assert (shares[SECOND]["need"], shares[SECOND]["level_before"], shares[SECOND]["level_after"]) == (
        1400,
        0,
        50,
    )
    assert shares[CENTRE]["limited_by"] == "no_profile"
    assert book(world) == {
        (HOSPITAL, "store", "available"): 1000,
        (HOSPITAL, "store", "donated"): -1000,
    }

    assert allocator.post(f"plans/{number}/submit/").json()["status"] == "submitted"
    approved = approver.post(f"plans/{number}/approve/")
    assert approved.json()["shipments_count"] == 2
    assert book(world) == {
        (HOSPITAL, "store", "donated"): -1000,
        (HOSPITAL, "store", "reserved"): 1000,
    }

    first, second = approved.json()["shipments"]
    pharmacist, clinic = world.signed("pharmacist"), world.signed("clinic")
    line = clinic.get(f"shipments/{first}/").json()["lines"][0]["id"]
    sent = pharmacist.post(
        f"shipments/{first}/dispatch/", {"lines": [{"line": line, "picked": 290, "reason": "一板破损"}]}
    )
    assert sent.json()["status"] == "dispatched"
    assert book(world) == {
        (HOSPITAL, "store", "donated"): -1000,
        (HOSPITAL, "store", "reserved"): 700,
        (HOSPITAL, "store", "available"): 10,
        (HOSPITAL, "store", "in_transit"): 290,
    }

    count = {"line": line, "accepted": 280, "damaged": 6, "missing": 4, "reason": "途中受潮"}
    taken = clinic.post(f"shipments/{first}/receive/", {"lines": [count]})
    assert taken.json()["status"] == "received"
    assert book(world) == {
        (HOSPITAL, "store", "donated"): -1000,
        (HOSPITAL, "store", "reserved"): 700,
        (HOSPITAL, "store", "available"): 10,
        (HOSPITAL, "store", "lost"): 4,
        (FIRST, "clinic", "available"): 280,
        (FIRST, "clinic", "held"): 6,
    }

    given = clinic.post("dispensings/", hand_out(marks=["living_alone"]))
    assert given.status_code == 201, given.json()
    assert given.json()["lines"][0]["batch"] == batch.pk
    assert book(world)[FIRST, "clinic", "available"] == 274
    assert book(world)[FIRST, "clinic", "dispensed"] == 6

    assert clinic.post(f"dispensings/{given.json()['id']}/reverse/").json() == {
        "id": given.json()["id"],
        "reversed": True,
    }
    assert book(world)[FIRST, "clinic", "available"] == 280
    assert (FIRST, "clinic", "dispensed") not in book(world)
    assert list(
        Movement.objects.order_by("id").values_list("kind", "document_type", "detail", "quantity")
    ) == [
        ("accept", "sorting", "", 1000),
        ("reserve", "shipment", "", 300),
        ("reserve", "shipment", "", 700),
        ("dispatch", "shipment", "", 290),
        ("unreserve", "shipment", "", 10),
        ("receive", "shipment", "", 280),
        ("receive", "shipment", "damaged", 6),
        ("lose", "shipment", "missing", 4),
        ("dispense", "dispensing", "65-79", 6),
        ("reversal", "dispensing", "65-79", 6),
    ]
    assert Shipment.objects.get(pk=second).state == "reserved"


def test_two_levels_from_county_to_centre_to_village(world: World) -> None:
    stock(world, 600)
    for place in (world.centre, *world.villages):
        profile(world, place, population=100)
    allocator, approver = world.signed("allocator"), world.signed("approver")
    own_allocator = world.signed("allocator", township=world.township)
    own_approver = world.signed("approver", township=world.township)
    pharmacist, keeper = world.signed("pharmacist"), world.signed("pharmacist", world.centre)

    county = allocator.post("plans/", order(level="townships")).json()
    assert county["totals"] == {"medicines": 1, "clinics": 1, "lines": 1, "quantity": 600}
    allocator.post(f"plans/{county['id']}/submit/")
    (leg,) = approver.post(f"plans/{county['id']}/approve/").json()["shipments"]
    pharmacist.post(f"shipments/{leg}/dispatch/")
    line = keeper.get(f"shipments/{leg}/").json()["lines"][0]["id"]
    assert (
        keeper.post(f"shipments/{leg}/receive/", {"lines": [{"line": line, "accepted": 600}]}).status_code
        == 200
    )
    assert book(world) == {(HOSPITAL, "store", "donated"): -600, (CENTRE, "store", "available"): 600}

    own = own_allocator.post("plans/", order(from_places=[CENTRE], township=world.township.pk)).json()
    assert own["totals"] == {"medicines": 1, "clinics": 3, "lines": 3, "quantity": 600}
    own_allocator.post(f"plans/{own['id']}/submit/")
    approved = own_approver.post(f"plans/{own['id']}/approve/")
    assert approved.json()["shipments_count"] == 2
    assert book(world) == {
        (HOSPITAL, "store", "donated"): -600,
        (CENTRE, "clinic", "available"): 200,
        (CENTRE, "store", "reserved"): 400,
    }

    assert own_approver.post(f"plans/{own['id']}/cancel/").json()["status"] == "cancelled"
    assert book(world) == {(HOSPITAL, "store", "donated"): -600, (CENTRE, "store", "available"): 600}
