"""What goes wrong, when, and how long it takes until the service serves again: a schedule that a seed brings back."""

from __future__ import annotations

import contextlib
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psycopg

from config.processes import send, wait_until
from tests.faults.notes import Notebook, now
from tests.faults.settings import GIVEN_UP_SECONDS, IS_LONG
from tests.faults.stage import Stage

KILLS = ("worker", "service", "backend", "database", "everything", "immediate stop")
# What the short form leaves out, for another kind shows as much: service and database end together.
LEFT_OUT = () if IS_LONG else ("service", "database")
OTHERS = (
    "statement cancelled",
    "session ended",
    "deadlock",
    "connections exhausted",
    "unreachable",
    "frozen",
)
# How often each comes in the long form; every kill counts alike towards its goal.
WEIGHTS = {
    "worker": 8, "service": 3, "backend": 5, "database": 5, "everything": 2, "immediate stop": 3,
    "statement cancelled": 4, "session ended": 3, "deadlock": 1, "connections exhausted": 1, "unreachable": 1,
    "frozen": 1,
}  # fmt: skip
BRIEFLY = 10 if IS_LONG else 1
BUSY = """
    SELECT pid FROM pg_stat_activity
    WHERE usename = 'faults_application' AND application_name <> 'faults'
    AND (state = 'active') = (SELECT bool_or(state = 'active') FROM pg_stat_activity
                              WHERE usename = 'faults_application' AND application_name <> 'faults')"""
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
WAITS_FOR_US = "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
# The balances of the clinics' shelves that a hand-out locks, in key order: what is there, then what was given.
LOCK_BALANCES = """
    SELECT 1 FROM inventory_balance b JOIN inventory_account a ON a.id = b.account_id
    JOIN organisation_place p ON p.id = a.place_id
    WHERE p.kind = 'village_clinic' AND a.side = 'clinic' AND a.state = %s
    ORDER BY b.account_id, b.batch_id FOR UPDATE OF b"""


@dataclass(frozen=True)
class Step:
    """One fault of the schedule: after so many seconds, of this kind, hitting the one that `aim` points at."""

    pause: float
    fault: str
    aim: float


def every_fault_once(seed: int) -> list[Step]:
    chance = random.Random(seed)
    faults = [fault for fault in (*KILLS, *OTHERS) if fault not in LEFT_OUT]
    chance.shuffle(faults)
    return [Step(round(chance.uniform(0.2, 0.6), 2), fault, chance.random()) for fault in faults]


def endless(seed: int) -> Iterator[Step]:
    chance = random.Random(seed)
    while True:
        (fault,) = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
        yield Step(round(chance.uniform(0.3, 3), 2), fault, chance.random())


@dataclass
class Chaos:
    """Carries out a schedule on a stage while clients write their notes."""

    stage: Stage
    book: Notebook
    outage: float
    counts: Counter[str] = field(default_factory=Counter)
    waits: dict[str, list[float]] = field(default_factory=dict)

    @property
    def kills(self) -> int:
        return sum(self.counts[name] for name in KILLS)

    def carry_out(self, step: Step) -> None:
        """Let one fault happen, wait until something sent after it is acknowledged, and note how long that took."""
        time.sleep(step.pause)
        over = self._faults()[step.fault](step.aim)
        self.counts[step.fault] += 1
        assert wait_until(lambda: self.book.served_since(over), GIVEN_UP_SECONDS), (
            f"{GIVEN_UP_SECONDS} s after {step} nothing was served: {self.book.answers()}"
        )
        self.waits.setdefault(step.fault, []).append(now() - over)

    def _faults(self) -> dict[str, Callable[[float], float]]:
        """Each gives the moment from which the service has to serve again."""
        return {
            "worker": self._kill_worker, "service": self._kill_service, "backend": self._kill_backend,
            "database": self._kill_database, "everything": self._kill_everything,
            "immediate stop": self._stop_database, "statement cancelled": self._cancel,
            "session ended": self._end_session, "deadlock": self._deadlock,
            "connections exhausted": lambda _aim: self._during(self.stage.database.exhausted(), BRIEFLY),
            "unreachable": lambda _aim: self._during(self.stage.database.unreachable(), self.outage),
            "frozen": lambda _aim: self._during(self.stage.database.frozen(), BRIEFLY),
        }  # fmt: skip

    def _during(self, outage: contextlib.AbstractContextManager[Any], seconds: float) -> float:
        with outage:
            time.sleep(seconds)
        return now()

    # Kills: the clock runs from the kill on

    def _kill_worker(self, aim: float) -> float:
        worker, begun = _aimed(self.stage.web.workers, aim), now()
        self.stage.web.kill_worker(worker)
        return begun

    def _kill_service(self, _aim: float) -> float:
        begun = now()
        self.stage.web.kill()
        return begun

    def _kill_backend(self, aim: float) -> float:
        backend, begun = _aimed(self._backends, aim), now()
        send(signal.SIGKILL, [backend])
        return begun

    def _kill_database(self, _aim: float) -> float:
        begun = now()
        self.stage.database.kill()
        self.stage.database.start_again()
        return begun

    def _kill_everything(self, _aim: float) -> float:
        begun = now()
        self.stage.web.kill()
        if IS_LONG:
            self.stage.sealer.kill()
        self.stage.database.kill()
        self.stage.database.start_again()
        return begun

    def _stop_database(self, _aim: float) -> float:
        begun = now()
        self.stage.database.stop_immediately()
        self.stage.database.start_again()
        return begun

    # What happens to single statements

    def _backends(self) -> list[int]:
        """Those that are at work; if none is, those that wait for it."""
        return [pid for (pid,) in self.stage.database.ask(BUSY)]

    def _cancel(self, aim: float) -> float:
        """Cancel whatever is being done, some times over, so that it hits commands and not only pauses."""
        begun = now()
        for _shot in range(20):
            self.stage.database.ask("SELECT pg_cancel_backend(%s)", _aimed(self._backends, aim))
            time.sleep(0.01)
        return begun

    def _end_session(self, aim: float) -> float:
        begun = now()
        self.stage.database.ask("SELECT pg_terminate_backend(%s)", _aimed(self._backends, aim))
        return begun

    def _deadlock(self, _aim: float) -> float:
        """Lock what hand-outs lock, the other way round, until one of them has been chosen to give way."""
        database, begun = self.stage.database, now()
        start, ours = database.ask(DEADLOCKS)[0][0], [0]
        for _try in range(8):
            try:
                lock_the_other_way(database.session(), database.session())
            except psycopg.errors.DeadlockDetected:  # it was we who had to give way
                ours[0] += 1
            if wait_until(lambda: database.ask(DEADLOCKS)[0][0] > start + ours[0], 2):
                return begun
        raise AssertionError("No command was in a deadlock.")


def lock_the_other_way(session: psycopg.Connection[Any], looking: psycopg.Connection[Any]) -> None:
    """Lock what hand-outs lock last before what they lock first. They are the ones who find the deadlock and give
    way, for this session looks for one late."""
    with looking, session, session.transaction():
        session.execute("SET LOCAL deadlock_timeout = '4s'")
        session.execute(LOCK_BALANCES, ["dispensed"])
        us = session.info.backend_pid
        wait_until(lambda: looking.execute(WAITS_FOR_US, [us]).fetchone() != (0,), 5)
        session.execute(LOCK_BALANCES, ["available"])


def _aimed(look: Callable[[], list[int]], aim: float) -> int:
    """One of what is seen; while all are being started anew there is none, and it is waited for."""
    seen: list[int] = []
    assert wait_until(lambda: bool(seen.extend(look()) or seen), GIVEN_UP_SECONDS)
    return seen[int(aim * len(seen))]


@contextlib.contextmanager
def at_work(count: int, work: Callable[[int], None]) -> Iterator[None]:
    """So many threads at work; what one of them raises is raised at the end."""
    with ThreadPoolExecutor(count) as pool:
        threads = [pool.submit(work, number) for number in range(count)]
        yield
    for thread in threads:
        thread.result()
