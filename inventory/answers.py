"""What the inventory room answers about decisions, batches and traces."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from catalogue.law_references import basis_words
from core.commands import ANSWER_LIMIT
from core.errors import Fault
from core.language import in_language
from inventory.models import Balance, Batch, Hold, SortingDecision
from inventory.packs import in_packs, pack_size
from inventory.queries.traces import Trace
from inventory.services.sorting import Sorted

# Left for the reasons of items that were refused, beside what every answer holds.
ANSWER_ROOM = ANSWER_LIMIT - 1024


class ReasonAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    basis = serializers.CharField()


class ScreeningAnswer(serializers.Serializer[Any]):
    """What the decision table says, and the law or rule behind each reason."""

    outcome = serializers.ChoiceField(["accept", "review", "refuse"])
    reasons = ReasonAnswer(many=True)


class DecisionAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    outcome = serializers.ChoiceField(SortingDecision.Outcome.choices)
    quantity = serializers.IntegerField()
    batch = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()


class SortingAnswer(serializers.Serializer[Any]):
    item = serializers.IntegerField()
    decisions = DecisionAnswer(many=True)


class FaultAnswer(serializers.Serializer[Any]):
    pointer = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class SortedAnswer(serializers.Serializer[Any]):
    """What became of one item of many: its decisions, or why it was left as it was.

    `errors` name what is wrong with it; where many items are refused at once, as many as an answer may hold, and
    `more_errors` counts the rest.
    """

    item = serializers.IntegerField()
    result = serializers.ChoiceField(["sorted", "refused"])
    decisions = DecisionAnswer(many=True)
    code = serializers.CharField(required=False)
    errors = FaultAnswer(many=True, required=False)  # type: ignore[assignment]
    more_errors = serializers.IntegerField(required=False)


class SortingsAnswer(serializers.Serializer[Any]):
    sortings = SortedAnswer(many=True)


class BatchStock(serializers.Serializer[Any]):
    place = serializers.CharField()
    side = serializers.CharField()
    state = serializers.CharField()
    quantity = serializers.IntegerField()
    packs = serializers.CharField(help_text="The same in boxes, to be read: 2 盒 + 4 片.")


class BatchAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    medicine = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    product = serializers.IntegerField(allow_null=True)
    lot_number = serializers.CharField()
    last_usable_day = serializers.DateField(allow_null=True)
    pack = serializers.CharField()
    pack_size = serializers.IntegerField(allow_null=True)
    stock = BatchStock(many=True)


class SourceAnswer(serializers.Serializer[Any]):
    receipt_code = serializers.CharField()
    item_id = serializers.IntegerField()
    line = serializers.IntegerField()
    received_on = serializers.DateField()
    sorted_at = serializers.CharField()
    quantity = serializers.IntegerField()


class StopAnswer(serializers.Serializer[Any]):
    place = serializers.CharField()
    units = serializers.DictField(child=serializers.IntegerField())
    hand_outs = serializers.IntegerField()


class TraceAnswer(serializers.Serializer[Any]):
    """Where a batch came from and went; other places than one's own in sums only."""

    batch = serializers.IntegerField()
    donors = serializers.IntegerField()
    sources = SourceAnswer(many=True)
    elsewhere_accepted = serializers.IntegerField()
    stops = StopAnswer(many=True)
    elsewhere_units = serializers.IntegerField()


class HoldLine(serializers.Serializer[Any]):
    side = serializers.CharField()
    quantity = serializers.IntegerField()


class HoldAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    place = serializers.CharField()
    batch = serializers.IntegerField()
    lines = HoldLine(many=True)


def screening_answer(record: dict[str, Any]) -> dict[str, Any]:
    """A screening as it is kept with a decision, in the reader's language."""
    words = in_language("zh", "en")
    return {
        "outcome": record["outcome"],
        "reasons": [
            {"code": reason["code"], "message": reason[words], "basis": basis_words(reason["basis"])}
            for reason in record["reasons"]
        ],
    }


def sorting_answer(item: int, decisions: Sequence[SortingDecision]) -> dict[str, Any]:
    return {
        "item": item,
        "decisions": [
            {
                "id": decision.pk,
                "outcome": decision.outcome,
                "quantity": decision.quantity,
                "batch": decision.batch_id,
                "reason": decision.reason,
            }
            for decision in decisions
        ],
    }


def sortings_answer(done: Sequence[Sorted]) -> dict[str, Any]:
    """What became of each item, in the order it was named."""
    rows = [_sorted_answer(each) for each in done]
    faults = [(row, each.refusal.faults) for row, each in zip(rows, done, strict=True) if each.refusal]
    _tell(faults, ANSWER_ROOM - len(json.dumps(rows, ensure_ascii=False).encode()))
    return {"sortings": rows}


def _sorted_answer(each: Sorted) -> dict[str, Any]:
    if each.refusal is None:
        return {**sorting_answer(each.item_id, each.decisions), "result": "sorted"}
    refused = {"result": "refused", "decisions": [], "code": each.refusal.code}
    return {"item": each.item_id, **refused, "errors": [], "more_errors": 0}


def _tell(faults: Sequence[tuple[dict[str, Any], Sequence[Fault]]], room: int) -> None:
    """Write down at each row what is wrong with it while there is room: the first of every item before the second."""
    for number in range(max((len(found) for _row, found in faults), default=0)):
        for row, found in faults:
            if number >= len(found):
                continue
            told = {
                "pointer": found[number].pointer,
                "code": found[number].code,
                "message": str(found[number].message),
            }
            room -= len(json.dumps(told, ensure_ascii=False).encode()) + 2
            if room >= 0:
                row["errors"].append(told)
            else:
                row["more_errors"] += 1


def batch_answer(batch: Batch, stock: Iterable[Balance]) -> dict[str, Any]:
    return {
        "id": batch.pk,
        "medicine": batch.medicine.code,
        "name": str(batch.medicine),
        "unit": batch.medicine.smallest_unit,
        "product": batch.product_id,
        "lot_number": batch.lot_number,
        "last_usable_day": batch.last_usable_day,
        "pack": batch.pack,
        "pack_size": pack_size(batch),
        "stock": [
            {
                "place": row.account.place.code,
                "side": row.account.side,
                "state": row.state,
                "quantity": row.quantity,
                "packs": in_packs(row.quantity, batch),
            }
            for row in stock
        ],
    }


def trace_answer(batch: Batch, trace: Trace) -> dict[str, Any]:
    return {"batch": batch.pk, **asdict(trace)}


def hold_answer(hold: Hold, units: dict[str, int]) -> dict[str, Any]:
    """What was moved, by side."""
    return {
        "id": hold.pk,
        "place": hold.place.code,
        "batch": hold.batch_id,
        "lines": [{"side": side, "quantity": quantity} for side, quantity in units.items() if quantity],
    }
