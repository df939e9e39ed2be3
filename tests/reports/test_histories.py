"""Whatever happens, the figures from the rollups are those of the journals, and every identity holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DomainError
from donations.models import Custody as C
from donations.models import CustodyEntry, Item
from donations.models import CustodyKind as K
from inventory.models import Kind, Movement, State
from reports.figures import Period, figures
from tests.reports.play import DAY, Play
from tests.reports.recount import columns, recount, standing_now
from tests.world import TODAY, item


class Story:
    """One item, its batch and a shipment, to which things happen; what the books refuse did not happen."""

    def __init__(self, play: Play, medicine: str | None) -> None:
        self.play = play
        self.item = play.give(item(medicine=medicine, description="药", quantity=40))
        self.batch = play.batch(self.item, medicine_id=play.world.ibuprofen.pk)
        self.opened = play.batch(self.item, medicine_id=play.world.ibuprofen.pk, pack="opened")
        self.shipment = play.shipment(play.world.centre)

    def custody(self, kind: K, source: C, target: C) -> Callable[[int], Any]:
        return lambda units: self.play.step(self.item, kind, source, target, units)

    def stock(self, kind: Kind, source: State, target: State) -> Callable[[int], Any]:
        return lambda units: self.play.move(kind, self.batch, units, source, target)

    def verbs(self) -> dict[str, Callable[[int], Any]]:
        return {
            "count": self.custody(K.RECEIVED, C.AT_POINT, C.COUNTED),
            "void": self.custody(K.VOIDED, C.AT_POINT, C.VOIDED),
            "miss": self.custody(K.MISSING, C.AT_POINT, C.MISSING),
            "surplus": self.custody(K.SURPLUS, C.OUTSIDE, C.COUNTED),
            "correct up": self.custody(K.CORRECTED, C.OUTSIDE, C.COUNTED),
            "correct down": self.custody(K.CORRECTED, C.AT_POINT, C.OUTSIDE),
            "doubt": self.custody(K.IN_DOUBT, C.COUNTED, C.IN_DOUBT),
            "reject": self.custody(K.REJECTED, C.COUNTED, C.IN_BIN),
            "reject doubtful": self.custody(K.REJECTED, C.IN_DOUBT, C.IN_BIN),
            "give back": self.custody(K.RETURNED_TO_DONOR, C.IN_BIN, C.RETURNED),
            "burn": self.custody(K.DESTROYED, C.IN_BIN, C.DESTROYED),
            "take back sorting": self.unreject,
            "accept": lambda units: self.play.accept(
                self.item, units, medicine_id=self.play.world.ibuprofen.pk
            ),
            "hold": self.stock(Kind.HOLD, State.AVAILABLE, State.HELD),
            "release": self.stock(Kind.RELEASE, State.HELD, State.AVAILABLE),
            "destroy": self.stock(Kind.DESTROY, State.HELD, State.DESTROYED),
            "lose": self.stock(Kind.LOSE, State.AVAILABLE, State.LOST),
            "find": self.stock(Kind.ADJUST, State.ADJUSTED, State.AVAILABLE),
            "write off": self.stock(Kind.ADJUST, State.AVAILABLE, State.ADJUSTED),
            "open": lambda units: self.play.convert(self.batch, self.opened, units),
            "dispatch": lambda units: self.play.dispatch(self.shipment, self.batch, units),
            "receive": lambda units: self.play.receive(self.shipment, self.batch, units, missing=1),
            "dispense": lambda units: self.play.dispense(self.play.world.centre, self.batch, units),
            "take back movement": self.unmove,
        }

    def unreject(self, units: int) -> None:
        last = CustodyEntry.objects.filter(kind=K.REJECTED).latest("id")
        self.play.step(self.item, K.REVERSED, C.IN_BIN, C.COUNTED, last.quantity, reverses_id=last.pk)

    def unmove(self, units: int) -> None:
        kinds = [Kind.DISPENSE, Kind.DISPATCH, Kind.RECEIVE, Kind.LOSE, Kind.ADJUST, Kind.DESTROY]
        self.play.take_back(Movement.objects.filter(kind__in=kinds).latest("id"))

    def tell(self, verb: str, units: int, days: int) -> None:
        self.play.on = min(TODAY, self.play.on + days * DAY)
        try:
            with transaction.atomic():
                self.verbs()[verb](units)
        except (
            DomainError,
            IntegrityError,
            CustodyEntry.DoesNotExist,
            Movement.DoesNotExist,
            Item.DoesNotExist,
        ):
            return


VERBS = [
    "count", "void", "miss", "surplus", "correct up", "correct down", "doubt", "reject",
    "take back sorting", "reject", "reject", "give back", "burn", "reject doubtful", "accept", "hold", "release",
    "hold", "destroy", "lose", "write off", "find",
    "open", "dispatch", "receive", "dispense", "take back movement",
]  # fmt: skip
# A usual beginning, so that short histories reach the later steps too.
BEGINNING = [("count", 35, 0), ("accept", 25, 0), ("dispatch", 12, 1), ("receive", 8, 1), ("dispense", 4, 0)]
STEPS = st.lists(st.tuples(st.sampled_from(VERBS), st.integers(1, 9), st.integers(0, 1)), max_size=12)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=STEPS, begun=st.integers(0, 5), start=st.integers(0, 6), medicine=st.sampled_from(["M009a", None])
)
def test_figures_are_those_of_the_journals(
    play: Play, steps: list[tuple[str, int, int]], begun: int, start: int, medicine: str | None
) -> None:
    for role in ("clerk", "pharmacist", "clinic"):
        play.world.person(role)  # made before the savepoint, for they are remembered after it
    with transaction.atomic():
        story = Story(play.at(-6), medicine)
        for step in [*BEGINNING[:begun], *steps]:
            story.tell(*step)
        county, period = play.world.county.pk, Period(TODAY - start * DAY, TODAY)
        found, recounted, standing = figures(county, period), recount(county, period), standing_now()
        earlier = figures(county, Period(TODAY - 60 * DAY, period.start - DAY))
        transaction.set_rollback(True)

    told = columns(found)
    assert told == {code: recounted.get(code, {}) for code in told}
    assert {code for code, line in recounted.items() if line} <= set(told)
    assert [identity for identity in found.identities if not identity.holds] == []
    for name, units in standing.items():
        assert sum(getattr(row, name).closing for row in found.rows) == units
    closings = {row.code: (row.items.closing, row.stock.closing, row.road.closing) for row in earlier.rows}
    for row in found.rows:
        opening = (row.items.opening, row.stock.opening, row.road.opening)
        assert opening == closings.get(row.code, (0, 0, 0))


def test_every_step_of_a_history_can_happen(play: Play) -> None:
    story = Story(play.at(-6), "M009a")
    for step in BEGINNING:
        story.tell(*step)
    before = Movement.objects.count() + CustodyEntry.objects.count()

    happened = []
    for verb in VERBS:
        story.tell(verb, 1, 0)
        after = Movement.objects.count() + CustodyEntry.objects.count()
        happened.append(verb) if after > before else None
        before = after

    assert [verb for verb in VERBS if verb not in happened] == []
