"""What waits at the sorting tables, and what was decided there."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, Min, OuterRef, Q, QuerySet, Subquery

from catalogue.models import Product
from core.errors import NotFound
from donations.models import Custody, CustodyEntry, CustodyKind, Handover, Item, ItemPhoto
from inventory.models import Priority, SortingDecision
from inventory.models.proposals import SortingProposal
from organisation.models import Place


def sorting_queue(county_id: str, places: QuerySet[Place]) -> QuerySet[Item]:
    """Items with units counted or in doubt at these places, the most urgent first.

    Urgent is what expires first, then what has waited longest, then what is needed most; an expiry that was not
    read comes last. Each item carries `waiting_since` (the day it was counted), `priority` (a rank or None) and
    `broken_seal` (what was seen on the seal of its bag, if that was broken, or None).
    """
    counted = CustodyEntry.objects.filter(
        item=OuterRef("pk"), kind__in=[CustodyKind.RECEIVED, CustodyKind.SURPLUS]
    ).order_by()
    broken = Handover.objects.filter(listed__donation=OuterRef("donation"), state=Handover.State.RECEIVED)
    broken = broken.filter(seal_intact=False).order_by("-id")
    needed = Priority.objects.filter(county_id=county_id, medicine=OuterRef("medicine"))
    return (
        _standing(county_id, places)
        .filter(Q(holdings__counted__gt=0) | Q(holdings__in_doubt__gt=0))
        .annotate(
            waiting_since=Subquery(counted.values("item").annotate(day=Min("business_day")).values("day")),
            priority=Subquery(needed.values("rank")[:1]),
            broken_seal=Subquery(broken.values("seal_note")[:1]),
        )
        .order_by(
            F("last_usable_day").asc(nulls_last=True),
            F("waiting_since").asc(nulls_last=True),
            F("priority").asc(nulls_last=True),
            "id",
        )
    )


def seen_by(queue: QuerySet[Item], person_id: int) -> QuerySet[Item]:
    """The queue with each item's `photo_ids`, and whether this person, deciding `alone`, can only propose."""
    alone = ExpressionWrapper(decides_alone(person_id), output_field=BooleanField())
    return queue.annotate(photo_ids=photos_of("pk"), alone=alone)


def photos_of(item: str) -> ArraySubquery:
    """The ids of an item's photos in the order they were taken; `item` leads to it from the row."""
    return ArraySubquery(ItemPhoto.objects.filter(item=OuterRef(item)).order_by("number").values("pk"))


def items_standing_at(county_id: str, places: QuerySet[Place], ids: Iterable[int]) -> dict[int, Item]:
    """These items, by id, where their units stand at one of the places; others are absent."""
    return {item.pk: item for item in _standing(county_id, places).filter(pk__in=list(ids))}


def items_to_sort(
    county_id: str, places: QuerySet[Place], ids: Iterable[int], *, decider: int
) -> tuple[dict[int, Item], set[int]]:
    """The same items locked, and which of them this person would decide on alone.

    Waits for whoever is sorting them and keeps their holdings for this transaction, in the order of ids. Units that
    the same person puts onto the table while this waits are seen by the trigger `decision_by_another` only.
    """
    items = _standing(county_id, places).filter(pk__in=list(ids)).order_by("pk")
    alone = ExpressionWrapper(decides_alone(decider), output_field=BooleanField())
    rows = list(items.annotate(alone=alone).select_for_update(of=("holdings",)))
    return {item.pk: item for item in rows}, {item.pk for item in rows if item.alone}


def decides_alone(person_id: int) -> Q:
    """Whether this person would decide alone on an item: they both registered and counted it, or put units onto the
    counting table by a correction. The trigger `decision_by_another` says the same."""
    counts = CustodyEntry.objects.filter(item=OuterRef("pk"), to_state=Custody.COUNTED, actor=person_id)
    counted = Exists(counts.filter(kind__in=[CustodyKind.RECEIVED, CustodyKind.SURPLUS]).order_by())
    corrected = Exists(counts.filter(kind=CustodyKind.CORRECTED).order_by())
    return Q(corrected) | Q(counted, donation__registered_by=person_id)


def _standing(county_id: str, places: QuerySet[Place]) -> QuerySet[Item]:
    return Item.objects.filter(
        county_id=county_id, holdings__county_id=county_id, holdings__place__in=places
    ).select_related("medicine", "donation__campaign", "holdings__place")


def decisions_at(places: QuerySet[Place]) -> QuerySet[SortingDecision]:
    """What was decided at these places, newest first."""
    reversed_entry = CustodyEntry.objects.filter(reverses=OuterRef("custody")).order_by()
    proposal = SortingProposal.objects.filter(decision=OuterRef("pk")).order_by()
    return (
        SortingDecision.objects.filter(place__in=places)
        .select_related("place", "medicine", "batch", "custody", "item__medicine", "item__donation")
        .annotate(
            reversed_on=Subquery(reversed_entry.values("business_day")[:1]),
            proposed=Subquery(proposal.values("outcome")[:1]),
            confirmed_by=Subquery(proposal.values("confirmed_by")[:1]),
        )
        .order_by("-id")
    )


def sorted_by(rows: QuerySet[SortingDecision], product: Product | None) -> QuerySet[SortingDecision]:
    """Those of the decisions by which a product went: sorted as it, or taken in by a code that holds its barcode."""
    if product is None:
        return rows.none()
    used = Q(batch__product=product)
    if product.barcode:
        used |= Q(item__barcode__contains=product.barcode.lstrip("0"))
    return rows.filter(used)


def decision_at(places: QuerySet[Place], pk: int) -> SortingDecision:
    decision = decisions_at(places).filter(pk=pk).first()
    if decision is None:
        raise NotFound
    return decision
