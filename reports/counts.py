"""What may be counted across medicines: donations (笔数) and hand-outs (人次)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum

from distribution.models import AgeBand, Dispensing
from donations.models import CustodyEntry, CustodyKind, Donation
from inventory.models import Movement

Days = tuple[datetime.date, datetime.date]
DISPENSING = "dispensing"


@dataclass(frozen=True)
class Counts:
    """`donations` registered, `donations_voided` of whichever day, people served by age band.

    What was found in a handover beyond its list is nobody's donation: it shows as surplus alone.
    """

    donations: int
    donations_voided: int
    hand_outs_by_age: dict[str, int]

    def content(self) -> dict[str, Any]:
        return {
            "donations": self.donations,
            "donations_voided": self.donations_voided,
            "hand_outs": sum(self.hand_outs_by_age.values()),
            "hand_outs_by_age": self.hand_outs_by_age,
        }


def counts_of(county_id: str, start: datetime.date, end: datetime.date) -> Counts:
    """The counts of a county for the days from `start` to `end`, by day of booking."""
    days = (start, end)
    voided = CustodyEntry.objects.filter(
        county_id=county_id, kind=CustodyKind.VOIDED, booked_on__range=days, item__isnull=False
    )
    return Counts(
        donations=Donation.objects.filter(
            county_id=county_id, booked_on__range=days, found_in__isnull=True
        ).count(),
        donations_voided=voided.values("item__donation_id").distinct().count(),
        hand_outs_by_age=_hand_outs(county_id, days),
    )


def _hand_outs(county_id: str, days: Days) -> dict[str, int]:
    """People served, less those whose hand-out was taken back in these days."""
    handed_out = Dispensing.objects.filter(county_id=county_id, booked_on__range=days)
    taken_back = (
        Movement.objects.filter(
            county_id=county_id,
            booked_on__range=days,
            reverses__isnull=False,
            reverses__document_type=DISPENSING,
        )
        .order_by()
        .values("reverses__document_id")
    )
    served = _by_age(handed_out)
    undone = _by_age(Dispensing.objects.filter(county_id=county_id, pk__in=taken_back))
    netted = {band: served.get(band, 0) - undone.get(band, 0) for band in AgeBand.values}
    return {band: people for band, people in netted.items() if people}


def _by_age(dispensings: QuerySet[Dispensing]) -> dict[str, int]:
    return dict(dispensings.order_by().values_list("age_band").annotate(people=Sum("recipients")))
