"""Decisions that wait for the word of a second pharmacist."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from core.errors import NotFound
from donations.models import Custody, CustodyEntry, ItemPhoto
from inventory.models import SortingDecision
from inventory.models.proposals import SortingProposal
from organisation.models import Place


def awaiting_confirmation(county_id: str) -> QuerySet[SortingProposal]:
    """Proposals of the county whose units are still in doubt as they were left, the oldest first.

    They are not where the doubt was taken back, or where the units in doubt were judged anew since.
    """
    taken_back = CustodyEntry.objects.filter(reverses=OuterRef("decision__custody"))
    of_the_same = SortingProposal.objects.filter(
        into=OuterRef("pk"), decision__command=OuterRef("of_command")
    )
    judged_anew = (
        SortingDecision.objects.filter(
            Q(custody__isnull=True) | Q(custody__from_state=Custody.IN_DOUBT),
            item=OuterRef("decision__item"),
            pk__gt=OuterRef("decision"),
        )
        .alias(of_command=OuterRef("decision__command"))
        .exclude(command=F("of_command"))
        .exclude(Exists(of_the_same))
    )
    return (
        SortingProposal.objects.filter(
            ~Exists(taken_back),
            ~Exists(judged_anew),
            county_id=county_id,
            confirmed_by__isnull=True,
            decision__item__holdings__in_doubt__gte=F("decision__quantity"),
            decision__item__holdings__place=F("decision__place"),
        )
        .select_related("decision__item__medicine", "decision__place", "medicine", "product")
        .order_by("id")
    )


def proposal_with(county_id: str, decision: int) -> SortingProposal | None:
    """What was proposed with a decision of the county, if anything; NotFound where there is no such decision."""
    found = SortingProposal.objects.filter(county_id=county_id, decision=decision).first()
    if found is None and not SortingDecision.objects.filter(county_id=county_id, pk=decision).exists():
        raise NotFound
    return found


def photo_at(county_id: str, places: QuerySet[Place], pk: int, *, anywhere: bool) -> ItemPhoto:
    """A photo of goods at these places; `anywhere` in the county as long as a proposal on them waits."""
    waiting = awaiting_confirmation(county_id).order_by().values("decision__item")
    seen = Q(item__holdings__place__in=places)
    if anywhere:
        seen |= Q(item__in=waiting)
    photo = ItemPhoto.objects.filter(seen, county_id=county_id, pk=pk).first()
    if photo is None:
        raise NotFound
    return photo
