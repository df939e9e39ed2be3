"""Every command of the inventory in any order, right and wrong: the identities hold, and refusals leave nothing.

`make test` plays short stories, `make test-long` long ones, and shows that they find faults: with a rule taken away
they fail.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from inventory.queries.recalls import RecalledBatches
from inventory.services import holds
from tests.distribution.deeds_of_counts import Counts
from tests.distribution.deeds_of_kits import Kits
from tests.distribution.deeds_of_shelves import Shelves
from tests.distribution.deeds_of_sorting import Sorting
from tests.distribution.whole_county import Stage
from tests.plain_sql import drop_guard
from tests.world import World


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


class EveryCommand(OfTheShelves, Kits, Counts):
    """All deeds together."""


def play(world: World, machine: type[OfTheShelves] = EveryCommand, **options: Any) -> None:
    machine.stage = Stage(world)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    chosen = settings(deadline=None, print_blob=True, suppress_health_check=checks, **options)
    run_state_machine_as_test(machine, settings=chosen)


def test_books_hold_whatever_is_done(world: World) -> None:
    play(world, max_examples=5, stateful_step_count=40)


@pytest.mark.long
def test_books_hold_whatever_is_done_for_long(world: World) -> None:
    play(world, max_examples=150, stateful_step_count=100)


@pytest.mark.long
def test_stories_fail_where_recalled_stock_can_be_released(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the stories find faults: neither the service nor the ledger's trigger looks for a recall any more."""
    drop_guard("movement_not_recalled")
    monkeypatch.setattr(holds, "recalled_batches", lambda *_: RecalledBatches({}))
    short = {"max_examples": 20, "stateful_step_count": 40, "phases": [Phase.generate]}

    with pytest.raises(AssertionError, match=r"holds/\d+/release/ .* was not refused"):
        play(world, OfTheShelves, derandomize=True, database=None, **short)
