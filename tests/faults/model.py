"""The whole chain from the donor's hand to the patient's, played in any order beside a small model of its books.

The deeds from the sorting table on, the model and what is compared after every step stand in tests/distribution
(`whole_county.py` and the deeds beside it). Here the story begins earlier: goods are registered, corrected, voided,
sent on sealed lists and counted on arrival, clinics say what they need; and it is told in words.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from tests.distribution.deeds_of_counts import Counts
from tests.distribution.deeds_of_devices import Devices
from tests.distribution.deeds_of_kits import Kits
from tests.distribution.deeds_of_sorting import INDEX
from tests.distribution.stock import PERIOD
from tests.distribution.test_every_command import OfTheShelves
from tests.distribution.whole_county import FIRST, HOSPITAL, LOTS, MOSTLY, Stage, WholeCounty, dues, pick
from tests.faults.races import SEED
from tests.world import World, donation, item

OFFICE = "P-522633-02"
UNITS = st.integers(1, 9)


class ChainStage(Stage):
    """The same people, and those of a drop-off point that is no pharmacy."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.people |= {
            "clerk of the office": world.signed("clerk", world.office),
            "pharmacist of the office": world.signed("pharmacist", world.office, name="of the office"),
        }


class Intake(WholeCounty):
    """What happens to goods before a pharmacist sorts them."""

    queue: dict[int, tuple[str, str]]

    def __init__(self) -> None:
        super().__init__()
        self.brought: dict[int, dict[int, str]] = {}  # donation -> item -> lot
        self.on_lists: dict[int, int] = {}  # list on its way -> donation
        self.ended_lists: dict[int, int] = {}

    @rule(
        given=st.lists(
            st.tuples(st.sampled_from(LOTS), UNITS), min_size=1, max_size=2, unique_by=lambda g: g[0]
        )
    )
    def register(self, given: list[tuple[str, int]]) -> None:
        items = [item(lot_number=lot, quantity=units) for lot, units in given]
        made = self.send("clerk of the office", "donations/", donation(place=OFFICE, items=items), "ok")
        ids = [row["id"] for row in made["items"]]
        self.brought[made["id"]] = {pk: lot for pk, (lot, _units) in zip(ids, given, strict=True)}
        for pk, (_lot, units) in zip(ids, given, strict=True):
            self.move_item(pk, units, None, self.first_state(pk))

    def first_state(self, pk: int) -> str:
        """Recalled goods are refused at the counter; all others stand at the point."""
        (state,) = {state for of, state in self.custody() if of == pk}
        return state

    def stands(self, made: int, state: str) -> dict[int, int]:
        """The items of a donation of which units stand in this state."""
        return {pk: n for pk in self.brought[made] if (n := self.items[pk, state])}

    def some_donation(self, index: int) -> int:
        here = [made for made in self.brought if self.stands(made, "at_point")]
        return int(pick(here if here and index < MOSTLY else sorted(self.brought), index))

    @precondition(lambda self: self.brought)
    @rule(index=INDEX, units=UNITS)
    def correct(self, index: int, units: int) -> None:
        made = self.some_donation(index)
        first = min(self.brought[made])
        there = self.items[first, "at_point"]
        body = {"reason": "写错", "items": [{"item": first, "quantity": units}]}
        route = f"donations/{made}/correct/"
        moved = not there
        if self.send("pharmacist of the office", route, body, dues(moved)) is None:
            return
        self.move_item(first, units - there, None, "at_point")

    @precondition(lambda self: self.brought)
    @rule(index=INDEX)
    def void(self, index: int) -> None:
        made = self.some_donation(index)
        standing = self.stands(made, "at_point")
        away = self.stands(made, "on_the_way") or self.stands(made, "counted")
        route = f"donations/{made}/void/"
        if self.send("clerk of the office", route, {"reason": "重复登记"}, dues(not standing, away)):
            for pk, units in standing.items():
                self.move_item(pk, units, "at_point", "voided")

    @precondition(lambda self: self.brought)
    @rule(index=INDEX)
    def hand_over(self, index: int) -> None:
        made = self.some_donation(index)
        standing = self.stands(made, "at_point")
        body = {"from_place": OFFICE, "to_place": HOSPITAL, "donations": [made]}
        answer = self.send("clerk of the office", "handovers/", body, dues(not standing))
        if answer:
            self.on_lists[answer["id"]] = made
            for pk, units in standing.items():
                self.move_item(pk, units, "at_point", "on_the_way")

    def some_list(self, index: int) -> int:
        every = sorted(self.on_lists | self.ended_lists)
        return int(pick(sorted(self.on_lists) if self.on_lists and index < MOSTLY else every, index))

    @precondition(lambda self: self.on_lists or self.ended_lists)
    @rule(index=INDEX)
    def take_a_list_back(self, index: int) -> None:
        number = self.some_list(index)
        due = dues(number not in self.on_lists)
        if self.send("clerk of the office", f"handovers/{number}/void/", {"reason": "车辆未到"}, due):
            made = self.ended_lists[number] = self.on_lists.pop(number)
            for pk, units in self.stands(made, "on_the_way").items():
                self.move_item(pk, units, "on_the_way", "at_point")

    @precondition(lambda self: self.on_lists or self.ended_lists)
    @rule(
        index=INDEX, off=st.sampled_from([0, 0, 0, -1, 1, 40]), explained=st.sampled_from([True, True, False])
    )
    def count_a_list(self, index: int, off: int, explained: bool) -> None:
        """The first item of the list differs by so much from what was declared."""
        number = self.some_list(index)
        made = self.on_lists.get(number) or self.ended_lists[number]
        sent = (
            self.stands(made, "on_the_way")
            if number in self.on_lists
            else dict.fromkeys(self.brought[made], 1)
        )
        counted = {pk: units + (off if n == 0 else 0) for n, (pk, units) in enumerate(sorted(sent.items()))}
        reason = {"reason": "miscounted"} if explained else {}
        lines = [{"item": pk, "counted": n, **(reason if n != sent[pk] else {})} for pk, n in counted.items()]
        due = dues(number not in self.on_lists, off and not explained, off == 40)
        if self.send("pharmacist", f"handovers/{number}/receive/", {"items": lines}, due) is None:
            return
        self.ended_lists[number] = self.on_lists.pop(number)
        for pk, units in sent.items():
            here = min(units, counted[pk])
            self.move_item(pk, here, "on_the_way", "counted")
            self.move_item(pk, units - here, "on_the_way", "missing")
            self.move_item(pk, counted[pk] - here, None, "counted")
            self.queue[pk] = (HOSPITAL, self.brought[made][pk])

    @rule(units=st.sampled_from([0, 3, 20]))
    def say_what_is_needed(self, units: int) -> None:
        body = {"place": FIRST, "period": PERIOD, "lines": [{"medicine": "M009a", "requested": units}]}
        note(f"village says what is needed: {units}")
        assert self.stage.people["village"].put("needs/", body).status_code == 200
        self.changed()


class WholeChain(Intake, OfTheShelves, Devices, Kits, Counts):
    """Every deed from the counter to the patient. The story of the last example played stays to be told."""

    story: ClassVar[list[str]] = []
    played: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).story = []

    def send(self, who: str, route: str, body: Any = None, due: str | None = None) -> Any:
        type(self).played += 1
        words = in_words(who, route, body)
        type(self).story.append(words)
        note(words)
        return super().send(who, route, body, due)


VERBS = {
    "donations/": "registers", "donations/*/correct/": "corrects donation", "donations/*/void/": "voids donation",
    "donations/*/count/": "counts donation", "handovers/": "hands over", "handovers/*/void/": "takes back list",
    "handovers/*/receive/": "counts list", "sortings/": "sorts", "sortings/*/reverse/": "takes back decision",
    "sortings/*/confirm/": "confirms decision", "plans/": "plans", "kits/": "packs kits",
    "plans/*/submit/": "submits plan", "plans/*/approve/": "approves plan", "plans/*/cancel/": "cancels plan",
    "shipments/*/dispatch/": "sends shipment", "shipments/*/receive/": "receives shipment",
    "dispensings/": "hands out", "dispensings/*/reverse/": "takes back hand-out", "returns/": "sends back",
    "local-uses/": "keeps for its own clinic", "urgent-issues/": "issues urgently",
    "urgent-issues/*/countersign/": "countersigns issue", "holds/": "holds", "holds/*/release/": "releases hold",
    "recalls/": "recalls", "recalls/*/lift/": "lifts recall", "recalls/*/acknowledge/": "acknowledges recall",
    "adverse-reactions/": "reports a reaction to", "batches/*/open/": "opens boxes of batch",
    "batches/*/relabel/": "proposes a label for batch", "batches/*/relabel/confirm/": "confirms the label of batch",
    "batches/*/relabel/withdraw/": "withdraws the label of batch", "destructions/": "lists for destruction",
    "destructions/*/confirm/": "witnesses destruction", "destructions/*/withdraw/": "withdraws destruction",
    "counts/": "begins to count", "counts/*/lines/": "writes down in count", "counts/*/finish/": "finishes count",
    "counts/*/reopen/": "reopens count", "counts/*/abandon/": "abandons count", "counts/*/approve/": "approves count",
}  # fmt: skip
# What a sentence need not say: who the donor is, and what every story has alike.
SILENT = {
    "medicine", "lot_state", "expiry", "expiry_state", "container", "checklist", "donor", "campaign", "received_on",
    "source_confirmed", "pack", "recipients", "age_band", "collected_by", "agreed_by", "agreed_at", "county",
}  # fmt: skip


def in_words(who: str, route: str, body: Any) -> str:
    """A command as a sentence: the village hands out place P-522633-11, lines (batch 3, quantity 4)."""
    number = re.search(r"\d+", route)
    verb = VERBS.get(re.sub(r"\d+", "*", route), f"does {route.strip('/')}")
    told = [who, verb, number[0] if number else "", _said(body or {})]
    return " ".join(part for part in told if part)


def _said(body: Any) -> str:
    if isinstance(body, dict):
        return ", ".join(f"{name} {_said(value)}" for name, value in body.items() if name not in SILENT)
    if isinstance(body, list):
        return " and ".join(f"({_said(each)})" for each in body)
    return str(body)


def play(machine: type[WholeChain], stage: Stage, *, examples: int, steps: int, shrink: bool = True) -> None:
    """Play stories; one that fails is told in words, made as short as it can be."""
    machine.stage, machine.played = stage, 0
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    chosen = settings(
        deadline=None,
        database=None,
        suppress_health_check=checks,
        max_examples=examples,
        stateful_step_count=steps,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
    )
    try:
        run_state_machine_as_test(seed(SEED)(machine), settings=chosen)
    except Exception as error:
        raise Untrue(machine.story, error) from error


class Untrue(AssertionError):
    """The books say something else than the model."""

    def __init__(self, story: list[str], error: Exception) -> None:
        self.story = story
        steps = "\n".join(f"  {n}. {words}" for n, words in enumerate(story, start=1))
        super().__init__(
            f"The shortest story that fails, seed {SEED}:\n{steps}\n{type(error).__name__}: {error}"
        )
