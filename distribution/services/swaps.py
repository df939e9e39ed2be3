"""Goods that a clinic gives to another before they expire there."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from core.commands import Act
from core.errors import Fault
from distribution.errors import NotProposed
from distribution.models import Shipment
from distribution.services.local_use import check_batches
from distribution.services.sending import Leg, send_at_once
from distribution.swaps import most_of, swap_proposals
from inventory.errors import Recalled
from inventory.ledger import open_book
from inventory.models import Side
from inventory.queries.recalls import recalled_batches
from organisation.models import Place

# What the shipment's lines say of why they left: the word for it on paper.
REASON = "余缺调剂"


def accept_swap(
    *,
    act: Act,
    giver: Place,
    taker: Place,
    quantities: Mapping[int, int],
    pointers: Mapping[int, str],
) -> Shipment:
    """Send another clinic what this one will not use in time, as it is proposed today or less of it.

    `quantities` maps batch ids to units, `pointers` says where in the request each stands. The goods are on the road
    at once, and the other clinic counts them like any shipment. Proposed anew under the lock of both places, so that
    one proposal is not accepted twice; what has expired, was recalled, held or handed out meanwhile is refused.
    """
    open_book(act)
    list(Place.objects.select_for_update(no_key=True).filter(pk__in=[giver.pk, taker.pk]).order_by("pk"))
    batches = check_batches(act, giver, pointers)
    _check_recalled(act, taker, pointers)
    swaps = swap_proposals(
        act.county_id,
        act.on,
        medicines={batch.medicine.code for batch in batches.values()},
        among=[giver.pk, taker.pk],
    )
    _check_proposed(most_of(swaps, giver, taker), quantities, pointers)
    return send_at_once(
        act=act,
        leg=Leg(giver, Side.CLINIC, taker, Side.CLINIC),
        quantities=quantities,
        pointers={batch_id: f"{pointer}/quantity" for batch_id, pointer in pointers.items()},
        reason=REASON,
    )


def _check_recalled(act: Act, taker: Place, pointers: Mapping[int, str]) -> None:
    """What is recalled where it would go does not leave for there."""
    recalled = recalled_batches(act.county_id, pointers).at(taker.pk)
    if recalled:
        faults = [Fault(f"{pointers[pk]}/batch", Recalled.code, Recalled.message) for pk in sorted(recalled)]
        raise Recalled(faults=faults)


def _check_proposed(
    most: Mapping[int, int], quantities: Mapping[int, int], pointers: Mapping[int, str]
) -> None:
    words = _("%(most)d are proposed, %(wanted)d wanted.")
    faults = [
        Fault(
            f"{pointers[pk]}/quantity",
            NotProposed.code,
            words % {"most": most.get(pk, 0), "wanted": units},
        )
        for pk, units in quantities.items()
        if units > most.get(pk, 0)
    ]
    if faults:
        raise NotProposed(faults=faults)
