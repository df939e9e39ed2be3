"""Opening and closing campaigns."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from core.commands import Act
from donations.models import Campaign
from organisation.models import Place


def open_campaign(
    *,
    act: Act,
    code: str,
    name: str,
    starts_on: datetime.date,
    ends_on: datetime.date,
    donee: Place,
    coordinator: str,
    contact: str = "",
    supervision_phone: str = "",
    categories: Sequence[str] = (),
    rhythm: str = "",
) -> Campaign:
    """Open a campaign: from when to when, who legally receives, who coordinates, what is asked for."""
    return Campaign.objects.create(
        county_id=act.county_id,
        code=code,
        name=name,
        starts_on=starts_on,
        ends_on=ends_on,
        donee=donee,
        coordinator=coordinator,
        contact=contact,
        supervision_phone=supervision_phone,
        categories=list(categories),
        rhythm=rhythm,
    )


def close_campaign(*, act: Act, campaign: Campaign) -> None:
    """End a campaign: it takes no more donations."""
    if campaign.state == Campaign.State.OPEN:
        campaign.closed_on = max(act.on, campaign.starts_on)
    campaign.state = Campaign.State.CLOSED
    campaign.version += 1
    campaign.save(update_fields=["state", "closed_on", "version"])


def set_rhythm(*, act: Act, campaign: Campaign, rhythm: str) -> None:
    """Say how often a campaign publishes from now on; nothing said is the county's policy."""
    campaign.rhythm = rhythm
    campaign.version += 1
    campaign.save(update_fields=["rhythm", "version"])
