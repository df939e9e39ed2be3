"""Taking a decision of the sorting table back on the day it was made."""

from __future__ import annotations

from core.commands import Act
from donations.custody import Step, write_custody
from donations.models import Custody, CustodyEntry, CustodyKind, ItemHoldings
from inventory.errors import AlreadyReversed, MovedOn, NothingToReverse, NotToday, ShortStock
from inventory.ledger import Entry, Shelf, post
from inventory.models import Kind, Movement, Side, SortingDecision, State
from inventory.services.sorting import DOCUMENT

Outcome = SortingDecision.Outcome


def reverse_sorting(*, act: Act, decision: SortingDecision, reason: str = "") -> None:
    """Take a decision back on the day it was made, as long as its units have not moved on.

    The units count as counted again. Refused: NotToday, AlreadyReversed, MovedOn, NothingToReverse.
    """
    if decision.decided_on != act.on:
        raise NotToday
    held = ItemHoldings.objects.select_for_update().get(item_id=decision.item_id)
    entry = decision.custody
    if entry is None:
        raise NothingToReverse
    if CustodyEntry.objects.filter(reverses=entry).exists():
        raise AlreadyReversed
    if getattr(held, entry.to_state) < entry.quantity or _confirmed_since(decision):
        raise MovedOn
    _take_out_of_stock(act, decision)
    step = Step(
        CustodyKind.REVERSED,
        Custody(entry.to_state),
        Custody.COUNTED,
        entry.quantity,
        entry.place_id,
        item_id=entry.item_id,
        reverses_id=entry.pk,
        reason=entry.reason,
        note=reason,
    )
    write_custody([step], act=act)


def _confirmed_since(decision: SortingDecision) -> bool:
    """Units left in doubt that another pharmacist has decided on since, even while others are still in doubt."""
    doubted = decision.outcome == Outcome.HOLD
    return doubted and decision.proposals.filter(confirmed_by__isnull=False).exists()


def _take_out_of_stock(act: Act, decision: SortingDecision) -> None:
    accepted = Movement.objects.filter(decision=decision, kind=Kind.ACCEPT).first()
    if accepted is None:
        return
    entry = Entry(
        Kind.REVERSAL,
        accepted.batch_id,
        accepted.quantity,
        Shelf(decision.place_id, Side.STORE, State.AVAILABLE),
        Shelf(decision.place_id, Side.STORE, State.DONATED),
        DOCUMENT,
        decision.pk,
        decision_id=decision.pk,
        reverses_id=accepted.pk,
    )
    try:
        post([entry], act=act)
    except ShortStock:
        raise MovedOn from None
