"""`make bench`: its own durable PostgreSQL and the real server, and every operation beside its floor.

    python -m benchmarks.run [--smoke] [--size ITEMS] [--calls N] [--only WORD] [--json FILE]

Prints a table and leaves the figures in `var/bench/`. `make bench SMOKE=1` takes about a minute.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.meters import read_meters
from benchmarks.report import Figures, print_table
from config.postgres import EmbeddedServer, ensure_database
from config.processes import wait_until
from config.trial import MARK, THREADS, WORKERS, child, port_trouble

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / "var" / "bench"
CLIENTS = [1, 8, 32]
SEED = 20221220
COUNTED = {"shared_preload_libraries": "pg_stat_statements", "track_functions": "pl"}


@dataclass(frozen=True)
class Scale:
    """How much to measure: items in the books beforehand, calls of an operation at each number of clients.

    A backend tells the time of its triggers up to ten seconds late; without that patience it is not told at all.
    """

    items: int
    calls: int
    warm_up: int
    patience: float


FULL, SMOKE = Scale(20_000, 600, 160, 10.5), Scale(1_000, 40, 32, 0)


@dataclass(frozen=True)
class Bench:
    """What runs: the database's address and postmaster, and a connection that reads its counters."""

    url: str
    postmaster: int
    counters: psycopg.Connection[Any]


@contextlib.contextmanager
def database(folder: Path, *, anew: bool = True) -> Iterator[Bench]:
    """A durable server that counts statements and times triggers; a new one, or one that is there."""
    server = EmbeddedServer(folder)
    if anew:
        server.erase()
        with server:
            ensure_database(server.url("donations"))
            with psycopg.connect(server.url("donations"), autocommit=True) as connection:
                for name, value in COUNTED.items():
                    connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    with server:
        url = server.url("donations")
        with psycopg.connect(url, autocommit=True) as counters:
            counters.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
            assert server.process is not None  # noqa: S101 - it has just been started
            yield Bench(url, server.process.pid, counters)


@contextlib.contextmanager
def serving(application: str, url: str) -> Iterator[tuple[int, int]]:
    """granian with this application as the trial runs it: its port and its process."""
    port = free_port()
    surroundings = os.environ | {"DATABASE_URL": url, MARK: secrets.token_hex(16)}
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += ["--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--log-level", "warning"]
    with child([*command, application], surroundings) as process:
        if not wait_until(lambda: port_trouble(port) != 0 and answers(port), 60):
            raise SystemExit(f"{application} does not answer.")
        yield port, process.pid


def free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def load(order: dict[str, Any]) -> dict[str, Any]:
    """Let the load generator carry out an order; every call must have succeeded."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    seen: dict[str, Any] = json.loads(done.stdout)
    if set(seen["answers"]) - {"200", "201", "304", "written"}:
        raise SystemExit(f"The server refused: {seen['answers']}\n{seen['refusal']}")
    return seen


def measure(bench: Bench, order: dict[str, Any], server: int | None, scale: Scale, share: float) -> list[Any]:
    """Warm up, then each number of clients in turn, with what the processes spent on it."""
    calls, stages = iter(order.pop("calls")), []
    load({**order, "clients": 8, "calls": take(calls, warm_up(scale, share))})
    for clients in CLIENTS:
        patience = scale.patience if clients == 1 else 0
        time.sleep(patience)
        before = read_meters(server, bench.postmaster, bench.counters)
        seen = load({**order, "clients": clients, "calls": take(calls, measured(scale, share))})
        time.sleep(patience)
        stages.append((clients, seen, read_meters(server, bench.postmaster, bench.counters).since(before)))
    return stages


def take(calls: Iterator[Any], count: int) -> list[Any]:
    return [next(calls) for _n in range(count)]


def warm_up(scale: Scale, share: float) -> int:
    return max(8, round(scale.warm_up * share))


def measured(scale: Scale, share: float) -> int:
    return max(8, round(scale.calls * share))


def run(bench: Bench, scale: Scale, only: str) -> list[Figures]:
    """Make the data, serve, and measure every operation beside its floor."""
    import django

    os.environ["DATABASE_URL"] = bench.url
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    from django.core.management import call_command

    from benchmarks.operations import OPERATIONS
    from benchmarks.stage import County

    call_command("migrate", interactive=False, verbosity=0)
    county = County(SEED)
    county.grow(scale.items)
    rows = []
    with (
        serving("config.wsgi:application", bench.url) as real,
        serving("benchmarks.floor_wsgi:application", bench.url) as floor,
    ):
        for operation in (each for each in OPERATIONS if only in each.name):
            count = warm_up(scale, operation.share) + len(CLIENTS) * measured(scale, operation.share)
            asked = {
                "database": bench.url,
                "statement": operation.statement,
                "calls": operation.statements(county, count),
            }
            orders = {
                "this": (real, {"port": real[0], "calls": operation.requests(county, count)}),
                "bare DRF": (floor, {"port": floor[0], "calls": operation.bare_requests(county, count)}),
                "one SQL": (None, asked),
            }
            county.let_planner_look()
            for variant, (server, order) in orders.items():
                stages = measure(bench, order, server and server[1], scale, operation.share)
                rows.append(Figures.of(operation.name, variant, operation.limit, stages))
                print(f"  {operation.name}, {variant}: done", file=sys.stderr)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="about a minute")
    parser.add_argument("--size", type=int, help="items in the books beforehand")
    parser.add_argument("--calls", type=int, help="calls of an operation at each number of clients")
    parser.add_argument("--only", default="", help="operations whose name holds this")
    parser.add_argument("--json", type=Path, help="where to leave the figures")
    asked = parser.parse_args()
    usual = SMOKE if asked.smoke else FULL
    scale = replace(usual, items=asked.size or usual.items, calls=asked.calls or usual.calls)
    with database(BENCH / "postgres") as bench:
        rows = run(bench, scale, asked.only)
    print_table(rows)
    file = asked.json or BENCH / f"{'smoke' if asked.smoke else 'bench'}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        json.dumps(
            {"scale": asdict(scale), "cores": os.cpu_count(), "rows": [asdict(row) for row in rows]}, indent=1
        )
    )
    print(f"\nFigures: {file}")


if __name__ == "__main__":
    main()
