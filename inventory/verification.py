"""The books recomputed from their two journals, and compared with every figure that is kept beside them.

Each check is one statement over whole tables: `kept` is what a balance, a holding or a rollup says, `recomputed` what
the journals say. That a period opens with what the one before closed with needs no check of its own: both are sums of
the same rollups, which are compared day by day, and the last closing with the balances (the identities below).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from inventory.models import MAY_BE_NEGATIVE, MOVEMENT_STEPS
from inventory.verification_checks import CHECKS, COMPARED

GRAMMAR = {
    "kinds": [str(kind) for kind, _source, _target in MOVEMENT_STEPS],
    "sources": [str(source) for _kind, source, _target in MOVEMENT_STEPS],
    "targets": [str(target) for _kind, _source, target in MOVEMENT_STEPS],
    "boundless": [str(state) for state in MAY_BE_NEGATIVE],
}


@dataclass(frozen=True)
class Discrepancy:
    """One figure that disagrees: whose it is, where, of what, what is kept, and what the journals give."""

    check: str
    county: str
    place: str
    subject: str
    figure: str
    kept: int
    recomputed: int

    def __str__(self) -> str:
        where = " · ".join(part for part in (self.county, self.place, self.subject) if part)
        return f"{self.check}: {where}: {self.figure}: {self.kept} ≠ {self.recomputed}"


@dataclass(frozen=True)
class Verification:
    """How many figures each check compared, and those that disagree."""

    checked: dict[str, int]
    discrepancies: list[Discrepancy]


def verify(county: str | None = None) -> list[Discrepancy]:
    """Every figure of one county's books, or of all, that disagrees with the journals; empty when all is well."""
    return examine(county).discrepancies


def examine(county: str | None = None) -> Verification:
    """Run all checks in one snapshot: that of the transaction under way, else a REPEATABLE READ of its own."""
    checked: dict[str, int] = {}
    discrepancies: list[Discrepancy] = []
    with _snapshot():
        for check, statement in CHECKS.items():
            checked[check], found = _compare(check, statement, county)
            discrepancies += found
    return Verification(checked, discrepancies)


@contextmanager
def _snapshot() -> Iterator[None]:
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            # Compiling statements that run once takes longer than running them.
            cursor.execute("SET LOCAL jit = off")
        yield


def _compare(check: str, statement: str, county: str | None) -> tuple[int, list[Discrepancy]]:
    with connection.cursor() as cursor:
        cursor.execute(COMPARED.format(statement), {"county": county, **GRAMMAR})
        rows = cursor.fetchall()
    return rows[0][0], [Discrepancy(check, *row[2:]) for row in rows if row[1] is not None]
