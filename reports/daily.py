"""The daily report (日报): what happened between one cut-off and the next, and who reported nothing.

A report's day runs from the cut-off of the day before (the county's, 17:00 by default) to its own, by the moment of
recording, so that a report read twice says the same. 累计 is everything since the campaign began up to that moment:
the figures of the books less what was recorded afterwards. A place that recorded nothing is named (零报告); it is
not the same as a place that is missing.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, When

from core.days import next_open_day
from distribution.models import Dispensing, Shipment
from donations.models import Campaign, CustodyEntry, CustodyKind, Donation
from inventory.models import Kind, Movement, Side, State
from organisation.models import County, Place
from reports.content import cumulative_period
from reports.counts import DISPENSING
from reports.details import SIGNED
from reports.figures import Figures, Period, figures, medicine_content

DAY = datetime.timedelta(days=1)
# A working paper of the day: its figures are sealed with the next bulletin, it is not.
SCHEMA = "donated-medicine-daily-report/1"
# What is told of each medicine, in its smallest unit.
UNITS = ("registered", "accepted", "allotted", "dispensed")
Moments = tuple[datetime.datetime, datetime.datetime]


@dataclass
class Window:
    """What was recorded between two moments: units by medicine and step, and what may be counted across medicines."""

    donations: int = 0
    hand_outs: int = 0
    units: dict[int, dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: dict.fromkeys(UNITS, 0))
    )

    def kinds(self, step: str) -> int:
        return sum(steps[step] > 0 for steps in self.units.values())


@dataclass(frozen=True)
class DailyReport:
    """`zero`: places that recorded nothing; `whole`: whether the cut-off has passed."""

    county: County
    campaign: Campaign | None
    day: datetime.date
    since: datetime.datetime
    until: datetime.datetime
    whole: bool
    today: Window
    so_far: Window
    medicines: dict[int, dict[str, str | None]]
    reported: list[Place]
    zero: list[Place]

    def content(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "county": self.county.pk,
            "campaign": self.campaign.code if self.campaign else None,
            "day": str(self.day),
            "since": self.since,
            "until": self.until,
            "whole": self.whole,
            "today": self._counts(self.today),
            "cumulative": self._counts(self.so_far),
            "medicines": [
                {
                    **named,
                    "today": self.today.units.get(pk, dict.fromkeys(UNITS, 0)),
                    "cumulative": self.so_far.units.get(pk, dict.fromkeys(UNITS, 0)),
                }
                for pk, named in self.medicines.items()
            ],
            "reported": [{"place": place.code, "name": place.name} for place in self.reported],
            "zero_reports": [{"place": place.code, "name": place.name} for place in self.zero],
        }

    def _counts(self, window: Window) -> dict[str, int]:
        return {
            "donations": window.donations,
            "hand_outs": window.hand_outs,
            **{f"kinds_{step}": window.kinds(step) for step in UNITS},
        }


def daily_report(
    county: County,
    campaign: Campaign | None,
    day: datetime.date,
    cut_off: datetime.time,
    at: datetime.datetime,
) -> DailyReport:
    """The report of a day; read it in one snapshot. A constant number of statements."""
    zone = ZoneInfo(county.time_zone)
    until = datetime.datetime.combine(day, cut_off, zone)
    since = datetime.datetime.combine(day - DAY, cut_off, zone)
    today = _window(county.pk, (since, until))
    later = _window(county.pk, (until, at + DAY))
    found = _so_far(county, campaign, at)
    so_far = _less(found, later)
    reported, zero = _places(county.pk, (since, until))
    named = {row.medicine.pk: row.medicine for row in found.rows if row.medicine}
    told = [pk for pk, medicine in named.items() if pk in today.units or any(so_far.units[pk].values())]
    return DailyReport(
        county=county, campaign=campaign, day=day, since=since, until=until, whole=at >= until,
        today=today, so_far=so_far, reported=reported, zero=zero,
        medicines={pk: medicine_content(named[pk]) for pk in told},
    )  # fmt: skip


def _so_far(county: County, campaign: Campaign | None, at: datetime.datetime) -> Figures:
    """The books since the campaign began, to the day that is being booked."""
    end = next_open_day(at.astimezone(ZoneInfo(county.time_zone)).date(), county.closed_through)
    period = Period(end, end)
    return figures(county.pk, cumulative_period(campaign, period) if campaign else period)


def _less(found: Figures, later: Window) -> Window:
    so_far = Window(found.counts.donations, sum(found.counts.hand_outs_by_age.values()))
    so_far.donations -= later.donations
    so_far.hand_outs -= later.hand_outs
    for row in found.rows:
        if row.medicine:
            after = later.units.get(row.medicine.pk, dict.fromkeys(UNITS, 0))
            now = (row.items["registered"], row.stock["accepted"], row.allotted, row.stock["dispensed"])
            so_far.units[row.medicine.pk] = {
                step: units - after[step] for step, units in zip(UNITS, now, strict=True)
            }
    return so_far


def _window(county_id: str, moments: Moments) -> Window:
    window = Window(
        donations=Donation.objects.filter(
            county=county_id, found_in__isnull=True, **_within("registered_at", moments)
        ).count(),
        hand_outs=_hand_outs(county_id, moments),
    )
    for step, sums in (("registered", _registered(county_id, moments)), *_moved(county_id, moments).items()):
        for medicine, units in sums.items():
            if units:
                window.units[medicine][step] += units
    return window


def _within(moment: str, moments: Moments) -> dict[str, Any]:
    """Recorded after the first and up to the second; the booking day bounds what is read."""
    since, until = moments
    return {f"{moment}__gt": since, f"{moment}__lte": until, "booked_on__gte": since.date()}


def _registered(county_id: str, moments: Moments) -> dict[int, int]:
    entries = CustodyEntry.objects.filter(
        county_id=county_id, kind__in=[CustodyKind.REGISTERED, CustodyKind.CORRECTED],
        item__medicine__isnull=False, **_within("recorded_at", moments),
    )  # fmt: skip
    return dict(entries.order_by().values_list("item__medicine_id").annotate(units=Sum(SIGNED)))


def _moved(county_id: str, moments: Moments) -> dict[str, dict[int, int]]:
    """Units accepted, allotted and dispensed by medicine, reversals netted; one statement."""
    to_clinics = Shipment.objects.filter(
        county_id=county_id, from_side=Side.STORE, to_side=Side.CLINIC
    ).values("pk")
    dispatched = Q(kind=Kind.DISPATCH) | Q(reverses__kind=Kind.DISPATCH)
    allotted = dispatched & Q(document_type="shipment", document_id__in=to_clinics)
    allotted |= Q(kind=Kind.LOCAL_USE) | Q(reverses__kind=Kind.LOCAL_USE)
    back = Q(kind=Kind.REVERSAL)
    signed = Case(When(back, then=-F("quantity")), default=F("quantity"), output_field=BigIntegerField())
    accepted = Q(from_account__state=State.DONATED) | Q(to_account__state=State.DONATED)
    dispensed = Q(from_account__state=State.DISPENSED) | Q(to_account__state=State.DISPENSED)
    movements: QuerySet[Any, Any] = Movement.objects.filter(
        county_id=county_id, **_within("recorded_at", moments)
    ).order_by()
    rows = movements.values_list("batch__medicine_id").annotate(
        accepted=Sum(signed, filter=accepted),
        allotted=Sum(signed, filter=allotted),
        dispensed=Sum(signed, filter=dispensed),
    )
    found: dict[str, dict[int, int]] = {step: {} for step in UNITS[1:]}
    for medicine, *sums in rows:
        for step, units in zip(UNITS[1:], sums, strict=True):
            found[step][medicine] = units or 0
    return found


def _hand_outs(county_id: str, moments: Moments) -> int:
    """People served, less those whose hand-out was taken back."""
    served = Dispensing.objects.filter(county_id=county_id, **_within("recorded_at", moments))
    taken_back = Movement.objects.filter(
        county_id=county_id, reverses__document_type=DISPENSING, **_within("recorded_at", moments)
    )
    undone = Dispensing.objects.filter(
        county_id=county_id, pk__in=taken_back.order_by().values("reverses__document_id")
    )
    return _people(served) - _people(undone)


def _people(dispensings: QuerySet[Dispensing]) -> int:
    return dispensings.aggregate(people=Sum("recipients"))["people"] or 0


def _places(county_id: str, moments: Moments) -> tuple[list[Place], list[Place]]:
    """Active places that recorded something, and those that recorded nothing."""
    within = {"county_id": county_id, **_within("recorded_at", moments)}
    active = (
        CustodyEntry.objects.filter(**within).order_by().values_list("place_id").distinct(),
        Movement.objects.filter(**within).order_by().values_list("from_account__place_id").distinct(),
        Movement.objects.filter(**within).order_by().values_list("to_account__place_id").distinct(),
    )
    busy = {place for (place,) in active[0].union(*active[1:])}
    duty = Q(takes_donations=True) | Q(sorts=True) | Q(hands_out=True)
    places = list(Place.objects.filter(duty, county=county_id, active=True).order_by("code"))
    return [p for p in places if p.pk in busy], [p for p in places if p.pk not in busy]
