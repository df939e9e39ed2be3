"""How far a replica is behind: judged by what it has replayed of what was written, never by silence."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from core.replica import Lag

Seen = tuple[float, int | None, int | None]


def told(*seen: Seen) -> Lag:
    lag = Lag()
    for now, written, replayed in seen:
        lag.seen(now, written, replayed)
    return lag


def test_replica_that_has_replayed_all_is_fresh_also_while_nobody_writes() -> None:
    assert told((0, 100, 100), (1, 100, 100), (2, 100, 100)).seconds(2) == 0


def test_replica_that_stands_still_ages_from_what_it_lacks_first() -> None:
    lag = told((0, 100, 100), (1, 150, 100), (2, 200, 100), (3, 250, 160))

    assert lag.seconds(3) == 2


def test_cut_off_replica_that_hears_nothing_of_new_writes_is_behind() -> None:
    assert told((0, 100, 100), (1, 101, 100)).seconds(9) == 9


def test_primary_away_lets_the_replica_age() -> None:
    assert told((0, 100, 100), (1, None, 100), (2, None, 100)).seconds(5) == 5


def test_what_was_never_seen_or_is_doubted_is_infinitely_old() -> None:
    lag = told((0, 100, 100))
    lag.forget()

    assert (Lag().seconds(0), lag.seconds(0)) == (math.inf, math.inf)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(0, 9)), max_size=40))
def test_lag_is_never_told_too_small(steps: list[tuple[int, int, int]]) -> None:
    lag, now, written, replayed, history = Lag(), 0, 0, 0, []
    for seconds, more, further in steps:
        now, written = now + seconds, written + more
        replayed = min(written, replayed + further)
        history.append((now, written))
        lag.seen(now, written, replayed)

    shown = [moment for moment, position in history if position <= replayed]
    assert lag.seconds(now) >= (now - max(shown) if shown else math.inf)
