"""Where the county's books saw a box before: every registration of the code that is this one box's own."""

from __future__ import annotations

import datetime
import zlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import OuterRef

from donations.models import Box
from donations.queries import given_by_item

# How many parts a county's codes are held in: enough that counters seldom wait, few enough for one command's locks.
PARTS = 64


@dataclass(frozen=True)
class Sighting:
    """A box was registered: in which donation, and on which day it came in."""

    donation_id: int
    day: datetime.date


Sightings = Mapping[str, Sequence[Sighting]]


def sightings_of(county_id: str, codes: Collection[str]) -> Sightings:
    """The registrations of these codes in the county; what was voided or corrected away was none."""
    found: dict[str, list[Sighting]] = defaultdict(list)
    if codes:
        rows = Box.objects.filter(county_id=county_id, code__in=codes)
        rows = rows.annotate(given=given_by_item(OuterRef("item"))).filter(given__gt=0)
        for code, donation, day in rows.values_list("code", "item__donation", "item__donation__received_on"):
            found[code].append(Sighting(donation, day))
    return found


def last_seen(seen: Sightings, codes: Collection[str], *, besides: int | None = None) -> datetime.date | None:
    """The last day on which any of these boxes was registered, in another donation than `besides`."""
    days = (each.day for code in codes for each in seen.get(code, ()) if each.donation_id != besides)
    return max(days, default=None)


def hold_codes(county_id: str, codes: Collection[str]) -> None:
    """Make others who register one of these codes wait until this command ends, so that they see what it wrote.

    Locks are taken on parts of the codes and in their order: a roster of thousands takes no more of the server's
    lock table than it has, and two commands never wait for each other.
    """
    parts = sorted({zlib.crc32(code.encode()) % PARTS for code in codes})
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, part) FROM unnest(%s::integer[]) AS part",
                [int(county_id), parts],
            )
