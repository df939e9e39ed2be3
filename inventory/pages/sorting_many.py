"""Deciding on equal items in one action: which they are, what is sent for them, and what became of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.pages import Cell, Reply
from core.pages.tables import Row
from core.receipt_codes import grouped
from inventory.pages.words import decision_cell
from inventory.serializers import ITEMS_LIMIT

# What makes two items of the queue equal: all that was written down about the unit, and what the rules say of it.
LIKE = (
    "place", "medicine", "name", "specification", "manufacturer", "approval_number", "lot_number", "lot_state",
    "expiry", "expiry_state", "last_usable_day", "opened", "container", "findings", "unit", "alone", "broken_seal",
    "screening",
)  # fmt: skip
TICKED = "equal"
FIRST = "/sortings/0"
ANOTHER = re.compile(r"([0-9]{1,18}):([0-9]{1,9}):([0-9a-zA-Z]{0,32})")


@dataclass(frozen=True)
class Another:
    """An item that is decided on with the one on the screen: its number, the units seen there, its receipt code."""

    item: int
    counted: int
    receipt_code: str

    @property
    def value(self) -> str:
        """As it travels with the form, so that what was booked is named when the form is sent again."""
        return f"{self.item}:{self.counted}:{self.receipt_code}"

    @property
    def receipt(self) -> str:
        return grouped(self.receipt_code)


def equals_of(row: Row, queue: Iterable[Row]) -> list[Another]:
    """The other counted items of the queue that are like this one in everything but their number of units."""
    return [
        Another(other["item"], other["counted"], other["receipt_code"])
        for other in queue
        if other["item"] != row["item"] and other["counted"] and all(other[n] == row[n] for n in LIKE)
    ][: ITEMS_LIMIT - 1]


def ticked(values: Iterable[str]) -> list[Another]:
    """The equal items that were ticked; what no page of ours sends is left out."""
    found = (ANOTHER.fullmatch(value) for value in values)
    return [Another(int(match[1]), int(match[2]), match[3]) for match in found if match]


def together(body: Mapping[str, Any], others: Sequence[Another], there: str) -> dict[str, Any]:
    """The request for the item on the screen and these others; `there` are the units of the first, as it was shown.

    What is decided on the first one whole is decided on each other one whole; a division is sent as it was typed.
    """
    decisions = body.get("decisions", [])
    is_whole = len(decisions) == 1 and str(decisions[0].get("quantity")) == there
    lines = [dict(body)]
    for other in others:
        own = [{**decisions[0], "quantity": other.counted}] if is_whole else decisions
        lines.append({"item": other.item, "state": "counted", "decisions": own})
    return {"sortings": lines}


def results(reply: Reply, receipts: Mapping[int, str]) -> list[dict[str, Any]]:
    """What became of each item, in words."""
    return [
        {**row, "receipt": receipts.get(row["item"], ""), "cell": _told(row)}
        for row in reply.data["sortings"]
    ]


def _told(row: Row) -> Cell:
    if row["result"] == "refused":
        words = dict.fromkeys(fault["message"] for fault in row["errors"])
        return Cell("", lines=[Cell(text) for text in words])
    return Cell(
        "、".join(f"{decision_cell(each['outcome']).text} {each['quantity']}" for each in row["decisions"])
    )


def faults_of(reply: Reply, others: Sequence[Another]) -> list[dict[str, str]]:
    """Where nothing was booked: the first item's faults at its fields, the others' said once with their receipts."""
    first = [
        {**fault, "pointer": fault["pointer"].removeprefix(FIRST)}
        for fault in reply.faults
        if fault["pointer"].startswith(f"{FIRST}/") or not fault["pointer"].startswith("/sortings/")
    ]
    receipts: dict[str, dict[str, None]] = {}
    for fault in reply.faults:
        number = fault["pointer"].split("/")[2] if fault["pointer"].startswith("/sortings/") else "0"
        if number.isdecimal() and 0 < int(number) <= len(others):
            receipts.setdefault(fault["message"], {})[others[int(number) - 1].receipt] = None
    return first + [
        {"pointer": "", "code": "", "message": f"{'、'.join(codes)}: {words}"}
        for words, codes in receipts.items()
    ]
