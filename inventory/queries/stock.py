"""What stands on the shelves, and the journal behind it."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from core.errors import NotFound
from inventory.models import INSIDE, Account, Balance, Batch, Movement, State
from organisation.models import Place

MEDICINE = ["batch__medicine__code", "batch__medicine__generic_name", "batch__medicine__strength",
            "batch__medicine__smallest_unit"]  # fmt: skip

DAYS_AHEAD = (30, 60, 90)


def stock_at(places: QuerySet[Place]) -> QuerySet[Balance]:
    """What stands at these places in any state inside, promised and travelling goods included; nothing empty."""
    return (
        Balance.objects.filter(account__place__in=places, state__in=INSIDE, quantity__gt=0)
        .select_related("account__place", "batch__medicine", "batch__product")
        .order_by("batch__medicine__code", "batch__last_usable_day", "account__place__code", "id")
    )


def expired_stock(county_id: str, on: datetime.date) -> QuerySet[Balance]:
    """What is past its last usable day and not yet held, in the order in which balances are locked.

    What is on the road is held when it arrives.
    """
    return (
        Balance.objects.filter(
            county_id=county_id,
            state__in=[State.AVAILABLE, State.RESERVED],
            quantity__gt=0,
            batch__last_usable_day__lt=on,
        )
        .select_related("account")
        .order_by("account_id", "batch_id")
    )


def stock_by_medicine(stock: QuerySet[Balance]) -> Any:
    """The same stock added up: one row (a dict) per medicine with its units in each state."""
    states = {str(state): Sum("quantity", filter=Q(state=state), default=0) for state in INSIDE}
    return stock.order_by().values(*MEDICINE).annotate(**states).order_by("batch__medicine__code")


def expiry_calendar(stock: QuerySet[Balance], on: datetime.date) -> Any:
    """The same stock by place and medicine (a dict each): batches and units that have passed, or soon will.

    What has 30 days is among what has 60. Rows are those with anything that passed or has 90 days or less.
    """
    far = on + datetime.timedelta(days=DAYS_AHEAD[-1])
    bands = {"passed": Q(batch__last_usable_day__lt=on)} | {
        f"within_{days}": Q(batch__last_usable_day__range=(on, on + datetime.timedelta(days=days)))
        for days in DAYS_AHEAD
    }
    counts = {f"{band}_batches": Count("batch", distinct=True, filter=when) for band, when in bands.items()}
    units = {f"{band}_units": Sum("quantity", default=0, filter=when) for band, when in bands.items()}
    return (
        stock.filter(batch__last_usable_day__lte=far)
        .order_by()
        .values(
            place=F("account__place__code"),
            medicine=F("batch__medicine__code"),
            name=F("batch__medicine__generic_name"),
            strength=F("batch__medicine__strength"),
            unit=F("batch__medicine__smallest_unit"),
        )
        .annotate(**counts, **units)
        .order_by("account__place__code", "batch__medicine__code")
    )


def batch_at(places: QuerySet[Place], pk: int, *, pointer: str = "") -> Batch:
    """A batch that stands or once stood at one of these places."""
    here = Balance.objects.filter(batch=OuterRef("pk"), account__place__in=places)
    batch = Batch.objects.filter(Exists(here), pk=pk).select_related("medicine", "product").first()
    if batch is None:
        raise NotFound(pointer=pointer)
    return batch


def movements_at(places: QuerySet[Place]) -> QuerySet[Movement]:
    """The ledger's rows that took from or gave to an account of these places."""
    # Looked up beforehand: with the numbers at hand the database walks the accounts' own indexes for a small
    # place and the journal itself for a whole county; from a subquery it would walk the journal for both.
    accounts = list(Account.objects.filter(place__in=places).values_list("pk", flat=True))
    return Movement.objects.filter(Q(from_account__in=accounts) | Q(to_account__in=accounts)).select_related(
        "batch__medicine", "from_account__place", "to_account__place"
    )
