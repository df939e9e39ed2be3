"""What long lists cost as files: python -m benchmarks.bench_exports [--small] [--json FILE].

Of a county with 5,000,000 movements: 1,000,000 as CSV (≤ 60 s, streamed, ≤ 150 MB) and 100,000 as XLSX (≤ 10 s); each
from a server that has just been started, so that the most memory that a worker ever held is that of the file.
"""

from __future__ import annotations

import argparse
import datetime
import http.client
import time
from typing import Any

from benchmarks.meters import megabytes
from benchmarks.run import SEED, Bench, serving
from benchmarks.sets import standing
from benchmarks.told import run

ALLOWED = {"csv": {"seconds": 60, "megabytes": 150}, "xlsx": {"seconds": 10}}
DAYS = """
SELECT min(booked_on) FROM (
    SELECT booked_on, sum(entries) OVER (ORDER BY booked_on DESC) AS rows FROM (
        SELECT booked_on, sum(entries) AS entries FROM inventory_stockday GROUP BY 1) days
) counted WHERE rows <= %s
"""


def export(bench: Bench, token: str, ending: str, rows: int) -> dict[str, Any]:
    """One file of the last days' movements, at most so many rows."""
    (first,) = bench.counters.execute(DAYS, [rows]).fetchone()  # type: ignore[misc]
    with serving("config.wsgi:application", bench.url) as (port, process):
        for _n in range(20):  # each worker has built its URL map and read some rows
            fetch(port, token, ending, datetime.date(2100, 1, 1))
        at_rest = megabytes(process)[0]
        begun = time.perf_counter()
        first_byte, length, lines = fetch(port, token, ending, first)
        took = time.perf_counter() - begun
        return {
            "rows": lines if ending == "csv" else rows,
            "seconds": round(took, 1),
            "first byte after": round(first_byte - begun, 2),
            "megabytes of the file": round(length / 1e6, 1),
            "a worker at rest": at_rest,
            "a worker at most": megabytes(process, "VmHWM")[0],
            "allowed": ALLOWED[ending],
        }


def fetch(port: int, token: str, ending: str, first: datetime.date) -> tuple[float, int, int]:
    """When the first byte came, how many there were, and how many lines."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    line.request(
        "GET",
        f"/api/v1/movements/?format={ending}&booked_from={first}",
        None,
        {"Authorization": f"Token {token}"},
    )
    answer = line.getresponse()
    if answer.status != 200:
        raise SystemExit(f"{ending}: {answer.status} {answer.read()[:500]!r}")
    length, lines, first_byte = 0, -1, 0.0
    while portion := answer.read(1 << 16):
        first_byte = first_byte or time.perf_counter()
        length, lines = length + len(portion), lines + portion.count(b"\n")
    return first_byte, length, lines


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    with standing("season" if asked.small else "ages") as bench:
        from benchmarks.stage import County
        from organisation.models import Role

        county = County(SEED)
        token = county.token(Role.LEAD_PHARMACIST, county.hospital)
        sizes = {"csv": 100_000, "xlsx": 20_000} if asked.small else {"csv": 1_000_000, "xlsx": 100_000}
        return {ending: export(bench, token, ending, rows) for ending, rows in sizes.items()}


if __name__ == "__main__":
    raise SystemExit(run(__doc__, measure))
