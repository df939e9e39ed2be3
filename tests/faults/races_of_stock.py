"""Races for what stands on a shelf: handed out, taken back, counted, held, destroyed."""

from __future__ import annotations

from functools import partial
from typing import Any

from inventory.models import Batch, Kind, Movement, Side
from inventory.models.counts import StockCount
from tests.distribution.stock import FIRST, HOSPITAL, hand_out, stock
from tests.faults.races import Arena, Ends, Guard, Race, Start, dropped, rewritten, wins
from tests.inventory.counting import finished, of
from tests.plain_sql import value

EACH = 6
USABLE = ["available", "reserved", "in_transit"]


def units(batch: Batch, *states: str) -> int:
    """What the books say of a batch in these states, wherever it stands."""
    return value(
        "SELECT coalesce(sum(quantity), 0)::integer FROM inventory_balance"
        " WHERE batch_id = %s AND state = ANY (%s)",
        [batch.pk, list(states)],
    )


# The shelf

# A hand-out without its locks looks, waits and then asks for what it saw; the pause lies between the ledger's own
# look and its entry.
LEDGER = [
    dropped("balance_never_negative"),
    rewritten("ledger_lock", " FOR UPDATE OF b", ""),
    rewritten(
        "ledger_post",
        "RETURN QUERY\n        WITH written",
        "PERFORM pg_sleep(0.05); RETURN QUERY WITH written",
    ),
]
SHELF = Guard(
    "The balances are locked in key order before they are judged (ledger_lock, and the hand-out's own look), and"
    " balance_never_negative stands behind. Either alone suffices: without the locks the check refuses, without the"
    " check nobody gets past the locks.",
    apart="stock",
    without=LEDGER,
    unlocked="inventory_balance",
    meet="ledger_post",
    each_suffices=True,
)


def last_units(arena: Arena) -> Start:
    """Half of the rivals find enough on the clinic's shelf, and five units are left."""
    world, half = arena.world, arena.rivals // 2
    batch = stock(world, half * EACH + 5, place=world.villages[0], side=Side.CLINIC, lot=arena.fresh("LAST"))
    body = hand_out(lines=[{"batch": batch.pk, "quantity": EACH, "days_supply": 3}])
    works = [partial(one.post, "dispensings/", body) for one in arena.crowd("clinic", world.villages[0])]

    def settled(ends: Ends) -> tuple[Any, Any]:
        seen = wins(ends), units(batch, "available"), units(batch, "dispensed")
        return seen, (half, 5, half * EACH)

    return Start(works, settled)


def given_or_held(arena: Arena) -> Start:
    """Every other rival puts units of the lot on hold instead."""
    world, half = arena.world, arena.rivals // 2
    batch = stock(world, half * EACH + 5, place=world.villages[0], side=Side.CLINIC, lot=arena.fresh("HELD"))
    given = hand_out(lines=[{"batch": batch.pk, "quantity": EACH, "days_supply": 3}])
    held = {"place": FIRST, "batch": batch.pk, "quantity": EACH, "side": "clinic", "reason": "外观可疑"}
    clinic, lead = arena.crowd("clinic", world.villages[0]), arena.crowd("lead_pharmacist")
    works = [partial(one.post, "dispensings/", given) for one in clinic[::2]]
    works += [partial(one.post, "holds/", held) for one in lead[1::2]]

    def settled(ends: Ends) -> tuple[Any, Any]:
        gone = units(batch, "dispensed") + units(batch, "held")
        return (wins(ends), units(batch, "available"), gone), (half, 5, half * EACH)

    return Start(works, settled)


def counted_and_given(arena: Arena) -> Start:
    """A count that found three too few is approved while others hold what is there."""
    world = arena.world
    batch = stock(world, arena.rivals * EACH, lot=arena.fresh("COUNT"))
    pk = finished(
        arena.once("checker", lambda: world.signed("checker")), of(batch.pk, arena.rivals * EACH - 3)
    )
    held = {"place": HOSPITAL, "batch": batch.pk, "quantity": EACH, "side": "store", "reason": "外观可疑"}
    crowd = arena.crowd("pharmacist")
    works: list[Any] = [partial(crowd[0].post, f"counts/{pk}/approve/")]
    works += [partial(one.post, "holds/", held) for one in crowd[1:]]

    def settled(ends: Ends) -> tuple[Any, Any]:
        seen = units(batch, "available") + units(batch, "held") + units(batch, "adjusted")
        return (wins(ends), seen, units(batch, "adjusted")), (arena.rivals, arena.rivals * EACH, 3)

    return Start(works, settled)


# Taken back

REVERSAL = Guard(
    "The hand-out's row is locked and judged under the lock; movement_reversed_once stands behind, and the hand-out's"
    " own row notes its end once (distribution_dispensing_filled_once). Each alone suffices.",
    without=[dropped("movement_reversed_once"), dropped("distribution_dispensing_filled_once")],
    unlocked="distribution_dispensing",
    meet="ledger_post",
    each_suffices=True,
)


def taken_back(arena: Arena) -> Start:
    """A hand-out is taken back while others of the same batch stand beside it."""
    world = arena.world
    batch = stock(
        world, arena.rivals * EACH, place=world.villages[0], side=Side.CLINIC, lot=arena.fresh("BACK")
    )
    crowd = arena.crowd("clinic", world.villages[0])
    numbers = []
    for quantity in (EACH, EACH * (arena.rivals - 1)):
        body = hand_out(lines=[{"batch": batch.pk, "quantity": quantity, "days_supply": 3}])
        numbers.append(crowd[0].post("dispensings/", body).json()["id"])
    works = [partial(one.post, f"dispensings/{numbers[0]}/reverse/") for one in crowd]

    def settled(ends: Ends) -> tuple[Any, Any]:
        back = Movement.objects.filter(kind=Kind.REVERSAL, batch=batch).count()
        return (wins(ends), back, units(batch, "available")), (1, 1, EACH)

    return Start(works, settled)


COUNT = Guard(
    "The count's row is locked and its state judged under the lock; behind it a line has one result"
    " (count_result_once) and an approved count stays so (count_moves_on). Each alone suffices.",
    without=[dropped("count_result_once"), dropped("count_moves_on")],
    unlocked="inventory_stockcount",
    meet="ledger_lock",
    each_suffices=True,
)


def count_approved(arena: Arena) -> Start:
    world = arena.world
    batch = stock(world, 100, lot=arena.fresh("FOUND"))
    pk = finished(arena.once("checker", lambda: world.signed("checker")), of(batch.pk, 97))
    works = [partial(one.post, f"counts/{pk}/approve/") for one in arena.crowd("pharmacist")]

    def settled(ends: Ends) -> tuple[Any, Any]:
        return (wins(ends), units(batch, "available"), units(batch, "adjusted")), (1, 97, 3)

    return Start(works, settled)


ONE_COUNT = Guard(
    "count_one_under_way: one count of a place at a time. It decides alone; the service only looks first.",
    without=[dropped("count_one_under_way")],
    meet='INSERT INTO "inventory_stockcount"',
)


def count_begun(arena: Arena) -> Start:
    works = [partial(one.post, "counts/", {"place": HOSPITAL}) for one in arena.crowd("checker")]

    def settled(ends: Ends) -> tuple[Any, Any]:
        begun = StockCount.objects.filter(state="open")
        seen = wins(ends), begun.count()
        for count in begun:
            arena.crowd("checker")[0].post(f"counts/{count.pk}/abandon/", {"reason": "重来"})
        return seen, (1, 1)

    return Start(works, settled)


HOLD = Guard(
    "The hold's row is locked, and what it still holds is counted under the lock. Nothing stands behind it where"
    " another hold of the batch keeps goods in the same place.",
    unlocked='"inventory_hold"',
    meet='INSERT INTO "inventory_holdrelease"',
)


def released(arena: Arena) -> Start:
    """Two holds of one batch; the rivals release the first."""
    world, lot = arena.world, arena.fresh("HOLD")
    batch = stock(world, 10 * arena.rivals, lot=lot)
    crowd = arena.crowd("pharmacist")
    body = {"place": HOSPITAL, "batch": batch.pk, "reason": "外观可疑"}
    first = crowd[0].post("holds/", {**body, "quantity": 10}).json()["id"]
    crowd[0].post("holds/", body)
    works = [partial(one.post, f"holds/{first}/release/") for one in crowd]

    def settled(ends: Ends) -> tuple[Any, Any]:
        return (wins(ends), units(batch, "available")), (1, 10)

    return Start(works, settled)


GONE = Guard(
    "The list's row is locked and judged under the lock; destruction_ends_once stands behind. Either alone suffices.",
    without=[dropped("destruction_ends_once")],
    unlocked="inventory_destruction",
    meet='FROM "inventory_hold"',
    each_suffices=True,
)


def witnessed(arena: Arena) -> Start:
    world = arena.world
    batch = stock(world, 12 * arena.rivals, lot=arena.fresh("GONE"))
    crowd = arena.crowd("pharmacist")
    crowd[0].post("holds/", {"place": HOSPITAL, "batch": batch.pk, "reason": "外观可疑"})
    lines = [{"batch": batch.pk, "quantity": 12}]
    body = {"place": HOSPITAL, "lines": lines, "method": "焚烧", "witness": world.person("checker").username}
    pk = crowd[0].post("destructions/", body).json()["id"]
    works = [partial(one.post, f"destructions/{pk}/confirm/") for one in arena.crowd("checker")]

    def settled(ends: Ends) -> tuple[Any, Any]:
        return (wins(ends), units(batch, "destroyed")), (1, 12)

    return Start(works, settled)


RACES = [
    Race("hand-outs of the last units", SHELF, last_units, frozenset({"short_stock"})),
    Race("hand-out and hold of a lot", SHELF, given_or_held, frozenset({"short_stock"})),
    Race("count approved and stock held", SHELF, counted_and_given, frozenset()),
    Race("hand-out taken back twice", REVERSAL, taken_back, frozenset({"already_reversed"})),
    Race("count approved twice", COUNT, count_approved, frozenset({"not_at_this_stage"})),
    Race("counts of one place begun", ONE_COUNT, count_begun, frozenset({"count_under_way"})),
    Race("hold released twice", HOLD, released, frozenset({"hold_released"})),
    Race("destruction witnessed twice", GONE, witnessed, frozenset({"destruction_ended"})),
]
