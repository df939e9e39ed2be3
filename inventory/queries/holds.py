"""Holds and what they still hold."""

from __future__ import annotations

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from core.errors import NotFound
from inventory.models import Hold, Kind, Movement
from organisation.models import Place

DOCUMENT = "hold"
STILL_HELD = Sum(Case(When(kind=Kind.HOLD, then=F("quantity")), default=-F("quantity")))


def holds_at(places: QuerySet[Place]) -> QuerySet[Hold]:
    """Holds placed at these places, newest first, with the units each of them has not released."""
    moved = Movement.objects.filter(document_type=DOCUMENT, document_id=OuterRef("pk")).order_by()
    units = moved.values("document_id").annotate(units=STILL_HELD).values("units")
    return (
        Hold.objects.filter(place__in=places)
        .select_related("place", "batch__medicine")
        .annotate(still_held=Coalesce(Subquery(units), 0))
        .order_by("-id")
    )


def hold_at(places: QuerySet[Place], pk: int) -> Hold:
    hold = holds_at(places).filter(pk=pk).first()
    if hold is None:
        raise NotFound
    return hold


def held_by(hold: Hold) -> dict[str, int]:
    """How many units a hold still holds, by side: what it held less what was released of it."""
    moved = Movement.objects.filter(document_type=DOCUMENT, document_id=hold.pk)
    return dict(moved.values_list("from_account__side").annotate(units=STILL_HELD))
