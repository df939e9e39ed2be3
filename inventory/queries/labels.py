"""Labels that were printed, and what the codes on them name."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from core.errors import NotFound
from core.short_codes import parse_short_code
from inventory.models import Batch
from inventory.models.conversions import Relabelling
from inventory.models.labels import BatchCode, LabelLine, LabelRun
from inventory.queries.stock import batch_at
from organisation.models import Place


def run_at(places: QuerySet[Place], pk: int) -> LabelRun:
    """A run of labels printed at one of these places, with its lines, batches and codes."""
    lines = (
        LabelLine.objects.order_by("pk").select_related("batch__medicine").prefetch_related("batch__codes")
    )
    rows = LabelRun.objects.filter(place__in=places, pk=pk).select_related("place")
    run = rows.prefetch_related(Prefetch("lines", queryset=lines)).first()
    if run is None:
        raise NotFound
    return run


def batch_coded(places: QuerySet[Place], text: str) -> Batch:
    """The batch that a typed or scanned code names, if it stands or stood at one of these places."""
    code = parse_short_code(text)
    row = BatchCode.objects.filter(code=code).first() if code else None
    if row is None:
        raise NotFound
    return batch_at(places, row.batch_id)


def corrected_into(batch: Batch) -> int | None:
    """The batch of the label as it really reads, where this one's was read wrongly."""
    done = Relabelling.objects.filter(batch=batch, state=Relabelling.State.CONFIRMED).order_by("-pk")
    return done.values_list("into_id", flat=True).first()
