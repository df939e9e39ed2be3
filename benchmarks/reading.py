"""What a request that only reads costs: asked of a set over HTTP, with the same meters as every other operation."""

from __future__ import annotations

import http.client
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.report import Figures
from benchmarks.run import CLIENTS, Bench, Scale, measure, measured, serving, warm_up

FULL, SMALL = Scale(0, 300, 40, 0), Scale(0, 40, 16, 0)


@dataclass(frozen=True)
class Read:
    """An address to be asked for; `known` asks only for what has changed since it was last answered."""

    name: str
    path: str
    limit: str = ""
    token: str = ""
    known: bool = False

    def headers(self, port: int) -> dict[str, str]:
        told = {"Authorization": f"Token {self.token}"} if self.token else {}
        return {**told, "If-None-Match": etag(port, self.path, told)} if self.known else told


def etag(port: int, path: str, headers: dict[str, str]) -> str:
    """By what this address is known now."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("GET", path, headers=headers)
    answer = line.getresponse()
    answer.read()
    line.close()
    return str(answer.getheader("ETag"))


def measure_reads(bench: Bench, reads: Sequence[Read], scale: Scale, variant: str) -> list[Figures]:
    """Each of these in turn, by one, eight and thirty-two clients."""
    rows = []
    count = warm_up(scale, 1) + len(CLIENTS) * measured(scale, 1)
    with serving("config.wsgi:application", bench.url) as (port, process):
        for read in reads:
            calls: list[Any] = [["GET", read.path, read.headers(port), ""]] * count
            stages = measure(bench, {"port": port, "calls": calls}, process, scale, 1)
            rows.append(Figures.of(read.name, variant, read.limit, stages))
    return rows


def ratios(few: Sequence[Figures], many: Sequence[Figures]) -> dict[str, dict[str, float]]:
    """How much more the same takes where there is more: latency of one client, and all processor time."""
    return {
        much.operation: {
            "p50": round(much.stages[0].p50 / little.stages[0].p50, 2),
            "cpu": round((much.server_ms + much.database_ms) / (little.server_ms + little.database_ms), 2),
        }
        for little, much in zip(few, many, strict=True)
    }
