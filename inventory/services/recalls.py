"""Recalls: everything of a lot is put aside at once, blocked on the road, and caught when more of it arrives."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import BigIntegerField, F, Q, Value
from django.utils.translation import gettext as _

from catalogue.models import Medicine, Product, Recall, RecallLift
from catalogue.queries import covers, recalls_in_force
from catalogue.recalls import lot_key
from core.commands import Act
from core.errors import Fault, Invalid
from donations.custody import Step, write_custody
from donations.errors import FutureDay
from donations.models import Custody, CustodyKind, ItemHoldings
from inventory.errors import AlreadyRecalled, NothingToAcknowledge, NotTheRaiser, RecallOver, UnknownLot
from inventory.ledger import close_book, open_book
from inventory.models import (
    AdverseReaction,
    Batch,
    Hold,
    RecallAcknowledgement,
    RecallNotice,
    State,
)
from inventory.queries.lifting import releasable
from inventory.queries.recalls import (
    Reach,
    Scope,
    balances_in,
    reach_of,
    recalled_batches,
    scope_of,
    unsorted_items,
)
from inventory.services.holds import hold_balances, new_hold, release_units
from organisation.models import Place

# What is written on movements and custody entries that a recall caused.
RECALLED = "recalled"
POSSIBLE = "recall_possible"


@dataclass(frozen=True)
class RecallOrder:
    """What is to be recalled and why; no product and no lot mean any, no place means the whole county.

    `standing`: also a lot that nobody has seen, so that it is caught should it arrive.
    """

    medicine: Medicine
    reason: str
    product: Product | None = None
    lot_number: str = ""
    reference: str = ""
    place: Place | None = None
    standing: bool = False
    kind: Recall.Kind = Recall.Kind.RECALL


def raise_recall(*, act: Act, order: RecallOrder) -> tuple[Recall, Reach]:
    """Recall a lot: hold every unit and reservation of it at once, and put unsorted items of it in doubt.

    What is on the road stays there and can only be received into hold, which the ledger sees to. Answers how far it
    reached. Nobody else writes in the county's journals meanwhile; the number of statements is constant.
    """
    scope = _scope(act, order)
    close_book(act)
    _check_new(act, order, scope)
    reach = reach_of(scope)
    if not reach.known and not order.standing:
        raise UnknownLot(pointer="/lot_number")
    recall = Recall.objects.create(
        county_id=act.county_id,
        place=order.place,
        medicine=order.medicine,
        product=order.product,
        lot_number=order.lot_number,
        lot_key=scope.lot_key,
        kind=order.kind,
        reason=order.reason,
        reference=order.reference,
        raised_by=act.actor_id,
        raised_on=act.on,
        command=act.command,
    )
    touched = {*_hold_all(act, recall, scope), *_doubt_items(act, recall, scope)}
    give_notice((recall, place) for place in sorted(touched))
    return recall, reach


def lift_recall(*, act: Act, recall: Recall, reason: str) -> int:
    """End a recall that was a mistake or is over, by another person than who raised it; answers the units released.

    What it held becomes available again, unless it has expired meanwhile, another recall is about it, or somebody
    holds it for a reason of its own. Items in doubt stay so for the sorting table.
    """
    open_book(act)
    if RecallLift.objects.filter(recall=recall).exists():
        raise RecallOver
    if recall.raised_by == act.actor_id:
        raise NotTheRaiser
    RecallLift.objects.create(
        county_id=act.county_id,
        recall=recall,
        reason=reason,
        lifted_by=act.actor_id,
        lifted_on=act.on,
        command=act.command,
    )
    held = releasable(scope_of(recall), on=act.on)
    release_units(act=act, holds=held.holds, units=held.units, reason=reason)
    return sum(units for sides in held.units.values() for units in sides.values())


def acknowledge_recall(*, act: Act, recall: Recall, place: Place, note: str = "") -> None:
    """Say that a place has read the notice and looked through its shelves."""
    notice = RecallNotice.objects.filter(recall=recall, place=place).first()
    if notice is None or RecallAcknowledgement.objects.filter(notice=notice).exists():
        raise NothingToAcknowledge(pointer="/place")
    RecallAcknowledgement.objects.create(
        county_id=act.county_id,
        notice=notice,
        note=note,
        acknowledged_by=act.actor_id,
        acknowledged_on=act.on,
        command=act.command,
    )


def report_reaction(
    *,
    act: Act,
    place: Place,
    batch: Batch,
    happened_on: datetime.date,
    description: str,
    register_ref: str = "",
) -> AdverseReaction:
    """Report a suspected adverse reaction: its lot is stopped in the whole county until the lead pharmacist has
    judged it. A second report of a lot that is stopped already is added to the first."""
    if happened_on > act.on:
        raise FutureDay(pointer="/happened_on")
    close_book(act)
    return AdverseReaction.objects.create(
        county_id=act.county_id,
        place=place,
        batch=batch,
        recall=_stopped(act, batch) or _stop(act, batch, place),
        happened_on=happened_on,
        description=description,
        register_ref=register_ref,
        reported_by=act.actor_id,
        reported_on=act.on,
        command=act.command,
    )


def hold_arrivals(*, act: Act, place: Place, side: str, batches: Mapping[int, int]) -> None:
    """Write down the holds of recalled units that were received into hold: units by batch, on one side of a place."""
    made = _holds_by_recall(act, place.pk, batches)
    for hold in made:
        hold.arrived, hold.arrived_side = batches[hold.batch_id], side
    Hold.objects.bulk_create(made)


def hold_returned(*, act: Act, place: Place, batches: Iterable[int]) -> dict[int, int]:
    """New holds for batches of which units come back to a place that must not use them; their numbers by batch."""
    made = {hold.batch_id: hold for hold in _holds_by_recall(act, place.pk, batches)}
    for batch in set(batches) - set(made):
        made[batch] = new_hold(act, place.pk, batch, _("Came back while it was held."))
    Hold.objects.bulk_create(made.values())
    return {batch: hold.pk for batch, hold in made.items()}


def _scope(act: Act, order: RecallOrder) -> Scope:
    key = lot_key(order.lot_number)
    if order.lot_number and not key:
        words = _("No letter or digit can be read in this lot number.")
        raise Invalid(faults=[Fault("/lot_number", "lot_unreadable", words)])
    place_id = order.place.pk if order.place else None
    return Scope(act.county_id, order.medicine, order.product, key, place_id)


def _check_new(act: Act, order: RecallOrder, scope: Scope) -> None:
    same = recalls_in_force(act.county_id).filter(
        medicine=order.medicine, product=order.product, lot_key=scope.lot_key, kind=order.kind
    )
    if same.filter(Q(place__isnull=True) | Q(place=order.place)).exists():
        raise AlreadyRecalled


def give_notice(pairs: Iterable[tuple[Recall, int]]) -> None:
    """Tell places of recalls; those that were told before are left out."""
    RecallNotice.objects.bulk_create(
        (RecallNotice(county_id=recall.county_id, recall=recall, place_id=place) for recall, place in pairs),
        ignore_conflicts=True,
    )


def _hold_all(act: Act, recall: Recall, scope: Scope) -> list[int]:
    """Put aside what is on shelves, promised and kept in use; the places that have or had such goods."""
    rows = balances_in(scope)
    usable = rows.filter(
        state__in=[State.AVAILABLE, State.RESERVED, State.IN_USE], quantity__gt=0
    ).select_related("account")
    hold_balances(act=act, balances=list(usable), reason=recall_reason(recall), recall=recall)
    return list(rows.values_list("account__place_id", flat=True).distinct())


def _doubt_items(act: Act, recall: Recall, scope: Scope) -> list[int]:
    """Put counted items of the lot in doubt, and those of which no lot was read; the places where such items stand.

    An item that somebody is sorting at this moment is left to the ledger, which refuses to take it in.
    """
    items = {item.pk: item for item in unsorted_items(scope)}
    places = list(ItemHoldings.objects.filter(item_id__in=items).values_list("place_id", flat=True))
    counted = ItemHoldings.objects.select_for_update(skip_locked=True).filter(
        item_id__in=items, counted__gt=0
    )
    write_custody(
        [
            Step(
                CustodyKind.IN_DOUBT,
                Custody.COUNTED,
                Custody.IN_DOUBT,
                row.counted,
                row.place_id,
                item_id=row.item_id,
                reason=RECALLED if items[row.item_id].lot_number else POSSIBLE,
                note=recall_reason(recall),
            )
            for row in counted.order_by("item_id")
        ],
        act=act,
    )
    return places


def recall_reason(recall: Recall) -> str:
    """Why a recall holds something, as it is written on holds and custody entries."""
    return f"{recall.reference} {recall.reason}".strip()[:200]


def _holds_by_recall(act: Act, place_id: int, batches: Iterable[int]) -> list[Hold]:
    """Holds, not yet written, for those of the batches that are recalled at the place, which is told."""
    recalled = recalled_batches(act.county_id, batches).at(place_id)
    recalls = Recall.objects.in_bulk(set(recalled.values()))
    give_notice((recall, place_id) for recall in recalls.values())
    return [
        new_hold(act, place_id, batch, recall_reason(recalls[recall]), recalls[recall])
        for batch, recall in sorted(recalled.items())
    ]


def _stopped(act: Act, batch: Batch) -> Recall | None:
    """The inquiry that stops this batch already."""
    about = covers(
        F("product_id"), F("lot_key"), Value(batch.product_id, BigIntegerField()), Value(batch.lot_number)
    )
    inquiries = recalls_in_force(act.county_id).filter(
        about, medicine=batch.medicine_id, kind=Recall.Kind.REACTION
    )
    return inquiries.order_by("id").first()


def _stop(act: Act, batch: Batch, place: Place) -> Recall:
    """What the reaction was stays with its report; everybody else learns where it was seen."""
    reason = _("Suspected adverse reaction, reported by %(place)s") % {"place": place.name}
    order = RecallOrder(
        medicine=batch.medicine,
        product=batch.product,
        lot_number=batch.lot_number if lot_key(batch.lot_number) else "",
        reason=reason,
        kind=Recall.Kind.REACTION,
    )
    return raise_recall(act=act, order=order)[0]
