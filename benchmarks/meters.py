"""What an operation costs: processor time of the processes involved, and what the database counted."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
# BEGIN and COMMIT say nothing that could be saved; a savepoint is a round trip like any other. Deferred references
# are checked at COMMIT by statements that nobody sent, and the counters are read by our own.
SENT = """
    SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements
    WHERE toplevel AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND query !~* '^(BEGIN|COMMIT|SELECT [$][0-9]+ FROM ONLY |SELECT pg_stat_|SELECT pg_current_wal)'
        AND query !~ 'pg_stat_'
"""
IN_TRIGGERS = """
    SELECT coalesce(sum(f.total_time), 0) FROM pg_stat_user_functions f
    JOIN pg_proc p ON p.oid = f.funcid WHERE p.prorettype = 'trigger'::regtype
"""
WRITTEN = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"


@dataclass(frozen=True)
class Reading:
    """Totals since the start: CPU in ms, statements sent, time in triggers in ms, bytes of write-ahead log."""

    server_ms: float
    database_ms: float
    statements: int
    trigger_ms: float
    log_bytes: int

    def since(self, before: Reading) -> Reading:
        return Reading(
            self.server_ms - before.server_ms,
            self.database_ms - before.database_ms,
            self.statements - before.statements,
            self.trigger_ms - before.trigger_ms,
            self.log_bytes - before.log_bytes,
        )


def read_meters(server: int | None, postmaster: int, counters: psycopg.Connection[Any]) -> Reading:
    """The totals now; `server` and `postmaster` are the processes under which all of theirs run."""
    sent, trigger_ms, log_bytes = (
        counters.execute(query).fetchone()[0]  # type: ignore[index]
        for query in (SENT, IN_TRIGGERS, WRITTEN)
    )
    return Reading(
        cpu_ms(server) if server else 0.0, cpu_ms(postmaster), int(sent), float(trigger_ms), int(log_bytes)
    )


def cpu_ms(root: int) -> float:
    """Processor time of a process, those below it, and those below it that have ended."""
    return TICK_MS * sum(sum(map(int, fields[11:15])) for fields in family(root).values())


def family(root: int) -> dict[int, list[str]]:
    """A process and those below it, each with what the kernel says of it (proc(5), stat, from its state on)."""
    told: dict[int, list[str]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended
            told[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()
    below = {root}
    while more := {pid for pid, fields in told.items() if int(fields[1]) in below} - below:
        below |= more
    return {pid: told[pid] for pid in below if pid in told}


def megabytes(root: int, which: str = "VmRSS") -> list[float]:
    """Memory of a process and those below it, the largest first: what they hold, or (`VmHWM`) ever held."""
    held = []
    for pid in family(root):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            held += [int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{which}:")]
    return sorted((round(each, 1) for each in held), reverse=True)
