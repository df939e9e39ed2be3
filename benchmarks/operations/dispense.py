"""Hand one medicine out to one recipient, at the health centres in turn."""

from __future__ import annotations

from itertools import cycle, islice
from typing import Any

from django.db import transaction
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from benchmarks.floor import ACTOR, LOGGED, BareView, LogRow, insert, log_row, write_log
from benchmarks.operation import Operation
from benchmarks.operations.sort import MOVEMENT, MovementRow
from benchmarks.stage import County
from distribution.models import Dispensing, DispensingLine
from inventory.models import Account, Movement, Side, SortingDecision, State
from organisation.models import Place, Role

UNITS = 6
AGE_BAND = "65-79"
HEAD = """county_id place_id dispensed_on booked_on recipients age_band marks register_ref collected_by entered_for
    dispensed_by recorded_at"""
LINE = "county_id batch_id quantity days_supply prescriber flagged"


class DispensingRow(serializers.Serializer):
    county_id = serializers.CharField(max_length=6)
    place_id = serializers.IntegerField()
    dispensed_on = serializers.DateField()
    booked_on = serializers.DateField()
    recipients = serializers.IntegerField(min_value=1)
    age_band = serializers.CharField(max_length=5)
    marks = serializers.ListField(child=serializers.CharField())
    register_ref = serializers.CharField(max_length=40, allow_blank=True)
    collected_by = serializers.CharField(max_length=13)
    entered_for = serializers.BooleanField()
    dispensed_by = serializers.IntegerField()
    recorded_at = serializers.DateTimeField()


class LineRow(serializers.Serializer):
    county_id = serializers.CharField(max_length=6)
    batch_id = serializers.IntegerField()
    quantity = serializers.IntegerField(min_value=1)
    days_supply = serializers.IntegerField(min_value=1)
    prescriber = serializers.CharField(max_length=60, allow_blank=True)
    flagged = serializers.CharField(max_length=40, allow_blank=True)


class Rows(serializers.Serializer):
    head = DispensingRow(many=True)
    lines = LineRow(many=True)
    movement = MovementRow(many=True)
    log = LogRow()


class BareDispense(BareView):
    @transaction.atomic
    def post(self, request: Request) -> Response:
        rows = Rows(data=request.data)
        rows.is_valid(raise_exception=True)
        given = rows.validated_data
        dispensing = Dispensing.objects.create(**given["head"][0])
        lines = DispensingLine.objects.bulk_create(
            DispensingLine(dispensing=dispensing, **row) for row in given["lines"]
        )
        Movement.objects.bulk_create(
            Movement(
                batch_id=line.batch_id,
                quantity=line.quantity,
                document_id=dispensing.pk,
                **given["movement"][0],
            )
            for line in lines
        )
        write_log(given["log"])
        return Response({"id": dispensing.pk, "lines": [line.pk for line in lines]}, 201)


STATEMENT = f"""
WITH head AS ({insert("distribution_dispensing", HEAD, "head")} RETURNING id),
line AS ({insert("distribution_dispensingline", LINE, "lines", dispensing_id="head.id")}
    RETURNING batch_id, quantity, dispensing_id),
movement AS ({
    insert(
        "inventory_movement",
        MOVEMENT,
        "movement",
        batch_id="line.batch_id",
        quantity="line.quantity",
        document_id="line.dispensing_id",
    )
}),
{LOGGED}
SELECT id FROM head
"""


def _in_turn(county: County, count: int) -> list[tuple[Place, SortingDecision]]:
    shelves = list(county.shelves)
    county.chance.shuffle(shelves)
    return list(islice(cycle(shelves), count))


def bodies(county: County, count: int) -> list[Any]:
    codes = {medicine.pk: medicine.code for medicine in county.medicines}
    return [
        {
            "place": place.code,
            "dispensed_on": str(county.today),
            "recipients": 1,
            "age_band": AGE_BAND,
            "collected_by": "self",
            "lines": [{"medicine": codes[decision.medicine_id or 0], "quantity": UNITS, "days_supply": 3}],
        }
        for place, decision in _in_turn(county, count)
    ]


def floor_rows(county: County, count: int) -> list[Any]:
    accounts: dict[tuple[int, State], int] = {}
    rows = []
    for place, decision in _in_turn(county, count):
        for state in (State.AVAILABLE, State.DISPENSED):
            if (place.pk, state) not in accounts:
                accounts[place.pk, state] = _account(place, state)
        sides = accounts[place.pk, State.AVAILABLE], accounts[place.pk, State.DISPENSED]
        rows.append(_rows(county, place, decision.batch_id or 0, sides))
    return rows


def _account(place: Place, state: State) -> int:
    account, _made = Account.objects.get_or_create(
        county_id=place.county_id, place=place, side=Side.CLINIC, state=state, shipment_id=None
    )
    return account.pk


def _rows(county: County, place: Place, batch: int, accounts: tuple[int, int]) -> dict[str, Any]:
    log = log_row(county, "POST api/v1/dispensings/", 500)
    here, today = county.stage.county.pk, str(county.today)
    return {
        "head": [
            {
                "county_id": here, "place_id": place.pk, "dispensed_on": today, "booked_on": today, "recipients": 1,
                "age_band": AGE_BAND, "marks": [], "register_ref": "", "collected_by": "self", "entered_for": False,
                "dispensed_by": ACTOR, "recorded_at": log["at"],
            }
        ],
        "lines": [
            {
                "county_id": here, "batch_id": batch, "quantity": UNITS, "days_supply": 3, "prescriber": "",
                "flagged": "",
            }
        ],
        "movement": [
            {
                "county_id": here, "from_account_id": accounts[0], "to_account_id": accounts[1],
                "kind": "dispense", "document_type": "dispensing", "detail": AGE_BAND, "actor": ACTOR,
                "business_day": today, "booked_on": today, "recorded_at": log["at"], "command": log["command"],
            }
        ],
        "log": log,
    }  # fmt: skip


def _clerk(county: County) -> str:
    """One person who hands out at every health centre."""
    return county.token_everywhere(Role.CLINIC)


DISPENSE = Operation(
    name="dispense 1 line",
    token=_clerk,
    path="dispensings/",
    bodies=bodies,
    floor_rows=floor_rows,
    bare=BareDispense,
    statement=STATEMENT,
    limit="≤ 10 statements",
)
