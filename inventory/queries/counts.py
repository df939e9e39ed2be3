"""Counts, their lines, and what the books had at the moment of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Case, CharField, Exists, F, OuterRef, QuerySet, Value, When

from core.errors import NotFound
from inventory.ledger import Shelf, shelf_of
from inventory.models import Balance, State
from inventory.models.counts import CountLine, Spot, StockCount
from organisation.models import Place

# A counter sees what lies on the shelf, promised or not; what was put aside lies apart.
STATES = {Spot.SHELF: (State.AVAILABLE, State.RESERVED), Spot.HELD: (State.HELD,)}
COUNTED_STATES = [state for states in STATES.values() for state in states]

ROW = (
    "account__side",
    "spot",
    "batch_id",
    "batch__medicine__code",
    "batch__medicine__generic_name",
    "batch__medicine__strength",
    "batch__medicine__smallest_unit",
    "batch__lot_number",
    "batch__last_usable_day",
    "batch__pack",
)

# For each batch and spot wanted: what the books have now less all that was recorded after its moment, and what of
# that had happened before: hand-outs of earlier days entered late, and hand-outs of before the moment that were taken
# back as if they had not been. Only movements since the count began are looked at.
TOLD = """
WITH wanted AS (
    SELECT * FROM unnest(%(batches)s::bigint[], %(sides)s::text[], %(spots)s::text[], %(moments)s::timestamptz[],
        %(days)s::date[], %(positions)s::bigint[])
        WITH ORDINALITY AS w(batch_id, side, spot, counted_at, counted_on, position, number)
), spots AS (
    SELECT id, side, state, CASE state WHEN 'held' THEN 'held' ELSE 'shelf' END AS spot FROM inventory_account
    WHERE county_id = %(county)s AND place_id = %(place)s AND state IN ('available', 'reserved', 'held')
), moved AS (
    SELECT w.number, m.quantity * (coalesce((b.side, b.spot) = (w.side, w.spot), false)::int
            - coalesce((a.side, a.spot) = (w.side, w.spot), false)::int) AS units,
        m.business_day < w.counted_on OR coalesce(o.kind = 'dispense' AND o.id <= w.position
            AND o.recorded_at <= w.counted_at, false) AS happened
    FROM wanted w
    JOIN inventory_movement m ON m.batch_id = w.batch_id AND m.county_id = %(county)s AND m.id > %(since)s
        AND (m.id > w.position OR m.recorded_at > w.counted_at)
    LEFT JOIN spots a ON a.id = m.from_account_id
    LEFT JOIN spots b ON b.id = m.to_account_id
    LEFT JOIN inventory_movement o ON o.id = m.reverses_id AND o.county_id = m.county_id
)
SELECT (SELECT coalesce(sum(l.quantity), 0) FROM inventory_balance l JOIN spots s ON s.id = l.account_id
        WHERE l.batch_id = w.batch_id AND l.county_id = %(county)s AND (s.side, s.spot) = (w.side, w.spot))
    - (SELECT coalesce(sum(units), 0) FROM moved WHERE moved.number = w.number),
    (SELECT coalesce(sum(units), 0) FROM moved WHERE moved.number = w.number AND happened)
FROM wanted w ORDER BY w.number
"""


def counts_at(places: QuerySet[Place]) -> QuerySet[StockCount]:
    """Counts of these places, newest first."""
    return (
        StockCount.objects.filter(place__in=places)
        .select_related("place", "started_by", "finished_by", "ended_by", "donation")
        .order_by("-id")
    )


def count_at(places: QuerySet[Place], pk: int) -> StockCount:
    found = counts_at(places).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def last_lines(count: StockCount) -> QuerySet[CountLine]:
    """The lines that count: of each batch and spot, or label, the last one."""
    label = [name if name not in ("batch", "medicine") else f"{name}_id" for name in CountLine.LABEL]
    newest = CountLine.objects.filter(count=count).order_by(*label, "-id").distinct(*label)
    return (
        CountLine.objects.filter(pk__in=newest.values("pk"))
        .select_related("batch__medicine", "medicine", "counted_by", "count__place")
        .order_by("id")
    )


def shelf_rows(place: Place) -> Any:
    """Every batch and spot of the place at which the books have something, in shelf order; no quantities."""
    held = When(state=State.HELD, then=Value(Spot.HELD.value))
    rows = Balance.objects.filter(
        county_id=place.county_id, account__place=place, state__in=COUNTED_STATES, quantity__gt=0
    ).annotate(spot=Case(held, default=Value(Spot.SHELF.value), output_field=CharField()))
    return (
        rows.order_by(
            "account__side", F("spot").desc(), "batch__medicine__code", "batch__last_usable_day", "batch_id"
        )
        .values(*ROW)
        .distinct()
    )


def uncounted_rows(count: StockCount) -> Any:
    """What stands in the books of the place and was not counted: it stays as it is."""
    counted = CountLine.objects.filter(
        count=count, batch=OuterRef("batch"), side=OuterRef("account__side"), spot=OuterRef("spot")
    )
    return shelf_rows(count.place).filter(~Exists(counted))


def books_at(place: Place, lines: Sequence[CountLine], *, since: int) -> list[int]:
    """What the books had of each line's batch and spot at its moment; the balances must be locked.

    `since` is the ledger's number at the beginning of the count. Units, in the order of the lines; never below none,
    though a hand-out entered late may have been of goods that arrived later.
    """
    return [max(0, book) for book, _late in _told(place, lines, since)]


def expected_units(count: StockCount, lines: Iterable[CountLine]) -> dict[int, int]:
    """What each line of a batch should have shown, by line: the book at its moment with what was entered late."""
    of_batches = [line for line in lines if line.batch_id]
    told = _told(count.place, of_batches, count.position) if of_batches else []
    return {line.pk: max(0, line.book + late) for line, (_book, late) in zip(of_batches, told, strict=True)}


def _told(place: Place, lines: Sequence[CountLine], since: int) -> list[tuple[int, int]]:
    names = ("batch_id", "side", "spot", "counted_at", "counted_on", "position")
    columns = [[getattr(line, name) for line in lines] for name in names]
    values = dict(zip(("batches", "sides", "spots", "moments", "days", "positions"), columns, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(TOLD, {**values, "place": place.pk, "county": place.county_id, "since": since})
        return [(int(book), int(late)) for book, late in cursor.fetchall()]


def promised_here(place: Place, batches: Iterable[int]) -> set[tuple[Shelf, int]]:
    """Where units of these batches stand promised at the place: an account of its own for each shipment and kit."""
    rows = Balance.objects.filter(
        county_id=place.county_id,
        account__place=place,
        state=State.RESERVED,
        batch__in=list(batches),
        quantity__gt=0,
    ).select_related("account")
    return {(shelf_of(row.account), row.batch_id) for row in rows}


def known_here(place: Place, batches: Iterable[int]) -> set[int]:
    """Those of the batches that stand or once stood at the place."""
    rows = Balance.objects.filter(county_id=place.county_id, account__place=place, batch__in=list(batches))
    return set(rows.values_list("batch_id", flat=True))
