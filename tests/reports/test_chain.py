"""One donation played from the counter to the patient, with the figures after each step."""

from typing import Any

from inventory.models import Kind, State
from reports.figures import Figures, Period, figures
from tests.distribution.stock import hand_out, order, profile
from tests.inventory.stories import accept, reject
from tests.reports.play import DAY, Play
from tests.world import TODAY, item

SEASON = Period(TODAY - 30 * DAY, TODAY)


def table(play: Play, period: Period = SEASON) -> Figures:
    """The figures, every identity of which has to hold."""
    found = figures(play.world.county.pk, period)
    assert [identity for identity in found.identities if not identity.holds] == []
    return found


def line(play: Play, account: str) -> dict[str, Any]:
    """The columns of the ibuprofen's account that are not zero."""
    row = next(row for row in table(play).rows if row.code == "M009a")
    return {column: units for column, units in row.content()[account].items() if units}


def test_chain_of_one_donation_in_the_figures(play: Play) -> None:
    world = play.world
    clerk = world.signed("clerk", world.office)

    items = play.register(item(quantity=100), item(quantity=9, container="loose"), place=world.office)
    assert line(play, "items") == {"registered": 100, "closing": 100, "closing_at_point": 100}
    assert table(play).rows[0].refused == {"bare_units": 9}

    body = {"from_place": "P-522633-02", "to_place": "P-522633-01", "donations": [items[0].donation_id]}
    handover = clerk.post("handovers/", body).json()["id"]
    assert line(play, "items") == {"registered": 100, "closing": 100, "closing_on_the_way": 100}

    counts = {"items": [{"item": items[0].pk, "counted": 98, "reason": "lost"}]}
    answer = world.signed("pharmacist").post(f"handovers/{handover}/receive/", counts)
    assert answer.status_code == 200
    assert line(play, "items") == {"registered": 100, "missing": 2, "closing": 98, "closing_counted": 98}

    decisions = [accept(90), reject(8)]
    answer = world.signed("pharmacist").post("sortings/", {"item": items[0].pk, "decisions": decisions})
    assert answer.status_code == 201, answer.json()
    assert line(play, "items") == {"registered": 100, "missing": 2, "accepted": 90, "rejected": 8}
    assert line(play, "rejected_by_reason") == {"damaged": 8}
    assert line(play, "rejects") == {"rejected": 8, "closing": 8, "closing_in_bin": 8}
    assert line(play, "stock") == {"accepted": 90, "closing": 90, "closing_available": 90}

    profile(world, world.villages[0], population=700)
    allocator, clinic = world.signed("allocator"), world.signed("clinic")
    plan = allocator.post("plans/", order(horizon_days=1, period=f"{TODAY}/{TODAY}")).json()["id"]
    assert allocator.post(f"plans/{plan}/submit/").status_code == 200
    (shipment,) = world.signed("approver").post(f"plans/{plan}/approve/").json()["shipments"]
    assert line(play, "stock") == {"accepted": 90, "closing": 90, "closing_reserved": 90}

    (promised,) = clinic.get(f"shipments/{shipment}/").json()["lines"]
    picked = {"line": promised["id"], "picked": 60, "reason": "一板破损"}
    world.signed("pharmacist").post(f"shipments/{shipment}/dispatch/", {"lines": [picked]})
    assert line(play, "stock") == {"accepted": 90, "left": 60, "closing": 30, "closing_available": 30}
    assert line(play, "road") == {"dispatched": 60, "closing": 60, "closing_in_transit": 60}
    assert table(play).rows[0].allotted == 60

    arrived = {"line": promised["id"], "accepted": 55, "damaged": 2, "missing": 3, "reason": "途中受潮"}
    clinic.post(f"shipments/{shipment}/receive/", {"lines": [arrived]})
    assert line(play, "road") == {"dispatched": 60, "received": 57, "lost": 3}
    stock = {"accepted": 90, "arrived": 57, "left": 60, "closing_held": 2}
    assert line(play, "stock") == {**stock, "closing": 87, "closing_available": 85}

    given = clinic.post("dispensings/", hand_out(age_band="80+", recipients=2))
    assert given.status_code == 201, given.json()
    assert line(play, "stock") == {**stock, "dispensed": 6, "closing": 81, "closing_available": 79}
    assert line(play, "dispensed_by_age") == {"80+": 6}
    assert table(play).content()["counts"] == {
        "donations": 1,
        "donations_voided": 0,
        "hand_outs": 2,
        "hand_outs_by_age": {"80+": 2},
        "kinds_registered": 1,
        "kinds_accepted": 1,
        "kinds_allotted": 1,
        "kinds_dispensed": 1,
    }

    clinic.post(f"dispensings/{given.json()['id']}/reverse/")
    assert line(play, "stock") == {**stock, "closing": 87, "closing_available": 85}
    assert table(play).content()["counts"]["hand_outs"] == 0


def test_reversals_leave_no_trace_in_the_columns(play: Play) -> None:
    (given,) = play.register(item(quantity=50))
    play.count(given, 50)
    play.accept(given, 50)
    batch, shipment = play.batch(given), play.shipment(play.world.centre)
    sent = play.dispatch(shipment, batch, 20)
    play.take_back(sent)
    again = play.shipment(play.world.centre)
    play.dispatch(again, batch, 20)
    play.receive(again, batch, 20)
    before = table(play).content()["counts"]

    play.take_back(play.dispense(play.world.centre, batch, 5))

    found = table(play)
    assert found.content()["counts"] == before
    assert found.rows[0].dispensed == {}
    assert (found.rows[0].allotted, found.rows[0].road["dispatched"]) == (20, 20)


def test_closing_of_one_period_is_the_opening_of_the_next(play: Play) -> None:
    earlier = play.at(-3)
    given = earlier.give(item(quantity=50))
    earlier.count(given, 40)
    earlier.accept(given, 30)
    play.accept(given, 4)
    yesterday = Period(TODAY - 10 * DAY, TODAY - DAY)

    first, second = table(play, yesterday).rows[0], table(play, Period(TODAY, TODAY)).rows[0]

    for account in ("items", "rejects", "stock", "road"):
        assert getattr(first, account).closing == getattr(second, account).opening
    assert (second.stock.opening, second.stock["accepted"], second.stock.closing) == (30, 4, 34)


def test_unknown_medicine_has_a_line_of_its_own(play: Play) -> None:
    (given,) = play.register(item(medicine=None, description="小儿退烧药", unit="袋", quantity=12))
    play.count(given, 12)
    play.accept(given, 12, medicine_id=play.world.ibuprofen.pk)

    known, unknown = table(play).rows

    assert (known.code, known.items["registered"], known.stock["accepted"]) == ("M009a", 0, 12)
    assert (unknown.code, unknown.items["accepted"], unknown.stock["accepted"]) == (None, 12, 0)


def test_item_sorted_as_another_medicine_balances_on_both_sides(play: Play) -> None:
    (given,) = play.register(item(quantity=12))
    play.count(given, 12)
    play.accept(given, 12, medicine_id=play.world.paracetamol.pk)

    rows = {row.code: row for row in table(play).rows}

    assert (rows["M009a"].items["accepted"], rows["M009a"].stock["accepted"]) == (12, 0)
    assert (rows["M001b"].items["accepted"], rows["M001b"].stock["accepted"]) == (0, 12)


def test_routes_of_a_transfer_are_told_apart(play: Play) -> None:
    world = play.world
    (given,) = play.register(item(quantity=100))
    play.count(given, 100)
    play.accept(given, 100)
    batch = play.batch(given)
    store = play.shipment(world.centre, to_side="store")
    play.dispatch(store, batch, 40)
    play.receive(store, batch, 40)
    at = {"place": world.centre, "side": "store"}
    play.move(Kind.LOCAL_USE, batch, 15, State.AVAILABLE, State.AVAILABLE, **at, to_side="clinic")
    back = play.shipment(world.hospital, source=world.centre, from_side="clinic", to_side="store")
    play.dispatch(back, batch, 5)

    row = table(play).rows[0]

    assert row.transfers == {
        "to_clinics": 0, "returned": 5, "between_stores": 40, "between_clinics": 0, "local_use": 15,
    }  # fmt: skip
    assert (row.allotted, row.content()["returned"]) == (15, 5)


def test_table_rows_add_up_to_the_table_of_accounts(play: Play) -> None:
    world = play.world
    given = [play.register(item(quantity=units))[0] for units in (30, 20)]
    play.register(item(quantity=7, lot_number="X1"), place=world.office)
    for each in given:
        play.count(each, each.quantity)
        play.accept(each, each.quantity)
    shipment = play.shipment(world.villages[0])
    play.dispatch(shipment, play.batch(given[0]), 25)
    query = {"county": "522633", "from": str(TODAY), "to": str(TODAY)}
    reader = world.signed("auditor")

    received = reader.get("figures/received/", **query).json()["results"]
    allotted = reader.get("figures/allotted/", **query).json()["results"]

    assert [(row["drop_off_point"], row["lot_number"], row["quantity"]) for row in received] == [
        ("P-522633-01", "2203051", 50),
        ("P-522633-02", "X1", 7),
    ]
    assert [(row["clinic_name"], row["lot_number"], row["quantity"]) for row in allotted] == [
        ("干团村卫生室", "2203051", 25)
    ]


def test_goods_left_at_the_counter_are_in_the_rejects(play: Play) -> None:
    play.register(item(quantity=9, container="loose"), unfit="destroy")

    rejects = table(play).rows[0].rejects

    assert (rejects["refused_and_left"], rejects["rejected"], rejects.closing) == (9, 0, 9)
