"""A season played by several processes side by side, each in its own part of the county."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connections

# A process whose fellow does not come for so long gives up; the longest day of the full season takes a tenth of it.
PATIENCE_SECONDS = 600


class PartFailed(Exception):
    """Another process that played the same season has failed, or did not come in time."""


@dataclass(frozen=True)
class Part:
    """What one of `count` processes plays; `meet` returns once all of them have come as far."""

    index: int
    count: int
    meet: Callable[[], object]

    @property
    def leads(self) -> bool:
        """Whether this one also plays what the county's own offices do."""
        return self.index == 0

    def owns(self, number: int) -> bool:
        """Whether the pharmacy of this number, in the order of the codes, falls to this part.

        They come by twos, for the plans of one day are every other centre's.
        """
        return number // 2 % self.count == self.index

    def share(self, total: int) -> int:
        """This part's share of a total; all parts' shares add up to it."""
        return total * (self.index + 1) // self.count - total * self.index // self.count


def side_by_side(count: int, play: Callable[[Part], None]) -> None:
    """Play `count` parts each in a process of its own, the first in this one; `PartFailed` if another fails."""
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(count, timeout=PATIENCE_SECONDS)

    def work(index: int) -> None:
        with contextlib.ExitStack() as unless_whole:
            unless_whole.callback(barrier.abort)  # who fails lets nobody wait
            play(Part(index, count, barrier.wait))
            unless_whole.pop_all()

    connections.close_all()  # two processes cannot share one
    others = [context.Process(target=work, args=(index,), daemon=True) for index in range(1, count)]
    for process in others:
        process.start()
    try:
        work(0)
    except threading.BrokenBarrierError as error:
        raise PartFailed("A part of the season could not be played; its message stands above.") from error
    for process in others:
        process.join()
