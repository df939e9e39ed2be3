"""The books agree after play, and every kind of damage done behind the guards' back is found and named."""

from __future__ import annotations

import io
import uuid

import pytest
from django.core.management import CommandError, call_command

from core.short_codes import new_short_code
from inventory.verification import Discrepancy, examine, verify
from inventory.verification_checks import CHECKS
from tests.plain_sql import TODAY, Books, drop_guard, execute, insert, value
from tests.shelves import Shelves
from tests.world import World

BALANCE = "UPDATE inventory_balance SET quantity = quantity + {} WHERE account_id = {} AND batch_id = {}"


def damage(statement: str) -> None:
    """Run a statement as somebody who has switched all triggers off and dropped what stands in the way."""
    drop_guard("balance_never_negative")
    drop_guard("itemholdings_never_negative")
    execute("SET LOCAL session_replication_role = replica")
    assert execute(statement) > 0
    execute("SET LOCAL session_replication_role = origin")


def checks_that_fail() -> set[str]:
    return {discrepancy.check for discrepancy in verify()}


@pytest.fixture
def played(shelves: Shelves) -> Shelves:
    """The shelves after one of everything, reversals and a conversion among them."""
    s = shelves
    s.move("receive", s.on_road, s.at_centre, 3, s.batch_a, **s.paper())
    s.move("lose", s.on_road, s.account("lost"), 1, s.batch_a, **s.paper())
    s.move("dispense", s.at_centre, s.account("dispensed", place_id=s.centre, side="clinic"), 2, s.batch_a)
    s.move("local_use", s.available, s.account("available", side="clinic"), 5, s.batch_a)
    s.move("adjust", s.available, s.adjusted, 2, s.batch_a)
    s.move("adjust", s.adjusted, s.available, 1, s.batch_a)
    s.move("destroy", s.held, s.destroyed, 4, s.expired)
    sent = s.move("dispatch", s.reserved, s.on_road, 1, s.batch_a, **s.paper())
    s.move("reversal", s.on_road, s.reserved, 1, s.batch_a, reverses_id=sent, **s.paper())
    s.opened = s.batch()
    convert(s, s.batch_a, s.opened)
    custody(s)
    devices(s)
    kits(s)
    return s


def convert(s: Shelves, batch: int, into: int) -> None:
    rows = [(batch, s.available, s.converted), (into, s.converted, s.available)]
    command = uuid.uuid4()
    s.correction(batch, into, command)
    execute(
        "INSERT INTO inventory_movement (county_id, batch_id, quantity, from_account_id, to_account_id, kind,"
        " document_type, detail, business_day, booked_on, recorded_at, command) SELECT %s, batch, 3, source, target,"
        " 'convert', 'test', '', %s, %s, now(), %s FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[])"
        " AS rows (batch, source, target)",
        [s.county, TODAY, TODAY, command, *(list(column) for column in zip(*rows, strict=True))],
    )


def devices(s: Shelves) -> None:
    """An oximeter kept in use at the hospital, another lent."""
    oximeter = insert(
        "catalogue_medicine", code="M187", generic_name="指夹式脉搏血氧仪", inn="", category="device", dosage_form="",
        strength="", smallest_unit="台", rx_otc="", special_control="none", paediatric=False, storage="",
        symptom_groups="", loose_ok="n", requires_lot=False, requires_expiry=False, donation_default="accept",
        not_for="", brands="", evidence="", notes="", search_text="",
    )  # fmt: skip
    batch = s.batch(medicine_id=oximeter, lot_number="", last_usable_day=None)
    s.accept(2, batch)
    shelf = s.account("available", side="clinic")
    s.move("local_use", s.available, shelf, 2, batch)
    for kind, step, state in (("kept", "put_in_use", "in_use"), ("lent", "lend", "lent")):
        loan = {"register_ref": "7", "due_on": TODAY} if kind == "lent" else {"register_ref": ""}
        insert(
            "inventory_deviceuse", county_id=s.county, place_id=s.here, batch_id=batch, kind=kind, started_by=1,
            started_on=TODAY, command=uuid.uuid4(), condition="", reason="", **loan,
        )  # fmt: skip
        s.move(step, shelf, s.account(state, side="clinic"), 1, batch)


def kits(s: Shelves) -> None:
    """A kit of two tablets, packed from what the hospital keeps to hand out."""
    made = {"county_id": s.county, "command": uuid.uuid4()}
    template = insert("inventory_kittemplate", name="健康包", shelf_days=30, made_by=1, made_on=TODAY, **made)
    insert(
        "inventory_kittemplateline", county_id=s.county, template_id=template, quantity=2, days_supply=1,
        medicine_id=s.world.ibuprofen.pk,
    )  # fmt: skip
    kit = insert(
        "inventory_kit", place_id=s.here, template_id=template, code=new_short_code(), state="packed", packed_by=1,
        packed_on=TODAY, reason="", **made,
    )  # fmt: skip
    shelf, inside = s.account("available", side="clinic"), s.account("reserved", side="clinic", kit_id=kit)
    s.move("reserve", shelf, inside, 2, s.batch_a, document_type="kit", document_id=kit)


def custody(s: Books) -> None:
    """A handover with a group that arrives short, a refusal left for disposal, doubt, and a rejection taken back."""
    sent_by = s.handover()
    bundle, twins = s.group(sent_by), [s.item(10), s.item(10)]
    paper = {"handover_id": sent_by, "group_id": bundle}
    for item in twins:
        s.entry("registered", "outside", "at_point", 10, item_id=item)
        s.entry("handed_over", "at_point", "on_the_way", 10, item_id=item, **paper)
    s.entry("received", "on_the_way", "counted", 8, item_id=twins[0], place_id=s.centre, **paper)
    s.entry("missing", "on_the_way", "missing", 5, place_id=s.centre, **paper)
    left = s.item(6, outcome="refuse")
    s.entry("refused", "outside", "refused", 6, item_id=left)
    s.entry("left_for_disposal", "refused", "in_bin", 6, item_id=left)
    s.entry("destroyed", "in_bin", "destroyed", 2, item_id=left)
    doubtful = s.counted_item(9)
    s.entry("in_doubt", "counted", "in_doubt", 4, item_id=doubtful)
    rejected = s.entry("rejected", "counted", "in_bin", 5, item_id=doubtful)
    s.entry("reversed", "in_bin", "counted", 5, item_id=doubtful, reverses_id=rejected)
    s.entry("corrected", "outside", "counted", 1, item_id=doubtful)


def test_played_books_agree(played: Shelves) -> None:
    execute("UPDATE organisation_county SET closed_through = %s", [TODAY])

    verification = examine()

    assert verification.discrepancies == []
    assert set(verification.checked) == set(CHECKS)
    assert {check for check, figures in verification.checked.items() if not figures} == set()


def test_empty_books_agree(db: None) -> None:
    verification = examine("999999")

    assert set(verification.checked.values()) == {0}
    assert verification.discrepancies == []


DAMAGES = [
    ("UPDATE inventory_balance SET quantity = quantity + 1 WHERE state = 'available'",
     {"balances", "book", "identity of stock"}),
    ("UPDATE inventory_balance SET quantity = quantity + 1 WHERE state = 'lost'", {"balances", "book"}),
    ("UPDATE inventory_balance SET quantity = quantity - 1 WHERE state = 'in_transit'",
     {"balances", "book", "identity of the road", "never below zero"}),
    ("UPDATE inventory_balance SET quantity = quantity + 1 WHERE state = 'converted'",
     {"balances", "book", "conversions"}),
    ("DELETE FROM inventory_balance WHERE state = 'dispensed'", {"balances", "book"}),
    ("UPDATE inventory_movement SET quantity = quantity + 1 WHERE kind = 'dispense'",
     {"balances", "stock by day", "identity of stock"}),
    ("UPDATE inventory_movement SET booked_on = booked_on + 1 WHERE kind = 'hold'", {"stock by day"}),
    ("UPDATE inventory_movement SET kind = 'destroy' WHERE kind = 'dispense'",
     {"stock by day", "steps and reversals"}),
    ("UPDATE inventory_movement SET kind = 'hold' WHERE kind = 'adjust'",
     {"stock by day", "steps and reversals", "identity of stock"}),
    ("UPDATE inventory_movement SET reverses_id = reverses_id - 1 WHERE kind = 'reversal'",
     {"steps and reversals", "identity of stock", "identity of the road", "transfers by day"}),
    ("DELETE FROM inventory_movement WHERE kind = 'accept'",
     {"balances", "stock by day", "identity of stock", "accepted in both journals"}),
    ("DELETE FROM inventory_movement WHERE kind = 'lose'",
     {"balances", "stock by day", "identity of the road"}),
    ("UPDATE inventory_movement SET decision_id = decision_id + 1 WHERE kind = 'accept'",
     {"accepted in both journals"}),
    ("UPDATE inventory_stockday SET quantity = quantity + 1 WHERE kind = 'accept'", {"stock by day"}),
    ("UPDATE inventory_stockday SET entries = entries + 1 WHERE kind = 'hold'", {"stock by day"}),
    ("DELETE FROM inventory_stockday WHERE kind = 'adjust'", {"stock by day"}),
    ("UPDATE donations_itemholdings SET counted = counted + 1", {"item holdings", "identity of items"}),
    ("UPDATE donations_itemholdings SET accepted = accepted + 1", {"item holdings"}),
    ("UPDATE donations_itemholdings SET in_bin = in_bin + 1", {"item holdings", "identity of rejects"}),
    ("UPDATE donations_itemholdings SET voided = voided - 1", {"item holdings", "never below zero"}),
    ("UPDATE donations_itemholdings SET place_id = place_id + 1 WHERE in_doubt > 0", {"item holdings"}),
    ("DELETE FROM donations_itemholdings WHERE in_doubt > 0", {"item holdings", "identity of items"}),
    ("UPDATE donations_groupholdings SET missing = missing + 1", {"group holdings"}),
    ("UPDATE donations_groupholdings SET on_the_way = on_the_way + 1", {"group holdings", "identity of items"}),
    ("UPDATE donations_custodyday SET quantity = quantity - 1 WHERE kind = 'accepted'", {"custody by day"}),
    ("DELETE FROM donations_custodyday WHERE kind = 'refused'", {"custody by day"}),
    ("UPDATE donations_custodyentry SET quantity = quantity + 1 WHERE kind = 'in_doubt'",
     {"custody by day", "item holdings"}),
    ("DELETE FROM donations_custodyentry WHERE kind = 'missing'",
     {"custody by day", "group holdings", "identity of items"}),
    ("DELETE FROM donations_custodyentry WHERE kind = 'destroyed'",
     {"custody by day", "item holdings", "identity of rejects"}),
    ("UPDATE donations_custodyentry SET place_id = place_id + 1 WHERE kind = 'corrected'",
     {"custody by day", "item holdings"}),
    ("UPDATE donations_item SET quantity = quantity + 1", {"registered as brought"}),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "checks"), DAMAGES, ids=[statement for statement, _checks in DAMAGES])
def test_damage_found_by_its_checks(played: Shelves, statement: str, checks: set[str]) -> None:
    damage(statement)

    assert checks_that_fail() == checks


def test_stock_below_zero_found_where_all_figures_agree(played: Shelves) -> None:
    s = played
    damage(
        "INSERT INTO inventory_movement (county_id, batch_id, quantity, from_account_id, to_account_id, kind,"
        " document_type, detail, business_day, booked_on, recorded_at, command)"
        f" SELECT county_id, {s.expired}, 900, {s.available}, {s.dispensed}, 'dispense', '', '', business_day,"
        f" booked_on, now(), command FROM inventory_movement WHERE id = {s.hold}"
    )
    damage(BALANCE.format(-900, s.available, s.expired))
    damage(
        "INSERT INTO inventory_balance (county_id, account_id, batch_id, state, quantity)"
        f" VALUES ('{s.county}', {s.dispensed}, {s.expired}, 'dispensed', 900)"
    )
    damage("DELETE FROM inventory_stockday")

    failed = checks_that_fail()

    assert failed == {"never below zero", "stock by day"}


def test_discrepancy_names_place_batch_and_figure(played: Shelves) -> None:
    damage(BALANCE.format(5, played.reserved, played.batch_a))

    lot, there = value(
        "SELECT (lot_number, quantity)::text FROM inventory_batch b JOIN inventory_balance k ON k.batch_id = b.id"
        " WHERE b.id = %s AND account_id = %s",
        [played.batch_a, played.reserved],
    ).strip("()").split(",")  # fmt: skip
    found = next(found for found in verify() if found.check == "balances")

    day = value("SELECT last_usable_day FROM inventory_batch WHERE id = %s", [played.batch_a])
    assert found == Discrepancy(
        "balances",
        "522633",
        "P-522633-01 从江县中医院北院药房",
        f"布洛芬片 0.1g {lot} {day} #{played.batch_a}",
        f"store reserved shipment {played.ours}",
        int(there),
        int(there) - 5,
    )


def test_other_county_left_out(played: Shelves) -> None:
    damage(f"UPDATE inventory_balance SET quantity = quantity + 1 WHERE county_id = '{played.abroad.county}'")

    assert verify("522633") == []
    assert {found.county for found in verify("522622")} == {"522622"}
    assert {found.county for found in verify()} == {"522622"}


def test_command_prints_what_was_checked(played: Shelves) -> None:
    out = io.StringIO()

    call_command("verify_ledger", stdout=out)

    figures = value("SELECT count(*) FROM inventory_balance")
    lines = out.getvalue().splitlines()
    assert lines[0] == f"balances: {figures} figures"
    assert len(lines) == len(CHECKS) + 1
    assert lines[-1] == "All figures agree with the journals."


def test_command_fails_and_prints_each_discrepancy(played: Shelves) -> None:
    damage("UPDATE donations_groupholdings SET missing = missing + 1")
    out = io.StringIO()

    with pytest.raises(CommandError, match=r"^1 figures disagree with the journals\.$"):
        call_command("verify_ledger", "--county", "522633", stdout=out)

    group = value("SELECT group_id FROM donations_groupholdings")
    assert f"group holdings: 522633 · handover group #{group}: missing: 6 ≠ 5" in out.getvalue().splitlines()


def test_command_of_unknown_county_refused(db: None) -> None:
    with pytest.raises(CommandError, match="no county 999999"):
        call_command("verify_ledger", "--county", "999999")


def test_books_read_in_one_snapshot_of_their_own(cloned_db: str) -> None:
    Shelves(World())

    assert verify() == []
