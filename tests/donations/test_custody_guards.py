"""Every guard of the custody journal, tried with plain SQL: refused by its name, and let through without it."""

from __future__ import annotations

from typing import Any

import pytest

from donations.models import CUSTODY_STEPS, Custody, CustodyKind
from tests.plain_sql import (
    LAST_WEEK,
    TODAY,
    YESTERDAY,
    Books,
    Breach,
    Breaches,
    drop_guard,
    execute,
    insert,
    refused_by,
    value,
)
from tests.shelves import Abroad
from tests.world import World

breaks = Breaches()
ITEM, GROUP = "itemholdings_never_negative", "groupholdings_never_negative"


class Counter(Books):
    """Items in every state of custody, and a handover under way, before each breach."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.waiting = self.item(10)
        self.entry("registered", "outside", "at_point", 10, item_id=self.waiting)
        self.counted = self.counted_item(10)
        self.refused = self.item(10, outcome="refuse")
        self.entry("refused", "outside", "refused", 10, item_id=self.refused)
        self.left = self.entry("left_for_disposal", "refused", "in_bin", 4, item_id=self.refused)
        self.sorted = self.counted_item(30)
        self.doubt = self.entry("in_doubt", "counted", "in_doubt", 9, item_id=self.sorted)
        self.rejected = self.entry("rejected", "counted", "in_bin", 8, item_id=self.sorted)
        self.taken_back = self.entry(
            "reversed", "in_bin", "counted", 8, item_id=self.sorted, reverses_id=self.rejected
        )
        self.list, self.other_list = self.handover(), self.handover()
        self.alone = self.sent(10)
        self.bundle = self.group(self.list)
        self.twins = [self.sent(10, group_id=self.bundle) for _ in range(2)]
        self.abroad = Abroad(world)

    def sent(self, quantity: int, **columns: Any) -> int:
        item = self.item(quantity)
        self.entry("registered", "outside", "at_point", quantity, item_id=item)
        columns = {"handover_id": self.list, **columns}
        self.entry("handed_over", "at_point", "on_the_way", quantity, item_id=item, **columns)
        return item

    def sent_back(self, item: int, quantity: int, **columns: Any) -> int:
        """What a voided handover writes."""
        sent = value(
            "SELECT (id, group_id, handover_id)::text FROM donations_custodyentry"
            " WHERE item_id = %s AND kind = 'handed_over'",
            [item],
        )
        entry, group, handover = (int(part) if part else None for part in sent.strip("()").split(","))
        of = {"reverses_id": entry, "group_id": group, "handover_id": handover, "item_id": item}
        return self.entry("reversed", "on_the_way", "at_point", quantity, **{**of, **columns})

    def found(self, quantity: int, **columns: Any) -> int:
        """An item of what was found beyond the list."""
        donation = self.donation(found_in_id=self.list, place_id=self.centre, **columns)
        return self.item(quantity, donation_id=donation)

    def surplus(self, item: int | None, *, quantity: int = 1, **columns: Any) -> int:
        where = {"place_id": self.centre, "handover_id": self.list}
        columns = {"item_id": item, **where, **columns}
        return self.entry("surplus", "outside", "counted", quantity, **columns)

    def arrived(self, kind: str, quantity: int, **columns: Any) -> int:
        target = {"received": "counted", "missing": "missing"}[kind]
        where = {"place_id": self.centre, "handover_id": self.list}
        return self.entry(kind, "on_the_way", target, quantity, **{**where, **columns})


@pytest.fixture(scope="module")
def opened(module_db: None) -> Counter:
    return Counter(World())


@pytest.fixture
def counter(opened: Counter, db: None) -> Counter:
    """What stands for the whole file; each test has a savepoint of its own."""
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    return opened


# Never below zero


@breaks("donation_in_open_campaign")
def bring_to_a_closed_campaign(c: Counter) -> int:
    execute("UPDATE donations_campaign SET state = 'closed' WHERE id = %s", [c.world.campaign.pk])
    return c.donation()


@breaks(ITEM)
def void_more_than_waits(c: Counter) -> int:
    return c.entry("voided", "at_point", "voided", 11, item_id=c.waiting)


@breaks(ITEM, "custody_within_list")
def receive_more_than_was_sent(c: Counter) -> int:
    return c.arrived("received", 11, item_id=c.alone)


@breaks(ITEM)
def accept_more_than_was_counted(c: Counter) -> int:
    return c.entry("accepted", "counted", "accepted", 11, item_id=c.counted)


@breaks(ITEM)
def accept_more_than_is_in_doubt(c: Counter) -> int:
    return c.entry("accepted", "in_doubt", "accepted", 10, item_id=c.sorted)


@breaks(ITEM)
def destroy_more_than_lies_in_the_bin(c: Counter) -> int:
    return c.entry("destroyed", "in_bin", "destroyed", 5, item_id=c.refused)


@breaks(ITEM)
def leave_more_than_was_refused(c: Counter) -> int:
    return c.entry("left_for_disposal", "refused", "in_bin", 7, item_id=c.refused)


@breaks(ITEM)
def take_back_what_was_sorted_since(c: Counter) -> int:
    c.entry("accepted", "in_doubt", "accepted", 9, item_id=c.sorted)
    return c.entry("reversed", "in_doubt", "counted", 9, item_id=c.sorted, reverses_id=c.doubt)


@breaks(GROUP)
def miss_more_than_a_group_holds(c: Counter) -> int:
    return c.arrived("missing", 21, group_id=c.bundle)


# What one entry may say


@breaks("custody_quantity_range")
def move_nothing(c: Counter) -> int:
    return c.entry("voided", "at_point", "voided", 0, item_id=c.waiting)


@breaks("custody_quantity_range", ITEM)
def move_more_than_any_book_holds(c: Counter) -> int:
    return c.entry("voided", "at_point", "voided", 1_000_001, item_id=c.waiting)


@breaks("custody_quantity_range", "donations_custodyentry_quantity_check", ITEM)
def move_less_than_nothing(c: Counter) -> int:
    return c.entry("voided", "at_point", "voided", -1, item_id=c.waiting)


@breaks("custody_step_known")
def accept_at_the_counter(c: Counter) -> int:
    return c.entry("accepted", "at_point", "accepted", 1, item_id=c.waiting)


@breaks("custody_of_item_or_group")
def speak_of_nothing(c: Counter) -> int:
    return c.arrived("missing", 1)


@breaks("custody_booked_not_before")
def book_before_it_happened(c: Counter) -> int:
    return c.entry("voided", "at_point", "voided", 1, item_id=c.waiting, booked_on=YESTERDAY)


@breaks("custody_registered_once")
def register_twice(c: Counter) -> int:
    return c.entry("registered", "outside", "at_point", 1, item_id=c.waiting)


@breaks("custody_registered_once")
def register_what_was_refused(c: Counter) -> int:
    return c.entry("registered", "outside", "at_point", 10, item_id=c.refused)


@breaks("item_quantity_range")
def item_of_nothing(c: Counter) -> int:
    return c.item(0)


# Handovers and groups


@breaks("custody_names_its_handover")
def send_without_a_list(c: Counter) -> int:
    return c.entry("handed_over", "at_point", "on_the_way", 1, item_id=c.waiting)


@breaks("custody_names_its_handover")
def sort_under_a_list(c: Counter) -> int:
    back = c.handover(from_place_id=c.centre, to_place_id=c.here)
    return c.entry("accepted", "counted", "accepted", 1, item_id=c.counted, handover_id=back)


@breaks("custody_within_list")
def receive_by_another_list(c: Counter) -> int:
    return c.arrived("received", 1, item_id=c.alone, handover_id=c.other_list)


@breaks("custody_within_list")
def receive_the_share_of_another_item(c: Counter) -> int:
    return c.arrived("received", 11, item_id=c.twins[0], group_id=c.bundle)


@breaks(ITEM, "custody_within_list")
def receive_alone_what_went_in_a_group(c: Counter) -> int:
    return c.arrived("received", 1, item_id=c.twins[0])


@breaks("custody_group_only_on_the_way", "custody_of_its_group")
def register_a_group(c: Counter) -> int:
    return c.entry("registered", "outside", "at_point", 1, item_id=c.item(1), group_id=c.bundle)


@breaks("custody_of_its_group")
def fill_a_group_from_nothing(c: Counter) -> int:
    columns = {"group_id": c.bundle, "handover_id": c.list}
    return c.entry("handed_over", "at_point", "on_the_way", 5, **columns)


@breaks("custody_of_its_group", "custody_within_list")
def receive_a_group_into_nothing(c: Counter) -> int:
    return c.arrived("received", 5, group_id=c.bundle)


@breaks("custody_of_its_group", ITEM)
def blame_one_donor_of_a_group(c: Counter) -> int:
    return c.arrived("missing", 1, item_id=c.twins[0], group_id=c.bundle)


@breaks("custody_of_its_group")
def leave_surplus_in_a_group(c: Counter) -> int:
    return c.surplus(None, group_id=c.bundle)


@breaks("custody_surplus_of_nobody", "custody_registered_once")
def credit_one_donor_of_a_group(c: Counter) -> int:
    return c.surplus(c.twins[0], group_id=c.bundle)


@breaks("custody_surplus_of_nobody")
def credit_one_donor_of_a_group_without_the_group(c: Counter) -> int:
    return c.surplus(c.twins[0])


@breaks("custody_surplus_of_nobody")
def credit_one_donor_of_a_group_afterwards(c: Counter) -> int:
    c.arrived("received", 10, item_id=c.twins[0], group_id=c.bundle)
    return c.surplus(c.twins[0], handover_id=None)


@breaks("custody_surplus_of_nobody")
def credit_an_anonymous_donor_who_stood_at_the_counter(c: Counter) -> int:
    return c.surplus(c.item(1), group_id=c.bundle)


@breaks("custody_surplus_of_nobody")
def credit_a_named_donor_with_what_was_found(c: Counter) -> int:
    named = insert("donations_donor", county_id=c.county, kind="person")
    return c.surplus(c.found(1, donor_id=named), group_id=c.bundle)


@breaks("custody_surplus_of_nobody")
def register_what_was_found(c: Counter) -> int:
    return c.entry("registered", "outside", "at_point", 1, item_id=c.found(1))


@breaks("custody_registered_once")
def find_more_than_was_found(c: Counter) -> int:
    return c.surplus(c.found(1), quantity=2, group_id=c.bundle)


@breaks("custody_difference_explained")
def find_more_without_a_reason(c: Counter) -> int:
    return c.surplus(c.alone, reason="")


@breaks("custody_difference_explained")
def find_more_for_a_reason_of_shortages(c: Counter) -> int:
    return c.surplus(c.alone, reason="lost")


@breaks("custody_difference_explained")
def find_more_for_another_reason_untold(c: Counter) -> int:
    return c.surplus(c.alone, reason="other")


@breaks("custody_difference_explained")
def miss_without_a_reason(c: Counter) -> int:
    return c.arrived("missing", 1, item_id=c.alone, reason="")


@breaks("custody_difference_explained")
def miss_for_a_reason_nobody_knows(c: Counter) -> int:
    return c.arrived("missing", 1, item_id=c.alone, reason="gone")


@breaks("custody_of_its_group")
def put_another_medicine_into_a_group(c: Counter) -> int:
    bundle = c.group(c.list, medicine_id=c.world.paracetamol.pk)
    return c.sent(1, group_id=bundle)


@breaks("custody_of_its_group")
def put_another_lot_into_a_group(c: Counter) -> int:
    return c.sent(1, group_id=c.group(c.list, lot_number="L2"))


@breaks("custody_of_its_group")
def put_another_day_into_a_group(c: Counter) -> int:
    return c.sent(1, group_id=c.group(c.list, last_usable_day=TODAY))


@breaks("custody_of_its_group")
def put_into_a_group_of_another_list(c: Counter) -> int:
    return c.sent(1, group_id=c.bundle, handover_id=c.other_list)


# In its place


@breaks("custody_stays_in_place")
def sort_where_it_is_not(c: Counter) -> int:
    return c.entry("accepted", "counted", "accepted", 1, item_id=c.counted, place_id=c.centre)


@breaks("custody_stays_in_place")
def send_from_where_it_is_not(c: Counter) -> int:
    away = c.handover(from_place_id=c.centre, to_place_id=c.here)
    columns = {"item_id": c.waiting, "handover_id": away, "place_id": c.centre}
    return c.entry("handed_over", "at_point", "on_the_way", 1, **columns)


@breaks("custody_stays_in_place")
def send_from_where_the_list_is_not(c: Counter) -> int:
    away = c.handover(from_place_id=c.centre, to_place_id=c.world.office.pk)
    return c.entry("handed_over", "at_point", "on_the_way", 1, item_id=c.waiting, handover_id=away)


@breaks("custody_stays_in_place")
def receive_where_it_was_not_sent(c: Counter) -> int:
    return c.arrived("received", 1, item_id=c.alone, place_id=c.world.office.pk)


# Reversals


@breaks("custody_reversal_names_what", "custody_reversal_mirrors")
def reverse_nothing_in_particular(c: Counter) -> int:
    return c.entry("reversed", "in_doubt", "counted", 1, item_id=c.sorted)


@breaks("custody_reversal_names_what")
def reverse_under_another_name(c: Counter) -> int:
    return c.entry("accepted", "in_doubt", "accepted", 9, item_id=c.sorted, reverses_id=c.doubt)


@breaks("custody_reversed_once")
def reverse_twice(c: Counter) -> int:
    c.entry("rejected", "counted", "in_bin", 8, item_id=c.sorted)
    return c.entry("reversed", "in_bin", "counted", 8, item_id=c.sorted, reverses_id=c.rejected)


@breaks("custody_reversal_mirrors", "custody_step_known")
def reverse_a_reversal(c: Counter) -> int:
    return c.entry("reversed", "in_doubt", "counted", 8, item_id=c.sorted, reverses_id=c.taken_back)


@breaks("custody_reversal_mirrors")
def reverse_in_part(c: Counter) -> int:
    return c.entry("reversed", "in_doubt", "counted", 8, item_id=c.sorted, reverses_id=c.doubt)


@breaks("custody_reversal_mirrors")
def reverse_out_of_another_state(c: Counter) -> int:
    c.entry("rejected", "counted", "in_bin", 9, item_id=c.sorted)
    return c.entry("reversed", "in_bin", "counted", 9, item_id=c.sorted, reverses_id=c.doubt)


@breaks("custody_reversal_mirrors")
def reverse_for_another_item(c: Counter) -> int:
    c.entry("in_doubt", "counted", "in_doubt", 9, item_id=c.counted)
    return c.entry("reversed", "in_doubt", "counted", 9, item_id=c.counted, reverses_id=c.doubt)


@breaks("custody_reversal_mirrors", "custody_within_list", ITEM)
def take_back_what_was_sent_in_a_group_alone(c: Counter) -> int:
    return c.sent_back(c.twins[0], 10, group_id=None)


@breaks("custody_reversal_mirrors")
def take_back_a_part_of_what_was_sent(c: Counter) -> int:
    return c.sent_back(c.alone, 4)


@breaks("custody_stays_in_place", "custody_within_list")
def take_back_what_has_arrived(c: Counter) -> int:
    c.arrived("received", 10, item_id=c.twins[0], group_id=c.bundle)
    return c.sent_back(c.twins[0], 10)


@breaks("custody_stays_in_place")
def take_back_to_another_place(c: Counter) -> int:
    return c.sent_back(c.alone, 10, place_id=c.centre)


@breaks("custody_reversal_mirrors")
def sort_what_was_refused_after_all(c: Counter) -> int:
    return c.entry("reversed", "in_bin", "counted", 4, item_id=c.refused, reverses_id=c.left)


# Counties


@breaks("custody_item_same_county", "custody_stays_in_place")
def item_of_another_county(c: Counter) -> int:
    return c.entry("surplus", "outside", "counted", 1, item_id=c.abroad.item_x)


@breaks("custody_place_same_county", "custody_stays_in_place")
def place_of_another_county(c: Counter) -> int:
    return c.entry("voided", "at_point", "voided", 1, item_id=c.waiting, place_id=c.abroad.here)


@breaks("custody_handover_same_county", "custody_names_its_handover", "custody_stays_in_place")
def handover_of_another_county(c: Counter) -> int:
    foreign = c.abroad.handover(to_place_id=c.abroad.there)
    return c.entry("handed_over", "at_point", "on_the_way", 1, item_id=c.waiting, handover_id=foreign)


@breaks("custody_group_same_county")
def group_of_another_county(c: Counter) -> int:
    group = c.abroad.group(c.abroad.handover(to_place_id=c.abroad.there))
    return c.sent(1, group_id=group)


@breaks("custody_reverses_same_county", "custody_reversal_mirrors")
def reverse_in_another_county(c: Counter) -> int:
    accepted = value("SELECT max(id) FROM donations_custodyentry WHERE item_id = %s", [c.abroad.item_x])
    return c.entry("reversed", "in_doubt", "counted", 9, item_id=c.sorted, reverses_id=accepted)


@breaks("donation_place_same_county")
def donation_at_a_place_of_another_county(c: Counter) -> int:
    return c.donation(place_id=c.abroad.here)


@breaks("item_donation_same_county")
def item_in_a_donation_of_another_county(c: Counter) -> int:
    return c.item(1, donation_id=c.abroad.donation())


@breaks("handover_to_same_county")
def hand_over_to_another_county(c: Counter) -> int:
    return c.handover(to_place_id=c.abroad.here)


# What the journal keeps itself


def _kept(table: str) -> None:
    @breaks(f"{table}_kept_by_journal")
    def change(c: Counter) -> int:
        return execute(f"UPDATE {table} SET county_id = county_id")

    @breaks(f"{table}_kept_by_journal")
    def remove(c: Counter) -> int:
        return execute(f"DELETE FROM {table}")

    @breaks(f"{table}_kept_by_journal")
    def empty(c: Counter) -> bool:
        execute(f"TRUNCATE {table}")
        return value(f"SELECT count(*) FROM {table}") == 0


for kept in ("donations_itemholdings", "donations_groupholdings", "donations_custodyday"):
    _kept(kept)


@breaks("donations_itemholdings_kept_by_journal")
def make_holdings_from_nothing(c: Counter) -> int:
    states = [state.value for state in Custody if state != Custody.OUTSIDE]
    columns = {"county_id": c.county, "item_id": c.item(1), "place_id": c.here, **dict.fromkeys(states, 1)}
    return insert("donations_itemholdings", **columns)


# Closed days


@breaks("booking_day_open")
def book_into_a_closed_day(c: Counter) -> int:
    execute("UPDATE organisation_county SET closed_through = %s WHERE code = %s", [YESTERDAY, c.county])
    days = {"booked_on": YESTERDAY, "business_day": LAST_WEEK}
    return c.entry("voided", "at_point", "voided", 1, item_id=c.waiting, **days)


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_refused_by_its_guard(counter: Counter, breach: Breach) -> None:
    before = value("SELECT count(*) FROM donations_custodyentry")

    with refused_by(breach.guard):
        breach.attempt(counter)

    assert value("SELECT count(*) FROM donations_custodyentry") == before


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_goes_in_without_its_guard(counter: Counter, breach: Breach) -> None:
    for guard in (breach.guard, *breach.behind):
        drop_guard(guard)

    assert breach.attempt(counter)


def test_days_of_another_county_stay_open(counter: Counter) -> None:
    execute(
        "UPDATE organisation_county SET closed_through = %s WHERE code = %s", [TODAY, counter.abroad.county]
    )

    entry = counter.entry("voided", "at_point", "voided", 1, item_id=counter.waiting)

    assert entry > 0


def test_grammar_of_custody_is_the_models(counter: Counter) -> None:
    rule = value("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'custody_step_known'")
    triples = ", ".join(
        f"('{kind}', '{source}', '{target}')"
        for kind in CustodyKind
        for source in Custody
        for target in Custody
    )

    known = value(
        "SELECT array_agg(kind || ' ' || from_state || ' ' || to_state ORDER BY 1)"
        f" FROM (VALUES {triples}) AS step (kind, from_state, to_state) WHERE {rule.removeprefix('CHECK ')}"
    )

    assert sorted(known) == sorted(f"{kind} {source} {target}" for kind, source, target in CUSTODY_STEPS)


def test_group_counted_into_its_items(counter: Counter) -> None:
    for item, found in zip(counter.twins, (10, 7), strict=True):
        counter.arrived("received", found, item_id=item, group_id=counter.bundle)
    counter.arrived("missing", 3, group_id=counter.bundle)

    held = [
        value("SELECT counted FROM donations_itemholdings WHERE item_id = %s", [i]) for i in counter.twins
    ]
    group = value(
        "SELECT (on_the_way, missing)::text FROM donations_groupholdings WHERE group_id = %s",
        [counter.bundle],
    )

    assert held == [10, 7]
    assert group == "(0,3)"


def test_group_sent_back_leaves_nothing_on_the_way(counter: Counter) -> None:
    for item in counter.twins:
        counter.sent_back(item, 10)

    held = [
        value("SELECT at_point FROM donations_itemholdings WHERE item_id = %s", [i]) for i in counter.twins
    ]
    group = value("SELECT on_the_way FROM donations_groupholdings WHERE group_id = %s", [counter.bundle])

    assert (held, group) == ([10, 10], 0)


def test_surplus_of_a_group_stands_with_nobodys_item(counter: Counter) -> None:
    found = counter.found(3)
    counter.surplus(found, quantity=3, group_id=counter.bundle)

    held = value("SELECT counted FROM donations_itemholdings WHERE item_id = %s", [found])
    group = value(
        "SELECT (on_the_way, counted)::text FROM donations_groupholdings WHERE group_id = %s",
        [counter.bundle],
    )

    assert (held, group) == (3, "(20,0)")
