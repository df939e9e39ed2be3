"""The trace of a recall: the donated items behind it, and everybody it was handed to, without any name.

Units that bore another label before theirs was corrected are traced under both. Nine statements, whatever the number
of batches, places and hand-outs.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from catalogue.models import Recall
from inventory.models import Account, Batch, State
from inventory.queries.conversions import batches_before
from inventory.queries.devices import loans_of
from inventory.queries.recalls import NoticedPlace, batches_in, noticed_places, scope_of
from inventory.queries.traces import Source, sources_of
from organisation.models import Place

# The hand-out is looked up for each movement by its key: OFFSET 0 keeps the planner from reading every hand-out of
# the county to find a few thousand. So the cost is that of what is told, not of the age of the books.
HAND_OUTS = """
SELECT m.id, m.from_account_id, m.batch_id, m.quantity,
    g.id, g.dispensed_on, g.age_band, g.recipients, g.register_ref
FROM inventory_movement m
CROSS JOIN LATERAL (
    SELECT id, dispensed_on, age_band, recipients, register_ref FROM distribution_dispensing
    WHERE id = m.document_id AND county_id = m.county_id AND reversed_by IS NULL OFFSET 0
) g
WHERE m.batch_id = ANY (%s) AND m.kind = 'dispense' AND m.document_type = 'dispensing'
"""


@dataclass(frozen=True)
class GivenOut:
    """Units of a recalled batch in one hand-out: the clinic's own register knows who `register_ref` is.

    `late`: entered after the goods were held.
    """

    place: str
    dispensing: int
    dispensed_on: datetime.date
    age_band: str
    recipients: int
    register_ref: str
    batch: int
    lot_number: str
    quantity: int
    late: bool


@dataclass(frozen=True)
class Lent:
    """A recalled device that somebody still has: the clinic's own register knows who `register_ref` is."""

    place: str
    device_use: int
    batch: int
    lot_number: str
    register_ref: str
    started_on: datetime.date
    due_on: datetime.date | None


@dataclass(frozen=True)
class RecallTrace:
    """What lies outside the reader's places is told in sums: units accepted, and units handed out."""

    batches: int
    donors: int
    sources: list[Source]
    elsewhere_accepted: int
    places: list[NoticedPlace]
    hand_outs: list[GivenOut]
    elsewhere_handed_out: int
    loans: list[Lent]


def recall_trace(recall: Recall, places: QuerySet[Place]) -> RecallTrace:
    """Where recalled goods came from and where they went, in detail within these places."""
    reach = set(places.values_list("pk", flat=True))
    about = list(batches_in(scope_of(recall)).values_list("pk", flat=True))
    lots = dict(Batch.objects.filter(pk__in=batches_before(about)).values_list("pk", "lot_number"))
    batches = list(lots)
    sources = sources_of(batches, reach)
    hand_outs, elsewhere = _hand_outs(recall, lots, reach)
    return RecallTrace(
        batches=len(batches),
        donors=sources.donors,
        sources=sources.sources,
        elsewhere_accepted=sources.elsewhere_accepted,
        places=noticed_places(recall, places, about),
        hand_outs=hand_outs,
        elsewhere_handed_out=elsewhere,
        loans=_loans(recall, batches, reach),
    )


def trace_answer(recall: Recall, trace: RecallTrace) -> dict[str, Any]:
    """The trace as it is told; its thousands of rows are flat, so none is copied deep."""
    rows = {
        name: [vars(row) for row in getattr(trace, name)]
        for name in ("sources", "places", "hand_outs", "loans")
    }
    return {"recall": recall.pk, **vars(trace), **rows}


def _loans(recall: Recall, batches: Sequence[int], reach: set[int]) -> list[Lent]:
    places = reach & {recall.place_id} if recall.place_id else reach
    return [
        Lent(
            use.place.code,
            use.pk,
            use.batch_id,
            use.batch.lot_number,
            use.register_ref,
            use.started_on,
            use.due_on,
        )
        for use in loans_of(batches)
        if use.place_id in places
    ]


def _hand_outs(recall: Recall, lots: Mapping[int, str], reach: set[int]) -> tuple[list[GivenOut], int]:
    """By day and place, in the order of the book; what others handed out in one sum."""
    with connection.cursor() as cursor:
        cursor.execute(HAND_OUTS, [list(lots)])
        rows = cursor.fetchall()
    accounts = _accounts({row[1] for row in rows}, recall.place_id)
    elsewhere, told = 0, []
    for number, account, batch, quantity, pk, day, band, recipients, register in rows:
        if account not in accounts:
            continue
        place, code, is_held = accounts[account]
        if place not in reach:
            elsewhere += quantity
            continue
        late = is_held or day >= recall.raised_on
        told.append(
            (number, GivenOut(code, pk, day, band, recipients, register, batch, lots[batch], quantity, late))
        )
    told.sort(key=lambda each: (each[1].dispensed_on, each[1].place, each[1].dispensing, each[0]))
    return [given_out for _number, given_out in told], elsewhere


def _accounts(accounts: Collection[int], place_id: int | None) -> dict[int, tuple[int, str, bool]]:
    """The place of each account and its code, and whether what stood there was held; of one place, or of all."""
    found = Account.objects.filter(pk__in=accounts, **({"place": place_id} if place_id else {}))
    rows = found.values_list("pk", "place_id", "place__code", "state")
    return {pk: (place, code, state == State.HELD) for pk, place, code, state in rows}
