"""Destructions and their lines."""

from __future__ import annotations

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery

from core.errors import NotFound
from inventory.models.destructions import Destruction, DestructionLine
from organisation.models import Place


def destructions_at(places: QuerySet[Place]) -> QuerySet[Destruction]:
    """Lists of goods destroyed or to be destroyed at these places, newest first, each with how many lines it has."""
    lines = DestructionLine.objects.filter(destruction=OuterRef("pk")).order_by().values("destruction")
    return (
        Destruction.objects.filter(place__in=places)
        .select_related("place", "proposed_by", "witness", "ended_by")
        .annotate(line_count=Subquery(lines.annotate(rows=Count("pk")).values("rows")))
        .order_by("-id")
    )


def destruction_at(places: QuerySet[Place], pk: int) -> Destruction:
    """One of them, with its lines and what they are of."""
    lines = DestructionLine.objects.select_related(
        "batch__medicine", "item__medicine", "item__donation"
    ).order_by("line")
    found = destructions_at(places).filter(pk=pk).prefetch_related(Prefetch("lines", queryset=lines)).first()
    if found is None:
        raise NotFound
    return found
