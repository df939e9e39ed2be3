"""Any story of the chain ends with the books that the model has; and stories find what is sabotaged.

`make test` plays short stories, `FAULTS=long` thousands of steps; `SEED=n` plays those of that number again.
"""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import pytest
from hypothesis.stateful import invariant

from distribution.services import dispensing
from donations.services import registration
from tests.faults.model import VERBS, ChainStage, Untrue, WholeChain, play
from tests.faults.races import SEED
from tests.faults.settings import IS_LONG
from tests.world import World

EXAMPLES, STEPS = (60, 60) if IS_LONG else (4, 30)


@pytest.fixture(scope="module")
def made(module_db: None) -> ChainStage:
    return ChainStage(World())


@pytest.fixture
def stage(made: ChainStage, db: None) -> ChainStage:
    """The people and shelves for all stories; each story is undone when it ends."""
    return made


def test_books_are_the_models_after_any_story(stage: ChainStage, capsys: pytest.CaptureFixture[str]) -> None:
    begun = time.monotonic()
    play(WholeChain, stage, examples=EXAMPLES, steps=STEPS)

    spent = time.monotonic() - begun
    if IS_LONG:
        with capsys.disabled():
            print(f"\nmodel: {WholeChain.played} commands in {EXAMPLES} stories, seed {SEED}, {spent:.0f} s")
    assert WholeChain.played > EXAMPLES


class AtTheCounter(WholeChain):
    """Stories of few deeds, after which the books alone are compared: what is sabotaged there is found at once."""

    def fresh_rows(self) -> Any:
        return set()

    @invariant()
    def books_are_as_the_model_says(self) -> None:
        self.learn_labels()
        assert (+self.books(), +self.custody()) == (+self.units, +self.items)


for name in dir(WholeChain):
    if hasattr(getattr(WholeChain, name), "hypothesis_stateful_rule") and name not in {
        "register", "void", "hand_out",
    }:  # fmt: skip
        setattr(AtTheCounter, name, None)


def test_unit_that_leaves_unwritten_is_found_in_one_step(stage: ChainStage, monkeypatch: Any) -> None:
    """The ledger is told one unit more than the hand-out says."""
    entry_of = dispensing.entry_of

    def one_more(*given: Any) -> Any:
        entry = entry_of(*given)
        return dataclasses.replace(entry, quantity=entry.quantity + 1)

    monkeypatch.setattr(dispensing, "entry_of", one_more)

    assert shortest(stage) == ["hands out"]


def test_unit_that_stays_behind_is_found_in_two_steps(stage: ChainStage, monkeypatch: Any) -> None:
    """A voided registration leaves a unit standing."""
    step = registration.Step

    def one_less(kind: Any, source: Any, target: Any, quantity: int, *rest: Any, **more: Any) -> Any:
        return step(kind, source, target, quantity - (kind == "voided"), *rest, **more)

    monkeypatch.setattr(registration, "Step", one_less)

    assert shortest(stage) == ["registers", "voids donation"]


def shortest(stage: ChainStage) -> list[str]:
    """What is done in the shortest story that fails, step by step."""
    with pytest.raises(Untrue, match="The shortest story that fails, seed") as caught:
        play(AtTheCounter, stage, examples=20, steps=4)
    verbs = sorted(VERBS.values(), key=len, reverse=True)
    return [next(verb for verb in verbs if f" {verb} " in words) for words in caught.value.story]
