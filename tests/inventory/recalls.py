"""Recalls as people raise them, and what the books then hold: for the tests of every room they reach."""

from __future__ import annotations

from typing import Any

from catalogue.models import Recall, RecallLift
from distribution.models import Dispensing, DispensingLine, Shipment
from donations.models import CustodyEntry
from inventory.models import (
    AdverseReaction,
    Balance,
    Batch,
    Hold,
    HoldRelease,
    Movement,
    RecallAcknowledgement,
    RecallNotice,
    SortingDecision,
)
from tests.world import World

LOT = "2203051"
HOSPITAL, CENTRE, VILLAGE = "P-522633-01", "P-522633-10", "P-522633-11"


def order(**fields: Any) -> dict[str, Any]:
    """A recall of the stories' lot, in the whole county."""
    return {
        "medicine": "M009a",
        "lot_number": LOT,
        "reason": "溶出度不合格",
        "reference": "药监召回〔2022〕7号",
        **fields,
    }


def raised(world: World, **fields: Any) -> dict[str, Any]:
    """A recall raised by the lead pharmacist: what was answered."""
    answer = world.signed("lead_pharmacist").post("recalls/", order(**fields))
    assert answer.status_code == 201, answer.json()
    return answer.json()


def lifted(world: World, pk: int) -> dict[str, Any]:
    other = world.signed("lead_pharmacist", name="another lead")
    answer = other.post(f"recalls/{pk}/lift/", {"reason": "批号录入有误"})
    assert answer.status_code == 200, answer.json()
    return answer.json()


def usable_units(lot: str = LOT) -> int:
    """Units of the lot that could be used or promised: none while it is recalled."""
    rows = Balance.objects.filter(state__in=["available", "reserved"], batch__lot_number=lot)
    return sum(rows.values_list("quantity", flat=True))


def rows_written() -> dict[str, int]:
    """How many rows each table that a recall touches holds."""
    tables = [
        AdverseReaction, Batch, CustodyEntry, Dispensing, DispensingLine, Hold, HoldRelease, Movement, Recall,
        RecallAcknowledgement, RecallLift, RecallNotice, Shipment, SortingDecision,
    ]  # fmt: skip
    return {table.__name__: table.objects.count() for table in tables}


def faults(answer: Any) -> list[tuple[str, str]]:
    """Where a refusal found fault and why; of one that is about the whole request, its code."""
    body = answer.json()
    return [(fault["pointer"], fault["code"]) for fault in body["errors"]] or [("", body["code"])]
