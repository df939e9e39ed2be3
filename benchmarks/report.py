"""The figures of a run and their table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

FLOORS = ("bare DRF", "one SQL")


@dataclass(frozen=True)
class Stage:
    """One number of clients: calls a second, and the latency in ms below which so many calls stayed."""

    clients: int
    per_second: float
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class Figures:
    """One line: an operation, or its floor; costs per call, CPU in ms over all stages.

    Time in triggers holds what they wait for other clients' locks, so it is that of one client alone. `client_ms`
    is the load generator's own CPU: where it is not far below the server's, it sets the pace.
    """

    operation: str
    variant: str
    limit: str
    calls: int
    stages: list[Stage]
    server_ms: float
    database_ms: float
    trigger_ms: float
    client_ms: float
    statements: float
    answered_bytes: float
    log_bytes: float

    @classmethod
    def of(cls, operation: str, variant: str, limit: str, measured: Sequence[Any]) -> Figures:
        calls = sum(len(seen["seconds"]) for _clients, seen, _spent in measured)

        def each(of_seen: str = "", of_spent: str = "") -> float:
            total = sum(
                seen[of_seen] if of_seen else getattr(spent, of_spent) for _c, seen, spent in measured
            )
            return round(total / calls, 3)

        return cls(
            operation=operation,
            variant=variant,
            limit=limit,
            calls=calls,
            stages=[_stage(clients, seen) for clients, seen, _spent in measured],
            server_ms=each(of_spent="server_ms"),
            database_ms=each(of_spent="database_ms"),
            trigger_ms=round(measured[0][2].trigger_ms / len(measured[0][1]["seconds"]), 3),
            client_ms=each(of_seen="cpu_ms"),
            statements=each(of_spent="statements"),
            answered_bytes=each(of_seen="answered_bytes"),
            log_bytes=each(of_spent="log_bytes"),
        )


def _stage(clients: int, seen: dict[str, Any]) -> Stage:
    ordered = sorted(seen["seconds"])

    def at(share: float) -> float:
        return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

    return Stage(clients, round(len(ordered) / seen["elapsed"], 1), at(0.5), at(0.95), at(0.99))


def print_table(rows: Sequence[Figures]) -> None:
    """One line for each operation and floor; the ratio is of the server's CPU to that of the bare view."""
    if not rows:
        return
    spans = "".join(f" | {stage.clients:2} clients: /s   p50   p95   p99" for stage in rows[0].stages)
    costs = " | CPU ms: server   db (triggers) client | stmts  answer B  WAL B | server ÷ bare"
    print(f"{'operation':24}{'':9}{spans}{costs}")
    bare = {row.operation: row.server_ms for row in rows if row.variant == "bare DRF"}
    for row in rows:
        stages = "".join(
            f" | {stage.per_second:14.1f} {stage.p50:5.1f} {stage.p95:5.1f} {stage.p99:5.1f}"
            for stage in row.stages
        )
        is_floor = row.variant in FLOORS
        ratio = f"{row.server_ms / bare[row.operation]:5.2f}" if bare and not is_floor else ""
        print(
            f"{'' if is_floor else row.operation:24}{row.variant:9}{stages} | "
            f"{row.server_ms:14.2f} {row.database_ms:5.2f} {row.trigger_ms or '–':>8} {row.client_ms:7.2f} | "
            f"{row.statements:5.1f} {row.answered_bytes:9.0f} {row.log_bytes:6.0f} | {ratio} "
            f"{'' if is_floor else row.limit}"
        )
