"""Ways to correct a label alone, or to move units under another label without a paper."""

from __future__ import annotations

import uuid
from typing import Any

from tests.plain_sql import LATER, TODAY, Breaches, execute, insert, value
from tests.shelves import Shelves

breaks = Breaches()
END = "UPDATE inventory_relabelling SET state = %s, into_id = %s, ended_by = %s, ended_on = %s, ended_command = %s"


def proposal(s: Shelves, **columns: Any) -> int:
    return insert(
        "inventory_relabelling",
        **{
            "county_id": s.county, "batch_id": s.batch_a, "lot_number": "T1", "expiry_raw": "",
            "last_usable_day": LATER, "reason": "看错", "state": "proposed", "proposed_by": 1,
            "proposed_on": TODAY, "command": uuid.uuid4(), **columns,
        },
    )  # fmt: skip


def end(pk: int, state: str, into: int | None, by: int | None = 2) -> int:
    return execute(f"{END} WHERE id = %s", [state, into, by, TODAY, uuid.uuid4(), pk])


def true_batch(s: Shelves, **columns: Any) -> int:
    return s.batch(**{"lot_number": "T1", "last_usable_day": LATER, **columns})


def sealed_and_opened(s: Shelves, **columns: Any) -> int:
    """The opened batch of the shelves' own label, or of another."""
    lot, day = (
        value(f"SELECT {name} FROM inventory_batch WHERE id = %s", [s.batch_a])
        for name in ("lot_number", "last_usable_day")
    )
    return s.batch(**{"lot_number": lot, "last_usable_day": day, "pack": "opened", **columns})


def convert(s: Shelves, into: int, command: uuid.UUID, quantity: int = 3, account: int | None = None) -> int:
    columns = (
        "county_id, batch_id, quantity, from_account_id, to_account_id, kind, document_type, detail,"
        " business_day, booked_on, recorded_at, command"
    )
    rest = ["convert", "test", "", TODAY, TODAY, TODAY, command]
    mark, shelf = f"({', '.join(['%s'] * 12)})", account or s.available
    away = [s.county, s.batch_a, quantity, shelf, s.converted, *rest]
    back = [s.county, into, quantity, s.converted, shelf, *rest]
    return execute(f"INSERT INTO inventory_movement ({columns}) VALUES {mark}, {mark}", [*away, *back])


@breaks("relabelling_confirmed_by_another")
def confirm_ones_own(s: Shelves) -> int:
    return end(proposal(s), "confirmed", true_batch(s), by=1)


@breaks("relabelling_ended_or_not")
def confirm_by_nobody(s: Shelves) -> int:
    return end(proposal(s), "confirmed", true_batch(s), by=None)


@breaks("relabelling_into_its_label", "relabelling_ended_or_not")
def confirm_without_a_batch(s: Shelves) -> int:
    return end(proposal(s), "confirmed", None)


@breaks("relabelling_ended_or_not")
def withdraw_into_a_batch(s: Shelves) -> int:
    return end(proposal(s), "withdrawn", true_batch(s))


@breaks("relabelling_into_its_label")
def confirm_into_another_lot(s: Shelves) -> int:
    return end(proposal(s), "confirmed", true_batch(s, lot_number="T2"))


@breaks("relabelling_into_its_label")
def confirm_into_another_day(s: Shelves) -> int:
    return end(proposal(s), "confirmed", true_batch(s, last_usable_day=TODAY))


@breaks("relabelling_into_its_label")
def confirm_into_another_medicine(s: Shelves) -> int:
    return end(proposal(s), "confirmed", true_batch(s, medicine_id=s.world.paracetamol.pk))


@breaks("relabelling_into_its_label")
def confirm_into_an_opened_box(s: Shelves) -> int:
    return end(proposal(s), "confirmed", true_batch(s, pack="opened"))


@breaks("relabelling_changes_something")
def confirm_into_itself(s: Shelves) -> int:
    lot = value("SELECT lot_number FROM inventory_batch WHERE id = %s", [s.batch_a])
    day = value("SELECT last_usable_day FROM inventory_batch WHERE id = %s", [s.batch_a])
    return end(proposal(s, lot_number=lot, last_usable_day=day), "confirmed", s.batch_a)


@breaks("relabelling_proposed_first")
def insert_confirmed(s: Shelves) -> int:
    return proposal(
        s, state="confirmed", into_id=true_batch(s), ended_by=2, ended_on=TODAY, ended_command=uuid.uuid4()
    )


@breaks("relabelling_ended_once")
def confirm_what_was_withdrawn(s: Shelves) -> int:
    pk = proposal(s)
    end(pk, "withdrawn", None)
    return end(pk, "confirmed", true_batch(s))


@breaks("relabelling_ended_once")
def change_the_reason(s: Shelves) -> int:
    return execute("UPDATE inventory_relabelling SET reason = 'x' WHERE id = %s", [proposal(s)])


@breaks("relabelling_ended_once")
def change_who_proposed(s: Shelves) -> int:
    pk = proposal(s)
    return execute(
        f"{END}, proposed_by = 3 WHERE id = %s", ["confirmed", true_batch(s), 1, TODAY, uuid.uuid4(), pk]
    )


@breaks("relabelling_proposed_once")
def propose_twice(s: Shelves) -> int:
    proposal(s)
    return proposal(s)


@breaks("relabelling_has_reason")
def propose_without_reason(s: Shelves) -> int:
    return proposal(s, reason="")


@breaks("relabelling_batch_same_county")
def propose_for_a_foreign_batch(s: Shelves) -> int:
    return proposal(s, batch_id=s.abroad.batch_x)


@breaks("relabelling_into_same_county", "relabelling_into_its_label")
def confirm_into_a_foreign_batch(s: Shelves) -> int:
    execute("ALTER TABLE inventory_relabelling DISABLE TRIGGER kept")
    return end(proposal(s), "confirmed", s.abroad.batch_x)


@breaks("opening_keeps_the_label")
def open_into_another_lot(s: Shelves) -> int:
    return s.opening(s.batch_a, sealed_and_opened(s, lot_number="T3"), 3, uuid.uuid4())


@breaks("opening_keeps_the_label")
def open_into_another_day(s: Shelves) -> int:
    return s.opening(s.batch_a, sealed_and_opened(s, last_usable_day=TODAY), 3, uuid.uuid4())


@breaks("opening_keeps_the_label")
def seal_what_was_opened(s: Shelves) -> int:
    return s.opening(sealed_and_opened(s), s.batch_a, 3, uuid.uuid4())


@breaks("opening_loose_ok")
def open_what_is_not_given_by_the_unit(s: Shelves) -> int:
    execute("UPDATE catalogue_medicine SET loose_ok = 'n' WHERE id = %s", [s.world.ibuprofen.pk])
    return s.opening(s.batch_a, sealed_and_opened(s), 3, uuid.uuid4())


@breaks("opening_quantity_range")
def open_nothing(s: Shelves) -> int:
    return s.opening(s.batch_a, sealed_and_opened(s), 0, uuid.uuid4())


@breaks("opening_side_known")
def open_on_no_side(s: Shelves) -> int:
    return s.opening(s.batch_a, sealed_and_opened(s), 3, uuid.uuid4(), side="attic")


@breaks("opening_place_same_county")
def open_at_a_foreign_place(s: Shelves) -> int:
    return s.opening(s.batch_a, sealed_and_opened(s), 3, uuid.uuid4(), place_id=s.abroad.here)


@breaks("movement_convert_papered")
def convert_without_a_paper(s: Shelves) -> int:
    return convert(s, true_batch(s), uuid.uuid4())


@breaks("movement_convert_papered")
def convert_on_a_proposal_alone(s: Shelves) -> int:
    command, into = uuid.uuid4(), true_batch(s)
    proposal(s, command=command)
    return convert(s, into, command)


@breaks("movement_convert_papered")
def convert_into_another_batch_than_confirmed(s: Shelves) -> int:
    command = uuid.uuid4()
    s.correction(s.batch_a, true_batch(s), command)
    return convert(s, s.batch(), command)


@breaks("movement_convert_papered")
def open_more_than_the_paper_says(s: Shelves) -> int:
    command, into = uuid.uuid4(), sealed_and_opened(s)
    s.opening(s.batch_a, into, 3, command)
    return convert(s, into, command, quantity=4)


@breaks("movement_convert_papered")
def open_what_is_held(s: Shelves) -> int:
    command, into = uuid.uuid4(), sealed_and_opened(s)
    s.move("hold", s.available, s.held, 5, s.batch_a)
    s.opening(s.batch_a, into, 3, command)
    return convert(s, into, command, account=s.held)
