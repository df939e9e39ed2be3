"""Where a batch came from and where it went. What other places did is told in sums only."""

from __future__ import annotations

import datetime
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, QuerySet, Sum, When
from django.db.models.expressions import RawSQL

from inventory.models import Balance, Batch, Kind, Movement, State
from inventory.queries.conversions import batches_after, moved_before
from organisation.models import Place


@dataclass(frozen=True)
class Source:
    """An item of which units were accepted into the batch. The receipt code names the donation, no person."""

    receipt_code: str
    item_id: int
    line: int
    received_on: datetime.date
    sorted_at: str
    quantity: int


@dataclass(frozen=True)
class Stop:
    """A place the batch reached: its units by state, and the hand-outs it was used in."""

    place: str
    units: dict[str, int] = field(default_factory=dict)
    hand_outs: int = 0


@dataclass(frozen=True)
class Sources:
    """`donors` counts all donors of the batch: one is certain, more means that it was pooled."""

    sources: list[Source]
    donors: int
    elsewhere_accepted: int


@dataclass(frozen=True)
class Trace(Sources):
    """Where a batch came from and the places it reached."""

    stops: list[Stop]
    elsewhere_units: int


def trace_of(batch: Batch, places: QuerySet[Place]) -> Trace:
    """The items behind a batch and the places it reached, named where they lie within these places.

    Both ways over boxes that were opened and labels that were corrected: what was made of the batch is among it.
    """
    reach = set(places.values_list("pk", flat=True))
    stops, elsewhere = _stops(batch, reach)
    return Trace(**vars(sources_of([batch.pk], reach)), stops=stops, elsewhere_units=elsewhere)


def sources_of(batches: Sequence[int], reach: Container[int]) -> Sources:
    """The items behind these batches, named where they were sorted within reach; one statement.

    Those that were accepted under a label which was corrected, or in a box that was opened, are among them.
    """
    accepted: list[dict[str, Any]] = list(_accepted(batches))
    here = [row for row in accepted if row["decision__place_id"] in reach]
    return Sources(
        sources=[_source(row) for row in here],
        donors=len({row["decision__item__donation__donor_id"] for row in accepted}),
        elsewhere_accepted=sum(row["units"] for row in accepted) - sum(row["units"] for row in here),
    )


def _accepted(batches: Sequence[int]) -> Iterable[Any]:
    """Per item what was accepted less what was taken back, in the order of the register."""
    signed = Case(When(kind=Kind.ACCEPT, then=F("quantity")), default=-F("quantity"))
    return (
        Movement.objects.filter(moved_before(batches), decision__isnull=False)
        .values(
            "decision__place_id",
            "decision__place__code",
            "decision__item_id",
            "decision__item__line",
            "decision__item__donation__receipt_code",
            "decision__item__donation__received_on",
            "decision__item__donation__donor_id",
        )
        .annotate(units=Sum(signed))
        .filter(units__gt=0)
        .order_by("decision__item_id")
    )


def _source(row: dict[str, Any]) -> Source:
    return Source(
        receipt_code=row["decision__item__donation__receipt_code"],
        item_id=row["decision__item_id"],
        line=row["decision__item__line"],
        received_on=row["decision__item__donation__received_on"],
        sorted_at=row["decision__place__code"],
        quantity=row["units"],
    )


def _stops(batch: Batch, reach: Iterable[int]) -> tuple[list[Stop], int]:
    """The places within reach with their units by state, and the units inside all other places."""
    family = batches_after([batch.pk])
    hand_outs = dict(_hand_outs(family))
    units: dict[tuple[int, str], dict[str, int]] = {}
    elsewhere = 0
    rows = (
        Balance.objects.filter(batch__in=family)
        .exclude(state__in=[State.DONATED, State.CONVERTED])
        .values_list("account__place_id", "account__place__code", "state")
        .annotate(units=Sum("quantity"))
        .order_by("account__place__code")
    )
    for place_id, code, state, quantity in rows:
        if place_id in reach:
            units.setdefault((place_id, code), {})[state] = quantity
        else:
            elsewhere += quantity
    return [Stop(code, found, hand_outs.get(pk, 0)) for (pk, code), found in units.items()], elsewhere


def _hand_outs(batches: RawSQL) -> QuerySet[Movement, tuple[int, int]]:
    """How many hand-outs of each place used one of these batches, those taken back left out."""
    taken_back = Movement.objects.filter(reverses=OuterRef("pk"))
    return (
        Movement.objects.filter(~Exists(taken_back), batch__in=batches, kind=Kind.DISPENSE)
        .values_list("from_account__place_id")
        .annotate(hand_outs=Count("document_id", distinct=True))
    )
