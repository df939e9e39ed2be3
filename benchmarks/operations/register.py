"""Register a donation of 5 items, and one of 100, at the hospital's counter."""

from __future__ import annotations

import datetime
import secrets
from functools import partial
from typing import Any

from django.db import transaction
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from benchmarks.floor import ACTOR, LOGGED, BareView, LogRow, insert, log_row, write_log
from benchmarks.operation import Operation
from benchmarks.stage import County
from core.receipt_codes import new_receipt_code
from donations.models import CustodyEntry, Donation, Donor, DonorIdentity, Item
from organisation.models import Role

ITEM = """county_id line medicine_id description specification manufacturer approval_number lot_number lot_state
    expiry_raw expiry_precision last_usable_day expiry_state quantity unit opened container findings trace_codes
    barcode outcome reasons"""
CUSTODY = """county_id kind from_state to_state reason note place_id actor business_day booked_on recorded_at
    command"""


class ItemRow(serializers.Serializer):
    county_id = serializers.CharField(max_length=6)
    line = serializers.IntegerField(min_value=1)
    medicine_id = serializers.IntegerField()
    description = serializers.CharField(max_length=200, allow_blank=True)
    specification = serializers.CharField(max_length=120, allow_blank=True)
    manufacturer = serializers.CharField(max_length=120, allow_blank=True)
    approval_number = serializers.CharField(max_length=40, allow_blank=True)
    lot_number = serializers.CharField(max_length=40, allow_blank=True)
    lot_state = serializers.ChoiceField(["read", "not_read", "not_printed"])
    expiry_raw = serializers.CharField(max_length=80, allow_blank=True)
    expiry_precision = serializers.CharField(max_length=5)
    last_usable_day = serializers.DateField()
    expiry_state = serializers.ChoiceField(["read", "not_read", "not_printed"])
    quantity = serializers.IntegerField(min_value=1)
    unit = serializers.CharField(max_length=8, allow_blank=True)
    opened = serializers.BooleanField()
    container = serializers.ChoiceField(["blister", "bottle", "sachet", "loose"])
    findings = serializers.ListField(child=serializers.CharField())
    trace_codes = serializers.ListField(child=serializers.CharField())
    barcode = serializers.CharField(max_length=128, allow_blank=True)
    outcome = serializers.CharField(max_length=6)
    reasons = serializers.ListField(child=serializers.CharField())


class DonorRow(serializers.Serializer):
    county_id = serializers.CharField(max_length=6)
    kind = serializers.ChoiceField(["person", "work_unit", "anonymous"])


class IdentityRow(serializers.Serializer):
    county_id = serializers.CharField(max_length=6)
    sealed = serializers.CharField(max_length=2000)
    name_mac = serializers.CharField(max_length=70)
    phone_mac = serializers.CharField(max_length=70)


class DonationRow(serializers.Serializer):
    county_id = serializers.CharField(max_length=6)
    campaign_id = serializers.IntegerField()
    place_id = serializers.IntegerField()
    receipt_code = serializers.CharField(max_length=17)
    received_on = serializers.DateField()
    booked_on = serializers.DateField()
    registered_by = serializers.IntegerField()
    registered_at = serializers.DateTimeField()
    source_confirmed = serializers.BooleanField()
    unfit = serializers.CharField(max_length=8)


class CustodyRow(serializers.Serializer):
    county_id = serializers.CharField(max_length=6)
    kind = serializers.CharField(max_length=17)
    from_state = serializers.CharField(max_length=10)
    to_state = serializers.CharField(max_length=10)
    reason = serializers.CharField(max_length=60, allow_blank=True)
    note = serializers.CharField(max_length=200, allow_blank=True)
    place_id = serializers.IntegerField()
    actor = serializers.IntegerField()
    business_day = serializers.DateField()
    booked_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()
    command = serializers.UUIDField()


class Rows(serializers.Serializer):
    donor = DonorRow(many=True)
    identity = IdentityRow(many=True)
    donation = DonationRow(many=True)
    items = ItemRow(many=True)
    custody = CustodyRow(many=True)
    log = LogRow()


class BareRegister(BareView):
    @transaction.atomic
    def post(self, request: Request) -> Response:
        rows = Rows(data=request.data)
        rows.is_valid(raise_exception=True)
        given = rows.validated_data
        donor = Donor.objects.create(**given["donor"][0])
        identity = given["identity"][0]
        DonorIdentity.objects.create(
            county_id=identity["county_id"],
            donor=donor,
            **{name: bytes.fromhex(identity[name][2:]) for name in ("sealed", "name_mac", "phone_mac")},
        )
        donation = Donation.objects.create(donor=donor, **given["donation"][0])
        items = Item.objects.bulk_create(Item(donation=donation, **row) for row in given["items"])
        CustodyEntry.objects.bulk_create(
            CustodyEntry(item=item, quantity=item.quantity, **given["custody"][0]) for item in items
        )
        write_log(given["log"])
        answered = [{"id": item.pk, "outcome": item.outcome} for item in items]
        return Response({"id": donation.pk, "receipt_code": donation.receipt_code, "items": answered}, 201)


STATEMENT = f"""
WITH donor AS ({insert("donations_donor", "county_id kind", "donor")} RETURNING id),
identity AS ({
    insert("donations_donoridentity", "county_id sealed name_mac phone_mac", "identity", donor_id="donor.id")
}),
donation AS ({
    insert(
        "donations_donation",
        "county_id campaign_id place_id receipt_code received_on booked_on"
        " registered_by registered_at source_confirmed unfit",
        "donation",
        donor_id="donor.id",
    )
}
    RETURNING id),
item AS ({insert("donations_item", ITEM, "items", donation_id="donation.id")} RETURNING id, quantity),
custody AS ({
    insert("donations_custodyentry", CUSTODY, "custody", item_id="item.id", quantity="item.quantity")
}),
{LOGGED}
SELECT id, ARRAY(SELECT id FROM item) FROM donation
"""


def bodies(county: County, count: int, *, items: int) -> list[Any]:
    return [county.donation(items) for _n in range(count)]


def floor_rows(county: County, count: int, *, items: int) -> list[Any]:
    return [_rows(county, items) for _n in range(count)]


def _rows(county: County, items: int) -> dict[str, Any]:
    here, today = county.stage.county.pk, str(county.today)
    log = log_row(county, "POST api/v1/donations/", 250 * items)
    custody = {
        "county_id": here, "kind": "registered", "from_state": "outside", "to_state": "at_point", "reason": "",
        "note": "", "place_id": county.hospital.pk, "actor": ACTOR, "business_day": today, "booked_on": today,
        "recorded_at": log["at"], "command": log["command"],
    }  # fmt: skip
    return {
        "donor": [{"county_id": here, "kind": "person"}],
        "identity": [
            {
                "county_id": here,
                "sealed": "\\x" + secrets.token_hex(110),
                "name_mac": "\\x" + secrets.token_hex(32),
                "phone_mac": "\\x" + secrets.token_hex(32),
            }
        ],
        "donation": [
            {
                "county_id": here, "campaign_id": county.campaign.pk, "place_id": county.hospital.pk,
                "receipt_code": new_receipt_code().replace("-", ""), "received_on": today, "booked_on": today,
                "registered_by": ACTOR, "registered_at": log["at"], "source_confirmed": True, "unfit": "return",
            }
        ],
        "items": [_item_row(county, line) for line in range(1, items + 1)],
        "custody": [custody],
        "log": log,
    }  # fmt: skip


def _item_row(county: County, line: int) -> dict[str, Any]:
    item = county.item()
    by_code = {medicine.code: medicine.pk for medicine in county.medicines}
    day = datetime.datetime.strptime(item["lot_number"], "%y%m%d").date()  # noqa: DTZ007 - a day, no moment
    return {
        **{name: item[name] for name in ("description", "specification", "lot_number", "lot_state")},
        **{name: item[name] for name in ("expiry_state", "quantity", "opened", "container")},
        "county_id": county.stage.county.pk,
        "line": line,
        "medicine_id": by_code[item["medicine"]],
        "manufacturer": "",
        "approval_number": "",
        "expiry_raw": item["expiry"],
        "expiry_precision": "day",
        "last_usable_day": str(day),
        "findings": [],
        "trace_codes": [],
        "barcode": "",
        "outcome": "accept",
        "reasons": [],
    }


def _operation(items: int, share: float, limit: str) -> Operation:
    return Operation(
        name=f"register {items} items",
        token=lambda county: county.token(Role.CLERK, county.hospital),
        path="donations/",
        bodies=partial(bodies, items=items),
        floor_rows=partial(floor_rows, items=items),
        bare=BareRegister,
        statement=STATEMENT,
        share=share,
        limit=limit,
    )


REGISTER_5 = _operation(5, 1, "≤ 12 statements, server CPU ≤ 1.5 × bare")
REGISTER_100 = _operation(100, 0.15, "≤ 12 statements, server CPU ≤ 1.3 × bare")
