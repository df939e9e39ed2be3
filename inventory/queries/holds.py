"""Holds and what they still hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from core.errors import NotFound
from inventory.models import Hold, Kind, Movement, State
from inventory.models.destructions import HoldSpent
from organisation.models import Place

DOCUMENT = "hold"
# Units held under a label that was corrected leave one hold and come under another.
INTO_HOLD = Q(kind=Kind.HOLD) | Q(kind=Kind.CONVERT, to_account__state=State.HELD)
STILL_HELD = Sum(Case(When(INTO_HOLD, then=F("quantity")), default=-F("quantity")))


def holds_at(places: QuerySet[Place]) -> QuerySet[Hold]:
    """Holds placed at these places, newest first, with the units each of them still holds."""
    return still_holding(Hold.objects.filter(place__in=places)).select_related("place", "batch__medicine")


def still_holding(holds: QuerySet[Hold]) -> QuerySet[Hold]:
    """The same holds, newest first, each with `still_held`: what it took in less what was released or is gone."""
    moved = Movement.objects.filter(document_type=DOCUMENT, document_id=OuterRef("pk")).order_by()
    units = moved.values("document_id").annotate(units=STILL_HELD).values("units")
    gone = _spent().filter(hold=OuterRef("pk")).order_by().values("hold")
    spent = gone.annotate(units=Sum("quantity")).values("units")
    left = F("arrived") + Coalesce(Subquery(units), 0) - Coalesce(Subquery(spent), 0)
    return holds.annotate(still_held=left).order_by("-id")


def _spent() -> QuerySet[HoldSpent]:
    """What left holds by papers that stand; a hand-out that is taken back brings its units back under their holds."""
    back = Movement.objects.filter(
        county=OuterRef("county"),
        kind=Kind.REVERSAL,
        document_type=OuterRef("document_type"),
        document_id=OuterRef("document_id"),
    )
    return HoldSpent.objects.filter(~Exists(back))


def hold_at(places: QuerySet[Place], pk: int) -> Hold:
    hold = holds_at(places).filter(pk=pk).first()
    if hold is None:
        raise NotFound
    return hold


def held_by(holds: Sequence[Hold]) -> dict[int, dict[str, int]]:
    """How many units each hold still holds, by its number and side."""
    held: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for hold in holds:
        if hold.arrived:
            held[hold.pk][hold.arrived_side] += hold.arrived
    moved = Movement.objects.filter(document_type=DOCUMENT, document_id__in=[hold.pk for hold in holds])
    rows = moved.values_list("document_id", "from_account__side").annotate(units=STILL_HELD)
    for pk, side, units in rows:
        held[pk or 0][side] += units
    gone = _spent().filter(hold__in=[hold.pk for hold in holds]).order_by()
    for spent, side, units in gone.values_list("hold_id", "side").annotate(units=Sum("quantity")):
        held[spent][side] -= units
    return held


def last_placed(county_id: str, holds: Collection[int], *, apart: Collection[int] = ()) -> dict[int, int]:
    """The last movement that put units under each of these holds, by the hold's number; one statement, or none.

    A corrected label carries a hold on under another number and with the same reason: it counts as placed when the
    one before it was. Holds `apart` do not count, nor what was carried on from them.
    """
    if not holds:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE carried (hold_id, first_id) AS (
                SELECT id, id FROM inventory_hold WHERE county_id = %(county)s AND id = ANY (%(holds)s)
                UNION
                SELECT c.hold_id, before.id FROM carried c
                JOIN inventory_hold h ON h.county_id = %(county)s AND h.id = c.first_id
                JOIN inventory_relabelling r ON r.ended_command = h.command AND r.into_id = h.batch_id
                JOIN inventory_hold before ON before.batch_id = r.batch_id AND before.place_id = h.place_id
                    AND before.reason = h.reason AND before.id < h.id
            )
            SELECT c.hold_id, max(m.id) FROM carried c
            JOIN inventory_movement m ON m.county_id = %(county)s AND m.document_type = %(paper)s
                AND m.document_id = c.first_id AND m.kind = %(kind)s
            WHERE c.first_id <> ALL (%(apart)s)
            GROUP BY c.hold_id
            """,
            {
                "county": county_id, "holds": list(holds), "apart": list(apart), "paper": DOCUMENT,
                "kind": Kind.HOLD.value,
            },
        )  # fmt: skip
        return dict(cursor.fetchall())
