"""The trace of a recall: the donated items behind it, and everybody it was handed to, without any name.

Units that bore another label before theirs was corrected are traced under both. Eight statements, whatever the number
of batches, places and hand-outs.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from catalogue.models import Recall
from inventory.models import Batch
from inventory.queries.conversions import batches_before
from inventory.queries.devices import loans_of
from inventory.queries.recalls import NoticedPlace, batches_in, noticed_places, scope_of
from inventory.queries.traces import Source, sources_of
from organisation.models import Place

# Account and hand-out are looked up for each movement by their keys: OFFSET 0 keeps the planner from reading every
# hand-out of the county to find a few thousand. So the cost is that of what is told, not of the age of the books.
HAND_OUTS = """
SELECT a.place_id, p.code, g.id, g.dispensed_on, g.age_band, g.recipients, g.register_ref, m.batch_id, t.lot_number,
    m.quantity, a.state = 'held' OR g.dispensed_on >= %(raised_on)s
FROM inventory_movement m
JOIN inventory_batch t ON t.id = m.batch_id AND t.id = ANY (%(batches)s)
CROSS JOIN LATERAL (
    SELECT place_id, state FROM inventory_account
    WHERE id = m.from_account_id AND county_id = m.county_id OFFSET 0
) a
JOIN organisation_place p ON p.id = a.place_id
CROSS JOIN LATERAL (
    SELECT id, dispensed_on, age_band, recipients, register_ref FROM distribution_dispensing
    WHERE id = m.document_id AND county_id = m.county_id AND reversed_by IS NULL OFFSET 0
) g
WHERE m.batch_id = ANY (%(batches)s) AND m.kind = 'dispense' AND m.document_type = 'dispensing'
    AND (%(place)s::bigint IS NULL OR a.place_id = %(place)s)
ORDER BY g.dispensed_on, p.code, g.id, m.id
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
    batches = list(Batch.objects.filter(pk__in=batches_before(about)).values_list("pk", flat=True))
    sources = sources_of(batches, reach)
    hand_outs, elsewhere = _hand_outs(recall, batches, reach)
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


def _hand_outs(recall: Recall, batches: Sequence[int], reach: set[int]) -> tuple[list[GivenOut], int]:
    with connection.cursor() as cursor:
        named: dict[str, Any] = {"raised_on": recall.raised_on, "batches": list(batches), "place": recall.place_id}
        cursor.execute(HAND_OUTS, named)
        rows = cursor.fetchall()
    elsewhere: Counter[bool] = Counter()
    for row in rows:
        elsewhere[row[0] not in reach] += row[9]
    return [GivenOut(*row[1:]) for row in rows if row[0] in reach], elsewhere[True]
