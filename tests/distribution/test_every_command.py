"""Every command of the inventory in any order, right and wrong: the identities hold, and refusals leave nothing.

`make test-long` plays long stories, and shows that they find faults: with a rule taken away they fail. Short ones, of
the whole chain, are played by tests/faults/test_model.py.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from inventory.queries.recalls import RecalledBatches
from inventory.services import holds
from tests.distribution.deeds_of_counts import Counts
from tests.distribution.deeds_of_devices import Devices
from tests.distribution.deeds_of_kits import Kits
from tests.distribution.deeds_of_shelves import Shelves
from tests.distribution.deeds_of_sorting import Sorting
from tests.distribution.whole_county import Stage
from tests.plain_sql import drop_guard
from tests.world import World

# Seconds for which the long form goes on beginning new stories, and how many it plays between two words of progress.
LONG, AT_ONCE = 360, 2


class OfTheShelves(Sorting, Shelves):
    """From the sorting table to hold and recall and back."""

    def unsorted(self) -> dict[int, tuple[str, str]]:
        return {item: row for item, row in self.queue.items() if self.items[item, "counted"]}

    def unsorted_place(self, item: int) -> str:
        return self.queue.get(item, ("", ""))[0]

    def found(self, item: int, place: str, lot: str) -> None:
        self.queue[item] = (place, lot)

    @rule()
    def repeat_the_last_command(self) -> None:
        """The same request with the same key: the same answer, and nothing happens again."""
        if self.last is None:
            return
        who, route, body, key, content = self.last
        before = self.rows()
        again = self.stage.people[who].post(route, body, key=key)
        assert (again.content, again["Idempotency-Replayed"]) == (content, "true")
        assert self.fresh_rows() == before


class EveryCommand(OfTheShelves, Devices, Kits, Counts):
    """All deeds together."""


def play(stage: Stage, machine: type[OfTheShelves] = EveryCommand, **options: Any) -> None:
    machine.stage = stage
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    chosen = settings(deadline=None, print_blob=True, suppress_health_check=checks, **options)
    run_state_machine_as_test(machine, settings=chosen)


@pytest.mark.long
def test_books_hold_whatever_is_done_for_long(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """New stories of a hundred steps until the time is over, however fast the machine is; it says how far it is.

    A story that fails is told as it was played: making it short would take as long again.
    """
    stage, begun, stories = Stage(world), time.monotonic(), 0
    while (spent := time.monotonic() - begun) < LONG:
        with capsys.disabled():
            print(f"{spent:4.0f} s: {stories} stories hold", flush=True)
        play(stage, max_examples=AT_ONCE, stateful_step_count=100, phases=[Phase.generate], database=None)
        stories += AT_ONCE

    assert stories >= AT_ONCE


@pytest.mark.long
def test_stories_fail_where_recalled_stock_can_be_released(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the stories find faults: neither the service nor the ledger's trigger looks for a recall any more."""
    drop_guard("movement_not_recalled")
    monkeypatch.setattr(holds, "recalled_batches", lambda *_: RecalledBatches({}))
    short = {"max_examples": 20, "stateful_step_count": 40, "phases": [Phase.generate]}

    with pytest.raises(AssertionError, match=r"holds/\d+/release/ .* was not refused"):
        play(Stage(world), OfTheShelves, derandomize=True, database=None, **short)
