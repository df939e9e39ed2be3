"""Which donors' identities have served their purpose (个人信息保护法 art. 19, 47).

A name and a phone are kept to answer the donor, to give goods back and to reach them in a recall. That is over when
the campaign and the last use lie as many days back as the county's policy says, when nothing of what was brought is
still on its way to a pharmacy's word or to its donor, and when the goods have been out of date for a year. What the
rooms above know of held and recalled goods is added there (inventory.queries.retention).
"""

from __future__ import annotations

import datetime
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet

from donations.models import (
    Campaign,
    Correction,
    Donation,
    Donor,
    DonorIdentity,
    DonorReturn,
    Item,
    RosterDonation,
    RosterFile,
)

# For so long after their last usable day goods may still be asked about.
AFTER_EXPIRY = datetime.timedelta(days=366)
OPEN_STATES = ("at_point", "on_the_way", "counted", "in_doubt", "in_bin")


def identities_past(county_id: str, *, on: datetime.date, days: int) -> QuerySet[Donor]:
    """Donors of the county, still named, whose names intake has no more use for on the day `on`."""
    last = on - datetime.timedelta(days=days)
    theirs = Donation.objects.filter(county_id=county_id, donor=OuterRef("pk")).order_by()
    items = Item.objects.filter(county_id=county_id, donation__donor=OuterRef("pk")).order_by()
    is_open = reduce(or_, (Q(**{f"holdings__{state}__gt": 0}) for state in OPEN_STATES))
    about = {"county_id": county_id, "donation__donor": OuterRef("pk")}
    return Donor.objects.filter(
        Exists(DonorIdentity.objects.filter(donor=OuterRef("pk"))),
        ~Exists(theirs.filter(_lasts(last) | Q(received_on__gt=last) | Q(registered_at__date__gt=last))),
        ~Exists(items.filter(is_open | Q(last_usable_day__gt=on - AFTER_EXPIRY))),
        ~Exists(Correction.objects.filter(**about, corrected_on__gt=last)),
        ~Exists(DonorReturn.objects.filter(**about, returned_on__gt=last)),
        county_id=county_id,
    )


def collectors_past(county_id: str, *, on: datetime.date, days: int) -> QuerySet[RosterFile]:
    """Rosters that still name who brought them, of which no donor is named any more and the days are over."""
    last = on - datetime.timedelta(days=days)
    over = Campaign.objects.filter(pk=OuterRef("campaign")).exclude(_ends_after(last))
    brought = RosterDonation.objects.filter(county_id=county_id, roster=OuterRef(OuterRef("pk"))).order_by()
    named = DonorIdentity.objects.filter(county_id=county_id, donor__donations__in=brought.values("donation"))
    rosters = RosterFile.objects.filter(
        county_id=county_id, collector__isnull=False, uploaded_at__date__lte=last
    )
    return rosters.filter(Exists(over), ~Exists(named))


def _lasts(last: datetime.date) -> Q:
    return Exists(Campaign.objects.filter(_ends_after(last), pk=OuterRef("campaign")))  # type: ignore[return-value]


def _ends_after(last: datetime.date) -> Q:
    """Whether a campaign ended, or is to end, after this day."""
    return Q(ends_on__gt=last) & (Q(closed_on__isnull=True) | Q(closed_on__gt=last))
