"""How stock leaves a shelf: kept, promised by a plan, sent, received, handed out, taken back and sent back."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from distribution.models import DispensingLine, PlanLine, Shipment, ShipmentLine
from distribution.models.urgent import UrgentIssue
from inventory.models import Kind, Movement
from tests.distribution.deeds_of_shelves import UNITS
from tests.distribution.deeds_of_sorting import INDEX
from tests.distribution.stock import hand_out, order
from tests.distribution.whole_county import (
    CENTRE,
    FIRST,
    HOSPITAL,
    MOSTLY,
    YESTERDAY,
    WholeCounty,
    dues,
    pick,
    refused_if,
    usable_or_held,
)
from tests.world import TODAY

STORE = (HOSPITAL, "store", "available", 0)
CLINICS = {CENTRE: "centre", FIRST: "village"}
SENDERS = {HOSPITAL: "pharmacist", CENTRE: "pharmacist of the centre", FIRST: "village"}


class Roads(WholeCounty):
    def __init__(self) -> None:
        super().__init__()
        self.plans: dict[int, tuple[str, str]] = {}  # plan -> state, who planned it
        self.shipments: set[int] = set()
        self.given: dict[int, str] = {}
        self.taken_back: set[int] = set()

    # Without a plan

    @rule(index=INDEX, units=UNITS)
    def keep_for_local_use(self, index: int, units: int) -> None:
        store = (CENTRE, "store", "available", 0)
        batch = self.batch(index, store)
        body = {"place": CENTRE, "lines": [{"batch": batch, "quantity": units}]}
        due = dues(units > self.there(store, batch), not self.usable(batch, CENTRE))
        if self.send("pharmacist of the centre", "local-uses/", body, due):
            self.move(batch, units, store, (CENTRE, "clinic", "available", 0))

    @rule(index=INDEX, units=UNITS, late=st.sampled_from([False, False, True]))
    def issue_urgently(self, index: int, units: int, late: bool) -> None:
        batch = self.batch(index, STORE)
        agreed = timezone.now() - datetime.timedelta(hours=25 if late else 1)
        body = {"from_place": HOSPITAL, "to_place": FIRST, "agreed_by": "分管副局长", "agreed_at": agreed.isoformat(),
                "reason": "多名老人同时发热", "lines": [{"batch": batch, "quantity": units}]}  # fmt: skip
        due = dues(units > self.there(STORE, batch), not self.usable(batch, HOSPITAL), late)
        answer = self.send("pharmacist", "urgent-issues/", body, due)
        if answer:
            self.sent(answer["shipment"], batch, units, STORE)

    def sent(self, shipment: int, batch: int, units: int, shelf: tuple[str, str, str, int]) -> None:
        self.shipments.add(shipment)
        self.move(batch, units, shelf, (shelf[0], shelf[1], "in_transit", shipment))

    @rule(index=INDEX)
    def countersign(self, index: int) -> None:
        issues = list(UrgentIssue.objects.order_by("pk"))
        if issues:
            issue = pick(issues, index)
            signed = issue.countersigned_by is not None
            self.send("approver", f"urgent-issues/{issue.pk}/countersign/", None, dues(signed))

    @rule(index=INDEX, units=UNITS)
    def send_back(self, index: int, units: int) -> None:
        shelf = (FIRST, "clinic", "available", 0)
        batch = self.batch(index, shelf)
        body = {
            "place": FIRST,
            "to_place": HOSPITAL,
            "lines": [{"batch": batch, "quantity": units}],
            "reason": "余缺",
        }
        due = dues(units > self.there(shelf, batch), not self.usable(batch, FIRST))
        answer = self.send("village", "returns/", body, due)
        if answer:
            self.sent(answer["id"], batch, units, shelf)

    # By a plan

    @rule(
        who=st.sampled_from(["allocator", "both"]), sources=st.sampled_from([[HOSPITAL], [HOSPITAL, CENTRE]])
    )
    def plan(self, who: str, sources: list[str]) -> None:
        answer = self.send(who, "plans/", order(from_places=sources))
        if answer and self.send(who, f"plans/{answer['id']}/submit/"):
            self.plans[answer["id"]] = ("submitted", who)

    @precondition(lambda self: self.plans)
    @rule(index=INDEX, who=st.sampled_from(["approver", "approver", "both"]))
    def approve(self, index: int, who: str) -> None:
        waiting = [pk for pk, (state, _who) in self.plans.items() if state == "submitted"]
        pk = pick(sorted(waiting if waiting and index < MOSTLY else self.plans), index)
        state, planner = self.plans[pk]
        lines = list(PlanLine.objects.filter(plan=pk, quantity__gt=0).select_related("from_place", "clinic"))
        wanted: dict[tuple[str, int], int] = {}
        for line in lines:
            key = (line.from_place.code, line.batch_id)
            wanted[key] = wanted.get(key, 0) + line.quantity
        short = any(units > self.there((place, "store", "available", 0), batch)
                    for (place, batch), units in wanted.items())  # fmt: skip
        unfit = any(not self.usable(batch, place) for place, batch in wanted)
        due = refused_if(state != "submitted", planner == who, short, unfit)
        answer = self.send(who, f"plans/{pk}/approve/", None, due)
        if answer is None:
            return
        self.plans[pk] = ("approved", planner)
        legs = {(s.from_place_id, s.to_place_id): s.pk for s in Shipment.objects.filter(plan=pk)}
        self.shipments |= set(legs.values())
        for line in lines:
            place, store = line.from_place.code, (line.from_place.code, "store", "available", 0)
            leg = legs.get((line.from_place_id, line.clinic_id))
            target = (place, "store", "reserved", leg) if leg else (place, "clinic", "available", 0)
            self.move(line.batch_id, line.quantity, store, target)

    @precondition(lambda self: self.plans)
    @rule(index=INDEX)
    def cancel(self, index: int) -> None:
        pk = pick(sorted(self.plans), index)
        state, planner = self.plans[pk]
        left = Shipment.objects.filter(plan=pk).exclude(state="reserved").exists()
        if (
            self.send("allocator", f"plans/{pk}/cancel/", None, refused_if(state == "cancelled", left))
            is None
        ):
            return
        self.plans[pk] = ("cancelled", planner)
        for shipment in Shipment.objects.filter(plan=pk):
            self.give_back(shipment.pk)
        kept = Movement.objects.filter(document_type="plan", document_id=pk, kind=Kind.LOCAL_USE)
        # What was put on hold at the clinic stays there.
        back = set(Movement.objects.filter(reverses__in=kept).values_list("reverses_id", flat=True))
        for movement in kept.filter(pk__in=back).select_related("from_account__place"):
            place = movement.from_account.place.code
            self.move(movement.batch_id, movement.quantity, (place, "clinic", "available", 0),
                      (place, "store", "available", 0))  # fmt: skip
        self.adopt(usable_or_held)

    def give_back(self, shipment: int) -> None:
        for spot, batch in list(self.units):
            if spot[2:] == ("reserved", shipment):
                self.move(batch, self.units[spot, batch], spot, (spot[0], spot[1], "available", 0))

    # On the road

    def shipment(self, index: int, state: str) -> tuple[Shipment, list[ShipmentLine]]:
        """A shipment with its lines; mostly one in this state."""
        rows = list(Shipment.objects.select_related("from_place", "to_place").order_by("pk"))
        fitting = [row for row in rows if row.state == state]
        shipment = pick(fitting if fitting and index < MOSTLY else rows, index)
        return shipment, list(ShipmentLine.objects.filter(shipment=shipment).order_by("pk"))

    @precondition(lambda self: self.shipments)
    @rule(index=INDEX, less=st.sampled_from([0, 0, 1, -1]), reason=st.sampled_from(["", "破损"]))
    def dispatch(self, index: int, less: int, reason: str) -> None:
        shipment, lines = self.shipment(index, "reserved")
        place = shipment.from_place.code
        shelf = (place, shipment.from_side, "reserved", shipment.pk)
        picks = {line: max(0, line.promised - less) for line in lines}
        body = {"lines": [{"line": line.pk, "picked": n, "reason": reason} for line, n in picks.items()]}
        unexplained = not reason and any(n < line.promised for line, n in picks.items())
        bad = any(n and not self.usable(line.batch_id, place) for line, n in picks.items())
        short = any(n > self.there(shelf, line.batch_id) for line, n in picks.items())
        due = dues(shipment.state != "reserved", unexplained, bad, short)
        if self.send(SENDERS[place], f"shipments/{shipment.pk}/dispatch/", body, due) is None:
            return
        for line, n in picks.items():
            self.move(line.batch_id, n, shelf, (place, shipment.from_side, "in_transit", shipment.pk))
        self.give_back(shipment.pk)

    @precondition(lambda self: self.shipments)
    @rule(index=INDEX, damaged=st.integers(0, 1), missing=st.integers(0, 1), off=st.sampled_from([0, 0, 0, 1]),
          reason=st.sampled_from(["受潮", "受潮", ""]))  # fmt: skip
    def receive(self, index: int, damaged: int, missing: int, off: int, reason: str) -> None:
        shipment, lines = self.shipment(index, "dispatched")
        place, side = shipment.to_place.code, shipment.to_side
        who = {HOSPITAL: "second pharmacist", CENTRE: "centre", FIRST: "village"}.get(place, "lead")
        counts = []
        for line in [line for line in lines if line.picked]:
            d = min(damaged, line.picked)
            m = min(missing, line.picked - d)
            counts.append((line, line.picked - d - m, d, m))
        body = {"lines": [{"line": line.pk, "accepted": a + off, "damaged": d, "missing": m, "reason": reason}
                          for line, a, d, m in counts]}  # fmt: skip
        unexplained = not reason and any(d or m for _line, _a, d, m in counts)
        due = dues(shipment.state != "dispatched", off, unexplained)
        if self.send(who, f"shipments/{shipment.pk}/receive/", body, due) is None:
            return
        road = (shipment.from_place.code, shipment.from_side, "in_transit", shipment.pk)
        for line, a, d, m in counts:
            whole = "available" if self.usable(line.batch_id, place) else "held"
            self.move(line.batch_id, a, road, (place, side, whole, 0))
            self.move(line.batch_id, d, road, (place, side, "held", 0))
            self.move(line.batch_id, m, road, (*road[:2], "lost", 0))

    # Hand-outs

    @rule(place=st.sampled_from([FIRST, FIRST, CENTRE]), index=INDEX, units=UNITS, days=st.integers(1, 3),
          named=st.booleans(), late=st.sampled_from([False, False, True]))  # fmt: skip
    def hand_out(self, place: str, index: int, units: int, days: int, named: bool, late: bool) -> None:
        shelf = (place, "clinic", "available", 0)
        batch = self.batch(index, (place, "clinic", "held", 0) if late and named else shelf)
        line: dict[str, Any] = {"batch": batch} if named else {"medicine": "M009a"}
        on = YESTERDAY if late else TODAY
        body = hand_out(
            place=place, dispensed_on=str(on), lines=[{**line, "quantity": units, "days_supply": days}]
        )
        due = None
        if named and not late:
            lasts = self.labels[batch].last_day >= on + datetime.timedelta(days=days - 1)
            due = dues(units > self.there(shelf, batch), not lasts, self.recalled(batch, place))
        answer = self.send(CLINICS[place], "dispensings/", body, due)
        if answer is None:
            return
        self.given[answer["id"]] = place
        for row in answer["lines"]:
            source = "held" if "held_since" in row["flagged"] else "available"
            assert late or source == "available"
            lasts = self.labels[row["batch"]].last_day >= on + datetime.timedelta(days=days - 1)
            assert lasts
            self.move(
                row["batch"], row["quantity"], (place, "clinic", source, 0), (place, "clinic", "dispensed", 0)
            )

    @precondition(lambda self: self.given)
    @rule(index=INDEX)
    def take_a_hand_out_back(self, index: int) -> None:
        pk = pick(sorted(self.given), index)
        place = self.given[pk]
        due = refused_if(pk in self.taken_back)
        if self.send(CLINICS[place], f"dispensings/{pk}/reverse/", None, due) is None:
            return
        self.taken_back.add(pk)
        for line in DispensingLine.objects.filter(dispensing=pk):
            spot = (place, "clinic", "available" if self.usable(line.batch_id, place) else "held", 0)
            self.move(line.batch_id, line.quantity, (place, "clinic", "dispensed", 0), spot)
        self.adopt(usable_or_held)
