"""Races for what stands on a shelf, is promised or is on the road."""

from __future__ import annotations

import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from distribution.models import ClinicProfile, Shipment, ShipmentLine
from distribution.models.urgent import UrgentIssue
from distribution.swaps import most_of, swap_proposals
from inventory.ledger import Entry, Shelf, lock_balances, post
from inventory.models import Batch, Kind, Movement, Side, State
from inventory.models.counts import StockCount
from organisation.models import Place
from tests.distribution.stock import CENTRE, FIRST, HOSPITAL, hand_out, order, profile, stock
from tests.faults.races import Arena, Ends, Guard, Race, Start, dropped, rewritten, wins
from tests.inventory.counting import finished, of
from tests.plain_sql import value
from tests.world import TODAY

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


# Promises and the road


def shipment_of(arena: Arena, batch: Batch, quantity: int, to_place: Place) -> Shipment:
    """Units of a batch at the hospital that are promised to a clinic."""
    world = arena.world
    shipment = Shipment.objects.create(
        county=world.county,
        from_place=world.hospital,
        from_side=Side.STORE,
        to_place=to_place,
        to_side=Side.CLINIC,
    )
    ShipmentLine.objects.create(county=world.county, shipment=shipment, batch=batch, promised=quantity)
    ends = [Shelf(world.hospital.pk, Side.STORE, State.AVAILABLE),
            Shelf(world.hospital.pk, Side.STORE, State.RESERVED, shipment.pk)]  # fmt: skip
    with transaction.atomic():
        # The road's account is there before, or whoever makes it first would keep the others waiting by that alone.
        lock_balances(
            {(Shelf(world.hospital.pk, Side.STORE, State.IN_TRANSIT, shipment.pk), batch.pk)}, act=world.act()
        )
        post([Entry(Kind.RESERVE, batch.pk, quantity, *ends, "shipment", shipment.pk)], act=world.act())
    return shipment


ROAD = Guard(
    "The shipment's row is locked and its state judged under the lock; behind it the account of the promise (or of"
    " the road) holds these goods alone and cannot fall below zero (balance_never_negative). Either alone suffices.",
    apart="stock",
    without=LEDGER,
    unlocked="distribution_shipment",
    meet="ledger_post",
    each_suffices=True,
)


def sent(arena: Arena) -> Start:
    batch = stock(arena.world, 10, lot=arena.fresh("SENT"))
    shipment = shipment_of(arena, batch, 10, arena.world.villages[1])
    works = [partial(one.post, f"shipments/{shipment.pk}/dispatch/") for one in arena.crowd("pharmacist")]

    def settled(ends: Ends) -> tuple[Any, Any]:
        return (wins(ends), units(batch, "reserved"), units(batch, "in_transit")), (1, 0, 10)

    return Start(works, settled)


def received(arena: Arena) -> Start:
    batch = stock(arena.world, 10, lot=arena.fresh("ROAD"))
    shipment = shipment_of(arena, batch, 10, arena.world.villages[1])
    sender = arena.once("sender", lambda: arena.world.signed("pharmacist"))
    assert sender.post(f"shipments/{shipment.pk}/dispatch/").status_code == 200
    (line,) = shipment.lines.all()
    body = {"lines": [{"line": line.pk, "accepted": 9, "missing": 1, "reason": "途中遗失"}]}
    crowd = arena.crowd("clinic", arena.world.villages[1])
    works = [partial(one.post, f"shipments/{shipment.pk}/receive/", body) for one in crowd]

    def settled(ends: Ends) -> tuple[Any, Any]:
        seen = wins(ends), units(batch, "in_transit"), units(batch, "available"), units(batch, "lost")
        return seen, (1, 0, 9, 1)

    return Start(works, settled)


def planned(arena: Arena, quantity: int) -> tuple[Batch, int]:
    """A plan that waits for approval and gives away what stands at the centre; others have emptied it before."""
    world = arena.world
    arena.once("profile", lambda: profile(world, world.villages[1], population=900_000))
    allocator = arena.once("allocator", lambda: world.signed("allocator"))
    batch = stock(world, quantity, place=world.centre, lot=arena.fresh("PLAN"))
    return batch, submitted(allocator)


def submitted(allocator: Any) -> int:
    plan = allocator.post("plans/", order(from_places=[CENTRE]))
    assert plan.status_code == 201, plan.json()
    pk = int(plan.json()["id"])
    assert allocator.post(f"plans/{pk}/submit/").status_code == 200
    return pk


PLAN = Guard(
    "The plan's row is locked and its state judged under the lock. Nothing stands behind it: where there is stock for"
    " two, two approvals would reserve it twice.",
    unlocked="distribution_plan",
    meet='INSERT INTO "distribution_shipment"',
)


def approved(arena: Arena) -> Start:
    """One plan; and there is stock for as many approvals as there are rivals."""
    batch, plan = planned(arena, 10)
    more = stock(arena.world, 10 * arena.rivals, place=arena.world.centre, lot=batch.lot_number)
    assert more == batch
    works = [partial(one.post, f"plans/{plan}/approve/") for one in arena.crowd("approver")]

    def settled(ends: Ends) -> tuple[Any, Any]:
        seen = wins(ends), Shipment.objects.filter(plan=plan).count(), units(batch, "reserved")
        aside(arena, CENTRE, batch)
        return seen, (1, 1, 10)

    return Start(works, settled)


def aside(arena: Arena, place: str, batch: Batch) -> None:
    """What a round left on a shelf is put aside, so that the next one does not find it."""
    lead = arena.once("lead", lambda: arena.world.signed("lead_pharmacist"))
    lead.post("holds/", {"place": place, "batch": batch.pk, "reason": "外观可疑"})


def approved_apart(arena: Arena) -> Start:
    """Two plans that were each made when the same units were still free."""
    batch, first = planned(arena, 40)
    plans = [first, submitted(arena.memory["allocator"])]
    crowd = arena.crowd("approver")
    works = [partial(one.post, f"plans/{plans[n % 2]}/approve/") for n, one in enumerate(crowd)]

    def settled(ends: Ends) -> tuple[Any, Any]:
        seen = wins(ends), units(batch, "available"), units(batch, "reserved")
        return seen, (1, 0, 40)

    return Start(works, settled)


# Limits that are counted, and second persons

CAP = Guard(
    "The clinic's row is locked before what it got today is counted. Nothing stands behind it.",
    unlocked="organisation_place",
    meet="ledger_post",
)


def urgent(world: Any, medicine: str, quantity: int) -> dict[str, Any]:
    return {
        "from_place": HOSPITAL,
        "to_place": FIRST,
        "agreed_by": "分管副局长",
        "agreed_at": (timezone.now() - datetime.timedelta(hours=1)).isoformat(),
        "reason": "多名老人同时发热",
        "lines": [{"medicine": medicine, "quantity": quantity}],
    }


def issued(arena: Arena) -> Start:
    """Of a medicine two issues may go to a clinic in a day, and there is stock for all rivals."""
    world, code = arena.world, arena.fresh("U")
    medicine = world._medicine(code, f"布洛芬片{code}", "0.1g", code)
    stock(world, 200 * arena.rivals, medicine=medicine, lot=code)
    works = [
        partial(one.post, "urgent-issues/", urgent(world, code, 200)) for one in arena.crowd("pharmacist")
    ]

    def settled(ends: Ends) -> tuple[Any, Any]:
        on_road = value(
            "SELECT sum(b.quantity)::integer FROM inventory_balance b JOIN inventory_batch t ON t.id = b.batch_id"
            " WHERE t.medicine_id = %s AND b.state = 'in_transit'",
            [medicine.pk],
        )
        return (wins(ends), on_road), (2, 400)

    return Start(works, settled)


SIGNATURE = Guard(
    "The issue's row is locked and judged under the lock; urgent_issue_stands keeps a name once written. Either alone"
    " suffices.",
    without=[dropped("urgent_issue_stands")],
    unlocked="distribution_urgentissue",
    meet='UPDATE "distribution_urgentissue"',
    each_suffices=True,
)


def countersigned(arena: Arena) -> Start:
    world, code = arena.world, arena.fresh("S")
    stock(world, 10, lot=code)
    issue = arena.once("sender", lambda: world.signed("pharmacist"))
    body = urgent(world, "M009a", 1)
    medicine = world._medicine(code, f"布洛芬片{code}", "0.1g", code)
    stock(world, 10, medicine=medicine, lot=code)
    pk = issue.post("urgent-issues/", {**body, "lines": [{"medicine": code, "quantity": 1}]}).json()["id"]
    crowd = arena.crowd("approver", others=True)
    works = [partial(one.post, f"urgent-issues/{pk}/countersign/") for one in crowd]

    def settled(ends: Ends) -> tuple[Any, Any]:
        return (wins(ends), UrgentIssue.objects.filter(pk=pk, countersigned_by=None).count()), (1, 0)

    return Start(works, settled)


SWAP = Guard(
    "The rows of both clinics are locked, and what can be proposed is computed anew under the lock. Nothing stands"
    " behind it while the giver has enough.",
    unlocked="organisation_place",
    meet="ledger_post",
)


def swapped(arena: Arena) -> Start:
    """A clinic that hands out nothing has far more than the other lacks; the proposal is for what lacks."""
    world, code = arena.world, arena.fresh("W")
    since = TODAY - datetime.timedelta(days=28)
    pair = [world._place(f"P-{code}-{n}", f"村卫生室{code}{n}", "village_clinic", hands_out=True, parent=world.centre)
            for n in range(2)]  # fmt: skip
    stock(world, 900, place=pair[0], side=Side.CLINIC, days=40, lot=code, since=since, booked=since)
    batch = Batch.objects.get(lot_number=code)
    gave(arena, pair[0])
    # Whoever else lacks something would share in it.
    ClinicProfile.objects.all().delete()
    arena.memory.pop("profile", None)
    profile(world, pair[1], population=21)
    swaps = swap_proposals(world.county.pk, TODAY, medicines={"M009a"}, among=[place.pk for place in pair])
    proposed = most_of(swaps, *pair)[batch.pk]
    body = {"from_place": pair[0].code, "to_place": pair[1].code,
            "lines": [{"batch": batch.pk, "quantity": proposed}]}  # fmt: skip
    works = [partial(each.post, "swaps/", body) for each in arena.crowd("lead_pharmacist")]

    def settled(ends: Ends) -> tuple[Any, Any]:
        aside(arena, pair[0].code, batch)
        return (wins(ends), units(batch, "in_transit")), (1, proposed)

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


def gave(arena: Arena, place: Place) -> None:
    """The clinic handed out one tablet yesterday, so that its use is known."""
    yesterday = TODAY - datetime.timedelta(days=1)
    body = hand_out(place=place.code, dispensed_on=str(yesterday),
                    lines=[{"medicine": "M009a", "quantity": 1, "days_supply": 1}])  # fmt: skip
    answer = arena.world.signed("clinic", place).post("dispensings/", body)
    assert answer.status_code == 201, answer.json()


RACES = [
    Race("hand-outs of the last units", SHELF, last_units, frozenset({"short_stock"})),
    Race("hand-out and hold of a lot", SHELF, given_or_held, frozenset({"short_stock"})),
    Race("count approved and stock held", SHELF, counted_and_given, frozenset()),
    Race(
        "two plans for one stock approved",
        SHELF,
        approved_apart,
        frozenset({"short_stock", "wrong_plan_state"}),
    ),
    Race("one plan approved twice", PLAN, approved, frozenset({"wrong_plan_state"})),
    Race("one shipment sent twice", ROAD, sent, frozenset({"wrong_shipment_state"})),
    Race("one shipment received twice", ROAD, received, frozenset({"wrong_shipment_state"})),
    Race("urgent issues up to the cap", CAP, issued, frozenset({"more_than_urgent"})),
    Race("urgent issue countersigned twice", SIGNATURE, countersigned, frozenset({"already_countersigned"})),
    Race("swap accepted twice", SWAP, swapped, frozenset({"not_proposed"})),
    Race("hand-out taken back twice", REVERSAL, taken_back, frozenset({"already_reversed"})),
    Race("count approved twice", COUNT, count_approved, frozenset({"not_at_this_stage"})),
    Race("counts of one place begun", ONE_COUNT, count_begun, frozenset({"count_under_way"})),
    Race("hold released twice", HOLD, released, frozenset({"hold_released"})),
    Race("destruction witnessed twice", GONE, witnessed, frozenset({"destruction_ended"})),
]
