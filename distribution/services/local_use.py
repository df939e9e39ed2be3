"""What an institution keeps of its own store for its own patients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from django.utils.translation import gettext as _

from core.commands import Act
from core.errors import Fault, NotFound
from distribution.errors import ExpiredMeanwhile, HandsNothingOut, MoreThanMayBeKept
from distribution.local_use_rules import allowances
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

    `quantities` maps batch ids to units; `pointers` says where in the request each stands. What the county allows
    of each medicine is judged under the lock of the place: two at once do not both use up the same share.
    """
    if not place.hands_out or not place.active:
        raise HandsNothingOut(pointer="/place")
    known = check_batches(act, place, pointers)
    _check_allowed(act, place, known, quantities, pointers)
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


def _check_allowed(
    act: Act,
    place: Place,
    batches: Mapping[int, Batch],
    quantities: Mapping[int, int],
    pointers: Mapping[int, str],
) -> None:
    """Refuse medicines of which the county lets less be kept; every line of such a medicine is named."""
    Place.objects.select_for_update(no_key=True).get(pk=place.pk)
    medicines = {pk: batch.medicine_id for pk, batch in batches.items()}
    wanted: Counter[int] = Counter()
    for pk, units in quantities.items():
        wanted[medicines[pk]] += units
    allowed = allowances(act.county_id, place, wanted)
    faults = []
    for pk, medicine in medicines.items():
        if medicine not in allowed or wanted[medicine] <= allowed[medicine].left:
            continue
        found = {"percent": allowed[medicine].percent, "left": allowed[medicine].left}
        words = _("%(percent)d%% may be kept: %(left)d more, %(wanted)d wanted.")
        message = words % {**found, "wanted": wanted[medicine]}
        faults.append(Fault(f"{pointers[pk]}/quantity", MoreThanMayBeKept.code, message))
    if faults:
        raise MoreThanMayBeKept(faults=faults)


def check_batches(act: Act, place: Place, pointers: Mapping[int, str]) -> dict[int, Batch]:
    """Refuse batches that the county does not know, that are expired or recalled; `pointers` is by batch id.

    Answers the batches by their ids, with their medicines.
    """
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
    return known
