"""Hand-outs that an auditor should look at. They accuse nobody: a wave looks like this too.

    far_above         a clinic's day with a medicine: at least three times the median of its days with hand-outs in
                      the four weeks before (five such days or more), and at least five courses beyond it
    register_repeats  three hand-outs or more under one register number of a clinic within seven days
    over_limit        more than the county lets a hand-out or a fever have, entered from paper
    entered_late      entered more than seven days after the day they were made

The first two belong to the day of the hand-out, the others to the day of the books on which they were entered.
"""

from __future__ import annotations

import datetime
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import models
from django.db.models import Count, F, Max, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine
from distribution.consumption import WINDOW_DAYS
from distribution.models import Dispensing, DispensingLine
from distribution.needs import course_units
from distribution.services.dispensing import OVER_LIMIT
from organisation.models import Place

DAY = datetime.timedelta(days=1)
TIMES, COURSES, LEAST_DAYS = 3, 5, 5
REPEATS, WITHIN_DAYS = 3, 7
LATE_DAYS = 7
# As many hand-outs of an alert are named.
NAMED = 20


class Why(models.TextChoices):
    FAR_ABOVE = "far_above", _("far above the usual day")
    REPEATS = "register_repeats", _("register number repeated")
    OVER_LIMIT = "over_limit", _("more than the limit")
    LATE = "entered_late", _("entered late")


@dataclass(frozen=True)
class Alert:
    """`units` and `usual` are smallest units of a day, `days_late` of the hand-out entered last."""

    why: Why
    place: Place
    day: datetime.date
    hand_outs: int
    medicine: Medicine | None = None
    units: int | None = None
    usual: int | None = None
    register_ref: str = ""
    days_late: int | None = None
    dispensings: Sequence[int] = field(default=())


@dataclass(frozen=True)
class Days:
    """The days looked at, both included."""

    first: datetime.date
    last: datetime.date


def unusual_hand_outs(places: QuerySet[Place], days: Days) -> list[Alert]:
    """Alerts of these places, newest day first; five statements, of which none grows with the age of the books."""
    here = {place.pk: place for place in places.filter(hands_out=True)}
    standing = Dispensing.objects.filter(place__in=list(here), reversed_by__isnull=True).order_by()
    if here:
        standing = standing.filter(county_id=next(iter(here.values())).county_id)
    found = [
        *_far_above(here, standing, days),
        *_repeats(here, standing, days),
        *_over_limit(here, standing, days),
        *_late(here, standing, days),
    ]
    return sorted(found, key=lambda one: (-one.day.toordinal(), one.place.code, one.why, one.register_ref))


def far_above(
    by_day: Mapping[datetime.date, int], days: Days, beyond: int
) -> Iterable[tuple[datetime.date, int]]:
    """Days of which the units are far above the usual, with the usual: the median of the four weeks before."""
    for day, units in by_day.items():
        if not days.first <= day <= days.last:
            continue
        before = [by_day[past] for past in by_day if day - WINDOW_DAYS * DAY <= past < day]
        if len(before) < LEAST_DAYS:
            continue
        usual = statistics.median_high(before)
        if units >= TIMES * usual and units - usual >= beyond:
            yield day, usual


def repeated(days: Iterable[datetime.date]) -> list[datetime.date]:
    """Days on which a number was used for at least the third time within seven days."""
    ordered = sorted(days)
    return [
        last
        for first, last in zip(ordered, ordered[REPEATS - 1 :], strict=False)
        if (last - first).days < WITHIN_DAYS
    ]


def _far_above(here: Mapping[int, Place], standing: QuerySet[Dispensing], days: Days) -> Iterable[Alert]:
    first = days.first - WINDOW_DAYS * DAY
    lines = DispensingLine.objects.filter(
        dispensing__in=standing.filter(dispensed_on__range=(first, days.last))
    ).order_by()
    keys = ("dispensing__place_id", "batch__medicine_id", "dispensing__dispensed_on")
    rows = lines.values_list(*keys).annotate(
        units=Sum("quantity"), hand_outs=Count("dispensing_id", distinct=True)
    )
    by_day: dict[tuple[int, int], dict[datetime.date, tuple[int, int]]] = defaultdict(dict)
    for place, medicine, day, units, hand_outs in rows:
        by_day[place, medicine][day] = units, hand_outs
    medicines = Medicine.objects.in_bulk({medicine for _place, medicine in by_day})
    for (place, pk), of_days in by_day.items():
        units_of = {day: units for day, (units, _hand_outs) in of_days.items()}
        beyond = COURSES * course_units(medicines[pk].smallest_unit)
        for day, usual in far_above(units_of, days, beyond):
            units, hand_outs = of_days[day]
            yield Alert(Why.FAR_ABOVE, here[place], day, hand_outs, medicines[pk], units, usual)


def _repeats(here: Mapping[int, Place], standing: QuerySet[Dispensing], days: Days) -> Iterable[Alert]:
    reach = (days.first - (WITHIN_DAYS - 1) * DAY, days.last)
    numbered = standing.filter(dispensed_on__range=reach).exclude(register_ref="")
    rows = (
        numbered.values_list("place_id", "register_ref")
        .annotate(hand_outs=Count("pk"), on=ArrayAgg("dispensed_on"), named=ArrayAgg("pk", order_by="pk"))
        .filter(hand_outs__gte=REPEATS)
    )
    for place, number, hand_outs, on, named in rows:
        late = [day for day in repeated(on) if days.first <= day]
        if late:
            alert: dict[str, Any] = {"register_ref": number, "dispensings": named[:NAMED]}
            yield Alert(Why.REPEATS, here[place], late[-1], hand_outs, **alert)


def _over_limit(here: Mapping[int, Place], standing: QuerySet[Dispensing], days: Days) -> Iterable[Alert]:
    lines = (
        DispensingLine.objects.filter(
            dispensing__in=standing.filter(booked_on__range=(days.first, days.last)),
            flagged__contains=OVER_LIMIT,
        )
        .select_related("dispensing", "batch__medicine")
        .order_by("dispensing_id", "id")
    )
    units: dict[tuple[int, int], int] = defaultdict(int)
    seen: dict[tuple[int, int], DispensingLine] = {}
    for line in lines:
        units[line.dispensing_id, line.batch.medicine_id] += line.quantity
        seen[line.dispensing_id, line.batch.medicine_id] = line
    for key, line in seen.items():
        one = line.dispensing
        yield Alert(
            Why.OVER_LIMIT,
            here[one.place_id],
            one.dispensed_on,
            1,
            line.batch.medicine,
            units[key],
            register_ref=one.register_ref,
            dispensings=[one.pk],
        )


def _late(here: Mapping[int, Place], standing: QuerySet[Dispensing], days: Days) -> Iterable[Alert]:
    late = standing.filter(
        booked_on__range=(days.first, days.last), booked_on__gt=F("dispensed_on") + LATE_DAYS * DAY
    )
    rows = late.values_list("place_id", "dispensed_on").annotate(
        hand_outs=Count("pk"), entered=Max("booked_on"), named=ArrayAgg("pk", order_by="pk")
    )
    for place, day, hand_outs, entered, named in rows:
        yield Alert(
            Why.LATE, here[place], day, hand_outs, days_late=(entered - day).days, dispensings=named[:NAMED]
        )
