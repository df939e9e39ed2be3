"""How long it takes to approve a large plan: python -m benchmarks.bench_approval [--small] [--json FILE].

3,000 lots at the county's hospital, shared out to 300 clinics in 25,000 lines; the command is timed with its commit,
and beside it what the database's functions took. The floor is one INSERT of as many rows as the ledger takes into a
table with the same indexes, without a trigger or a reference.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.meters import read_meters
from benchmarks.run import BENCH, SEED, Bench, database

IN_FUNCTIONS = """
    SELECT funcname, round(total_time)::integer FROM pg_stat_user_functions WHERE total_time >= 1
    ORDER BY total_time DESC
"""
FLOOR = """
    CREATE TABLE floor (LIKE inventory_movement INCLUDING INDEXES INCLUDING DEFAULTS INCLUDING IDENTITY);
    INSERT INTO floor OVERRIDING SYSTEM VALUE SELECT * FROM inventory_movement ORDER BY id DESC LIMIT {lines};
"""


@dataclass(frozen=True)
class Scale:
    lots: int
    clinics: int
    lines: int


SCALES = {False: Scale(3_000, 300, 25_000), True: Scale(100, 60, 1_000)}


@dataclass(frozen=True)
class Approval:
    """Seconds and counts of one approval; `functions` in milliseconds, the triggers among them."""

    lines: int
    wall: float
    server_cpu: float
    database_cpu: float
    statements: int
    functions: dict[str, int]
    floor: float


def measure(bench: Bench, scale: Scale, rounds: int) -> list[Approval]:
    """Fill the county, then plan and approve as often as asked."""
    import django

    os.environ["DATABASE_URL"] = bench.url
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    from benchmarks.large_plan import LargePlan

    county = LargePlan(SEED, lots=scale.lots, clinics=scale.clinics)
    return [approval(bench, county, scale) for _round in range(rounds)]


def approval(bench: Bench, county: Any, scale: Scale) -> Approval:
    plan = county.submitted(scale.lines)
    county.county.let_planner_look()
    county.tell_counters()
    bench.counters.execute("SELECT pg_stat_reset()")
    before = read_meters(None, bench.postmaster, bench.counters)
    begun, cpu = time.perf_counter(), time.process_time()
    county.approve(plan)
    wall, server = time.perf_counter() - begun, time.process_time() - cpu
    county.tell_counters()
    spent = read_meters(None, bench.postmaster, bench.counters).since(before)
    return Approval(
        scale.lines,
        round(wall, 2),
        round(server, 2),
        round(spent.database_ms / 1000, 2),
        spent.statements,
        dict(bench.counters.execute(IN_FUNCTIONS).fetchall()),
        floor(bench, scale.lines),
    )


def floor(bench: Bench, lines: int) -> float:
    bench.counters.execute("DROP TABLE IF EXISTS floor")
    begun = time.perf_counter()
    for statement in FLOOR.format(lines=lines).split(";")[:-1]:
        bench.counters.execute(statement.encode())
    return round(time.perf_counter() - begun, 2)


def report(rows: list[Approval]) -> None:
    heads = (
        f"{'lines':>7} {'wall s':>7} {'server CPU s':>13} {'db CPU s':>9} {'statements':>11} {'floor s':>8}"
    )
    print(f"{heads}  ms in functions")
    for row in rows:
        functions = ", ".join(f"{name} {spent}" for name, spent in row.functions.items())
        print(
            f"{row.lines:7,} {row.wall:7.2f} {row.server_cpu:13.2f} {row.database_cpu:9.2f} {row.statements:11} "
            f"{row.floor:8.2f}  {functions}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="1,000 lines, to try the program itself")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    asked = parser.parse_args()
    with database(BENCH / "approval") as bench:
        rows = measure(bench, SCALES[asked.small], rounds=3)
    report(rows)
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))


if __name__ == "__main__":
    main()
