"""Goods from nowhere, from the wrong item, taken back wrongly, or from another county: all refused."""

from __future__ import annotations

from tests.plain_sql import Breaches
from tests.shelves import Shelves

breaks = Breaches()


# Nothing enters stock that nobody donated


@breaks("movement_accept_has_source")
def accept_without_source(s: Shelves) -> int:
    return s.move("accept", s.donated, s.available, 1, s.batch_a)


@breaks("movement_accept_has_source")
def name_a_source_for_other_goods(s: Shelves) -> int:
    decision = s.decision(s.accepted_item(5), s.batch_a, 5)
    return s.move("hold", s.available, s.held, 1, s.batch_a, decision_id=decision)


@breaks("movement_within_decision")
def accept_more_than_decided(s: Shelves) -> int:
    decision = s.decision(s.accepted_item(5), s.batch_a, 4)
    return s.move("accept", s.donated, s.available, 5, s.batch_a, decision_id=decision)


@breaks("movement_within_decision")
def accept_again_what_was_accepted(s: Shelves) -> int:
    decision = s.decision(s.accepted_item(8), s.batch_a, 4)
    s.move("accept", s.donated, s.available, 4, s.batch_a, decision_id=decision)
    return s.move("accept", s.donated, s.available, 1, s.batch_a, decision_id=decision)


@breaks("movement_within_decision")
def accept_as_another_batch(s: Shelves) -> int:
    decision = s.decision(s.accepted_item(5), s.batch_a, 5)
    return s.move("accept", s.donated, s.available, 5, s.batch(), decision_id=decision)


@breaks("movement_within_decision")
def accept_what_was_rejected(s: Shelves) -> int:
    decision = s.decision(s.accepted_item(5), None, 5, outcome="reject", reason="damaged")
    return s.move("accept", s.donated, s.available, 5, s.batch_a, decision_id=decision)


@breaks("movement_within_count")
def accept_what_was_only_counted(s: Shelves) -> int:
    decision = s.decision(s.counted_item(5), s.batch_a, 5)
    return s.move("accept", s.donated, s.available, 5, s.batch_a, decision_id=decision)


@breaks("movement_within_count")
def accept_by_two_decisions_more_than_counted(s: Shelves) -> int:
    item = s.accepted_item(30)
    for _ in range(2):
        decision = s.decision(item, s.batch_a, 20)
        row = s.move("accept", s.donated, s.available, 20, s.batch_a, decision_id=decision)
    return row


@breaks("movement_within_count")
def take_back_in_custody_what_stands_in_stock(s: Shelves) -> int:
    item = s.counted_item(5)
    accepted = s.entry("accepted", "counted", "accepted", 5, item_id=item)
    decision = s.decision(item, s.batch_a, 5)
    s.move("accept", s.donated, s.available, 5, s.batch_a, decision_id=decision)
    return s.entry("reversed", "accepted", "counted", 5, item_id=item, reverses_id=accepted)


# Reversals


def _a_hold(s: Shelves, batch: int) -> int:
    return s.move("hold", s.available, s.held, 3, batch)


@breaks("movement_reversal_names_what")
def reverse_nothing_in_particular(s: Shelves) -> int:
    return s.move("reversal", s.available, s.held, 1, s.batch_a)


@breaks("movement_reversal_names_what")
def reverse_under_another_name(s: Shelves) -> int:
    return s.move("release", s.held, s.available, 3, s.batch_a, reverses_id=_a_hold(s, s.batch_a))


@breaks("movement_reversed_once")
def reverse_twice(s: Shelves) -> int:
    s.move("hold", s.available, s.held, 7, s.batch_a)
    return s.move("reversal", s.held, s.available, 7, s.batch_a, reverses_id=s.hold)


@breaks("movement_reversal_mirrors")
def reverse_a_reversal(s: Shelves) -> int:
    return s.move("reversal", s.available, s.held, 7, s.batch_a, reverses_id=s.released)


@breaks("movement_reversal_mirrors")
def reverse_in_part(s: Shelves) -> int:
    return s.move("reversal", s.held, s.available, 2, s.batch_a, reverses_id=_a_hold(s, s.batch_a))


@breaks("movement_reversal_mirrors", "movement_shelf_in_date")
def reverse_with_another_batch(s: Shelves) -> int:
    return s.move("reversal", s.held, s.available, 3, s.expired, reverses_id=_a_hold(s, s.batch_a))


@breaks("movement_reversal_mirrors")
def reverse_to_another_account(s: Shelves) -> int:
    return s.move("reversal", s.held, s.account("lost"), 3, s.batch_a, reverses_id=_a_hold(s, s.batch_a))


@breaks("movement_reversal_mirrors")
def reverse_in_the_same_direction(s: Shelves) -> int:
    return s.move("reversal", s.available, s.held, 3, s.batch_a, reverses_id=_a_hold(s, s.batch_a))


@breaks("movement_reversal_mirrors")
def reverse_for_another_item(s: Shelves) -> int:
    ours, other = (s.decision(s.accepted_item(5), s.batch_a, 5) for _ in range(2))
    accepted = s.move("accept", s.donated, s.available, 5, s.batch_a, decision_id=ours)
    s.move("accept", s.donated, s.available, 5, s.batch_a, decision_id=other)
    return s.move("reversal", s.available, s.donated, 5, s.batch_a, decision_id=other, reverses_id=accepted)


# Counties


@breaks("movement_batch_same_county", "balance_batch_same_county", "balance_never_negative")
def batch_of_another_county(s: Shelves) -> int:
    return s.move("hold", s.available, s.held, 1, s.abroad.batch_x)


@breaks("movement_from_same_county")
def from_another_county(s: Shelves) -> int:
    return s.move("hold", s.abroad.shelf, s.held, 1, s.batch_a)


@breaks("movement_to_same_county")
def to_another_county(s: Shelves) -> int:
    return s.move("receive", s.on_road, s.abroad.shelf, 1, s.batch_a, **s.paper())


@breaks("movement_decision_same_county", "movement_accept_has_source")
def source_in_another_county(s: Shelves) -> int:
    decision = s.abroad.decision_x
    return s.move("accept", s.donated, s.available, 1, s.batch_a, decision_id=decision)


@breaks("movement_reverses_same_county")
def reverse_in_another_county(s: Shelves) -> int:
    return s.move("reversal", s.available, s.held, 50, s.batch_a, reverses_id=s.abroad.movement_x)


@breaks("account_place_same_county")
def account_at_a_place_of_another_county(s: Shelves) -> int:
    return s.account("available", place_id=s.abroad.here)


@breaks("account_shipment_same_county", "account_at_sender")
def promise_to_a_shipment_of_another_county(s: Shelves) -> int:
    return s.account("reserved", s.abroad.shipment_x)


@breaks("decision_item_same_county")
def decide_on_an_item_of_another_county(s: Shelves) -> int:
    return s.decision(s.abroad.item_x, s.batch_a, 1)


@breaks("decision_batch_same_county")
def decide_for_a_batch_of_another_county(s: Shelves) -> int:
    return s.decision(s.counted_item(5), s.abroad.batch_x, 1)


@breaks("decision_place_same_county")
def decide_at_a_place_of_another_county(s: Shelves) -> int:
    return s.decision(s.counted_item(5), s.batch_a, 1, place_id=s.abroad.here)


@breaks("balance_account_state")
def balance_that_calls_itself_boundless(s: Shelves) -> int:
    return s.balance(s.destroyed, "donated", 0)
