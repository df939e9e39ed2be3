"""Whatever happens while a place is counted, the books end up wrong by what went wrong since the counting, no more.

A model of the real shelf beside the books: goods are handed out, put aside, lost and found; hand-outs are entered
late, or entered though they never were, and taken back. `error` is by how much the shelf differs from what the books
will have once everything is entered. An approved line takes away exactly the error of its moment, if what happened
before it was entered, or taken back, by the approval.
"""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.errors import DomainError
from inventory.errors import RecountNeeded
from inventory.ledger import Entry, Shelf, post
from inventory.models import Balance, Kind, Movement, Side, State
from inventory.models.counts import CountResult, StockCount
from inventory.services.count_approval import approve_count
from inventory.services.counts import Counted, finish_count, record_lines, reopen_count, start_count
from inventory.verification import verify
from organisation.models import Policy
from tests.distribution.stock import stock
from tests.world import TODAY, World

STOCK = 30
YESTERDAY = TODAY - datetime.timedelta(days=1)
BATCHES, SPOTS, UNITS = st.integers(0, 1), st.sampled_from(["shelf", "held"]), st.integers(1, 9)


class Counting(RuleBasedStateMachine):
    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        days = TODAY - datetime.timedelta(days=3)
        self.batches = [
            stock(self.world, STOCK, place=self.world.centre, side=Side.CLINIC, lot=lot, since=days).pk
            for lot in ("A1", "B1")
        ]
        self.real = {(b, spot): STOCK if spot == "shelf" else 0 for b in (0, 1) for spot in ("shelf", "held")}
        self.late = [0, 0]
        self.phantoms: list[tuple[int, Movement]] = []
        self.count: StockCount | None = None
        self.errors: dict[tuple[int, str], int] = {}

    def teardown(self) -> None:
        found = verify(self.world.county.pk)
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        assert found == []

    # What there is, and what the books say

    def book(self, b: int, spot: str) -> int:
        state = State.AVAILABLE if spot == "shelf" else State.HELD
        row = Balance.objects.filter(batch=self.batches[b], state=state, account__place=self.world.centre,
                                     account__side=Side.CLINIC).first()  # fmt: skip
        return row.quantity if row else 0

    def error(self, b: int, spot: str) -> int:
        expected = self.book(b, spot)
        if spot == "shelf":
            expected += sum(m.quantity for of, m in self.phantoms if of == b) - self.late[b]
        return self.real[b, spot] - expected

    def post(
        self, b: int, kind: Kind, units: int, source: State, target: State, **fields: Any
    ) -> Movement | None:
        here = (self.world.centre.pk, Side.CLINIC)
        entry = Entry(
            kind, self.batches[b], units, Shelf(*here, source), Shelf(*here, target), "test", **fields
        )
        try:
            with transaction.atomic():
                [pk] = post([entry], act=self.world.act("clinic"))
                return Movement.objects.get(pk=pk)
        except DomainError:
            return None

    def put_aside_by(self, count: StockCount, b: int) -> int:
        """Units of a batch that came back held by the approval of a count."""
        adjusted = Movement.objects.filter(document_type="count", document_id=count.pk)
        held = Movement.objects.filter(
            kind=Kind.HOLD,
            document_type="hold",
            batch=self.batches[b],
            command__in=adjusted.values("command"),
        )
        return sum(held.values_list("quantity", flat=True))

    # Goods move

    @initialize(late=st.lists(st.integers(0, 3), min_size=2, max_size=2))
    def handed_out_yesterday_and_not_entered(self, late: list[int]) -> None:
        self.late = list(late)
        for b, units in enumerate(late):
            self.real[b, "shelf"] -= units

    @rule(b=BATCHES, units=UNITS)
    def hand_out(self, b: int, units: int) -> None:
        if self.real[b, "shelf"] >= units and self.post(
            b, Kind.DISPENSE, units, State.AVAILABLE, State.DISPENSED
        ):
            self.real[b, "shelf"] -= units

    @rule(b=BATCHES, units=UNITS)
    def put_aside(self, b: int, units: int) -> None:
        if self.real[b, "shelf"] >= units and self.post(b, Kind.HOLD, units, State.AVAILABLE, State.HELD):
            self.real[b, "shelf"] -= units
            self.real[b, "held"] += units

    @rule(b=BATCHES, spot=SPOTS, units=st.integers(-6, 6))
    def lose_or_find(self, b: int, spot: str, units: int) -> None:
        self.real[b, spot] = max(0, self.real[b, spot] + units)

    @rule(b=BATCHES)
    def enter_yesterday(self, b: int) -> None:
        late = {"business_day": YESTERDAY}
        if self.late[b] and self.post(
            b, Kind.DISPENSE, self.late[b], State.AVAILABLE, State.DISPENSED, **late
        ):
            self.late[b] = 0

    @rule(b=BATCHES, units=UNITS)
    def enter_what_never_was(self, b: int, units: int) -> None:
        if wrong := self.post(b, Kind.DISPENSE, units, State.AVAILABLE, State.DISPENSED):
            self.phantoms.append((b, wrong))

    @precondition(lambda self: self.phantoms)
    @rule()
    def take_back_what_never_was(self) -> None:
        b, wrong = self.phantoms.pop(0)
        assert self.post(
            b, Kind.REVERSAL, wrong.quantity, State.DISPENSED, State.AVAILABLE, reverses_id=wrong.pk
        )

    # The count

    @precondition(lambda self: self.count is None or self.count.state == "open")
    @rule(b=BATCHES, spot=SPOTS)
    def count_a_batch(self, b: int, spot: str) -> None:
        if self.count is None:
            self.count, self.errors = start_count(act=self.world.act("clinic"), place=self.world.centre), {}
        line = Counted("", self.real[b, spot], batch_id=self.batches[b], side="clinic", spot=spot)
        policy = Policy(county=self.world.county)
        record_lines(act=self.world.act("clinic"), policy=policy, count=self.count, lines=[line])
        self.errors[b, spot] = self.error(b, spot)

    @precondition(lambda self: self.count and self.count.state == "open" and self.errors)
    @rule()
    def finish(self) -> None:
        self.count = finish_count(act=self.world.act("clinic"), count=self.count)

    @precondition(lambda self: self.count and self.count.state == "finished")
    @rule()
    def approve(self) -> None:
        while self.phantoms:
            self.take_back_what_never_was()
        for b in (0, 1):
            self.enter_yesterday(b)
        if any(self.late):
            return
        before = {key: self.error(*key) for key in self.real}
        rows = Movement.objects.count()
        try:
            with transaction.atomic():
                policy = Policy(county=self.world.county)
                done = approve_count(act=self.world.act("pharmacist"), policy=policy, count=self.count)
        except RecountNeeded:
            assert Movement.objects.count() == rows
            self.count = reopen_count(act=self.world.act("clinic"), count=self.count)
            return
        back = [self.put_aside_by(done, b) for b in (0, 1)]
        for result in CountResult.objects.filter(line__count=done).select_related("line"):
            b = self.batches.index(result.line.batch_id)
            self.real[b, result.line.spot] -= result.donated  # taken to the sorting table
            if result.line.spot == "held":
                back[b] -= result.regained
        for b, units in enumerate(back):
            self.real[b, "shelf"] -= units  # found on the shelf, and put aside
            self.real[b, "held"] += units
        for key in self.real:
            assert self.error(*key) == before[key] - self.errors.get(key, 0)
        self.count = None


def test_approval_takes_away_the_error_of_the_moment(world: World) -> None:
    for role in ("clinic", "pharmacist", "clerk"):
        world.person(role)  # made before the savepoint, for they are remembered after it
    Counting.world = world

    run_state_machine_as_test(
        Counting,
        settings=settings(
            deadline=None, max_examples=30, stateful_step_count=25,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )  # fmt: skip
