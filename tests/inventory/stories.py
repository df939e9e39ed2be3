"""How goods come to the sorting table, and what the books then say: for the tests of this room."""

from __future__ import annotations

import datetime
from typing import Any

from catalogue.models import Medicine
from donations.custody import Step, write_custody
from donations.identity import Identity
from donations.intake import DonationDraft, ItemDraft
from donations.models import Custody, CustodyEntry, CustodyKind, Donor, ItemHoldings
from donations.services.registration import register_donation
from inventory.checklist import CHECKLIST
from inventory.models import Balance, Batch, Hold, HoldRelease, Movement, SortingDecision
from organisation.models import Place
from organisation.queries import policy_of
from tests.world import TODAY, Signed, World, item

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
    giver = clerk.person if clerk else world.person("clerk", place)
    draft = DonationDraft(
        received_on=TODAY,
        items=[drafted(each) for each in items or [item()]],
        kind=Donor.Kind.PERSON,
        identity=Identity(name="张三", phone="13800138000"),
        source_confirmed=True,
    )
    _donation, judged = register_donation(
        act=world.act_of(giver),
        place=place,
        campaign=world.campaign,
        policy=policy_of(world.county.pk),
        draft=draft,
    )
    rows = [row for row, _judgement in judged]
    steps = [
        Step(CustodyKind.RECEIVED, Custody.AT_POINT, Custody.COUNTED, row.quantity, place.pk, row.pk)
        for row in rows
    ]
    write_custody(steps, act=world.act_of(world.person("checker", place)))
    return [row.pk for row in rows]


def drafted(fields: dict[str, Any]) -> ItemDraft:
    """An item as the API takes it, as the services do."""
    return ItemDraft(**{**fields, "medicine": Medicine.objects.filter(code=fields["medicine"] or "").first()})


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
