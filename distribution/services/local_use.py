"""What an institution keeps of its own store for its own patients."""

from __future__ import annotations

from collections.abc import Mapping

from core.commands import Act
from core.errors import Fault, NotFound
from distribution.errors import ExpiredMeanwhile, HandsNothingOut
from distribution.services.approval import usable
from inventory.errors import Recalled
from inventory.ledger import Entry, Shelf, open_book, post
from inventory.models import Batch, Kind, Side, State
from inventory.queries.recalls import recalled_batches
from organisation.models import Place


def keep_for_local_use(
    *, act: Act, place: Place, quantities: Mapping[int, int], pointers: Mapping[int, str]
) -> None:
    """Take units off the store's shelf into the dispensing room of the same institution; counted as allotted.

    `quantities` maps batch ids to units; `pointers` says where in the request each stands.
    """
    if not place.hands_out or not place.active:
        raise HandsNothingOut(pointer="/place")
    check_batches(act, place, pointers)
    post(
        [
            Entry(
                Kind.LOCAL_USE,
                batch_id,
                units,
                Shelf(place.pk, Side.STORE, State.AVAILABLE),
                Shelf(place.pk, Side.CLINIC, State.AVAILABLE),
                "local_use",
                pointer=f"{pointers[batch_id]}/quantity",
            )
            for batch_id, units in quantities.items()
        ],
        act=act,
    )


def check_batches(act: Act, place: Place, pointers: Mapping[int, str]) -> None:
    """Refuse batches that the county does not know, that are expired or recalled; `pointers` is by batch id."""
    open_book(act)
    known = Batch.objects.filter(county_id=act.county_id).select_related("medicine").in_bulk(pointers)
    unknown = [
        Fault(f"{pointer}/batch", NotFound.code, NotFound.message)
        for pk, pointer in pointers.items()
        if pk not in known
    ]
    if unknown:
        raise NotFound(faults=unknown)
    expired = [
        Fault(f"{pointers[pk]}/batch", ExpiredMeanwhile.code, ExpiredMeanwhile.message)
        for pk, batch in known.items()
        if not usable(batch, act)
    ]
    if expired:
        raise ExpiredMeanwhile(faults=expired)
    recalled = recalled_batches(act.county_id, pointers).at(place.pk)
    if recalled:
        faults = [Fault(f"{pointers[pk]}/batch", Recalled.code, Recalled.message) for pk in sorted(recalled)]
        raise Recalled(faults=faults)
