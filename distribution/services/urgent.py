"""Sending goods at once to a clinic that cannot wait for a plan, and countersigning it afterwards."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from core.commands import Act
from core.errors import Fault
from distribution.errors import (
    AgreedOutOfTime,
    AlreadyCountersigned,
    HandsNothingOut,
    MoreThanUrgent,
    SecondPersonNeeded,
    WithinOnePlace,
)
from distribution.models import Shipment
from distribution.models.urgent import WITHIN, UrgentIssue
from distribution.services.approval import usable
from distribution.services.local_use import check_batches
from distribution.services.sending import Leg, send_at_once
from distribution.urgent_issues import got_today
from donations.errors import NotAPharmacy
from inventory.errors import ShortStock
from inventory.ledger import open_book
from inventory.models import Balance, Batch, Side, State
from inventory.queries.recalls import recalled_batches
from organisation.models import Place
from organisation.queries import policy_of


@dataclass(frozen=True)
class Wanted:
    """So many units of a medicine (first to expire goes first) or of one named batch."""

    quantity: int
    medicine_id: int | None = None
    batch_id: int | None = None
    pointer: str = ""


@dataclass(frozen=True)
class Agreement:
    """Which leader agreed, when, and why it cannot wait."""

    by: str
    at: datetime.datetime
    reason: str


def issue_urgently(
    *, act: Act, from_place: Place, to_place: Place, wanted: Sequence[Wanted], agreement: Agreement
) -> UrgentIssue:
    """Send goods from a store to a clinic on the spot, because a leader agreed that it cannot wait.

    At most so many units of a medicine for a clinic in a day as the county's policy says, judged under the lock of
    the clinic, so that two issues at once do not both use it up. What is expired, recalled, held or promised is
    refused as at any dispatch; the receiver counts it like any shipment.
    """
    _check_ends(from_place, to_place)
    if not act.at - WITHIN <= agreement.at <= act.at:
        raise AgreedOutOfTime(pointer="/agreed_at")
    open_book(act)
    Place.objects.select_for_update(no_key=True).get(pk=to_place.pk)
    named = {line.batch_id: line.pointer for line in wanted if line.batch_id is not None}
    batches = check_batches(act, from_place, named)
    _check_cap(act, to_place, wanted, batches)
    quantities, pointers = _choose(act, from_place, wanted)
    shipment = send_at_once(
        act=act,
        leg=Leg(from_place, Side.STORE, to_place, Side.CLINIC),
        quantities=quantities,
        pointers=pointers,
        reason=agreement.reason,
    )
    return _write(act, shipment, agreement)


def _write(act: Act, shipment: Shipment, agreement: Agreement) -> UrgentIssue:
    return UrgentIssue.objects.create(
        county_id=act.county_id,
        shipment=shipment,
        agreed_by=agreement.by,
        agreed_at=agreement.at,
        reason=agreement.reason,
        issued_by=act.actor_id,
        issued_at=act.at,
    )


def countersign(*, act: Act, issue: UrgentIssue) -> UrgentIssue:
    """Put an approver's name under an urgent issue, as another person than who issued it; late is taken too."""
    issue = (
        UrgentIssue.objects.select_for_update(of=("self",))
        .select_related("shipment__from_place", "shipment__to_place")
        .get(pk=issue.pk)
    )
    if issue.countersigned_by is not None:
        raise AlreadyCountersigned
    if issue.issued_by == act.actor_id:
        raise SecondPersonNeeded
    issue.countersigned_by, issue.countersigned_at = act.actor_id, act.at
    issue.save(update_fields=["countersigned_by", "countersigned_at"])
    return issue


def _check_ends(from_place: Place, to_place: Place) -> None:
    if not from_place.sorts or not from_place.active:
        raise NotAPharmacy(pointer="/from_place")
    if not to_place.hands_out or not to_place.active:
        raise HandsNothingOut(pointer="/to_place")
    if from_place.pk == to_place.pk:
        raise WithinOnePlace(pointer="/to_place")


def _check_cap(act: Act, to_place: Place, wanted: Sequence[Wanted], batches: Mapping[int, Batch]) -> None:
    """Refuse medicines of which the clinic would get more today than the policy lets go without a plan."""
    most = policy_of(act.county_id).urgent_units
    medicines = [line.medicine_id or batches[line.batch_id or 0].medicine_id for line in wanted]
    asked: Counter[int] = Counter()
    for line, medicine in zip(wanted, medicines, strict=True):
        asked[medicine] += line.quantity
    got = got_today(to_place, asked, act.on)
    words = _("At most %(most)d a day without a plan: %(got)d sent today, %(wanted)d wanted.")
    faults = [
        Fault(
            f"{line.pointer}/quantity",
            MoreThanUrgent.code,
            words % {"most": most, "got": got[medicine], "wanted": asked[medicine]},
        )
        for line, medicine in zip(wanted, medicines, strict=True)
        if got[medicine] + asked[medicine] > most
    ]
    if faults:
        raise MoreThanUrgent(faults=faults)


def _choose(act: Act, place: Place, wanted: Sequence[Wanted]) -> tuple[dict[int, int], dict[int, str]]:
    """Units by batch, named batches first, then what expires first; and the line each of them stands for."""
    shelf = _shelf(act, place, wanted)
    left = {balance.batch_id: balance.quantity for balance in shelf}
    quantities: Counter[int] = Counter()
    pointers: dict[int, str] = {}
    faults = []
    for line in sorted(wanted, key=lambda line: line.batch_id is None):
        mine = [row.batch_id for row in shelf if line.batch_id == row.batch_id]
        mine = mine or [row.batch_id for row in shelf if row.batch.medicine_id == line.medicine_id]
        there, missing = sum(left[pk] for pk in mine), line.quantity
        if there < missing:
            message = _("%(there)d in stock, %(wanted)d wanted.") % {"there": there, "wanted": missing}
            faults.append(Fault(f"{line.pointer}/quantity", ShortStock.code, message))
            continue
        for pk in mine:
            units = min(missing, left[pk])
            if units:
                left[pk], missing = left[pk] - units, missing - units
                quantities[pk] += units
                pointers[pk] = f"{line.pointer}/quantity"
    if faults:
        raise ShortStock(faults=faults)
    return dict(quantities), pointers


def _shelf(act: Act, place: Place, wanted: Sequence[Wanted]) -> list[Balance]:
    """What the store could send of these, in order of expiry: in date, and no recall against it."""
    medicines = [line.medicine_id for line in wanted if line.medicine_id is not None]
    batches = [line.batch_id for line in wanted if line.batch_id is not None]
    rows = (
        Balance.objects.filter(account__place=place, account__side=Side.STORE, state=State.AVAILABLE)
        .filter(Q(batch__in=batches) | Q(batch__medicine__in=medicines), quantity__gt=0)
        .select_related("batch__medicine")
        .order_by("batch_id")
    )
    recalled = recalled_batches(act.county_id, [row.batch_id for row in rows]).at(place.pk)
    good = [row for row in rows if row.batch_id not in recalled and usable(row.batch, act)]
    return sorted(good, key=lambda row: (row.batch.last_usable_day or datetime.date.max, row.batch_id))
