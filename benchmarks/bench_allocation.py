"""How long fair shares take: python -m benchmarks.bench_allocation county|province|nation [--json FILE].

Synthetic clinics and lots with fixed seeds; every medicine is solved by itself, as in production. Times
are those of the engine on columns; the county is also run through `allocate`, with its objects and sentences.
Beside them stands one linear programme of one of these medicines, solved by HiGHS in the same run. The engine is one
process that waits for nothing, so targets are held against its CPU seconds, which a busy machine does not stretch.
"""

import argparse
import json
import os
import resource
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from fractions import Fraction

import numpy as np

from benchmarks.highs_lp import most_shipped
from distribution.allocation import (
    NEVER,
    Clinic,
    ClinicTable,
    Lot,
    LotTable,
    Options,
    Policy,
    allocate,
    allocate_tables,
)

TODAY = date(2022, 12, 20)
SHORT_PERCENT_BELOW = 71  # of the lots of one medicine; 0, 37, 3, 40, ... from medicine to medicine
STOCK_PERCENT = 60
TOLERANCE_PERCENT = 5


@dataclass(frozen=True)
class Scale:
    """How much there is to share, and the time and memory allowed."""

    medicines: int
    clinics: int
    lots: int
    month_seconds: float
    day_seconds: float | None
    gigabytes: float


SCALES = {
    "county": Scale(60, 300, 3_000, 0.1, 0.2, 8),
    "province": Scale(500, 3_000, 30_000, 3, None, 8),
    "nation": Scale(500, 40_000, 100_000, 30, None, 8),
}


@dataclass(frozen=True)
class Figures:
    """One measured run over all medicines, best of `repeats` for times."""

    scale: str
    variant: str
    cpu_seconds: float
    wall_seconds: float
    peak_megabytes: int
    target_seconds: float | None
    lines: int
    short_days: int
    cuts: int
    boxes_opened: int
    grains: int


def clinics_of(medicine: int, count: int) -> ClinicTable:
    """Clinics of very unequal size, a fifth of them with dated stock of their own."""
    random = np.random.default_rng([7, medicine])
    need = random.integers(1, 40, count) ** 2
    on_hand = need * random.integers(0, 50, count) // 100
    asked = need * random.integers(30, 200, count) // 100
    percent = random.integers(20, 160, count)
    own = np.flatnonzero(random.integers(0, 5, count) == 0)
    tie = np.empty(count, dtype=np.int64)
    tie[np.lexsort((random.permutation(count), need))] = np.arange(count)
    return ClinicTable(
        need=need,
        on_hand=on_hand,
        limit=asked,
        reference=need,
        tier=np.zeros(count, dtype=np.int64),
        tie=tie,
        rate=need * 60 * percent,
        rate_days=np.full(count, 14 * 100 * 100),
        transit=random.integers(0, 4, count),
        course=np.full(count, 3),
        choice=np.zeros(count, dtype=np.int64),
        choices=((0,),),
        own_row=own,
        own_day=TODAY.toordinal() + random.integers(5, 90, own.size),
        own_quantity=on_hand[own] // 2,
    )


def lots_of(medicine: int, count: int, need: int, by_day: bool) -> LotTable:
    """Lots worth `STOCK_PERCENT` of the need, some expiring within weeks, printed by day or by month."""
    random = np.random.default_rng([11, medicine])
    parts = random.integers(1, 100, count)
    quantity = need * STOCK_PERCENT * parts // (100 * int(parts.sum()))
    short = random.integers(0, 100, count) < medicine * 37 % SHORT_PERCENT_BELOW
    days = TODAY.toordinal() + np.where(short, random.integers(3, 60, count), random.integers(60, 700, count))
    if not by_day:
        days = np.array([month_end(day) for day in days.tolist()])
    box = random.choice(np.array([0, 6, 10, 12, 20, 24, 48]), count)
    return LotTable(day=days, quantity=quantity, box=box, pile=np.zeros(count, dtype=np.int64))


def month_end(ordinal: int) -> int:
    """Last day of a day's month."""
    day = date.fromordinal(ordinal)
    return ((day.replace(day=1) + timedelta(31)).replace(day=1) - timedelta(1)).toordinal()


def inputs(scale: Scale, by_day: bool) -> Iterator[tuple[ClinicTable, LotTable]]:
    """Every medicine's columns, one after another."""
    for medicine in range(scale.medicines):
        clinics = clinics_of(medicine, scale.clinics)
        lots = lots_of(medicine, scale.lots // scale.medicines, int(clinics.need.sum()), by_day)
        yield clinics, lots


def measure(name: str, by_day: bool, snap: bool, repeats: int) -> Figures:
    """Solve every medicine; lines are kept until the end, as a plan would keep them."""
    scale = SCALES[name]
    policy = Policy(TODAY.toordinal(), tolerance_percent=TOLERANCE_PERCENT if snap else 0)
    best_cpu = best_wall = float("inf")
    kept: list[tuple[int, ...]] = []
    for _ in range(repeats):
        cpu = wall = 0.0
        kept, lines = [], []
        for clinics, lots in inputs(scale, by_day):
            cpu_start, wall_start = time.process_time(), time.perf_counter()
            plan = allocate_tables(clinics, lots, policy)
            cpu += time.process_time() - cpu_start
            wall += time.perf_counter() - wall_start
            lines.append((plan.lines.row, plan.lines.lot, plan.lines.grains))
            kept.append((plan.lines.row.size, plan.short.size, len(plan.totals.segments) - 1,
                         plan.boxes_opened, int(plan.totals.grains.sum())))  # fmt: skip
        best_cpu, best_wall = min(best_cpu, cpu), min(best_wall, wall)
    count, short, cuts, boxes, grains = (sum(column) for column in zip(*kept, strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    variant = f"{'day' if by_day else 'month'} dates{', boxes kept' if snap else ''}"
    target = scale.day_seconds if by_day else scale.month_seconds
    return Figures(name, variant, round(best_cpu, 3), round(best_wall, 3), peak, target,
                   count, short, cuts, boxes, grains)  # fmt: skip


def measure_objects(name: str, repeats: int) -> Figures:
    """The same through `allocate`: dataclasses in, shares with sentences and lines out."""
    scale, options = SCALES[name], Options(TODAY)
    cases = [objects(clinics, lots) for clinics, lots in inputs(scale, by_day=False)]
    best_cpu = best_wall = float("inf")
    for _ in range(repeats):
        cpu_start, wall_start = time.process_time(), time.perf_counter()
        results = [allocate(clinics, lots, options) for clinics, lots in cases]
        best_cpu = min(best_cpu, time.process_time() - cpu_start)
        best_wall = min(best_wall, time.perf_counter() - wall_start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Figures(name, "objects and sentences, month dates", round(best_cpu, 3), round(best_wall, 3), peak,
                   None, sum(len(result.lines) for result in results), 0,
                   sum(len(result.cuts) - 1 for result in results),
                   sum(result.boxes_opened for result in results),
                   sum(share.share for result in results for share in result.shares))  # fmt: skip


def objects(clinics: ClinicTable, lots: LotTable) -> tuple[list[Clinic], list[Lot]]:
    """The columns as dataclasses."""
    own: dict[int, list[tuple[date, int]]] = {}
    for row, day, quantity in zip(clinics.own_row, clinics.own_day, clinics.own_quantity, strict=True):
        own.setdefault(int(row), []).append((date.fromordinal(int(day)), int(quantity)))
    people = [
        Clinic(
            key=row,
            need=int(clinics.need[row]),
            on_hand=int(clinics.on_hand[row]),
            requested=int(clinics.limit[row]),
            daily_rate=Fraction(int(clinics.rate[row]), int(clinics.rate_days[row])) * 100 / 60,
            own_stock=tuple(own.get(row, ())),
            transit_days=int(clinics.transit[row]),
            course_days=int(clinics.course[row]),
            tie=int(clinics.tie[row]),
        )
        for row in range(clinics.need.size)
    ]
    stock = [
        Lot(lot, int(quantity), None if day == NEVER else date.fromordinal(int(day)), int(box) or None)
        for lot, (day, quantity, box) in enumerate(zip(lots.day, lots.quantity, lots.box, strict=True))
    ]
    return people, stock


@dataclass(frozen=True)
class Beside:
    """One medicine, once by the engine, whole, and once by HiGHS, only how much can be shipped at most."""

    scale: str
    variant: str
    medicine: int
    engine_seconds: float
    highs_seconds: float
    variables: int
    conditions: int
    grains: int
    highs_grains: int | None


def beside_highs(name: str, by_day: bool) -> Beside:
    """The first medicine of which half the lots or more are short-dated; both must ship the same amount.

    Raises SystemExit where they do not.
    """
    medicine = next(n for n in range(SCALES[name].medicines) if n * 37 % SHORT_PERCENT_BELOW >= 50)
    clinics = clinics_of(medicine, SCALES[name].clinics)
    count = SCALES[name].lots // SCALES[name].medicines
    lots = lots_of(medicine, count, int(clinics.need.sum()), by_day)
    start = time.process_time()
    plan = allocate_tables(clinics, lots, Policy(TODAY.toordinal()))
    seconds = time.process_time() - start
    grains, best = int(plan.totals.grains.sum()), most_shipped(plan)
    if best.grains not in (None, grains):
        raise SystemExit(
            f"{name}, medicine {medicine}: the engine ships {grains}, HiGHS finds {best.grains}."
        )
    variant = f"{'day' if by_day else 'month'} dates"
    return Beside(name, variant, medicine, round(seconds, 4), best.seconds, best.variables, best.conditions,
                  grains, best.grains)  # fmt: skip


def report_beside(rows: list[Beside]) -> None:
    """What HiGHS took, in sentences."""
    for row in rows:
        told = f"the same {row.grains:,} grains" if row.highs_grains is not None else "no answer in that time"
        print(f"{row.scale}, medicine {row.medicine}, {row.variant}: engine {1000 * row.engine_seconds:.1f} ms CPU "
              f"for fair shares and lots; one HiGHS LP for the total alone {1000 * row.highs_seconds:.1f} ms "
              f"({row.variables:,} variables, {row.conditions:,} conditions), {told}.")  # fmt: skip


def report(rows: list[Figures]) -> None:
    """A table on the terminal."""
    print(f"{'scale':9} {'variant':36} {'CPU s':>8} {'wall s':>8} {'target':>7} {'peak MB':>8} "
          f"{'lines':>11} {'short':>6} {'cuts':>5} {'boxes':>8}")  # fmt: skip
    for row in rows:
        target = "" if row.target_seconds is None else f"{row.target_seconds:g}"
        print(f"{row.scale:9} {row.variant:36} {row.cpu_seconds:8.3f} {row.wall_seconds:8.3f} {target:>7} "
              f"{row.peak_megabytes:8} {row.lines:11,} {row.short_days:6} {row.cuts:5} "
              f"{row.boxes_opened:8,}")  # fmt: skip


def main() -> None:
    """Measure what is asked for, print it, and write JSON if a file is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scale", choices=SCALES)
    parser.add_argument("--json", help="file to write the figures to")
    asked = parser.parse_args()
    county = asked.scale == "county"
    repeats = 5 if county else 1
    rows = [measure(asked.scale, by_day=False, snap=False, repeats=repeats)]
    if county:
        rows += [measure("county", by_day, snap, repeats) for by_day, snap in
                 ((False, True), (True, False), (True, True))]  # fmt: skip
        rows.append(measure_objects("county", 3))
    report(rows)
    beside = [beside_highs(asked.scale, by_day) for by_day in ((False, True) if county else (False,))]
    report_beside(beside)
    for row in rows:
        if row.target_seconds is not None and row.cpu_seconds > row.target_seconds:
            print(f"MISSED: {row.scale}, {row.variant}: {row.cpu_seconds} s, allowed {row.target_seconds} s.")
        if row.peak_megabytes > 1024 * SCALES[row.scale].gigabytes:
            print(f"MISSED: {row.scale}: {row.peak_megabytes} MB, allowed {SCALES[row.scale].gigabytes} GB.")
    print(f"Load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")
    if asked.json:
        told = {"engine": [asdict(row) for row in rows], "beside_highs": [asdict(row) for row in beside]}
        with open(asked.json, "w", encoding="utf-8") as file:
            json.dump({**told, "load": os.getloadavg()}, file, indent=1)


if __name__ == "__main__":
    main()
