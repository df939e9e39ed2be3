"""Rows of batches, decisions and accounts that make no sense, and hands on what only the ledger may write."""

from __future__ import annotations

from tests.plain_sql import LAST_WEEK, YESTERDAY, Breaches, execute, insert, value
from tests.shelves import Shelves

breaks = Breaches()


# Labels


@breaks("batch_lot_and_day_read")
def batch_without_lot(s: Shelves) -> int:
    return s.batch(lot_number="")


@breaks("batch_lot_and_day_read")
def batch_without_day(s: Shelves) -> int:
    return s.batch(last_usable_day=None)


@breaks("batch_once")
def the_same_batch_twice(s: Shelves) -> int:
    s.batch(lot_number="L9")
    return s.batch(lot_number="L9")


@breaks("decision_quantity_range")
def decide_on_nothing(s: Shelves) -> int:
    return s.decision(s.counted_item(5), s.batch_a, 0)


@breaks("decision_batch_iff_accepted")
def accept_without_batch(s: Shelves) -> int:
    return s.decision(s.counted_item(5), None, 5)


@breaks("decision_reason_unless_accepted")
def reject_without_reason(s: Shelves) -> int:
    return s.decision(s.counted_item(5), None, 5, outcome="reject")


# Accounts


@breaks("account_state_known", "account_owner_iff_promised")
def account_of_unknown_state(s: Shelves) -> int:
    return s.account("drawer")


@breaks("account_side_known")
def account_of_unknown_side(s: Shelves) -> int:
    return s.account("available", side="attic")


@breaks("account_owner_iff_promised")
def promise_to_nobody(s: Shelves) -> int:
    return s.account("reserved")


@breaks("account_owner_iff_promised")
def shelf_of_a_shipment(s: Shelves) -> int:
    return s.account("available", s.ours)


@breaks("account_once")
def the_same_account_twice(s: Shelves) -> int:
    return insert("inventory_account", county_id=s.county, place_id=s.here, side="store", state="available")


# What the ledger keeps itself


@breaks("balance_kept_by_ledger")
def change_a_balance(s: Shelves) -> int:
    return execute("UPDATE inventory_balance SET quantity = quantity + 1")


@breaks("balance_kept_by_ledger")
def remove_a_balance(s: Shelves) -> int:
    return execute("DELETE FROM inventory_balance WHERE account_id = %s", [s.held])


@breaks("balance_kept_by_ledger")
def make_a_balance_with_goods(s: Shelves) -> int:
    return s.balance(s.destroyed, "destroyed", 1)


@breaks("balance_kept_by_ledger")
def empty_the_balances(s: Shelves) -> bool:
    execute("TRUNCATE inventory_balance")
    return value("SELECT count(*) FROM inventory_balance") == 0


@breaks("inventory_stockday_kept_by_journal")
def change_a_day_of_stock(s: Shelves) -> int:
    return execute("UPDATE inventory_stockday SET quantity = quantity + 1")


@breaks("inventory_stockday_kept_by_journal")
def remove_a_day_of_stock(s: Shelves) -> int:
    return execute("DELETE FROM inventory_stockday")


@breaks("inventory_stockday_kept_by_journal")
def empty_the_days_of_stock(s: Shelves) -> bool:
    execute("TRUNCATE inventory_stockday")
    return value("SELECT count(*) FROM inventory_stockday") == 0


# Closed days


@breaks("booking_day_open")
def book_into_a_closed_day(s: Shelves) -> int:
    execute("UPDATE organisation_county SET closed_through = %s WHERE code = %s", [YESTERDAY, s.county])
    return s.move("hold", s.available, s.held, 1, s.batch_a, booked_on=YESTERDAY, business_day=YESTERDAY)


@breaks("closed_days_stay_closed")
def open_a_closed_day(s: Shelves) -> int:
    execute("UPDATE organisation_county SET closed_through = %s", [YESTERDAY])
    return execute("UPDATE organisation_county SET closed_through = %s", [LAST_WEEK])


@breaks("closed_days_stay_closed")
def open_all_closed_days(s: Shelves) -> int:
    execute("UPDATE organisation_county SET closed_through = %s", [YESTERDAY])
    return execute("UPDATE organisation_county SET closed_through = NULL")
