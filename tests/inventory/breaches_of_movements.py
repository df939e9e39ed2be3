"""Movements that the ledger must refuse: beyond what stands there, out of place, promised, converted, expired."""

from __future__ import annotations

import uuid

from tests.plain_sql import TODAY, YESTERDAY, Breaches, execute, value
from tests.shelves import Shelves

breaks = Breaches()
CONVERSION = uuid.UUID(int=7)


# Never below zero


@breaks("balance_never_negative")
def overdraw_available(s: Shelves) -> int:
    return s.move("dispense", s.available, s.dispensed, 101, s.batch_a)


@breaks("balance_never_negative")
def overdraw_held(s: Shelves) -> int:
    return s.move("destroy", s.held, s.destroyed, 1, s.batch_a)


@breaks("balance_never_negative")
def overdraw_reserved(s: Shelves) -> int:
    return s.move("unreserve", s.reserved, s.available, 7, s.batch_a, **s.paper())


@breaks("balance_never_negative")
def overdraw_road(s: Shelves) -> int:
    return s.move("receive", s.on_road, s.at_centre, 5, s.batch_a, **s.paper())


@breaks("balance_never_negative")
def find_more_than_was_missed(s: Shelves) -> int:
    return s.move("adjust", s.adjusted, s.available, 1, s.batch_a)


# What one movement may say


@breaks("movement_quantity_range")
def move_nothing(s: Shelves) -> int:
    return s.move("hold", s.available, s.held, 0, s.batch_a)


@breaks("inventory_movement_quantity_check", "movement_quantity_range", "balance_never_negative")
def move_less_than_nothing(s: Shelves) -> int:
    return s.move("hold", s.available, s.held, -1, s.batch_a)


@breaks("movement_quantity_range", "balance_never_negative")
def move_more_than_any_book_holds(s: Shelves) -> int:
    return s.move("hold", s.available, s.held, 1_000_001, s.batch_a)


@breaks("movement_goes_elsewhere", "movement_stays_in_place")
def move_to_where_it_is(s: Shelves) -> int:
    return s.move("local_use", s.available, s.available, 1, s.batch_a)


@breaks("movement_booked_not_before")
def book_before_it_happened(s: Shelves) -> int:
    return s.move("hold", s.available, s.held, 1, s.batch_a, booked_on=YESTERDAY)


@breaks("movement_step_known")
def destroy_from_the_shelf(s: Shelves) -> int:
    return s.move("destroy", s.available, s.destroyed, 1, s.batch_a)


@breaks("movement_step_known")
def move_of_unknown_kind(s: Shelves) -> int:
    return s.move("steal", s.available, s.account("lost"), 1, s.batch_a)


@breaks("movement_stays_in_place")
def dispense_at_another_place(s: Shelves) -> int:
    elsewhere = s.account("dispensed", place_id=s.centre)
    return s.move("dispense", s.available, elsewhere, 1, s.batch_a)


@breaks("movement_stays_in_place")
def dispense_on_the_other_side(s: Shelves) -> int:
    return s.move("dispense", s.available, s.account("dispensed", side="clinic"), 1, s.batch_a)


@breaks("movement_stays_in_place")
def local_use_at_another_place(s: Shelves) -> int:
    return s.move("local_use", s.available, s.at_centre, 1, s.batch_a)


@breaks("movement_stays_in_place")
def local_use_from_clinic_to_store(s: Shelves) -> int:
    clinic = s.account("available", side="clinic")
    s.move("local_use", s.available, clinic, 1, s.batch_a)
    return s.move("local_use", clinic, s.available, 1, s.batch_a)


@breaks("movement_stays_in_place")
def accept_where_nobody_decided(s: Shelves) -> int:
    batch = s.batch()
    decision = s.decision(s.accepted_item(5), batch, 5)
    donated, shelf = (s.account(state, place_id=s.centre) for state in ("donated", "available"))
    return s.move("accept", donated, shelf, 5, batch, decision_id=decision)


# Promised goods


@breaks("movement_own_reservation")
def dispatch_the_promise_of_another_shipment(s: Shelves) -> int:
    return s.move("dispatch", s.reserved_theirs, s.on_road, 1, s.batch_a, **s.paper())


@breaks("movement_own_reservation")
def dispatch_under_another_paper(s: Shelves) -> int:
    return s.move("dispatch", s.reserved_theirs, s.on_road_theirs, 1, s.batch_a, **s.paper())


@breaks("movement_own_reservation")
def unreserve_for_another_shipment(s: Shelves) -> int:
    return s.move("unreserve", s.reserved_theirs, s.available, 1, s.batch_a, **s.paper())


@breaks("movement_own_reservation")
def receive_what_another_shipment_carries(s: Shelves) -> int:
    return s.move("receive", s.on_road_theirs, s.at_centre, 1, s.batch_a, **s.paper())


@breaks("movement_own_reservation")
def hold_a_promise_without_its_paper(s: Shelves) -> int:
    return s.move("hold", s.reserved, s.held, 1, s.batch_a)


@breaks("movement_own_reservation")
def reserve_by_a_paper_of_another_kind(s: Shelves) -> int:
    paper = {"document_type": "plan", "document_id": s.ours}
    return s.move("reserve", s.available, s.reserved, 1, s.batch_a, **paper)


# Conversions


def _convert(s: Shelves, source: int, target: int, batch: int, into: int, back: int = 3) -> int:
    """Both rows of a conversion in one statement."""
    columns = (
        "county_id, batch_id, quantity, from_account_id, to_account_id, kind, document_type, detail,"
        " business_day, booked_on, recorded_at, command"
    )
    rest = ["convert", "test", "", TODAY, TODAY, TODAY, CONVERSION]
    mark = f"({', '.join(['%s'] * 12)})"
    return execute(
        f"INSERT INTO inventory_movement ({columns}) VALUES {mark}, {mark}",
        [s.county, batch, 3, source, s.converted, *rest, s.county, into, back, s.converted, target, *rest],
    )


@breaks("movement_convert_balanced", "movement_convert_papered")
def convert_into_more(s: Shelves) -> int:
    return _convert(s, s.available, s.available, s.batch_a, s.batch(pack="opened"), back=4)


@breaks("movement_convert_balanced", "movement_convert_papered")
def convert_and_leave_it_there(s: Shelves) -> int:
    return s.move("convert", s.available, s.converted, 3, s.batch_a)


@breaks("movement_convert_balanced", "movement_convert_papered")
def convert_the_promise_of_another_shipment(s: Shelves) -> int:
    return _convert(s, s.reserved_theirs, s.reserved, s.batch_a, s.batch())


@breaks("movement_convert_balanced", "movement_convert_papered")
def convert_a_hold_away(s: Shelves) -> int:
    return _convert(s, s.held, s.available, s.expired, s.batch())


@breaks("movement_convert_balanced", "movement_convert_papered")
def convert_into_another_medicine(s: Shelves) -> int:
    other = s.batch(medicine_id=s.world.paracetamol.pk)
    return _convert(s, s.available, s.available, s.batch_a, other)


@breaks("movement_convert_balanced")
def take_back_half_a_conversion(s: Shelves) -> int:
    into = s.batch()
    s.correction(s.batch_a, into, CONVERSION)
    _convert(s, s.available, s.available, s.batch_a, into)
    left = value("SELECT max(id) FROM inventory_movement WHERE to_account_id = %s", [s.converted])
    return s.move("reversal", s.converted, s.available, 3, s.batch_a, reverses_id=left)


# Past its last usable day


@breaks("movement_not_expired")
def reserve_expired(s: Shelves) -> int:
    return s.move("reserve", s.available, s.reserved, 1, s.expired, **s.paper())


@breaks("movement_not_expired")
def dispatch_expired(s: Shelves) -> int:
    return s.move("dispatch", s.reserved, s.on_road, 1, s.expired, **s.paper())


@breaks("movement_not_expired", "movement_shelf_in_date")
def local_use_of_expired(s: Shelves) -> int:
    return s.move("local_use", s.available, s.account("available", side="clinic"), 1, s.expired)


@breaks("movement_not_expired")
def dispense_expired(s: Shelves) -> int:
    return s.move("dispense", s.available, s.dispensed, 1, s.expired)


@breaks("movement_held_not_expired")
def dispense_expired_out_of_held(s: Shelves) -> int:
    return s.move("dispense", s.held, s.dispensed, 1, s.expired)


@breaks("movement_not_expired", "movement_shelf_in_date")
def accept_expired_as_available(s: Shelves) -> int:
    return s.accept(1, s.expired)


@breaks("movement_not_expired", "movement_shelf_in_date")
def receive_expired_as_available(s: Shelves) -> int:
    return s.move("receive", s.on_road, s.at_centre, 1, s.expired, **s.paper())


@breaks("movement_not_expired", "movement_shelf_in_date")
def release_expired(s: Shelves) -> int:
    return s.move("release", s.held, s.available, 1, s.expired)


@breaks("movement_shelf_in_date")
def give_expired_promise_back_to_the_shelf(s: Shelves) -> int:
    return s.move("unreserve", s.reserved, s.available, 1, s.expired, **s.paper())


@breaks("movement_shelf_in_date")
def find_expired_again(s: Shelves) -> int:
    s.move("adjust", s.available, s.adjusted, 1, s.expired)
    return s.move("adjust", s.adjusted, s.available, 1, s.expired)
