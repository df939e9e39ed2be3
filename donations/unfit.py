"""Unfit goods in the sealed bins: what was left for disposal at the counter, and what was rejected at sorting.

What the donor left may be destroyed at once. What was rejected later the donor may fetch for as many days as the
county's policy says (30 by default); only what nobody fetched until then may be destroyed.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.db.models import (
    DateField,
    Exists,
    ExpressionWrapper,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from donations.models import Custody, CustodyEntry, Item, ItemHoldings
from organisation.models import Place, Policy

LEFT = "refuse"
"""The outcome of items that only the donor can have put into the bin: they were refused and left."""


def goods_in_bins(places: QuerySet[Place]) -> QuerySet[Item]:
    """Items with units in the bins of these places, those that have lain longest first.

    Each carries `in_bin_since`, the first day on which some of it came into the bin and stayed.
    """
    since = _into_bin().filter(item=OuterRef("pk"))
    return (
        Item.objects.filter(
            county__in=places.values("county"), holdings__place__in=places, holdings__in_bin__gt=0
        )
        .annotate(in_bin_since=Subquery(since.values("item").annotate(day=Min("business_day")).values("day")))
        .select_related("medicine", "donation", "holdings__place")
        .order_by("in_bin_since", "id")
    )


def unclaimed(goods: QuerySet[Item], on: datetime.date) -> QuerySet[Item]:
    """Those that have lain longer than the county's policy gives the donor to fetch them, left or rejected alike."""
    waited = Coalesce(OuterRef("county__policy__unclaimed_days"), Policy().unclaimed_days)
    first = ExpressionWrapper(Value(on, DateField()) - waited, output_field=DateField())
    return goods.filter(Exists(_into_bin().filter(item=OuterRef("pk"), business_day__lt=first)))


def claimable_from(policy: Policy, on: datetime.date) -> datetime.date:
    """The day from which on goods were rejected that their donor may still fetch."""
    return on - datetime.timedelta(days=policy.unclaimed_days)


def claimable_until(rejected_on: datetime.date, policy: Policy) -> datetime.date:
    """The last day on which a donor may fetch what was rejected on a day."""
    return rejected_on + datetime.timedelta(days=policy.unclaimed_days)


def rejected_before(item_ids: Iterable[int], day: datetime.date) -> dict[int, int]:
    """Units of each item that were rejected before a day, less what was taken back."""
    entries = _into_bin().filter(item__in=list(item_ids), business_day__lt=day)
    return dict(entries.values_list("item_id").annotate(units=Sum("quantity")))


def bin_reasons(item_ids: Iterable[int]) -> dict[int, str]:
    """Why each item came into the bin, as the last entry says: a code of the decision table."""
    entries = _into_bin().filter(item__in=list(item_ids)).order_by("id")
    return dict(entries.values_list("item_id", "reason"))


def units_in_bin(place: Place, item_ids: Iterable[int]) -> dict[int, int]:
    """Units of each item in the bin of this place; items that stand elsewhere are absent."""
    rows = ItemHoldings.objects.filter(county_id=place.county_id, place=place, item_id__in=list(item_ids))
    return dict(rows.values_list("item_id", "in_bin"))


def _into_bin() -> QuerySet[CustodyEntry]:
    """Entries by which units came into a bin and that were not taken back."""
    taken_back = CustodyEntry.objects.filter(reverses=OuterRef("pk"))
    return CustodyEntry.objects.filter(~Exists(taken_back), to_state=Custody.IN_BIN).order_by()
