"""Races for what is promised and on the road: plans, shipments, urgent issues, swaps."""

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
from inventory.models import Batch, Kind, Side, State
from organisation.models import Place
from tests.distribution.stock import CENTRE, FIRST, HOSPITAL, hand_out, order, profile, stock
from tests.faults.races import Arena, Ends, Guard, Race, Start, dropped, wins
from tests.faults.races_of_stock import LEDGER, SHELF, units
from tests.plain_sql import value
from tests.world import TODAY


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


def gave(arena: Arena, place: Place) -> None:
    """The clinic handed out one tablet yesterday, so that its use is known."""
    yesterday = TODAY - datetime.timedelta(days=1)
    body = hand_out(place=place.code, dispensed_on=str(yesterday),
                    lines=[{"medicine": "M009a", "quantity": 1, "days_supply": 1}])  # fmt: skip
    answer = arena.world.signed("clinic", place).post("dispensings/", body)
    assert answer.status_code == 201, answer.json()


RACES = [
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
]
