"""Bulletins: one person drafts, another signs, and what is signed is frozen.

The periods of a county follow each other without gap or overlap, so that the closing of one is the opening of the
next; within a bulletin the period (本期) stands beside all since the campaign began (累计). Publishing closes days
up to the period's end. A period may end on the day it is published: what happens later that day is booked on
the next day, under its own business day, and appears in the next bulletin.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from core.commands import Act
from donations.models import Campaign
from organisation.models import County
from reports.answering import lacking
from reports.editions import changes_nothing, content_of, preview
from reports.errors import (
    BeforeCampaign,
    BulletinState,
    CampaignGoesOn,
    CampaignNotTold,
    ChangesNothing,
    ClosingDays,
    ClosingExists,
    CorrectionOpen,
    DaysReversed,
    DayToCome,
    DraftOpen,
    OwnDraft,
    PeriodsOverlap,
)
from reports.models import Bulletin, series_of
from reports.names import keep_names, names_told
from reports.queries import last_in_chain, last_published, published
from reports.seal import canonical, fingerprint
from reports.signing import installed_signer, key_in_use

DAY = datetime.timedelta(days=1)


def draft_bulletin(
    *,
    act: Act,
    campaign: Campaign,
    period_start: datetime.date,
    period_end: datetime.date,
    kind: Bulletin.Kind = Bulletin.Kind.PERIOD,
) -> Bulletin:
    """Begin the bulletin, or the report by unit, of a period that has ended, or ends today."""
    if period_end < period_start:
        raise DaysReversed(pointer="/period_end")
    if period_end > act.on:
        raise DayToCome(pointer="/period_end")
    if period_end < campaign.starts_on:
        raise BeforeCampaign(pointer="/period_end")
    last = last_published(act.county_id, series_of(kind))
    if last and period_start <= last.period_end:
        raise _not_consecutive(last.period_end)
    if last and period_start - DAY not in _ends(act.county_id, kind, last):
        raise _not_consecutive(last.period_end)
    what = {"campaign": campaign, "kind": kind, "period_start": period_start, "period_end": period_end}
    drafts = Bulletin.objects.filter(county_id=act.county_id, corrects=None, state__in=Bulletin.OPEN)
    if drafts.filter(**what).exists():
        raise DraftOpen
    drafted = {"drafted_by": act.actor_id, "drafted_at": act.at}
    return Bulletin.objects.create(county_id=act.county_id, **what, **drafted)


def _ends(county_id: str, kind: Bulletin.Kind, last: Bulletin) -> set[datetime.date]:
    """The days after which a period may begin: the last published one's end, and those of drafts under way."""
    drafts = Bulletin.objects.filter(
        county_id=county_id, kind__in=series_of(kind), corrects=None, state__in=Bulletin.OPEN
    )
    return {last.period_end, *drafts.values_list("period_end", flat=True)}


def draft_closing_account(*, act: Act, campaign: Campaign) -> Bulletin:
    """Begin the closing account (总公示) of a campaign that is over and whose days are all published."""
    if campaign.state == Campaign.State.OPEN and campaign.ends_on >= act.on:
        raise CampaignGoesOn
    if (
        Bulletin.objects.filter(county_id=act.county_id, campaign=campaign, kind=Bulletin.Kind.CLOSING)
        .exclude(state=Bulletin.State.WITHDRAWN)
        .exists()
    ):
        raise ClosingExists
    last = last_published(act.county_id)
    told = published().filter(campaign=campaign)
    if last is None or not told.exists() or last.period_end < min(campaign.last_day, act.on - DAY):
        raise CampaignNotTold
    return Bulletin.objects.create(
        county_id=act.county_id,
        campaign=campaign,
        kind=Bulletin.Kind.CLOSING,
        period_start=campaign.starts_on,
        period_end=last.period_end,
        drafted_by=act.actor_id,
        drafted_at=act.at,
    )


def correct_bulletin(*, act: Act, bulletin: Bulletin, reason: str) -> Bulletin:
    """Draft a new edition of a published bulletin, for the same period; it is signed by another like any other.

    The old edition stays: its figures, hash and signature, with a note that leads to the new one. Closed days take
    no more entries, so what was booked wrongly shows in the period in which it is put right; a correction is for
    what the edition says wrongly of those days.
    """
    if bulletin.state != Bulletin.State.PUBLISHED:
        raise BulletinState
    corrections = Bulletin.objects.filter(county_id=act.county_id, corrects=bulletin)
    if corrections.exclude(state=Bulletin.State.WITHDRAWN).exists():
        raise CorrectionOpen
    return Bulletin.objects.create(
        county_id=act.county_id,
        campaign=bulletin.campaign,
        kind=bulletin.kind,
        period_start=bulletin.period_start,
        period_end=bulletin.period_end,
        corrects=bulletin,
        reason=reason,
        drafted_by=act.actor_id,
        drafted_at=act.at,
    )


def submit_bulletin(*, act: Act, bulletin: Bulletin) -> Bulletin:
    """Lay a draft before the signer; its period is fixed from here on."""
    bulletin = _locked(bulletin)
    if bulletin.state != Bulletin.State.DRAFT:
        raise BulletinState
    _check_days(bulletin, last_published(act.county_id, bulletin.series))
    if bulletin.corrects_id and changes_nothing(preview(bulletin, at=act.at)):
        raise ChangesNothing
    bulletin.state = Bulletin.State.SUBMITTED
    bulletin.version += 1
    bulletin.save(update_fields=["state", "version"])
    return bulletin


def send_back_bulletin(*, act: Act, bulletin: Bulletin, reason: str) -> Bulletin:
    """Give a bulletin that waits for its signature back to its drafter, and say what is to be changed."""
    return _taken_back(bulletin, {Bulletin.State.SUBMITTED}, Bulletin.State.DRAFT, reason)


def withdraw_bulletin(*, act: Act, bulletin: Bulletin, reason: str) -> Bulletin:
    """Give up a bulletin that is not signed yet; its days may be drafted anew.

    Numbers are given at the signature, so none is left out.
    """
    return _taken_back(bulletin, set(Bulletin.OPEN), Bulletin.State.WITHDRAWN, reason)


def _taken_back(bulletin: Bulletin, stages: set[Bulletin.State], to: Bulletin.State, reason: str) -> Bulletin:
    bulletin = _locked(bulletin)
    if bulletin.state not in stages:
        raise BulletinState
    bulletin.state, bulletin.remark = to, reason
    bulletin.version += 1
    bulletin.save(update_fields=["state", "remark", "version"])
    return bulletin


def publish_bulletin(*, act: Act, bulletin: Bulletin) -> Bulletin:
    """Sign and publish: close the days, read the figures, number and freeze them.

    The county's row is held first, so that publishers take turns; closing the days waits for entries under way and
    refuses later ones, so that the figures read afterwards are final.
    """
    county = County.objects.select_for_update(no_key=True).get(pk=act.county_id)
    bulletin = _locked(bulletin)
    _check_signable(act, bulletin, last_published(act.county_id, bulletin.series))
    if county.closed_through is None or county.closed_through < bulletin.period_end:
        county.closed_through = bulletin.period_end
        county.save(update_fields=["closed_through"])
    before = last_in_chain(act.county_id, bulletin.series)
    bulletin.state = Bulletin.State.PUBLISHED
    bulletin.signed_by, bulletin.published_at = act.actor_id, act.at
    bulletin.year = act.on.year
    bulletin.number = _next_number(bulletin)
    named = names_told(bulletin) if bulletin.public else []
    content = content_of(bulletin, named, previous=before.sha256 if before else None, at=act.at)
    _seal(bulletin, content, act.at)
    bulletin.version += 1
    bulletin.save(
        update_fields=[
            "state", "signed_by", "published_at", "year", "number", "content", "sha256", "key", "signature",
            "version",
        ]
    )  # fmt: skip
    keep_names(bulletin, named)
    return bulletin


def _seal(bulletin: Bulletin, content: dict[str, Any], at: datetime.datetime) -> None:
    if changes_nothing(content):
        raise ChangesNothing
    signer, sealed = installed_signer(), canonical(content)
    bulletin.content, bulletin.sha256 = sealed, fingerprint(sealed)
    bulletin.key, bulletin.signature = key_in_use(signer, at), signer.sign(sealed)


def _check_signable(act: Act, bulletin: Bulletin, last: Bulletin | None) -> None:
    if bulletin.state != Bulletin.State.SUBMITTED:
        raise BulletinState
    if bulletin.drafted_by == act.actor_id:
        raise OwnDraft
    if bulletin.period_end > act.on:
        raise DayToCome(pointer="/period_end")
    if missing := lacking(bulletin):
        raise type(missing[0])(faults=[fault for each in missing for fault in each.faults])
    _check_days(bulletin, last)
    if _ordinary(bulletin) and last and bulletin.period_start != last.period_end + DAY:
        raise _not_consecutive(last.period_end)


def _check_days(bulletin: Bulletin, last: Bulletin | None) -> None:
    """What is sealed already is not told twice, and a closing account tells all of it."""
    if bulletin.corrects_id or last is None:
        return
    if bulletin.kind == Bulletin.Kind.CLOSING and bulletin.period_end != last.period_end:
        raise ClosingDays
    if _ordinary(bulletin) and bulletin.period_start <= last.period_end:
        raise _not_consecutive(last.period_end)


def _ordinary(bulletin: Bulletin) -> bool:
    return not bulletin.corrects_id and bulletin.kind != Bulletin.Kind.CLOSING


def _not_consecutive(last_day: datetime.date) -> PeriodsOverlap:
    return PeriodsOverlap(
        _("The last published period ended on %(last)s; the next begins on %(next)s.")
        % {"last": last_day, "next": last_day + DAY},
        pointer="/period_start",
    )


def _locked(bulletin: Bulletin) -> Bulletin:
    return (
        Bulletin.objects.select_for_update(of=("self",))
        .select_related("county", "campaign__donee")
        .get(pk=bulletin.pk)
    )


def _next_number(bulletin: Bulletin) -> int:
    numbered = Bulletin.objects.filter(
        county_id=bulletin.county_id, year=bulletin.year, kind__in=bulletin.series
    )
    last: int | None = numbered.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
