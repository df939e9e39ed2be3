"""What leaves the held shelf without being released counts against the holds it stood under."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from core.commands import Act
from inventory.models import Hold
from inventory.models.destructions import HoldSpent
from inventory.queries.holds import held_by
from organisation.models import Place


def lock_holds(place: Place, batches: Iterable[int]) -> list[Hold]:
    """The holds of these batches at the place, oldest first; locked before their balances, as a release does."""
    holds = Hold.objects.select_for_update().filter(place=place, batch__in=list(batches))
    return list(holds.order_by("id"))


def spend_holds(
    *, act: Act, place: Place, taken: Mapping[tuple[int, str], int], document: tuple[str, int]
) -> None:
    """Units destroyed, missed or handed out late, by (batch id, side), count against the oldest holds first.

    Units of a batch are alike, so nobody can say of which hold they were; but what is left on the shelf must never
    be more than its holds still hold, or releasing one hold would release the goods of another. Held goods that
    stand under no hold are taken last. Four statements, whatever the number of batches.
    """
    spend_by_paper(act=act, place=place, taken=[(document, key, units) for key, units in taken.items()])


def spend_by_paper(
    *, act: Act, place: Place, taken: Sequence[tuple[tuple[str, int], tuple[int, str], int]]
) -> None:
    """The same for several papers at once: (document, (batch id, side), units) of each."""
    if not taken:
        return
    holds = lock_holds(place, {batch for _document, (batch, _side), _units in taken})
    held = held_by(holds)
    spent = []
    for document, (batch, side), wanted in taken:
        for hold in holds:
            left = held[hold.pk][side] if hold.batch_id == batch else 0
            gone = min(left, wanted)
            if gone > 0:
                held[hold.pk][side], wanted = left - gone, wanted - gone
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
