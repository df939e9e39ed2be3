"""Holds and what they still hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from core.errors import NotFound
from inventory.models import Hold, Kind, Movement, State
from organisation.models import Place

DOCUMENT = "hold"
# Units held under a label that was corrected leave one hold and come under another.
INTO_HOLD = Q(kind=Kind.HOLD) | Q(kind=Kind.CONVERT, to_account__state=State.HELD)
STILL_HELD = Sum(Case(When(INTO_HOLD, then=F("quantity")), default=-F("quantity")))


def holds_at(places: QuerySet[Place]) -> QuerySet[Hold]:
    """Holds placed at these places, newest first, with the units each of them has not released."""
    return still_holding(Hold.objects.filter(place__in=places)).select_related("place", "batch__medicine")


def still_holding(holds: QuerySet[Hold]) -> QuerySet[Hold]:
    """The same holds, newest first, each with `still_held`: what it took in less what was released of it."""
    moved = Movement.objects.filter(document_type=DOCUMENT, document_id=OuterRef("pk")).order_by()
    units = moved.values("document_id").annotate(units=STILL_HELD).values("units")
    return holds.annotate(still_held=F("arrived") + Coalesce(Subquery(units), 0)).order_by("-id")


def hold_at(places: QuerySet[Place], pk: int) -> Hold:
    hold = holds_at(places).filter(pk=pk).first()
    if hold is None:
        raise NotFound
    return hold


def held_by(holds: Iterable[Hold]) -> dict[int, dict[str, int]]:
    """How many units each hold still holds, by its number and side."""
    held: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for hold in holds:
        if hold.arrived:
            held[hold.pk][hold.arrived_side] += hold.arrived
    moved = Movement.objects.filter(document_type=DOCUMENT, document_id__in=[hold.pk for hold in holds])
    rows = moved.values_list("document_id", "from_account__side").annotate(units=STILL_HELD)
    for pk, side, units in rows:
        held[pk or 0][side] += units
    return held
