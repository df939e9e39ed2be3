"""Counting a place, as the tests of this room do it."""

from __future__ import annotations

from typing import Any

from inventory.models import Balance
from inventory.models.counts import CountLine, CountResult, StockCount
from inventory.models.destructions import HoldSpent
from tests.inventory.stories import written
from tests.world import Signed, World

HOSPITAL = "P-522633-01"


def rows() -> dict[str, int]:
    tables = (StockCount, CountLine, CountResult, HoldSpent)
    return {**written(), **{table.__name__: table.objects.count() for table in tables}}


def started(signed: Signed, place: str = HOSPITAL) -> int:
    answer = signed.post("counts/", {"place": place})
    assert answer.status_code == 201, answer.json()
    return int(answer.json()["id"])


def of(batch: int, counted: int, **fields: Any) -> dict[str, Any]:
    return {"batch": batch, "side": "store", "spot": "shelf", "counted": counted, **fields}


def unknown(counted: int, **fields: Any) -> dict[str, Any]:
    return {"medicine": "M009a", "lot_number": "X-1", "pack": "sealed", "container": "blister", "counted": counted,
            **fields}  # fmt: skip


def record(signed: Signed, pk: int, *lines: dict[str, Any]) -> Any:
    return signed.post(f"counts/{pk}/lines/", {"lines": list(lines)})


def finished(signed: Signed, *lines: dict[str, Any], place: str = HOSPITAL) -> int:
    """A count with these lines, laid before a second person."""
    pk = started(signed, place)
    answer = record(signed, pk, *lines)
    assert answer.status_code == 201, answer.json()
    assert signed.post(f"counts/{pk}/finish/").status_code == 200
    return pk


def approve(world: World, pk: int) -> Any:
    return world.signed("pharmacist").post(f"counts/{pk}/approve/")


def settled(world: World, *lines: dict[str, Any]) -> int:
    """The same, and approved."""
    pk = finished(world.signed("checker"), *lines)
    answer = approve(world, pk)
    assert answer.status_code == 200, answer.json()
    return pk


def units(batch: int, state: str = "available", side: str = "store") -> int:
    row = Balance.objects.filter(batch=batch, state=state, account__side=side).first()
    return row.quantity if row else 0


def results() -> list[tuple[int, int, int, int]]:
    """Expected, lost, regained and donated, line by line."""
    found = CountResult.objects.order_by("line_id")
    return list(found.values_list("expected", "lost", "regained", "donated"))


def faults(answer: Any) -> tuple[int, list[tuple[str, str]]]:
    return answer.status_code, [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
