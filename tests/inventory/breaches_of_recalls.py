"""Ways to use what is recalled, and to send goods astray; each should be refused by the guard it names."""

from __future__ import annotations

import uuid
from typing import Any

from tests.plain_sql import TODAY, YESTERDAY, Breaches, execute, insert, value
from tests.shelves import Shelves

breaks = Breaches()


def recall(s: Shelves, batch: int, **columns: Any) -> int:
    """The notice alone, written around the services: what stands on the shelf is left there."""
    lot = value("SELECT lot_number FROM inventory_batch WHERE id = %s", [batch])
    return insert(
        "catalogue_recall",
        **{
            "county_id": s.county,
            "medicine_id": s.world.ibuprofen.pk,
            "lot_number": lot,
            "lot_key": lot.upper(),
            "kind": "recall",
            "reason": "溶出度不合格",
            "reference": "",
            "raised_by": 1,
            "raised_on": TODAY,
            "command": uuid.uuid4(),
            **columns,
        },
    )


@breaks("movement_not_recalled")
def dispense_recalled(s: Shelves) -> int:
    recall(s, s.batch_a)
    return s.move("dispense", s.available, s.dispensed, 1, s.batch_a)


@breaks("movement_not_recalled")
def dispense_recalled_from_the_shelf_late(s: Shelves) -> int:
    recall(s, s.batch_a)
    return s.move("dispense", s.available, s.dispensed, 1, s.batch_a, business_day=YESTERDAY)


@breaks("movement_not_recalled")
def dispense_recalled_from_hold_today(s: Shelves) -> int:
    s.move("hold", s.available, s.held, 5, s.batch_a)
    recall(s, s.batch_a)
    return s.move("dispense", s.held, s.dispensed, 1, s.batch_a)


@breaks("movement_not_recalled")
def release_recalled(s: Shelves) -> int:
    s.move("hold", s.available, s.held, 5, s.batch_a)
    recall(s, s.batch_a)
    return s.move("release", s.held, s.available, 5, s.batch_a)


@breaks("movement_not_recalled")
def take_a_hold_of_recalled_back(s: Shelves) -> int:
    hold = s.move("hold", s.available, s.held, 5, s.batch_a)
    recall(s, s.batch_a)
    return s.move("reversal", s.held, s.available, 5, s.batch_a, reverses_id=hold)


@breaks("movement_not_recalled")
def accept_recalled_as_available(s: Shelves) -> int:
    batch = s.batch()
    recall(s, batch)
    return s.accept(5, batch)


@breaks("movement_not_recalled")
def accept_recalled_without_its_product(s: Shelves) -> int:
    product = insert(
        "catalogue_product", medicine_id=s.world.ibuprofen.pk, brand="芬必得", specification="", manufacturer="",
        approval_number="", barcode="", insurance_code="", pack_size=1,
    )  # fmt: skip
    batch = s.batch()
    recall(s, batch, product_id=product)
    return s.accept(5, batch)


@breaks("movement_not_recalled")
def reserve_recalled(s: Shelves) -> int:
    recall(s, s.batch_a)
    return s.move("reserve", s.available, s.reserved, 1, s.batch_a, **s.paper())


@breaks("movement_not_recalled")
def unreserve_recalled(s: Shelves) -> int:
    recall(s, s.batch_a)
    return s.move("unreserve", s.reserved, s.available, 1, s.batch_a, **s.paper())


@breaks("movement_not_recalled")
def dispatch_recalled(s: Shelves) -> int:
    recall(s, s.batch_a)
    return s.move("dispatch", s.reserved, s.on_road, 1, s.batch_a, **s.paper())


@breaks("movement_not_recalled")
def receive_recalled_as_available(s: Shelves) -> int:
    recall(s, s.batch_a)
    return s.move("receive", s.on_road, s.at_centre, 1, s.batch_a, **s.paper())


@breaks("movement_not_recalled")
def receive_what_the_receiver_recalled(s: Shelves) -> int:
    recall(s, s.batch_a, place_id=s.centre)
    return s.move("receive", s.on_road, s.at_centre, 1, s.batch_a, **s.paper())


@breaks("movement_not_recalled")
def keep_recalled_for_local_use(s: Shelves) -> int:
    recall(s, s.batch_a)
    return s.move("local_use", s.available, s.account("available", side="clinic"), 1, s.batch_a)


@breaks("movement_not_recalled")
def take_a_hand_out_back_onto_the_shelf(s: Shelves) -> int:
    given = s.move("dispense", s.available, s.dispensed, 5, s.batch_a)
    recall(s, s.batch_a)
    return s.move("reversal", s.dispensed, s.available, 5, s.batch_a, reverses_id=given)


@breaks("movement_not_recalled", "movement_convert_papered")
def open_a_recalled_box(s: Shelves) -> int:
    batch = s.batch_a
    recall(s, batch)
    lot = value("SELECT lot_number FROM inventory_batch WHERE id = %s", [batch])
    opened = s.batch(lot_number=lot, pack="opened")
    columns = (
        "county_id, batch_id, quantity, from_account_id, to_account_id, kind, document_type, detail, business_day,"
        " booked_on, recorded_at, command"
    )
    rest = ["convert", "test", "", TODAY, TODAY, TODAY, uuid.UUID(int=9)]
    mark = f"({', '.join(['%s'] * 12)})"
    return execute(
        f"INSERT INTO inventory_movement ({columns}) VALUES {mark}, {mark}",
        [
            s.county,
            batch,
            3,
            s.available,
            s.converted,
            *rest,
            s.county,
            opened,
            3,
            s.converted,
            s.available,
            *rest,
        ],
    )


# A shipment's ends


@breaks("movement_arrives_at_receiver")
def receive_at_another_place(s: Shelves) -> int:
    elsewhere = s.account("available", place_id=s.world.villages[0].pk, side="clinic")
    return s.move("receive", s.on_road, elsewhere, 1, s.batch_a, **s.paper())


@breaks("movement_arrives_at_receiver")
def receive_on_the_other_side(s: Shelves) -> int:
    elsewhere = s.account("held", place_id=s.centre)
    return s.move("receive", s.on_road, elsewhere, 1, s.batch_a, **s.paper())


@breaks("account_at_sender")
def promise_where_nobody_sends(s: Shelves) -> int:
    return s.account("reserved", s.ours, place_id=s.centre)


@breaks("account_at_sender")
def promise_on_the_side_that_does_not_send(s: Shelves) -> int:
    return s.account("in_transit", s.ours, side="clinic")


@breaks("account_at_sender")
def move_the_sender_of_a_shipment(s: Shelves) -> int:
    return execute("UPDATE distribution_shipment SET from_place_id = %s WHERE id = %s", [s.centre, s.ours])


# What recalls and holds write down


def notice(s: Shelves, **columns: Any) -> int:
    row = {"county_id": s.county, "recall_id": recall(s, s.batch_a), "place_id": s.here, **columns}
    return insert("inventory_recallnotice", **row)


def hold(s: Shelves, **columns: Any) -> int:
    return insert(
        "inventory_hold",
        **{
            "county_id": s.county,
            "place_id": s.here,
            "batch_id": s.batch_a,
            "reason": "召回",
            "arrived": 0,
            "arrived_side": "",
            "placed_by": 1,
            "placed_on": TODAY,
            "command": uuid.uuid4(),
            **columns,
        },
    )


def reaction(s: Shelves, **columns: Any) -> int:
    return insert(
        "inventory_adversereaction",
        **{
            "county_id": s.county,
            "place_id": s.here,
            "batch_id": s.batch_a,
            "recall_id": recall(s, s.batch_a, kind="reaction"),
            "happened_on": TODAY,
            "description": "皮疹",
            "register_ref": "",
            "reported_by": 1,
            "reported_on": TODAY,
            "command": uuid.uuid4(),
            **columns,
        },
    )


@breaks("notice_once")
def tell_a_place_twice(s: Shelves) -> int:
    same = recall(s, s.batch_a)
    notice(s, recall_id=same)
    return notice(s, recall_id=same)


@breaks("notice_place_same_county")
def tell_a_place_of_another_county(s: Shelves) -> int:
    return notice(s, place_id=s.abroad.here)


@breaks("acknowledged_once")
def acknowledge_twice(s: Shelves) -> int:
    row = {
        "county_id": s.county,
        "notice_id": notice(s),
        "note": "",
        "acknowledged_by": 1,
        "acknowledged_on": TODAY,
    }
    for _turn in range(2):
        made = insert("inventory_recallacknowledgement", **row, command=uuid.uuid4())
    return made


@breaks("hold_recall_same_county")
def hold_for_a_recall_of_another_county(s: Shelves) -> int:
    return hold(s, recall_id=recall(s, s.batch_a, county_id=s.abroad.county))


@breaks("hold_arrived_of_a_recall")
def hold_arrivals_of_no_recall(s: Shelves) -> int:
    return hold(s, arrived=5, arrived_side="store")


@breaks("reaction_described")
def report_a_reaction_without_words(s: Shelves) -> int:
    return reaction(s, description="")


@breaks("reaction_happened_before")
def report_a_reaction_to_come(s: Shelves) -> int:
    return reaction(s, reported_on=YESTERDAY)


@breaks("reaction_batch_same_county")
def report_a_reaction_to_a_batch_of_another_county(s: Shelves) -> int:
    return reaction(s, batch_id=s.abroad.batch_x)
