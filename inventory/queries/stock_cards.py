"""The stock card: every movement of a medicine at a place in the order of the book, with what then stood there.

A page opens with the daily rollup and runs on with a window over its own days, so that its cost does not depend on
how many movements came before. Read this way:

    days       of the rollup, from where the page begins: how many entries each has, until a page is full
    opening    what the rollup says of all days before those
    rows       the movements of those days alone, summed as they go

Days are those of booking, by which the rollup and all figures count; within a day the order is that of the ids.
"""

# ruff: noqa: S608 - the statements are put together from words of this file alone
from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

ON_SHELF = ("available", "held", "reserved", "in_use", "lent")
# What was sent and is still on the road stands in the sender's card beside its balance.
STATES = (*ON_SHELF, "in_transit")
PORTION = 2000

Row = dict[str, Any]
# A day of booking and the id of a movement.
Position = tuple[datetime.date, int]

# What enters and what leaves the card: %(side)s is null for both sides of the place.
_ENTERS = "{to}place_id = %(place)s AND (%(side)s::text IS NULL OR {to}side = %(side)s)"
_LEAVES = "{of}place_id = %(place)s AND (%(side)s::text IS NULL OR {of}side = %(side)s)"

_ROLLUP = f"""
    SELECT booked_on, entries, from_state AS state, -quantity AS delta FROM inventory_stockday
    WHERE county_id = %(county)s AND medicine_id = %(medicine)s AND {_LEAVES.format(of="from_")} AND {{days}}
    UNION ALL
    SELECT booked_on, CASE WHEN {_LEAVES.format(of="from_")} THEN 0 ELSE entries END, to_state, quantity
    FROM inventory_stockday
    WHERE county_id = %(county)s AND medicine_id = %(medicine)s AND {_ENTERS.format(to="to_")} AND {{days}}
"""
# A batch has no rollup of its own: its own movements are few.
_BATCH = f"""
    SELECT m.booked_on, 1 AS entries, a.state, -m.quantity::bigint AS delta FROM inventory_movement m
    JOIN inventory_account a ON a.id = m.from_account_id AND a.county_id = m.county_id
    WHERE m.county_id = %(county)s AND m.batch_id = %(batch)s AND {_LEAVES.format(of="a.")} AND {{days}}
    UNION ALL
    SELECT m.booked_on, CASE WHEN {_LEAVES.format(of="a.")} THEN 0 ELSE 1 END, b.state, m.quantity
    FROM inventory_movement m
    JOIN inventory_account a ON a.id = m.from_account_id AND a.county_id = m.county_id
    JOIN inventory_account b ON b.id = m.to_account_id AND b.county_id = m.county_id
    WHERE m.county_id = %(county)s AND m.batch_id = %(batch)s AND {_ENTERS.format(to="b.")} AND {{days}}
"""
_SUMS = ", ".join(f"coalesce(sum(delta) FILTER (WHERE state = '{state}'), 0)::bigint" for state in STATES)
_OPENING = f"SELECT {_SUMS} FROM ({{source}}) legs"
_DAYS = """
    SELECT booked_on, sum(entries)::bigint FROM ({source}) legs GROUP BY booked_on
    HAVING sum(entries) > 0 ORDER BY booked_on {order} LIMIT %(most)s
"""

# The batches of the card: what stands, or once stood, on a shelf of the place.
_BATCHES = """
    SELECT t.id FROM inventory_batch t WHERE t.county_id = %(county)s AND t.medicine_id = %(medicine)s
    AND EXISTS (
        SELECT 1 FROM inventory_account s JOIN inventory_balance v ON v.account_id = s.id AND v.batch_id = t.id
        WHERE s.county_id = %(county)s AND s.place_id = %(place)s AND s.state IN ('available', 'held'))
"""
_DELTAS = ", ".join(
    f"(CASE WHEN enters AND to_state = '{state}' THEN quantity ELSE 0 END"
    f" - CASE WHEN leaves AND from_state = '{state}' THEN quantity ELSE 0 END) AS {state}_change"
    for state in STATES
)
_RUNNING = ", ".join(f"(%({state})s + sum({state}_change) OVER book)::bigint AS {state}" for state in STATES)
_CHANGES = ", ".join(f"{state}_change" for state in STATES)
_CHANGE, _BALANCE = (" + ".join(f"{state}{of}" for state in ON_SHELF) for of in ("_change", ""))
# Names are joined to the rows of the page alone; the sums before it need none.
_ROWS = f"""
    WITH moved AS (
        SELECT m.id, m.booked_on, m.quantity, a.state AS from_state, b.state AS to_state,
            a.place_id AS from_place_id, b.place_id AS to_place_id,
            ({_LEAVES.format(of="a.")}) AS leaves, ({_ENTERS.format(to="b.")}) AS enters
        FROM inventory_movement m
        JOIN inventory_account a ON a.id = m.from_account_id AND a.county_id = m.county_id
        JOIN inventory_account b ON b.id = m.to_account_id AND b.county_id = m.county_id
        WHERE m.county_id = %(county)s AND m.batch_id = ANY (%(batches)s)
            AND m.booked_on BETWEEN %(first)s AND %(last)s
    ), legs AS (
        SELECT moved.*, {_DELTAS} FROM moved WHERE leaves OR enters
    ), running AS (
        SELECT id, booked_on, from_state, to_state, from_place_id, to_place_id,
            {_CHANGE} AS change, {_CHANGES}, {_RUNNING}
        FROM legs WINDOW book AS (ORDER BY booked_on, id)
    ), page AS (
        SELECT * FROM running r WHERE {{where}} ORDER BY r.booked_on {{order}}, r.id {{order}} LIMIT %(most)s
    )
    SELECT r.*, {_BALANCE} AS balance, m.business_day, m.recorded_at, m.kind, m.quantity, m.batch_id,
        m.document_type, m.document_id, m.detail, m.actor, t.lot_number, t.last_usable_day,
        p.code AS from_place, q.code AS to_place
    FROM page r
    JOIN inventory_movement m ON m.id = r.id AND m.county_id = %(county)s
    JOIN inventory_batch t ON t.id = m.batch_id AND t.county_id = m.county_id
    JOIN organisation_place p ON p.id = r.from_place_id AND p.county_id = m.county_id
    JOIN organisation_place q ON q.id = r.to_place_id AND q.county_id = m.county_id
    ORDER BY r.booked_on {{order}}, r.id {{order}}
"""


@dataclass(frozen=True)
class StockCard:
    """One medicine at one place, or one batch of it; `side` is one side of the place, or None for both."""

    county_id: str
    place_id: int
    medicine_id: int
    first: datetime.date
    last: datetime.date
    side: str | None = None
    batch_id: int | None = None

    def after(self, position: Position | None, most: int) -> list[Row]:
        """The rows behind a position, or from the card's beginning, in order."""
        day, pk = position or (self.first, 0)
        days = self._days(day, self.last, "ASC", most)
        last = _day_that_fills(days, day if position else None, most)
        where = "(r.booked_on, r.id) > (%(day)s, %(pk)s)"
        return self._rows(day, last, where, "ASC", day=day, pk=pk, most=most) if last else []

    def before(self, position: Position, most: int) -> list[Row]:
        """The rows ahead of a position, in order."""
        day, pk = position
        days = self._days(self.first, day, "DESC", most)
        first = _day_that_fills(days, day, most)
        where = "(r.booked_on, r.id) < (%(day)s, %(pk)s)"
        found = self._rows(first, day, where, "DESC", day=day, pk=pk, most=most) if first else []
        return found[::-1]

    def opening(self, day: datetime.date) -> dict[str, int]:
        """What stood there when the day began, by state."""
        (row,) = self._read(_OPENING.format(source=self._source("booked_on < %(day)s")), day=day)
        return dict(zip(STATES, row, strict=True))

    def opening_of(self, rows: Sequence[Row]) -> dict[str, int]:
        """What stood there before the first of these rows, or when the card begins if there are none."""
        if not rows:
            return self.opening(self.first)
        return {state: rows[0][state] - rows[0][f"{state}_change"] for state in STATES}

    def count(self) -> int:
        """How many rows the card has."""
        source = self._source("booked_on BETWEEN %(first)s AND %(last)s")
        counted = f"SELECT coalesce(sum(entries), 0) FROM ({source}) legs"
        ((entries,),) = self._read(counted, first=self.first, last=self.last)
        return int(entries)

    def __iter__(self) -> Iterator[Row]:
        """All rows, read in portions."""
        rows = self.after(None, PORTION)
        while rows:
            yield from rows
            rows = self.after((rows[-1]["booked_on"], rows[-1]["id"]), PORTION)

    def _source(self, days: str) -> str:
        return (_BATCH if self.batch_id else _ROLLUP).format(days=days)

    def _days(
        self, first: datetime.date, last: datetime.date, order: str, most: int
    ) -> Sequence[tuple[datetime.date, int]]:
        """Days with their entries, so many that a page is full whatever of the first is skipped."""
        source = self._source("booked_on BETWEEN %(first)s AND %(last)s")
        return self._read(_DAYS.format(source=source, order=order), first=first, last=last, most=most + 1)

    def _rows(
        self, first: datetime.date, last: datetime.date, where: str, order: str, **values: Any
    ) -> list[Row]:
        batches = [self.batch_id] if self.batch_id else [pk for (pk,) in self._read(_BATCHES)]
        values |= {"first": first, "last": last, "batches": batches, **self.opening(first)}
        with connection.cursor() as cursor:
            cursor.execute(_ROWS.format(where=where, order=order), self._values(values))
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _read(self, statement: str, **values: Any) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(statement, self._values(values))
            return list(cursor.fetchall())

    def _values(self, values: dict[str, Any]) -> dict[str, Any]:
        return {
            "county": self.county_id,
            "place": self.place_id,
            "medicine": self.medicine_id,
            "side": self.side,
            "batch": self.batch_id,
            **values,
        }


def _day_that_fills(
    days: Sequence[tuple[datetime.date, int]], partial: datetime.date | None, most: int
) -> datetime.date | None:
    """The day with which a page is full; nothing counts of the `partial` day, of which an unknown part is skipped."""
    entries, reached = 0, None
    for day, units in days:
        reached = day
        entries += 0 if day == partial else units
        if entries >= most:
            break
    return reached
