"""When a campaign has to publish, and what is overdue.

Every five days in an emergency (慈善法 2023 art. 72: receipts at least every 5 days), else monthly or quarterly
(慈善法 2016: campaigns of more than 6 months at least every 3 months), counted from the day of the last bulletin; the
closing account within three months of the campaign's last day (the same law). What is not said for a campaign is the
county's policy.

The internal report by unit (通报) is due by the same rhythm once a campaign has had one, until the campaign's last
day is told.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from core.days import local_day
from donations.models import Campaign
from organisation.models import County, Policy, Rhythm
from reports.models import Bulletin

CLOSING_MONTHS = 3
FIVE_DAYS = datetime.timedelta(days=5)
MONTHS = {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3}


@dataclass(frozen=True)
class Due:
    """What a campaign publishes next, and by which day."""

    campaign: Campaign
    kind: Bulletin.Kind
    rhythm: Rhythm
    told_through: datetime.date | None
    due_on: datetime.date
    on: datetime.date

    @property
    def overdue(self) -> bool:
        return self.due_on < self.on

    @property
    def days_left(self) -> int:
        """Below zero: so many days late."""
        return (self.due_on - self.on).days


@dataclass(frozen=True)
class Told:
    """How far a campaign has been told: the last day, the day of the last bulletin, and whether it is closed."""

    through: datetime.date
    published_on: datetime.date
    closed: bool


def due_days(county: County, policy: Policy, on: datetime.date) -> list[Due]:
    """What the campaigns that have begun publish next, the most urgent first; two statements."""
    told = _told(county)
    rhythm = Rhythm(policy.bulletin_rhythm)
    found: list[Due] = []
    for each in Campaign.objects.filter(county=county, starts_on__lte=on):
        public, units = (told.get((each.pk, internal)) for internal in (False, True))
        found += filter(None, (_due(each, public, rhythm, on), _units_due(each, units, rhythm, on)))
    return sorted(found, key=lambda due: (due.due_on, due.campaign.pk))


def next_day(rhythm: Rhythm, after: datetime.date) -> datetime.date:
    """The last day for the next bulletin."""
    return after + FIVE_DAYS if rhythm == Rhythm.FIVE_DAYS else months_after(after, MONTHS[rhythm])


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The corresponding day some months later; the month's last where there is none (民法典 art. 202)."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def _due(campaign: Campaign, told: Told | None, policy: Rhythm, on: datetime.date) -> Due | None:
    if told and told.closed:
        return None
    rhythm = Rhythm(campaign.rhythm) if campaign.rhythm else policy
    through = told.through if told else None
    over = campaign.state == Campaign.State.CLOSED or campaign.ends_on < on
    closing = months_after(campaign.last_day, CLOSING_MONTHS)
    if over and through and through >= campaign.last_day:
        return Due(campaign, Bulletin.Kind.CLOSING, rhythm, through, closing, on)
    by = next_day(rhythm, told.published_on if told else campaign.starts_on)
    return Due(campaign, Bulletin.Kind.PERIOD, rhythm, through, min(by, closing), on)


def _units_due(campaign: Campaign, told: Told | None, policy: Rhythm, on: datetime.date) -> Due | None:
    """The next report by unit of a campaign that has had one."""
    if told is None or told.through >= campaign.last_day:
        return None
    rhythm = Rhythm(campaign.rhythm) if campaign.rhythm else policy
    by = min(next_day(rhythm, told.published_on), months_after(campaign.last_day, CLOSING_MONTHS))
    return Due(campaign, Bulletin.Kind.UNITS, rhythm, told.through, by, on)


def _told(county: County) -> Mapping[tuple[int, bool], Told]:
    """By campaign, and whether it is what the public was told or the internal report by unit."""
    published = Bulletin.objects.filter(
        county=county, state=Bulletin.State.PUBLISHED, corrects__isnull=True
    ).order_by("period_end", "pk")
    found: dict[tuple[int, bool], Told] = {}
    for campaign, kind, through, at in published.values_list(
        "campaign_id", "kind", "period_end", "published_at"
    ):
        closed = kind == Bulletin.Kind.CLOSING
        found[campaign, kind == Bulletin.Kind.UNITS] = Told(through, local_day(county.time_zone, at), closed)
    return found
