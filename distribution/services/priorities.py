"""What a county needs most, told to the sorting tables below."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from fractions import Fraction

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from catalogue.models import Medicine
from distribution.interchangeable import Basket, baskets_of
from distribution.models import ClinicProfile, NeedLine
from distribution.needs import half_points, units_of
from distribution.place_needs import people_of, weights_of
from distribution.shifts import counted_days, shifts_touching
from inventory.models import PROMISED, Balance, State
from inventory.services.priorities import set_priorities
from organisation.models import Place
from organisation.queries import policy_of

# Baskets of one kind are estimated alike: for children or not, the unit, and by how many of it they are counted.
Kind = tuple[bool, str, int]


def rank_needs(county_id: str, on: datetime.date) -> None:
    """Rank the medicines by how much of the need of the county's clinics their stock covers, the least first.

    A clinic's need is what it asked for in a period that holds the day `on`, or what is estimated from who it
    serves, with those who come or go for a time on the days of the horizon, as in a plan. Stock is what can still be
    used on that day, promised goods and goods on the road included. What stands in for each other is needed and
    covered together, by courses. Medicines covered alike share a rank, those that nobody needs have none. A constant
    number of statements.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('priorities ' || %s, 0))", [county_id])
    stock = _usable_stock(county_id, on)
    medicines = list(Medicine.objects.only("paediatric", "smallest_unit"))
    covered = {
        medicine.pk: Fraction(basket.counted(stock), need)
        for basket, need in _needs(county_id, on, baskets_of(county_id, medicines))
        if need
        for medicine in basket.members
    }
    ranks = {cover: rank for rank, cover in enumerate(sorted(set(covered.values())), start=1)}
    set_priorities(county_id, {medicine: ranks[cover] for medicine, cover in covered.items()})


def _usable_stock(county_id: str, on: datetime.date) -> Mapping[int, int]:
    usable = Balance.objects.filter(
        Q(batch__last_usable_day__isnull=True) | Q(batch__last_usable_day__gte=on),
        county_id=county_id,
        state__in=[State.AVAILABLE, *PROMISED],
        quantity__gt=0,
    )
    return dict(usable.values_list("batch__medicine_id").annotate(units=Sum("quantity")).order_by())


def _needs(county_id: str, on: datetime.date, baskets: Sequence[Basket]) -> Iterable[tuple[Basket, int]]:
    """What all clinics together need over the county's horizon, in the measure of each basket."""
    clinics = Place.objects.filter(county_id=county_id, active=True, hands_out=True)
    requests = _requests(clinics, on)
    # All members of a group are estimated for the same people, so that one of them speaks for all.
    estimates = _estimates(county_id, on, clinics, {_kind(basket) for basket in baskets})
    for basket in baskets:
        estimated, asked = estimates[_kind(basket)], Counter[int]()
        for member in basket.members:
            for place, units in requests.get(member.pk, {}).items():
                asked[place] += units // basket.course(member)
        yield basket, estimated.total() + sum(units - estimated[place] for place, units in asked.items())


def _kind(basket: Basket) -> Kind:
    first = basket.members[0]
    return first.paediatric, first.smallest_unit, basket.course(first)


def _estimates(
    county_id: str, on: datetime.date, clinics: QuerySet[Place], kinds: Set[Kind]
) -> dict[Kind, Counter[int]]:
    """Per kind the estimated need of each clinic by its id, in its measure; there are few kinds."""
    policy = policy_of(county_id)
    weights, horizon = weights_of(policy), policy.horizon_days
    people = {
        profile.place_id: people_of(profile) for profile in ClinicProfile.objects.filter(place__in=clinics)
    }
    added = shifts_touching(county_id, clinics, on, horizon)
    days = {place: counted_days(horizon, added[place]) if place in added else horizon for place in people}

    # Who is there for how long is asked once, for children and for all: a county has many clinics, and many kinds.
    reckoned = {
        paediatric: [
            (place, half_points(whom, paediatric=paediatric, weights=weights) * days[place])
            for place, whom in people.items()
        ]
        for paediatric in {paediatric for paediatric, _unit, _course in kinds}
    }
    return {
        (paediatric, unit, course): Counter(
            {place: -(-units_of(points, unit) // course) for place, points in reckoned[paediatric]}
        )
        for paediatric, unit, course in kinds
    }


def _requests(clinics: QuerySet[Place], on: datetime.date) -> dict[int, dict[int, int]]:
    """Units asked for by medicine and clinic; of several sheets the latest counts."""
    lines = NeedLine.objects.filter(
        sheet__place__in=clinics, sheet__period_start__lte=on, sheet__period_end__gte=on
    ).order_by("sheet__period_start", "sheet_id")
    asked: dict[int, dict[int, int]] = defaultdict(dict)
    for place, medicine, requested in lines.values_list("sheet__place_id", "medicine_id", "requested"):
        asked[medicine][place] = requested
    return asked
