"""What leaves the held shelf without being released counts against the holds it stood under."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from core.commands import Act
from inventory.models import Hold
from inventory.models_destructions import HoldSpent
from inventory.queries.holds import held_by
from organisation.models import Place


def lock_holds(place: Place, batches: Iterable[int]) -> list[Hold]:
    """The holds of these batches at the place, oldest first; locked before their balances, as a release does."""
    holds = Hold.objects.select_for_update().filter(place=place, batch__in=list(batches))
    return list(holds.order_by("id"))


def spend_holds(
    *, act: Act, place: Place, taken: Mapping[tuple[int, str], int], document: tuple[str, int]
) -> None:
    """Units destroyed or missed, by (batch id, side), count against the oldest holds first.

    Units of a batch are alike, so nobody can say of which hold they were; but what is left on the shelf must never
    be more than its holds still hold, or releasing one hold would release the goods of another. Held goods that
    stand under no hold are taken last. Four statements, whatever the number of batches.
    """
    if not taken:
        return
    holds = lock_holds(place, {batch for batch, _side in taken})
    held = held_by(holds)
    left = defaultdict(int, taken)
    spent = []
    for hold in holds:
        for side, units in held.get(hold.pk, {}).items():
            gone = min(units, left[hold.batch_id, side])
            left[hold.batch_id, side] -= gone
            if gone > 0:
                spent.append(_spent(act, hold, side, gone, document))
    HoldSpent.objects.bulk_create(spent)


def _spent(act: Act, hold: Hold, side: str, units: int, document: tuple[str, int]) -> HoldSpent:
    return HoldSpent(
        county_id=act.county_id,
        hold=hold,
        side=side,
        quantity=units,
        document_type=document[0],
        document_id=document[1],
        command=act.command,
    )
