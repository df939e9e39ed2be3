"""Corrections of labels, and which batches the same units bore before and after."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from inventory.models import Balance
from inventory.models.conversions import Relabelling
from organisation.models import Place


def batches_before(batches: Iterable[int]) -> RawSQL:
    """These batches and those whose units came under them by a corrected label or an opened box; for `__in`."""
    return RawSQL("SELECT batches_before(%s::bigint[])", [list(batches)])


def moved_before(batches: Iterable[int]) -> RawSQL:
    """The same as a condition on movements, which the database answers from their index: of a subquery it would guess
    many batches, and read the whole journal."""
    return RawSQL(
        "inventory_movement.batch_id = ANY (ARRAY(SELECT batches_before(%s::bigint[])))",
        [list(batches)],
        output_field=BooleanField(),
    )


def batches_after(batches: Iterable[int]) -> RawSQL:
    """These batches and those under which their units came later; for `__in`."""
    return RawSQL("SELECT batches_after(%s::bigint[])", [list(batches)])


def relabellings_at(places: QuerySet[Place]) -> QuerySet[Relabelling]:
    """Corrections of labels of batches that stand or once stood at these places, newest first."""
    here = Balance.objects.filter(account__place__in=places).values("batch")
    return Relabelling.objects.filter(batch__in=here).select_related("batch__medicine").order_by("-id")


def to_confirm(county_id: str, places: QuerySet[Place], person: int) -> QuerySet[Relabelling]:
    """Those that wait for another person than who proposed them."""
    waiting = relabellings_at(places).filter(county_id=county_id, state=Relabelling.State.PROPOSED)
    return waiting.exclude(proposed_by=person)
