"""How people who come or go for a time weigh on the need of the days that fall in.

    days counted = days of the horizon + for each shift: its share of the people x the days of the horizon in it

A share is the percentage, or heads / the population of the clinic or of the whole township. Fractions, never floats.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum

from distribution.consumption import WINDOW_DAYS, window
from distribution.models import ClinicProfile
from distribution.models.shifts import PopulationShift
from distribution.queries import townships_within
from organisation.access import Access
from organisation.models import Division, Place

DAY = datetime.timedelta(days=1)
# So many for one township or place that have not ended before the days that use is learned from: what is read of
# them for each clinic is bounded by it, however old the table.
MOST_OF_ONE = 20


@dataclass(frozen=True, slots=True)
class Added:
    """A share of the people, more or fewer, on so many days of a horizon; `words` is the share as it is shown."""

    share: Fraction
    days: int
    words: str


def counted_days(horizon_days: int, added: Sequence[Added]) -> Fraction:
    """The days of the horizon, weighed by the people who are there on them; never below none."""
    return max(Fraction(0), horizon_days + sum((each.share * each.days for each in added), Fraction(0)))


def crowd(horizon_days: int, ahead: Sequence[Added], before: Sequence[Added]) -> Fraction:
    """How many times as many people are there on the days of the horizon as on those that use is learned from.

    None at all where nobody was there to learn from.
    """
    then = counted_days(WINDOW_DAYS, before) / WINDOW_DAYS
    return counted_days(horizon_days, ahead) / horizon_days / then if then else Fraction(0)


def days_words(horizon_days: int, added: Sequence[Added]) -> str:
    """The same in figures: (14 + 40% x 9)."""
    if not added:
        return str(horizon_days)
    return f"({' + '.join([str(horizon_days), *(f'{each.words}×{each.days}' for each in added)])})"


def shifts_touching(
    county_id: str, places: Iterable[Place], first: datetime.date, horizon_days: int
) -> Mapping[int, list[Added]]:
    """What the county's shifts add for each of these places, by its id, on the days of a horizon.

    One statement, and one more where there are any; `places` is read only then.
    """
    last = first + (horizon_days - 1) * DAY
    people = ClinicProfile.objects.filter(place__township=OuterRef("township")).order_by()
    of_township = people.values("place__township").annotate(n=Sum("population")).values("n")
    rows = list(
        PopulationShift.objects.filter(county_id=county_id, starts_on__lte=last, ends_on__gte=first)
        .annotate(township_people=Subquery(of_township))
        .order_by("starts_on", "id")
    )
    added: dict[int, list[Added]] = defaultdict(list)
    if not rows:
        return added
    profiles = ClinicProfile.objects.filter(place__in=[place.pk for place in places])
    population = dict(profiles.values_list("place_id", "population"))
    reached: dict[tuple[str | None, int | None], list[int]] = defaultdict(list)
    for place in places:
        reached[None, place.pk].append(place.pk)
        reached[place.township_id, None].append(place.pk)
    for row in rows:
        days = (min(last, row.ends_on) - max(first, row.starts_on)).days + 1
        for pk in reached.get((row.township_id, row.place_id), ()):
            served = row.township_people if row.township_id else population.get(pk)
            if share := _share(row, served or 0, days):
                added[pk].append(share)
    return added


def beyond_most(shifts: Iterable[PopulationShift], on: datetime.date) -> list[int]:
    """Which of these, by number, are one too many for their township or place: the first of each."""
    first, of_one = window(on)[0], Counter[tuple[str | None, int | None]]()
    found = []
    for index, shift in enumerate(shifts):
        whom = shift.township_id, shift.place_id
        of_one[whom] += shift.ends_on >= first
        if shift.ends_on >= first and of_one[whom] == MOST_OF_ONE + 1:
            found.append(index)
    return found


def _share(row: PopulationShift, served: int, days: int) -> Added | None:
    if row.percent is not None:
        return Added(Fraction(row.percent, 100), days, f"{row.percent}%")
    return Added(Fraction(row.heads or 0, served), days, f"{row.heads}÷{served}") if served else None


def shifts_of(county_id: str) -> QuerySet[PopulationShift]:
    rows = PopulationShift.objects.filter(county_id=county_id).select_related("township", "place")
    return rows.order_by("starts_on", "id")


def within(access: Access) -> Q:
    """The shifts of the places and townships that a person plans for."""
    townships = townships_within(access)
    if townships is None:
        return Q()
    return Q(place__in=access.places()) | Q(township__in=townships)


def townships_planned(access: Access) -> QuerySet[Division]:
    """The townships that a person plans for as a whole."""
    here = Division.objects.filter(county_id=access.county_id, level=Division.Level.TOWNSHIP).order_by("code")
    limits = townships_within(access)
    return here if limits is None else here.filter(code__in=limits)
