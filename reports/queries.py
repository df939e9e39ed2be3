"""Reads of bulletins, counties and drop-off points."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from core.errors import NotFound
from donations.models import Campaign
from organisation.models import County, Place
from reports.models import Bulletin, BulletinFile, LedgerDay
from reports.models.bulletins import edition_numbered


def county_by_code(code: str, *, pointer: str = "") -> County:
    county = County.objects.filter(code=code).first()
    if county is None:
        raise NotFound(pointer=pointer)
    return county


def campaign_of(county_id: str, code: str) -> Campaign:
    """The county's campaign, open or closed: the account of a closed one is still to be published."""
    campaign = Campaign.objects.filter(county_id=county_id, code=code).first()
    if campaign is None:
        raise NotFound(pointer="/campaign")
    return campaign


def current_campaign(county_id: str, on: datetime.date) -> Campaign | None:
    """The campaign that began last."""
    begun = Campaign.objects.filter(county_id=county_id, starts_on__lte=on)
    return begun.order_by("-starts_on", "-id").first()


def is_collecting(county_id: str, on: datetime.date, latest: Campaign | None) -> bool:
    """Whether any campaign takes medicines on this day; `latest` is asked first, for it mostly does."""
    if latest is not None and latest.closed_on is None and on <= latest.ends_on:
        return True
    running = Campaign.objects.filter(county_id=county_id, closed_on=None, starts_on__lte=on, ends_on__gte=on)
    return running.exists()


def _corrected() -> Subquery:
    """The published correction of an edition, as the note that stands beside it."""
    editions = Bulletin.objects.filter(
        county=OuterRef("county"), corrects=OuterRef("pk"), state=Bulletin.State.PUBLISHED
    )
    return Subquery(editions.values(note=JSONObject(id="id", year="year", number="number", reason="reason")))


def bulletins_of(county_id: str) -> QuerySet[Bulletin]:
    """A county's bulletins of every state, newest first, without their bytes."""
    return (
        Bulletin.objects.filter(county_id=county_id)
        .select_related("county", "campaign__donee")
        .defer("content")
        .annotate(corrected_by=_corrected())
        .order_by("-id")
    )


def bulletin_of(county_id: str, pk: int) -> Bulletin:
    bulletin = bulletins_of(county_id).filter(pk=pk).first()
    if bulletin is None:
        raise NotFound
    return bulletin


def published(series: Iterable[Bulletin.Kind] = Bulletin.PUBLIC) -> QuerySet[Bulletin]:
    """Published bulletins of all counties, the newest period first, without their bytes; public ones by default."""
    return (
        Bulletin.objects.filter(state=Bulletin.State.PUBLISHED, kind__in=list(series))
        .select_related("county", "campaign", "corrects")
        .defer("content", "corrects__content")
        .annotate(corrected_by=_corrected())
        .order_by("-period_end", "-id")
    )


def published_edition(public_number: int) -> QuerySet[Bulletin]:
    """The one that the public knows by this number; nothing where there is none."""
    return published().filter(edition_numbered(public_number))


def last_published(county_id: str, series: Iterable[Bulletin.Kind] = Bulletin.PUBLIC) -> Bulletin | None:
    """The newest edition of the newest period."""
    return published(series).filter(county_id=county_id).first()


def last_in_chain(county_id: str, series: Iterable[Bulletin.Kind]) -> Bulletin | None:
    """The edition published last, of whichever period: the next one names its hash."""
    return published(series).filter(county_id=county_id).order_by("-year", "-number").first()


def lacking_files(county_id: str) -> QuerySet[Bulletin]:
    """Published bulletins that have not every kind of file yet, with their bytes."""
    files = BulletinFile.objects.filter(county=county_id).values("bulletin")
    usual = files.filter(name__in=BulletinFile.USUAL).annotate(n=Count("pk"))
    whole = usual.filter(n=len(BulletinFile.USUAL)).values("bulletin")
    archived = ~Q(kind=Bulletin.Kind.CLOSING) | Q(
        pk__in=files.filter(name=BulletinFile.Name.ARCHIVE).values("bulletin")
    )
    every = published(Bulletin.Kind).defer(None).filter(county=county_id)
    return every.exclude(Q(archived, pk__in=whole))


def editions_of(closing: Bulletin) -> QuerySet[Bulletin]:
    """Every edition of the county from the campaign's first to the closing account, as they were chained."""
    chain = published().defer(None).filter(county=closing.county_id).order_by("year", "number")
    first = chain.filter(campaign=closing.campaign_id).values_list("year", "number")[:1]
    [(year, number)] = first
    return chain.filter(
        Q(year__gt=year) | Q(year=year, number__gte=number),
        Q(year__lt=closing.year) | Q(year=closing.year, number__lte=closing.number),
    )


def drop_off_points(county: County) -> QuerySet[Place]:
    """Where medicines may be brought."""
    points = Place.objects.filter(county=county, takes_donations=True, active=True)
    return points.select_related("township").order_by("code")


def ledger_days(county_id: str) -> QuerySet[LedgerDay]:
    """The sealed days of a county's ledger, the newest first."""
    return LedgerDay.objects.filter(county_id=county_id).order_by("-day")
