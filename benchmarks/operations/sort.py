"""Sort one item into stock, and 100 items in one request, at the hospital's sorting table."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from benchmarks.floor import ACTOR, LOGGED, BareView, LogRow, insert, log_row, write_log
from benchmarks.operation import Operation
from benchmarks.operations.register import CUSTODY, CustodyRow
from benchmarks.stage import County, accepting
from donations.models import CustodyEntry, Item
from inventory.checklist import CHECKLIST
from inventory.models import Account, Batch, Movement, Side, SortingDecision, State
from organisation.models import Role

DECISION = """county_id item_id place_id outcome quantity medicine_id batch_id lot_number expiry_raw last_usable_day
    reason note checklist checklist_version screening decided_by decided_on command"""
MOVEMENT = """county_id from_account_id to_account_id kind document_type detail actor business_day booked_on
    recorded_at command"""


class DecisionRow(serializers.Serializer):
    county_id = serializers.CharField(max_length=6)
    item_id = serializers.IntegerField()
    place_id = serializers.IntegerField()
    outcome = serializers.ChoiceField(["accept", "reject", "hold"])
    quantity = serializers.IntegerField(min_value=1)
    medicine_id = serializers.IntegerField()
    batch_id = serializers.IntegerField()
    lot_number = serializers.CharField(max_length=40)
    expiry_raw = serializers.CharField(max_length=80)
    last_usable_day = serializers.DateField()
    reason = serializers.CharField(max_length=60, allow_blank=True)
    note = serializers.CharField(max_length=200, allow_blank=True)
    checklist = serializers.DictField(child=serializers.BooleanField())
    checklist_version = serializers.IntegerField()
    screening = serializers.DictField()
    decided_by = serializers.IntegerField()
    decided_on = serializers.DateField()
    command = serializers.UUIDField()


class MovementRow(serializers.Serializer):
    county_id = serializers.CharField(max_length=6)
    from_account_id = serializers.IntegerField()
    to_account_id = serializers.IntegerField()
    kind = serializers.CharField(max_length=10)
    document_type = serializers.CharField(max_length=20)
    detail = serializers.CharField(max_length=60, allow_blank=True)
    actor = serializers.IntegerField()
    business_day = serializers.DateField()
    booked_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()
    command = serializers.UUIDField()


class Rows(serializers.Serializer):
    custody = CustodyRow(many=True)
    decisions = DecisionRow(many=True)
    movement = MovementRow(many=True)
    log = LogRow()


class BareSort(BareView):
    @transaction.atomic
    def post(self, request: Request) -> Response:
        rows = Rows(data=request.data)
        rows.is_valid(raise_exception=True)
        given = rows.validated_data
        entries = CustodyEntry.objects.bulk_create(
            CustodyEntry(item_id=row["item_id"], quantity=row["quantity"], **given["custody"][0])
            for row in given["decisions"]
        )
        decisions = SortingDecision.objects.bulk_create(
            SortingDecision(custody=entry, **row)
            for entry, row in zip(entries, given["decisions"], strict=True)
        )
        Movement.objects.bulk_create(
            Movement(
                batch_id=made.batch_id,
                quantity=made.quantity,
                document_id=made.pk,
                decision=made,
                **given["movement"][0],
            )
            for made in decisions
        )
        write_log(given["log"])
        return Response({"decisions": [made.pk for made in decisions]}, 201)


STATEMENT = f"""
WITH custody AS (
    INSERT INTO donations_custodyentry ({", ".join(CUSTODY.split())}, item_id, quantity)
    SELECT {", ".join(f"r.{column}" for column in CUSTODY.split())}, d.item_id, d.quantity
    FROM jsonb_populate_recordset(null::donations_custodyentry, %(call)s::jsonb->'custody') AS r,
        jsonb_populate_recordset(null::inventory_sortingdecision, %(call)s::jsonb->'decisions') AS d
    RETURNING id, item_id
), decision AS (
    INSERT INTO inventory_sortingdecision ({", ".join(DECISION.split())}, custody_id)
    SELECT {", ".join(f"r.{column}" for column in DECISION.split())}, custody.id
    FROM jsonb_populate_recordset(null::inventory_sortingdecision, %(call)s::jsonb->'decisions') AS r
    JOIN custody ON custody.item_id = r.item_id
    RETURNING id, batch_id, quantity
), movement AS (
    {
    insert(
        "inventory_movement",
        MOVEMENT,
        "movement",
        batch_id="decision.batch_id",
        quantity="decision.quantity",
        document_id="decision.id",
        decision_id="decision.id",
    )
}
),
{LOGGED}
SELECT id FROM decision
"""


def bodies(county: County, count: int, *, items: int) -> list[Any]:
    counted = county.counted(count * items)
    sortings = [{"item": item.pk, "decisions": [accepting(item)]} for item in counted]
    if items == 1:
        return sortings
    return [{"sortings": sortings[at : at + items]} for at in range(0, len(sortings), items)]


def floor_rows(county: County, count: int, *, items: int) -> list[Any]:
    counted = county.counted(count * items)
    batches = _batches(county, counted)
    accounts = {state: _account(county, state) for state in (State.DONATED, State.AVAILABLE)}
    rows = [(item, batches[item.medicine_id, item.lot_number]) for item in counted]
    return [_rows(county, rows[at : at + items], accounts) for at in range(0, len(rows), items)]


def _batches(county: County, items: list[Item]) -> dict[Any, int]:
    wanted = {(item.medicine_id, item.lot_number): item for item in items}
    Batch.objects.bulk_create(
        (
            Batch(
                county=county.stage.county,
                medicine_id=medicine,
                lot_number=lot,
                last_usable_day=item.last_usable_day,
                pack="opened",
            )
            for (medicine, lot), item in wanted.items()
        ),
        ignore_conflicts=True,
    )
    known = Batch.objects.filter(county=county.stage.county, pack="opened", product=None)
    return {(medicine, lot): pk for medicine, lot, pk in known.values_list("medicine_id", "lot_number", "id")}


def _account(county: County, state: State) -> int:
    account, _made = Account.objects.get_or_create(
        county=county.stage.county, place=county.hospital, side=Side.STORE, state=state, shipment_id=None
    )
    return account.pk


def _rows(county: County, rows: list[tuple[Item, int]], accounts: dict[State, int]) -> dict[str, Any]:
    log = log_row(county, "POST api/v1/sortings/", 150 * len(rows))
    here, today = county.stage.county.pk, str(county.today)
    days = {"business_day": today, "booked_on": today, "recorded_at": log["at"], "command": log["command"]}
    custody = {
        "county_id": here, "kind": "accepted", "from_state": "counted", "to_state": "accepted", "reason": "",
        "note": "", "place_id": county.hospital.pk, "actor": ACTOR, **days,
    }  # fmt: skip
    movement = {
        "county_id": here, "from_account_id": accounts[State.DONATED], "to_account_id": accounts[State.AVAILABLE],
        "kind": "accept", "document_type": "sorting", "detail": "", "actor": ACTOR, **days,
    }  # fmt: skip
    decisions = [_decision(county, item, batch, log["command"]) for item, batch in rows]
    return {"custody": [custody], "decisions": decisions, "movement": [movement], "log": log}


def _decision(county: County, item: Item, batch: int, command: str) -> dict[str, Any]:
    return {
        "county_id": county.stage.county.pk,
        "item_id": item.pk,
        "place_id": county.hospital.pk,
        "outcome": "accept",
        "quantity": item.quantity,
        "medicine_id": item.medicine_id,
        "batch_id": batch,
        "lot_number": item.lot_number,
        "expiry_raw": item.expiry_raw,
        "last_usable_day": str(item.last_usable_day),
        "reason": "",
        "note": "",
        "checklist": dict.fromkeys(CHECKLIST, True),
        "checklist_version": 1,
        "screening": {"outcome": "accept", "reasons": []},
        "decided_by": ACTOR,
        "decided_on": str(county.today),
        "command": command,
    }


def _operation(items: int, share: float, limit: str) -> Operation:
    return Operation(
        name="sort 1 item" if items == 1 else f"sort {items} items",
        token=lambda county: county.token(Role.PHARMACIST, county.hospital),
        path="sortings/",
        bodies=partial(bodies, items=items),
        floor_rows=partial(floor_rows, items=items),
        bare=BareSort,
        statement=STATEMENT,
        share=share,
        limit=limit,
    )


SORT_1 = _operation(1, 1, "≤ 10 statements")
SORT_100 = _operation(100, 0.1, "≤ 10 statements")
