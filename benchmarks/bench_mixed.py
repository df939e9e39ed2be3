"""A county's day, asked of the server as people do: python -m benchmarks.bench_mixed [--minutes 30] [--small].

On a copy of ten seasons, in turn: hand-outs alone, 30 a second whether or not earlier ones are answered (p95 < 40
ms); 100 users who think two seconds, 47 reads to 3 writes (p95 < 150 ms and < 300 ms); the same writes, 15 a second.
The second takes two thirds of the minutes, the third one third. No call may fail, the workers' memory must stay as it
is, and every figure of the ledger must hold afterwards.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Any

from benchmarks.meters import megabytes
from benchmarks.run import SEED, Bench, load, serving
from benchmarks.sets import copied, verified
from benchmarks.told import run

READS_A_WRITE, USERS, THINK, RATE, HAND_OUTS = 47 / 3, 100, 2.0, 15, 30
REGISTERED = 0.4  # of the writes; the others are hand-outs
SHELVES = """
SELECT p.code, m.code FROM inventory_balance b JOIN inventory_account a ON a.id = b.account_id
JOIN organisation_place p ON p.id = a.place_id JOIN inventory_batch t ON t.id = b.batch_id
JOIN catalogue_medicine m ON m.id = t.medicine_id
WHERE a.side = 'clinic' AND a.state = 'available' AND p.sorts
GROUP BY 1, 2 HAVING sum(b.quantity) > 600 ORDER BY 1, 2
"""
ASKED = (
    "stock/?place={place}&ordering=last_usable_day", "stock-card/?place={place}&medicine={medicine}",
    "dispensings/?place={place}", "donations/", "sorting-queue/", "todo/", "medicines/?q=blf", "auth/me/",
    "shipments/", "stock/?medicine={medicine}&state=available",
)  # fmt: skip


class Town:
    """Who calls, and what they send."""

    def __init__(self, bench: Bench) -> None:
        from benchmarks.stage import County
        from organisation.models import Role

        self.county = County(SEED)
        self.chance = self.county.chance
        self.clerk = self.county.token(Role.CLERK, self.county.hospital)
        self.clinic = self.county.token_everywhere(Role.CLINIC)
        self.reader = self.county.token(Role.LEAD_PHARMACIST, self.county.hospital)
        self.shelves = [tuple(row) for row in bench.counters.execute(SHELVES).fetchall()]

    def write(self) -> list[Any]:
        return self.register() if self.chance.random() < REGISTERED else self.hand_out()

    def register(self) -> list[Any]:
        return _post("donations/", self.clerk, self.county.donation(5))

    def hand_out(self) -> list[Any]:
        place, medicine = self.chance.choice(self.shelves)
        line = {"medicine": medicine, "quantity": 1, "days_supply": 3}
        body = {"place": place, "dispensed_on": str(self.county.today), "recipients": 1, "age_band": "65-79"}
        return _post("dispensings/", self.clinic, {**body, "collected_by": "self", "lines": [line]})

    def reads(self) -> Iterator[list[Any]]:
        for route in cycle(ASKED):
            place, medicine = self.chance.choice(self.shelves)
            address = f"/api/v1/{route.format(place=place, medicine=medicine)}"
            yield ["GET", address, {"Authorization": f"Token {self.reader}"}, ""]

    def mix(self, count: int) -> list[Any]:
        """Reads with so many writes among them."""
        reads, share = self.reads(), 1 / (1 + READS_A_WRITE)
        return [self.write() if self.chance.random() < share else next(reads) for _n in range(count)]


def _post(route: str, token: str, body: Any) -> list[Any]:
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    return ["POST", f"/api/v1/{route}", {**headers, "Idempotency-Key": str(uuid.uuid4())}, json.dumps(body)]


@contextmanager
def memory_of(process: int) -> Iterator[list[float]]:
    """All that the server's processes hold, in megabytes, every ten seconds."""
    seen: list[float] = [sum(megabytes(process))]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(10):
            seen.append(round(sum(megabytes(process)), 1))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


def phase(port: int, calls: list[Any], **order: Any) -> dict[str, Any]:
    """Carry out these calls; latency in ms of reads and of writes."""
    load({"port": port, "clients": 4, "calls": calls[:20]})
    seen = load({"port": port, "calls": calls[20:], **order})
    told: dict[str, Any] = {"calls": len(calls), "a second": round(len(seen["seconds"]) / seen["elapsed"], 1)}
    for method, name in (("GET", "reads"), ("POST", "writes")):
        took = sorted(seen["by_method"].get(method, []))
        if took:
            told[name] = {
                f"p{share}": round(1000 * took[len(took) * share // 100], 1) for share in (50, 95, 99)
            }
    return told


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """The three phases, and then the books."""
    with copied("season" if asked.small else "ten") as bench:
        town, told = Town(bench), {}
        seconds = 60 * asked.minutes
        with serving("config.wsgi:application", bench.url) as (port, process), memory_of(process) as memory:
            given = [town.hand_out() for _n in range(int(min(seconds, 60) * HAND_OUTS) + 20)]
            told["hand-outs, 30 a second"] = phase(port, given, clients=32, rate=HAND_OUTS)
            mixed = town.mix(int(seconds * 2 / 3 * USERS / (THINK + 0.05)) + 20)
            told["100 users"] = phase(port, mixed, clients=USERS, think=THINK)
            writes = [town.write() for _n in range(int(seconds / 3 * RATE) + 20)]
            told["writes, 15 a second"] = phase(port, writes, clients=32, rate=RATE)
            time.sleep(1)
            told["memory in MB"] = {"first": memory[0], "later": memory[1 :: max(1, len(memory) // 6)]}
        told["books"] = verified()
    return told


if __name__ == "__main__":
    raise SystemExit(run(__doc__, measure, minutes={"type": float, "default": 30}))
