"""Reads of the intake room."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet

from core.errors import NotFound
from donations.models import Campaign, Donation, Handover, Item
from organisation.models import Place


def campaign_by_code(county_id: str, code: str) -> Campaign:
    """The county's open campaign with this code."""
    campaign = Campaign.objects.filter(county_id=county_id, code=code, state=Campaign.State.OPEN).first()
    if campaign is None:
        raise NotFound(pointer="/campaign")
    return campaign


def donations_at(places: QuerySet[Place]) -> QuerySet[Donation]:
    """Donations registered at these places, newest first, with their items and where those stand."""
    items = Item.objects.select_related("medicine", "holdings").order_by("line")
    return (
        Donation.objects.filter(place__in=places)
        .select_related("place", "campaign", "donor")
        .prefetch_related(Prefetch("items", queryset=items))
        .order_by("-id")
    )


def donation_at(places: QuerySet[Place], pk: int) -> Donation:
    donation = donations_at(places).filter(pk=pk).first()
    if donation is None:
        raise NotFound
    return donation


def handovers_of(places: QuerySet[Place]) -> QuerySet[Handover]:
    """Handovers that these places sent or are to receive, newest first."""
    return (
        (Handover.objects.filter(from_place__in=places) | Handover.objects.filter(to_place__in=places))
        .select_related("from_place", "to_place")
        .order_by("-id")
    )


def items_of(donation_ids: Iterable[int]) -> QuerySet[Item]:
    return Item.objects.filter(donation_id__in=list(donation_ids)).select_related("holdings", "medicine")
