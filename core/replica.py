"""Reading aside: what need not be of this very second may be read from a streaming replica, if there is a fresh one.

`DATABASE_REPLICA_URL` names it. Public pages, exports and reports are read there; whatever decides something, and the
totals that are published, read the primary. How far the replica is behind is measured by what it has replayed of what
the primary had written (`Lag`), not by the moments of transactions, which say nothing while nobody writes. One that
is too far behind, lost, or promoted serves nothing: all is read from the primary, as without it.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, connections
from django.db.models import QuerySet
from psycopg.conninfo import make_conninfo

REPLICA, PRIMARY = "replica", "default"
GLANCE_SECONDS = 1.0
WRITTEN = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"
REPLAYED = "SELECT pg_is_in_recovery(), pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint"

P = ParamSpec("P")
T = TypeVar("T")


class Lag:
    """How old what the replica shows may be, from what was seen of both: positions in the log, moments in seconds."""

    def __init__(self) -> None:
        self._written: deque[tuple[float, int]] = deque(maxlen=3600)
        self._fresh_at = -math.inf

    def seen(self, now: float, written: int | None, replayed: int | None) -> None:
        """What the primary had written and the replica replayed just now; None where it could not be asked."""
        if written is not None:
            self._written.append((now, written))
        while replayed is not None and self._written and self._written[0][1] <= replayed:
            self._fresh_at = self._written.popleft()[0]

    def forget(self) -> None:
        """Nothing is known any more: the replica is gone, or no replica now."""
        self._written.clear()
        self._fresh_at = -math.inf

    def seconds(self, now: float) -> float:
        return now - self._fresh_at


class Watch:
    """Looks every second, in a thread of its own, so that no request waits for a replica that does not answer."""

    def __init__(self) -> None:
        self._lag = Lag()
        self._sessions: dict[str, psycopg.Connection[Any]] = {}
        threading.Thread(target=self._watch, name="replica-watch", daemon=True).start()

    def seconds(self) -> float:
        return self._lag.seconds(time.monotonic())

    def doubt(self) -> None:
        """A read failed: nothing is read there until it was seen well again."""
        self._lag.forget()

    def _watch(self) -> None:
        while True:
            now = time.monotonic()
            written, state = self._asked(PRIMARY, WRITTEN), self._asked(REPLICA, REPLAYED)
            if state is None or not state[0]:
                self._lag.forget()
            else:
                self._lag.seen(now, written[0] if written else None, state[1])
            time.sleep(GLANCE_SECONDS)

    def _asked(self, alias: str, question: str) -> tuple[Any, ...] | None:
        """The one row of the answer, None where there is none; a broken session is opened anew the next time."""
        try:
            if alias not in self._sessions:
                url = settings.DATABASE_REPLICA_URL if alias == REPLICA else settings.DATABASE_URL
                self._sessions[alias] = psycopg.connect(
                    make_conninfo(url, connect_timeout=3), autocommit=True
                )
            return self._sessions[alias].execute(question).fetchone()
        except psycopg.Error:
            if broken := self._sessions.pop(alias, None):
                broken.close()
            return None


_watch: Watch | None = None
_begin = threading.Lock()


def lag_seconds() -> float | None:
    """How old at most what the replica shows is; None without a replica, infinite where it is not known."""
    if REPLICA not in settings.DATABASES:
        return None
    return _watcher().seconds()


def is_usable() -> bool:
    """Whether there is a replica that is fresh enough to be read."""
    lag = lag_seconds()
    return lag is not None and lag <= settings.REPLICA_LAG_SECONDS


def _watcher() -> Watch:
    global _watch
    with _begin:
        if _watch is None:
            _watch = Watch()
        return _watch


def doubt() -> None:
    _watcher().doubt()


@contextmanager
def reading_aside() -> Iterator[None]:
    """While this lasts, all that this thread reads comes from the replica, and nothing can be written."""
    primary = connections[PRIMARY]
    connections[PRIMARY] = connections[REPLICA]
    try:
        yield
    finally:
        connections[PRIMARY] = primary


def aside(work: Callable[P, T]) -> Callable[P, T]:
    """A reading that goes to the replica where there is a fresh one, and again to the primary if that fails."""

    @wraps(work)
    def reading(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block or not is_usable():
            return work(*args, **kwargs)
        try:
            with reading_aside():
                return work(*args, **kwargs)
        except (DatabaseError, InterfaceError):
            doubt()
        return work(*args, **kwargs)

    return reading


def rows_aside(rows: Any) -> Any:
    """A query that is read later, as a stream: from the replica if it is fresh now. Anything else as it is."""
    if isinstance(rows, QuerySet) and not connection.in_atomic_block and is_usable():
        return rows.using(REPLICA)
    return rows
