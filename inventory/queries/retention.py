"""Whose names are still needed for goods that are held or recalled, beside what intake needs them for."""

from __future__ import annotations

import datetime

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast

from catalogue.models import Recall
from catalogue.queries import covers, recalls_in_force
from donations.models import Donor, Item
from donations.retention import identities_past
from inventory.models import Balance, RecallAcknowledgement, RecallNotice, SortingDecision, State


def donors_past(county_id: str, *, on: datetime.date, days: int) -> QuerySet[Donor]:
    """Donors of whom nobody needs the name any more on the day `on`.

    Kept are those of goods that are still held, and those of goods under a recall that not every place has
    acknowledged or that was raised within these days: they may have to be told.
    """
    about = {"county_id": county_id, "donation__donor": OuterRef("pk")}
    decided = {"county_id": county_id, "item__donation__donor": OuterRef("pk")}
    recent = _recalls(county_id, on - datetime.timedelta(days=days))
    held = Balance.objects.filter(
        county_id=county_id, batch=OuterRef("batch"), state=State.HELD, quantity__gt=0
    ).order_by()
    unknown = Cast(Value(None), IntegerField())
    of_item = recent.filter(
        covers(F("product_id"), F("lot_key"), unknown, OuterRef("lot_number")), medicine=OuterRef("medicine")
    )
    of_batch = recent.filter(
        covers(F("product_id"), F("lot_key"), OuterRef("batch__product_id"), OuterRef("batch__lot_number")),
        medicine=OuterRef("batch__medicine"),
    )
    return identities_past(county_id, on=on, days=days).filter(
        ~Exists(Item.objects.filter(Exists(of_item), **about).order_by()),
        ~Exists(SortingDecision.objects.filter(Exists(of_batch) | Exists(held), **decided).order_by()),
    )


def _recalls(county_id: str, last: datetime.date) -> QuerySet[Recall]:
    """Recalls in force of which people may still have to be told."""
    answered = RecallAcknowledgement.objects.filter(notice=OuterRef("pk"))
    waiting = RecallNotice.objects.filter(~Exists(answered), recall=OuterRef("pk"))
    return recalls_in_force(county_id).filter(Q(raised_on__gt=last) | Exists(waiting)).order_by()
