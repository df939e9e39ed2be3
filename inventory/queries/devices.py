"""Reusable devices that are out: in use at a clinic, or lent."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, F, Q, QuerySet

from catalogue.queries import recalls_of_row
from core.errors import NotFound
from inventory.models import Batch
from inventory.models.devices import DeviceUse
from organisation.models import Place


def device_uses_at(places: QuerySet[Place]) -> QuerySet[DeviceUse]:
    """The devices these places keep in use or lent, newest first; `recalled` says that they are to be called back."""
    return (
        DeviceUse.objects.filter(place__in=places)
        .annotate(recalled=Exists(recalls_of_row("batch__", "place")))
        .select_related("place", "batch__medicine")
        .order_by("-id")
    )


def device_use_at(places: QuerySet[Place], pk: int) -> DeviceUse:
    use = device_uses_at(places).filter(pk=pk).first()
    if use is None:
        raise NotFound
    return use


def still_out(uses: QuerySet[DeviceUse]) -> QuerySet[DeviceUse]:
    return uses.filter(condition="")


def overdue_loans(uses: QuerySet[DeviceUse], on: datetime.date) -> QuerySet[DeviceUse]:
    """Devices that should have come back before this day."""
    return still_out(uses).filter(due_on__lt=on)


def to_call_back(uses: QuerySet[DeviceUse]) -> QuerySet[DeviceUse]:
    """Recalled devices that are still with somebody."""
    return still_out(uses).filter(Q(("recalled", True)), kind=DeviceUse.Kind.LENT)


def out_of(place: Place) -> Any:
    """What a place has out, a row (dict) for each batch: it does not lie on the shelf and is not counted there."""
    uses = DeviceUse.objects.filter(place=place, condition="")
    return (
        uses.values(
            batch_number=F("batch_id"),
            medicine=F("batch__medicine__code"),
            name=F("batch__medicine__generic_name"),
            strength=F("batch__medicine__strength"),
            lot_number=F("batch__lot_number"),
        )
        .annotate(
            kept=Count("pk", filter=Q(kind=DeviceUse.Kind.KEPT)),
            lent=Count("pk", filter=Q(kind=DeviceUse.Kind.LENT)),
        )
        .order_by("medicine", "batch_number")
    )


def loans_of(batches: Iterable[int] | QuerySet[Batch]) -> QuerySet[DeviceUse]:
    """Everybody to whom these batches were lent and who has not brought them back."""
    lent = DeviceUse.objects.filter(batch__in=batches, kind=DeviceUse.Kind.LENT, condition="")
    return lent.select_related("place", "batch").order_by("place__code", "id")
