"""How goods come to the sorting table, and what the books then say: for the tests of this room."""

from __future__ import annotations

import datetime
from typing import Any

from catalogue.models import Medicine
from donations.models import CustodyEntry, Item, ItemHoldings
from inventory.checklist import CHECKLIST
from inventory.models import Balance, Batch, Hold, HoldRelease, Movement, SortingDecision
from organisation.models import Place
from tests.world import TODAY, Signed, World, donation, item

LATER = TODAY + datetime.timedelta(days=400)
CHECKED = dict.fromkeys(CHECKLIST, True)


def printed(day: datetime.date) -> str:
    return f"有效期至{day:%Y年%m月%d日}"


def accept(quantity: int = 20, **fields: Any) -> dict[str, Any]:
    """A decision to accept, whole and right."""
    return {
        "outcome": "accept",
        "quantity": quantity,
        "medicine": "M009a",
        "lot_number": "2203051",
        "expiry": printed(LATER),
        "pack": "sealed",
        "checklist": CHECKED,
        **fields,
    }


def reject(quantity: int = 20, reason: str = "damaged", **fields: Any) -> dict[str, Any]:
    return {"outcome": "reject", "quantity": quantity, "reason": reason, **fields}


def doubt(quantity: int = 20, reason: str = "lot_not_read", **fields: Any) -> dict[str, Any]:
    return {"outcome": "hold", "quantity": quantity, "reason": reason, **fields}


def counted(
    world: World, *items: dict[str, Any], place: Place | None = None, clerk: Signed | None = None
) -> list[int]:
    """Items registered at a pharmacy by its clerk and counted whole by its checker: their ids."""
    place = place or world.hospital
    clerk = clerk or world.signed("clerk", place)
    answer = clerk.post("donations/", donation(place=place.code, items=list(items or [item()])))
    assert answer.status_code == 201, answer.json()
    rows = list(Item.objects.filter(donation_id=answer.json()["id"]).order_by("line"))
    lines = [{"item": row.pk, "counted": row.quantity} for row in rows]
    done = world.signed("checker", place).post(f"donations/{answer.json()['id']}/count/", {"items": lines})
    assert done.status_code == 200, done.json()
    return [row.pk for row in rows]


def sort(signed: Signed, item_id: int, *decisions: dict[str, Any], **fields: Any) -> Any:
    return signed.post("sortings/", {"item": item_id, "decisions": list(decisions), **fields})


def stocked(world: World, quantity: int = 20, place: Place | None = None, **fields: Any) -> int:
    """A batch with so many units available at the place: its id."""
    (item_id,) = counted(world, item(quantity=quantity), place=place)
    answer = sort(world.signed("pharmacist", place), item_id, accept(quantity, **fields))
    assert answer.status_code == 201, answer.json()
    return int(answer.json()["decisions"][0]["batch"])


def custody(item_id: int) -> dict[str, int]:
    """Where the units of an item stand; states without units left out."""
    row = ItemHoldings.objects.get(item_id=item_id)
    return {state: units for state in ItemHoldings.STATES if (units := getattr(row, state))}


def book() -> dict[tuple[str, str, str, str], int]:
    """The balances that are not zero, by place, side, state and lot."""
    rows = Balance.objects.exclude(quantity=0).select_related("account__place", "batch")
    return {
        (row.account.place.code, row.account.side, row.state, row.batch.lot_number): row.quantity
        for row in rows
    }


def written() -> dict[str, int]:
    """How many rows each table of the room holds: the same before and after a refusal."""
    tables = [CustodyEntry, SortingDecision, Batch, Movement, Balance, Hold, HoldRelease]
    return {table.__name__: table.objects.count() for table in tables}


def medicine(code: str, **fields: Any) -> Medicine:
    """One more line of the catalogue."""
    usual = {
        "generic_name": "体温计",
        "category": "device",
        "smallest_unit": "支",
        "loose_ok": "y",
        "donation_default": "accept",
    }
    return Medicine.objects.create(code=code, **{**usual, **fields})
