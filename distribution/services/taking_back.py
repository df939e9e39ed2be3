"""Taking a hand-out back on the day of its entry, as if it had not been."""

from __future__ import annotations

from collections.abc import Sequence

from core.commands import Act
from distribution.errors import (
    TooLateToReverse,
)
from distribution.models import Dispensing, DispensingLine
from inventory.errors import AlreadyReversed, RelabelledSince
from inventory.ledger import Entry, Shelf, open_book, post
from inventory.models import Kind, Movement, Side, State
from inventory.models.conversions import Relabelling
from inventory.models.kits import Kit
from inventory.queries.holds import DOCUMENT
from inventory.queries.recalls import batches_held_since
from inventory.services.expiry import off_the_shelf
from inventory.services.kits import end_kit
from inventory.services.recalls import hold_returned


def reverse_dispensing(*, act: Act, dispensing: Dispensing) -> Dispensing:
    """Take a hand-out back as if it had not been; on the day of its entry only.

    What was recalled or held in the meantime comes back into hold; refused once its label was corrected. What was
    in a kit comes back without it.
    """
    dispensing = (
        Dispensing.objects.select_for_update(of=("self",)).select_related("place").get(pk=dispensing.pk)
    )
    open_book(act)
    if dispensing.reversed_by is not None:
        raise AlreadyReversed
    if dispensing.booked_on != act.booked:
        raise TooLateToReverse
    _check_labels(dispensing)
    movements = list(
        Movement.objects.filter(
            county_id=act.county_id, document_type="dispensing", document_id=dispensing.pk, kind=Kind.DISPENSE
        ).select_related("from_account")
    )
    back = [_reversal(dispensing, movement) for movement in movements]
    held = _held_again(act, dispensing, movements)
    again = {entry.batch_id for entry in held}
    loose = off_the_shelf([entry for entry in back if entry.batch_id not in again], act=act)
    post([*(entry for entry in back if entry.batch_id in again), *loose, *held], act=act)
    dispensing.reversed_by, dispensing.reversed_at = act.actor_id, act.at
    dispensing.save(update_fields=["reversed_by", "reversed_at"])
    if dispensing.kit_id is not None:
        end_kit(act, dispensing.kit_id, Kit.State.UNPACKED)
    return dispensing


def _check_labels(dispensing: Dispensing) -> None:
    """A reversal puts the same batch back: goods under a label that was found wrong do not come back to the shelf."""
    batches = DispensingLine.objects.filter(dispensing=dispensing).values("batch")
    confirmed = Relabelling.objects.filter(batch__in=batches, state=Relabelling.State.CONFIRMED)
    if confirmed.filter(ended_on__gte=dispensing.booked_on).exists():
        raise RelabelledSince


def _held_again(act: Act, dispensing: Dispensing, movements: Sequence[Movement]) -> list[Entry]:
    """What must not lie on the shelf when it comes back: recalled, or put on hold here after it was handed out."""
    shelf = [movement for movement in movements if movement.from_account.state == State.AVAILABLE]
    wanted = {movement.batch_id: movement.pk for movement in shelf}
    blocked = batches_held_since(act.county_id, dispensing.place_id, wanted)
    holds = hold_returned(act=act, place=dispensing.place, batches=blocked)
    here = dispensing.place_id, Side.CLINIC
    return [
        Entry(
            Kind.HOLD,
            movement.batch_id,
            movement.quantity,
            Shelf(*here, State.AVAILABLE),
            Shelf(*here, State.HELD),
            DOCUMENT,
            holds[movement.batch_id],
        )
        for movement in shelf
        if movement.batch_id in holds
    ]


def _reversal(dispensing: Dispensing, movement: Movement) -> Entry:
    return Entry(
        Kind.REVERSAL,
        movement.batch_id,
        movement.quantity,
        Shelf(dispensing.place_id, Side.CLINIC, State.DISPENSED),
        Shelf(dispensing.place_id, Side.CLINIC, State(movement.from_account.state)),
        "dispensing",
        dispensing.pk,
        detail=dispensing.age_band,
        reverses_id=movement.pk,
        business_day=dispensing.dispensed_on,
    )
