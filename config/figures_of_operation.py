"""What somebody who watches an installation wants to know of it, read from the database at each asking.

So it does not matter which worker or server is asked. docs/operations.md says what each figure means when it is bad.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.db import Error, connection
from django.utils import timezone
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core.audit import settled
from core.replica import is_usable, lag_seconds

# One statement. `settled` says from which entry on one may be unsealed, so that not the whole log is looked through.
STATE = """
SELECT waiting.entries, waiting.since, run.at, run.faults, (SELECT max(at) FROM reports_restoredrill WHERE good),
    last_archived_time, (last_failed_time > coalesce(last_archived_time, '-infinity')) IS TRUE
FROM (
    SELECT count(*) AS entries, min(at) AS since FROM core_auditentry entry
    WHERE id > %s AND NOT EXISTS (SELECT FROM core_auditlink link WHERE link.entry = entry.id)
) waiting
LEFT JOIN (SELECT at, faults FROM core_auditverification ORDER BY id DESC LIMIT 1) run ON true
CROSS JOIN pg_stat_archiver"""
Row = tuple[
    int, datetime.datetime | None, datetime.datetime | None, int | None, datetime.datetime | None,
    datetime.datetime | None, bool,
]  # fmt: skip


def operation() -> CollectorRegistry:
    """The figures as they are when they are asked for."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Operation())
    return registry


class Operation(Collector):
    """Where the database is away only that is told."""

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        try:
            figures = list(_figures(_state()))
        except Error:
            figures = []
        yield _gauge("database_up", "Whether the database answers.", float(bool(figures)))
        yield from figures
        if (lag := lag_seconds()) is not None:
            yield _gauge("replica_lag_seconds", "How old at most what the replica shows is.", lag)
            yield _gauge("replica_serving", "Whether it is fresh enough to be read.", float(is_usable()))


def _state() -> Row:
    with connection.cursor() as cursor:
        cursor.execute(STATE, [settled(timezone.now())])
        row: Row = cursor.fetchone()
    return row


def _figures(state: Row) -> Iterator[Metric]:
    """Moments as seconds since 1970, left out where there is none yet."""
    waiting, since, verified, faults, drilled, archived, failing = state
    age = (timezone.now() - since).total_seconds() if since else 0.0
    yield _gauge("audit_unsealed_entries", "Entries of the audit log that are not sealed yet.", waiting)
    yield _gauge("audit_unsealed_seconds", "How long the oldest of them waits.", age)
    yield from _moment("audit_verified_timestamp_seconds", "When the log was last verified.", verified)
    yield _gauge("audit_faults", "Faults that this verification found.", faults or 0)
    yield from _moment("restore_drill_timestamp_seconds", "When a restore last went well.", drilled)
    yield from _moment("log_archived_timestamp_seconds", "When a segment was last archived.", archived)
    yield _gauge("log_archive_failing", "Whether the last try to archive a segment failed.", failing)


def _moment(name: str, words: str, at: datetime.datetime | None) -> Iterator[Metric]:
    if at is not None:
        yield _gauge(name, words, at.timestamp())


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"donations_{name}", words, value=value)
