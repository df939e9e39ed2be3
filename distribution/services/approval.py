"""Approving a plan reserves everything it gives, or nothing; cancelling gives back what was not sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from catalogue.expiry import is_usable
from core.commands import Act
from core.errors import Fault
from distribution.errors import ExpiredMeanwhile, SecondPersonNeeded, WrongPlanState
from distribution.models import Plan, PlanLine, Shipment, ShipmentLine
from distribution.services.plans import locked_plan
from distribution.services.priorities import rank_needs
from inventory.errors import Recalled
from inventory.ledger import Entry, Shelf, lock_balances, open_book, post
from inventory.models import Balance, Batch, Kind, Movement, Side, State
from inventory.queries.recalls import recalled_batches
from inventory.services.expiry import off_the_shelf


def approve_plan(*, act: Act, plan: Plan) -> list[Shipment]:
    """Approve what another person planned: reserve every line for its shipment, all or nothing.

    One shipment per shelf and clinic. What a place gives itself is not sent: for its own clinic it is booked over
    at once as kept for local use; for its own store it simply stays. Lines short, expired or recalled are named
    (`/lines/<id>`), and then nothing is reserved.
    """
    plan = locked_plan(plan, Plan.State.SUBMITTED)
    open_book(act)
    lines = list(PlanLine.objects.filter(plan=plan, quantity__gt=0).order_by("id"))
    if act.actor_id in {plan.planned_by, *(line.changed_by for line in lines)}:
        raise SecondPersonNeeded
    _check_usable(act, lines)
    _check_recalled(act, lines)
    sent = [line for line in lines if line.from_place_id != line.clinic_id]
    kept = [line for line in lines if line.from_place_id == line.clinic_id]
    shipments = _write_shipments(act, plan, sent)
    entries = [_reserving(line, shipments[line.from_place_id, line.clinic_id]) for line in sent]
    if plan.level == Plan.Level.CLINICS:
        entries += [_keeping(plan, line) for line in kept]
    post(entries, act=act)
    plan.state, plan.approved_by, plan.approved_on = Plan.State.APPROVED, act.actor_id, act.on
    plan.version += 1
    plan.save(update_fields=["state", "approved_by", "approved_on", "version"])
    rank_needs(act.county_id, act.on)
    return list(shipments.values())


def cancel_plan(*, act: Act, plan: Plan) -> Plan:
    """Give a plan up; what it reserved goes back to the shelf, as long as nothing of it has left.

    What lapsed because nobody sent it in time has gone back already. What a place was let keep for its own clinic
    goes back to its store; where it was put on hold meanwhile it stays held where it is, and where some of it was
    handed out the plan stands (ShortStock).
    """
    plan = locked_plan(plan, Plan.State.DRAFT, Plan.State.SUBMITTED, Plan.State.APPROVED)
    unlapsed = Shipment.objects.filter(plan=plan, expired_on__isnull=True)
    shipments = list(unlapsed.select_for_update().order_by("id"))
    if any(shipment.state != Shipment.State.RESERVED for shipment in shipments):
        raise WrongPlanState
    open_book(act)
    post(off_the_shelf([*giving_back_all(shipments), *_taking_back(act, plan)], act=act), act=act)
    Shipment.objects.filter(plan=plan).update(state=Shipment.State.CANCELLED)
    plan.state, plan.version = Plan.State.CANCELLED, plan.version + 1
    plan.save(update_fields=["state", "version"])
    rank_needs(act.county_id, act.on)
    return plan


def usable(batch: Batch, act: Act) -> bool:
    """Whether goods of this batch may still be promised or sent today."""
    return is_usable(batch.last_usable_day, act.on, requires_expiry=batch.medicine.requires_expiry)


def _check_usable(act: Act, lines: Sequence[PlanLine]) -> None:
    batches = Batch.objects.select_related("medicine").in_bulk({line.batch_id for line in lines})
    faults = [
        Fault(f"/lines/{line.pk}", ExpiredMeanwhile.code, ExpiredMeanwhile.message)
        for line in lines
        if not usable(batches[line.batch_id], act)
    ]
    if faults:
        raise ExpiredMeanwhile(faults=faults)


def _check_recalled(act: Act, lines: Sequence[PlanLine]) -> None:
    recalled = recalled_batches(act.county_id, {line.batch_id for line in lines})
    faults = [
        Fault(f"/lines/{line.pk}", Recalled.code, Recalled.message)
        for line in lines
        if line.batch_id in recalled.at(line.from_place_id)
    ]
    if faults:
        raise Recalled(faults=faults)


def _write_shipments(act: Act, plan: Plan, lines: Sequence[PlanLine]) -> dict[tuple[int, int], Shipment]:
    legs: dict[tuple[int, int], list[PlanLine]] = defaultdict(list)
    for line in lines:
        legs[line.from_place_id, line.clinic_id].append(line)
    to_side = Side.STORE if plan.level == Plan.Level.TOWNSHIPS else Side.CLINIC
    made = Shipment.objects.bulk_create(
        Shipment(
            county_id=act.county_id,
            plan=plan,
            from_place_id=sender,
            from_side=Side.STORE,
            to_place_id=receiver,
            to_side=to_side,
        )
        for sender, receiver in sorted(legs)
    )
    shipments = dict(zip(sorted(legs), made, strict=True))
    ShipmentLine.objects.bulk_create(
        ShipmentLine(
            county_id=act.county_id, shipment=shipments[leg], batch_id=line.batch_id, promised=line.quantity
        )
        for leg in shipments
        for line in legs[leg]
    )
    return shipments


def _reserving(line: PlanLine, shipment: Shipment) -> Entry:
    return Entry(
        Kind.RESERVE,
        line.batch_id,
        line.quantity,
        Shelf(line.from_place_id, Side.STORE, State.AVAILABLE),
        Shelf(line.from_place_id, Side.STORE, State.RESERVED, shipment.pk),
        "shipment",
        shipment.pk,
        pointer=f"/lines/{line.pk}",
    )


def _keeping(plan: Plan, line: PlanLine) -> Entry:
    return Entry(
        Kind.LOCAL_USE,
        line.batch_id,
        line.quantity,
        Shelf(line.from_place_id, Side.STORE, State.AVAILABLE),
        Shelf(line.from_place_id, Side.CLINIC, State.AVAILABLE),
        "plan",
        plan.pk,
        pointer=f"/lines/{line.pk}",
    )


def giving_back_all(shipments: Sequence[Shipment]) -> list[Entry]:
    """What is still reserved goes back; a recall may have taken some of it in the meantime."""
    by_id = {shipment.pk: shipment for shipment in shipments}
    reserved = Balance.objects.filter(
        state=State.RESERVED, quantity__gt=0, account__shipment_id__in=by_id
    ).select_related("account")
    return [
        giving_back(by_id[balance.account.shipment_id], balance.batch_id, balance.quantity)
        for balance in reserved
        if balance.account.shipment_id
    ]


def giving_back(shipment: Shipment, batch_id: int, quantity: int) -> Entry:
    """Units promised to a shipment return to the shelf."""
    place, side = shipment.from_place_id, Side(shipment.from_side)
    return Entry(
        Kind.UNRESERVE,
        batch_id,
        quantity,
        Shelf(place, side, State.RESERVED, shipment.pk),
        Shelf(place, side, State.AVAILABLE),
        "shipment",
        shipment.pk,
    )


def _taking_back(act: Act, plan: Plan) -> list[Entry]:
    """What the plan let a place keep for its own clinic goes back to its store, unless it is on hold there.

    A reversal is of the whole or not at all.
    """
    kept = list(
        Movement.objects.filter(
            county_id=plan.county_id, document_type="plan", document_id=plan.pk, kind=Kind.LOCAL_USE
        ).select_related("from_account")
    )
    there = lock_balances({spot for each in kept for spot in _spots(each)}, act=act)
    return [
        Entry(
            Kind.REVERSAL,
            movement.batch_id,
            movement.quantity,
            Shelf(movement.from_account.place_id, Side.CLINIC, State.AVAILABLE),
            Shelf(movement.from_account.place_id, Side.STORE, State.AVAILABLE),
            "plan",
            plan.pk,
            reverses_id=movement.pk,
        )
        for movement in kept
        if not _is_held(movement, there)
    ]


def _spots(kept: Movement) -> list[tuple[Shelf, int]]:
    """Where what was kept lies now: on the shelf or held."""
    place = kept.from_account.place_id
    return [(Shelf(place, Side.CLINIC, state), kept.batch_id) for state in (State.AVAILABLE, State.HELD)]


def _is_held(kept: Movement, there: Mapping[tuple[Shelf, int], int]) -> bool:
    """Whether it is short by what is on hold."""
    shelf, held = (there.get(spot, 0) for spot in _spots(kept))
    return shelf < kept.quantity <= shelf + held
