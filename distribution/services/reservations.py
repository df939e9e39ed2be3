"""Promises that nobody kept: what an approved plan reserved and nobody sent goes back to the shelf."""

from __future__ import annotations

import datetime

from django.db.models import QuerySet

from core.commands import Act
from distribution.models import Plan, Shipment
from distribution.services.approval import giving_back_all
from inventory.ledger import open_book, post
from inventory.services.expiry import off_the_shelf
from organisation.queries import policy_of


def overdue_reservations(county_id: str, on: datetime.date) -> QuerySet[Shipment]:
    """Shipments of approved plans that still stand promised longer than the county lets them, oldest first."""
    last = on - datetime.timedelta(days=policy_of(county_id).reservation_days)
    return Shipment.objects.filter(
        county_id=county_id,
        state=Shipment.State.RESERVED,
        plan__state=Plan.State.APPROVED,
        plan__approved_on__lt=last,
    ).order_by("id")


def expire_reservations(*, act: Act, most: int) -> int:
    """Give back what at most so many overdue shipments still hold; says how many.

    What a recall took in the meantime stays where it is. Shipments that somebody is sending at this moment are left
    to them: two runs at once share the work, and a run after them finds nothing.
    """
    open_book(act)
    chosen = overdue_reservations(act.county_id, act.on).select_for_update(of=("self",), skip_locked=True)
    shipments = list(chosen[:most])
    post(off_the_shelf(giving_back_all(shipments), act=act), act=act)
    Shipment.objects.filter(pk__in=[shipment.pk for shipment in shipments]).update(
        state=Shipment.State.CANCELLED, expired_on=act.on
    )
    return len(shipments)
