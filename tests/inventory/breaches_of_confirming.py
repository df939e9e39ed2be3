"""Ways to decide alone where a second person is needed, or to confirm what cannot be."""

from __future__ import annotations

import uuid
from typing import Any

from psycopg.types.json import Jsonb

from tests.plain_sql import ACTOR, ANOTHER, TODAY, Breaches, execute, insert
from tests.shelves import Shelves

breaks = Breaches()
THIRD = 3


def doubted(s: Shelves, **columns: Any) -> int:
    """A decision of the actor to leave the five units of an item in doubt."""
    decision = {"outcome": "hold", "reason": "awaiting_confirmation", "decided_by": ACTOR, **columns}
    return s.decision(s.counted_item(5), None, 5, **decision)


def photo(s: Shelves, item: int, **columns: Any) -> int:
    return insert(
        "donations_itemphoto",
        **{
            "county_id": s.county, "item_id": item, "number": 1, "image": b"\xff\xd8\xff", "taken_by": ACTOR,
            "taken_on": TODAY, "command": uuid.uuid4(), **columns,
        },
    )  # fmt: skip


def proposal(s: Shelves, decision: int, **columns: Any) -> int:
    return insert(
        "inventory_sortingproposal",
        **{
            "county_id": s.county, "decision_id": decision, "outcome": "reject", "lot_number": "", "expiry": "",
            "pack": "", "container": "", "findings": Jsonb([]), "reason": "damaged", "checklist": Jsonb({}),
            "proposed_by": ACTOR, **columns,
        },
    )  # fmt: skip


def waiting(s: Shelves, *, seen: bool = True) -> tuple[int, int]:
    """A proposal to reject, and the decision that would carry it out."""
    item = s.counted_item(5)
    held = s.decision(item, None, 5, outcome="hold", reason="awaiting_confirmation", decided_by=ACTOR)
    if seen:
        photo(s, item)
    return proposal(s, held), s.decision(item, None, 5, outcome="reject", reason="damaged")


def confirm(row: int, into: int | None, by: int | None = ANOTHER) -> int:
    return execute(
        "UPDATE inventory_sortingproposal SET confirmed_by = %s, confirmed_on = %s, into_id = %s WHERE id = %s",
        [by, TODAY, into, row],
    )


@breaks("decision_by_another")
def accept_what_one_registered_and_counted(s: Shelves) -> int:
    return s.decision(s.accepted_item(5), s.batch_a, 5, decided_by=ACTOR)


@breaks("decision_by_another")
def reject_what_one_registered_and_counted(s: Shelves) -> int:
    return s.decision(s.counted_item(5), None, 5, outcome="reject", reason="damaged", decided_by=ACTOR)


@breaks("decision_by_another")
def reject_what_one_put_onto_the_table(s: Shelves) -> int:
    item = s.counted_item(5)
    s.entry(
        "corrected", "outside", "counted", 2, item_id=item, reason="corrected", note="漏数", actor=ANOTHER
    )
    return s.decision(item, None, 7, outcome="reject", reason="damaged", decided_by=ANOTHER)


@breaks("proposal_of_a_doubt")
def propose_for_somebody_else(s: Shelves) -> int:
    return proposal(s, doubted(s), proposed_by=THIRD)


@breaks("proposal_of_a_doubt")
def propose_what_was_decided(s: Shelves) -> int:
    decision = s.decision(s.counted_item(5), None, 5, outcome="reject", reason="damaged")
    return proposal(s, decision, proposed_by=ANOTHER)


@breaks("proposal_of_a_doubt")
def propose_and_confirm_at_once(s: Shelves) -> int:
    _row, into = waiting(s)
    return proposal(s, doubted(s), confirmed_by=ANOTHER, confirmed_on=TODAY, into_id=into)


@breaks("proposal_once")
def propose_twice(s: Shelves) -> int:
    decision = doubted(s)
    proposal(s, decision)
    return proposal(s, decision)


@breaks("proposal_confirmed_by_another", "proposal_carried_out")
def confirm_ones_own(s: Shelves) -> int:
    item = s.item(5)
    s.entry("registered", "outside", "at_point", 5, item_id=item)
    s.entry("received", "at_point", "counted", 5, item_id=item, actor=THIRD)
    held = s.decision(item, None, 5, outcome="hold", reason="awaiting_confirmation", decided_by=ACTOR)
    photo(s, item)
    into = s.decision(item, None, 5, outcome="reject", reason="damaged", decided_by=ACTOR)
    return confirm(proposal(s, held), into, by=ACTOR)


@breaks("proposal_photo_seen")
def confirm_unseen(s: Shelves) -> int:
    return confirm(*waiting(s, seen=False))


@breaks("proposal_carried_out")
def confirm_by_a_decision_of_somebody_else(s: Shelves) -> int:
    return confirm(*waiting(s), by=THIRD)


@breaks("proposal_carried_out")
def confirm_by_a_decision_on_another_item(s: Shelves) -> int:
    row, _into = waiting(s)
    return confirm(row, s.decision(s.counted_item(5), None, 5, outcome="reject", reason="damaged"))


@breaks("proposal_confirmed_or_not")
def propose_what_was_confirmed_by_nobody(s: Shelves) -> int:
    return proposal(s, doubted(s), confirmed_on=TODAY)


@breaks("proposal_carried_out", "proposal_confirmed_or_not")
def confirm_without_deciding(s: Shelves) -> int:
    row, _into = waiting(s)
    return confirm(row, None)


@breaks("proposal_confirmed_once", "proposal_confirmed_or_not")
def confirm_again(s: Shelves) -> int:
    row, into = waiting(s)
    confirm(row, into)
    return confirm(row, into)


@breaks("proposal_confirmed_once", "proposal_carried_out")
def change_what_was_proposed(s: Shelves) -> int:
    row, _into = waiting(s)
    return execute("UPDATE inventory_sortingproposal SET reason = 'other' WHERE id = %s", [row])


@breaks("proposal_into_once")
def confirm_two_by_one_decision(s: Shelves) -> int:
    item = s.counted_item(10)
    photo(s, item)
    rows = [
        proposal(
            s, s.decision(item, None, 5, outcome="hold", reason="awaiting_confirmation", decided_by=ACTOR)
        )
        for _ in range(2)
    ]
    into = s.decision(item, None, 5, outcome="reject", reason="damaged")
    return [confirm(row, into) for row in rows][1]


@breaks("proposal_decision_same_county", "proposal_of_a_doubt")
def propose_in_another_county(s: Shelves) -> int:
    return proposal(s, doubted(s), county_id=s.abroad.county)


@breaks("item_photo_few")
def keep_a_seventh_photo(s: Shelves) -> int:
    return photo(s, s.counted_item(5), number=7)


@breaks("item_photo_numbered_once")
def keep_two_photos_under_one_number(s: Shelves) -> int:
    item = s.counted_item(5)
    photo(s, item)
    return photo(s, item)


@breaks("item_photo_small")
def keep_a_huge_photo(s: Shelves) -> int:
    return photo(s, s.counted_item(5), image=bytes(2_000_001))


@breaks("item_photo_item_same_county")
def keep_a_photo_of_another_county(s: Shelves) -> int:
    return photo(s, s.abroad.item_x)


@breaks("donations_itemphoto_append_only")
def exchange_a_photo(s: Shelves) -> int:
    row = photo(s, s.counted_item(5))
    return execute("UPDATE donations_itemphoto SET image = 'x' WHERE id = %s", [row])
