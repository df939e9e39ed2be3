"""A daily checkpoint over the whole ledger: whoever kept one can tell later whether a booked day was altered.

Of every booking day that has passed: SHA-256 over the canonical bytes of its movements in the book's order, one line
each, bound to the day before and signed. A day is closed first, so that nothing is booked on it afterwards. Written
by `manage.py seal_days` every night, checked against the books by `manage.py verify_days`.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.days import local_day
from inventory.models import Movement
from organisation.models import County
from reports.models import LedgerDay
from reports.seal import canonical, fingerprint, signed
from reports.signing import installed_signer, key_in_use

SCHEMA = "donated-medicine-ledger-day/1"
DAY = datetime.timedelta(days=1)
_ENDS = tuple(
    f"{end}_account__{name}"
    for end in ("from", "to")
    for name in ("place__code", "side", "state", "shipment_id")
)
FIELDS = (
    "id", "batch__medicine__code", "batch__lot_number", "batch__last_usable_day", "batch__pack", "quantity", *_ENDS,
    "kind", "document_type", "document_id", "detail", "reverses_id", "actor", "business_day", "booked_on",
    "recorded_at", "command",
)  # fmt: skip


@dataclass(frozen=True)
class Broken:
    """A day whose checkpoint does not agree with the books, and what disagrees."""

    day: datetime.date
    what: str


def seal_days(county_id: str, at: datetime.datetime | None = None) -> int:
    """Close and seal every day of a county that has passed since the last sealed one; how many there were.

    A second run, even at the same time, finds nothing left to do.
    """
    at = at or timezone.now()
    sealed = 0
    while _seal_next(county_id, at):
        sealed += 1
    return sealed


def verify_days(county_id: str) -> list[Broken]:
    """What in a county's sealed days does not agree with the books, the chain or the signatures."""
    broken, previous = [], None
    for sealed in LedgerDay.objects.filter(county_id=county_id).select_related("key").order_by("day"):
        content = json.loads(bytes(sealed.content))
        movements, rows = _rows(county_id, sealed.day)
        if (content["movements"], content["rows_sha256"]) != (movements, rows):
            broken.append(Broken(sealed.day, "the movements of this day are not those that were sealed"))
        if content["previous_sha256"] != previous:
            broken.append(Broken(sealed.day, "the day before is not the one that was sealed"))
        if not signed(bytes(sealed.key.public), bytes(sealed.signature), bytes(sealed.content)):
            broken.append(Broken(sealed.day, "the signature is not valid"))
        previous = sealed.sha256
    return broken


@transaction.atomic
def _seal_next(county_id: str, at: datetime.datetime) -> bool:
    """Seal one day, the county's row held meanwhile; False if none has passed."""
    county = County.objects.select_for_update(no_key=True).get(pk=county_id)
    last = LedgerDay.objects.filter(county_id=county_id).order_by("-day").first()
    day = last.day + DAY if last else _first_day(county_id)
    if day is None or day >= local_day(county.time_zone, at):
        return False
    if county.closed_through is None or county.closed_through < day:
        county.closed_through = day
        county.save(update_fields=["closed_through"])
    movements, rows = _rows(county_id, day)
    content = canonical(
        {
            "schema": SCHEMA,
            "county": county_id,
            "day": str(day),
            "movements": movements,
            "rows_sha256": rows,
            "previous_sha256": last.sha256 if last else None,
        }
    )
    signer = installed_signer()
    LedgerDay.objects.create(
        county_id=county_id,
        day=day,
        content=content,
        sha256=fingerprint(content),
        key=key_in_use(signer, at),
        signature=signer.sign(content),
    )
    return True


def _first_day(county_id: str) -> datetime.date | None:
    return (
        Movement.objects.filter(county_id=county_id)
        .order_by("booked_on")
        .values_list("booked_on", flat=True)
        .first()
    )


def _rows(county_id: str, day: datetime.date) -> tuple[int, str]:
    """How many movements a day has, and the hash over their lines."""
    hashed, count = hashlib.sha256(), 0
    for line in _lines(county_id, day):
        hashed.update(line)
        count += 1
    return count, hashed.hexdigest()


def _lines(county_id: str, day: datetime.date) -> Iterator[bytes]:
    movements = Movement.objects.filter(county_id=county_id, booked_on=day).order_by("id")
    for row in movements.values_list(*FIELDS).iterator(chunk_size=5000):
        yield canonical([_plain(value) for value in row]) + b"\n"


def _plain(value: Any) -> str | int | None:
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat()
    return value if value is None or isinstance(value, int) else str(value)
