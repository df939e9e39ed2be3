"""Races of commands that share a guard, and the same races with the guard taken away.

`make test` lets 8 rivals meet in 3 rounds for each guard, `FAULTS=long` 50 in 100 rounds of every race (`ROUNDS=n` in
fewer); `SEED=n` draws the order in which they start. Every control is one round of 8.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.faults import races_of_goods, races_of_papers, races_of_shipments, races_of_stock
from tests.faults.races import RIVALS, ROUNDS, SEED, Arena, Crew, Guard, Race, Tally, run
from tests.faults.settings import IS_LONG

RACES: list[Race] = [
    *races_of_stock.RACES,
    *races_of_shipments.RACES,
    *races_of_goods.RACES,
    *races_of_papers.RACES,
]
# For each guard the first race that it decides.
CONTROLS = [race for n, race in enumerate(RACES) if race.guard not in [other.guard for other in RACES[:n]]]
APART = sorted({race.guard.apart for race in CONTROLS})


def wrong(race: Race, tally: Tally) -> list[str]:
    """What should not have come of a race: other rows than possible, errors, or refusals in other words."""
    strange = [
        f"{n} × {status} {code}"
        for (status, code), n in tally.ends.items()
        if status >= 500 or (status >= 400 and code not in race.refusals)
    ]
    return [*strange, *(f"{seen} in place of {due}" for seen, due in tally.breaches)]


def say(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    if IS_LONG:
        with capsys.disabled():
            print(words, flush=True)


def test_races_have_the_only_possible_end(cloned_db: str, capsys: pytest.CaptureFixture[str]) -> None:
    arena, faults, repeated = Arena(RIVALS), {}, 0
    races = RACES if IS_LONG else CONTROLS
    say(f"\n{len(races)} races of {RIVALS} rivals in {ROUNDS} rounds, seed {SEED}", capsys)
    with Crew(RIVALS) as crew:
        for race in races:
            begun = time.monotonic()
            tally = run(race, arena, crew, ROUNDS)
            say(f"{race}: {tally} ({time.monotonic() - begun:.0f} s)", capsys)
            repeated += tally.repeated.total()
            if found := wrong(race, tally):
                faults[race.pair] = found
    say(f"{repeated} commands were repeated unseen", capsys)

    assert faults == {}


@pytest.mark.parametrize("apart", APART)
def test_races_without_their_guards_break_the_books(
    cloned_db: str, capsys: pytest.CaptureFixture[str], apart: str
) -> None:
    """Also that each half of a guard suffices alone, where its sentence says so."""
    arena = Arena(8)
    races = [race for race in CONTROLS if race.guard.apart == apart]
    halves = [race for race in races if race.guard.each_suffices]

    unlocked = [race.pair for race in halves if broken(race, race.guard, arena, capsys)]
    locks_alone, unbroken = [], []
    for race in races:
        for remove in race.guard.without:
            remove()
        if race in halves and broken(race, replace(race.guard, unlocked="", meet=""), arena, capsys):
            locks_alone.append(race.pair)
        if not broken(race, race.guard, arena, capsys):
            unbroken.append(race.pair)

    assert {"without locks": unlocked, "locks alone": locks_alone, "with neither": unbroken} == {
        "without locks": [], "locks alone": [], "with neither": [],
    }  # fmt: skip


def broken(
    race: Race, guard: Guard, arena: Arena, capsys: pytest.CaptureFixture[str]
) -> Sequence[tuple[object, object]]:
    """What the rows say in place of what they must, after one round in which statements lose the guard's locks."""
    with Crew(arena.rivals, guard) as crew:
        tally = run(race, arena, crew, 1)
    say(f"with less of its guard, {race}: {tally.breaches}", capsys)
    return tally.breaches


def test_guards_say_in_a_sentence_what_decides() -> None:
    assert len(RACES) >= 15
    assert all(race.guard.sentence.endswith(".") and race.guard.meet for race in RACES)
