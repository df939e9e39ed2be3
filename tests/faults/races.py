"""Rivals for one thing, set off at the same moment over real connections; and a database from which a guard is taken.

A race says which two commands meet, which guard decides between them, and what the rows must then say. A control is
the same race with that guard taken away: then the rows must say something else, or the race has proven nothing.
"""

from __future__ import annotations

import os
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from core import commands
from organisation.models import Place
from tests.faults.settings import IS_LONG
from tests.plain_sql import drop_guard, execute, value
from tests.world import Signed, World

# The same races in every run of the tests, unless another number is asked for.
SEED = int(os.environ.get("SEED", "1"))
RIVALS = 50 if IS_LONG else 8
# A machine that others use too may play fewer.
ROUNDS = int(os.environ.get("ROUNDS", "100" if IS_LONG else "3"))
# So many seconds a rival who has looked waits for the others, where a guard is taken away.
PATIENCE = 5

Work = Callable[[], Any]
Ends = Counter[tuple[int, str]]


@dataclass(frozen=True)
class Start:
    """A round that is set up: what each rival does, and afterwards what the rows say beside what they must say."""

    works: Sequence[Work]
    settled: Callable[[Ends], tuple[Any, Any]]


@dataclass(frozen=True)
class Guard:
    """What decides between rivals, in a sentence; and how it is taken away, all that alone would suffice with it.

    `without` is done to the database. `unlocked` are statements of the rivals that lose their locks. Rivals wait for
    each other before the first statement like `meet`, so that all have looked before one has written. Guards on which
    other races rest too are taken away in a database `apart`, named by what they keep. Where `each_suffices`, the
    race holds with `without` alone gone, and with the locks alone gone.
    """

    sentence: str
    apart: str = ""
    without: Sequence[Callable[[], None]] = ()
    unlocked: str = ""
    meet: str = ""
    each_suffices: bool = False


@dataclass(frozen=True)
class Race:
    """Two commands that share a guard; `refusals` are the codes that those may be told who come too late."""

    pair: str
    guard: Guard
    start: Callable[[Arena], Start]
    refusals: frozenset[str]

    def __str__(self) -> str:
        return self.pair


class Arena:
    """A county in which rounds follow each other, each with goods of its own; `rivals` meet in each."""

    def __init__(self, rivals: int) -> None:
        self.world, self.rivals, self.round = World(), rivals, 0
        self.memory: dict[str, Any] = {}
        self._crowds: dict[tuple[str, str, bool], list[Signed]] = {}

    def fresh(self, word: str) -> str:
        """A word that no other round has used."""
        self.round += 1
        return f"{word}{self.round}"

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What a race needs once for all its rounds."""
        if name not in self.memory:
            self.memory[name] = make()
        return self.memory[name]

    def crowd(self, role: str, place: Place | None = None, *, others: bool = False) -> list[Signed]:
        """As many clients as there are rivals: of one person's one sign-in, or each of another person."""
        key = (role, place.code if place else "", others)
        if key not in self._crowds:
            first = self.world.signed(role, place)
            names = [f"{role} {key[1]} {n}" for n in range(self.rivals)] if others else []
            self._crowds[key] = [self.world.signed(role, place, name=name) for name in names] or [
                beside(first) for _ in range(self.rivals)
            ]
        return self._crowds[key]


def beside(signed: Signed) -> Signed:
    """Another client with the same token: a client serves one thread, and a person keeps few sign-ins."""
    another = copy(signed)
    another.client = APIClient()
    another.client.credentials(**signed.client._credentials)
    return another


class Crew:
    """Threads that keep their connections; a round sets all of them off at once, in an order drawn by lot."""

    def __init__(self, size: int, guard: Guard | None = None) -> None:
        self.size, self.guard = size, guard
        self.lot = random.Random(SEED)
        self.pool = ThreadPoolExecutor(size)

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_error: object) -> None:
        self.all_at_once([lambda: connection.close()] * self.size)  # each closes its own
        self.pool.shutdown()

    def all_at_once(self, works: Sequence[Work]) -> list[Any]:
        barrier, meeting = threading.Barrier(len(works)), threading.Barrier(len(works))

        def run(work: Work) -> Any:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            if self.guard is None:
                return work()
            with connection.execute_wrapper(unguarded(self.guard, meeting)):
                return work()

        return [ended(future) for future in [self.pool.submit(run, work) for work in works]]

    def race(self, start: Start) -> Ends:
        """How often each end was told: status, and the code of a refusal."""
        works = list(start.works)
        self.lot.shuffle(works)
        return Counter(told(answer) for answer in self.all_at_once(works))


def ended(future: Any) -> Any:
    try:
        return future.result(timeout=120)
    except Exception as error:
        return error


def told(answer: Any) -> tuple[int, str]:
    """What a client is told; what no client should be is an error of the server."""
    if isinstance(answer, Exception):
        return 500, f"{type(answer).__name__}: {answer}"
    return answer.status_code, answer.json().get("code", "") if answer.status_code >= 400 else ""


LOCKS = re.compile(r" FOR (NO KEY )?UPDATE( OF [\w\", ]+)?|pg_advisory_xact_lock(?=\()")


def unguarded(guard: Guard, meeting: threading.Barrier) -> Callable[..., Any]:
    """How a rival's statements are sent where the guard is taken away; see Guard."""
    met: list[str] = []

    def send(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if guard.meet and not met and re.search(guard.meet, sql):
            met.append(sql)
            with suppress(threading.BrokenBarrierError):
                meeting.wait(timeout=PATIENCE)
        if guard.unlocked and re.search(guard.unlocked, sql):
            sql = LOCKS.sub("", sql)
        return execute(sql, params, many, context)

    return send


def dropped(name: str) -> Callable[[], None]:
    """Takes a constraint, a unique index or the rule of a trigger away."""

    def drop() -> None:
        drop_guard(name)

    return drop


def rewritten(function: str, words: str, others: str) -> Callable[[], None]:
    """Puts other words into a function of the database."""

    def rewrite() -> None:
        body = value("SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s", [function])
        assert words in body or others in body, f"{function} does not say {words}"
        execute(body.replace(words, others).replace("%", "%%"), [])

    return rewrite


@dataclass
class Tally:
    """What a race came to over all its rounds."""

    rounds: int = 0
    ends: Ends = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    breaches: list[tuple[Any, Any]] = field(default_factory=list)

    def __str__(self) -> str:
        ends = ", ".join(f"{n} × {status} {code}".rstrip() for (status, code), n in sorted(self.ends.items()))
        repeats = ", ".join(f"{n} × {state}" for state, n in sorted(self.repeated.items())) or "none"
        return f"{self.rounds} rounds: {ends}; repeated: {repeats}; breaches: {len(self.breaches)}"


@contextmanager
def counted(tally: Tally) -> Iterator[None]:
    """While this lasts, commands that are repeated after a lost race are counted by what the database said."""
    judge = commands._worth_repeating

    def judged(error: Exception) -> bool:
        worth = judge(error)
        if worth:
            tally.repeated[getattr(error.__cause__, "sqlstate", "")] += 1
        return worth

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(commands, "_worth_repeating", judged)
        yield


def run(race: Race, arena: Arena, crew: Crew, rounds: int) -> Tally:
    """Play so many rounds of a race."""
    tally = Tally()
    with counted(tally):
        for _round in range(rounds):
            start = race.start(arena)
            ends = crew.race(start)
            tally.rounds += 1
            tally.ends += ends
            seen, due = start.settled(ends)
            if seen != due:
                tally.breaches.append((seen, due))
    return tally


def wins(ends: Ends) -> int:
    return sum(n for (status, _code), n in ends.items() if status < 400)
