"""Whatever a client sends, it is told what is wrong with it and nothing is written."""

import pytest

from distribution.models import Dispensing, NeedSheet, Plan, Shipment
from tests.distribution.stock import CENTRE, FIRST, PERIOD, hand_out, order, stock
from tests.distribution.stories import approved
from tests.world import World

HUGE = 10**30
ODD = [None, True, -1, 0, 1.5, HUGE, 2**63 - 1, "", "x", "1", [], {}, [[]], "片" * 300]
TEMPLATES = {
    "needs/": ("put", lambda odd: {"place": FIRST, "period": PERIOD, "lines": [{"medicine": odd, "requested": odd}]}),
    "clinic-profiles/P-522633-11/": ("put", lambda odd: {"population": odd, "data_date": odd}),
    "plans/": ("post", lambda odd: order(from_places=[odd], medicines=[odd], horizon_days=odd)),
    "local-uses/": ("post", lambda odd: {"place": CENTRE, "lines": [{"batch": odd, "quantity": odd}]}),
    "returns/": (
        "post",
        lambda odd: {"place": odd, "to_place": odd, "lines": [{"batch": odd, "quantity": 1}], "reason": "x"},
    ),
    "dispensings/": ("post", lambda odd: hand_out(lines=[{"batch": odd, "quantity": 1, "days_supply": odd}])),
}  # fmt: skip


@pytest.mark.parametrize("route", TEMPLATES)
def test_odd_values_are_refused_by_name(world: World, route: str) -> None:
    stock(world, 100)
    person = world.person("allocator")
    for role, place in (("clinic", world.centre), ("pharmacist", world.centre)):
        world.grant(person, role, place)
    signed, (method, body) = world.signed("allocator"), TEMPLATES[route]

    for odd in ODD:
        answer = getattr(signed, method)(route, body(odd))

        assert (odd, answer.status_code in {400, 404, 409, 422}) == (odd, True)
        assert answer.json()["errors"][0]["pointer"] != ""
    assert [model.objects.count() for model in (NeedSheet, Plan, Shipment, Dispensing)] == [0, 0, 0, 0]


def test_numbers_no_row_can_have_are_unknown(world: World) -> None:
    shipment = approved(world)
    pharmacist, allocator = world.signed("pharmacist"), world.signed("allocator")

    assert allocator.get(f"plans/{HUGE}/").status_code == 404
    assert pharmacist.post(f"shipments/{HUGE}/dispatch/").status_code == 404
    for odd in ODD:
        answer = pharmacist.post(f"shipments/{shipment}/dispatch/", {"lines": [{"line": odd, "picked": 1}]})

        assert (odd, answer.status_code in {400, 404}) == (odd, True)
    assert Shipment.objects.get().state == "reserved"
