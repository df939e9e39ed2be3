"""The flows behind a county's figures, summed before a period and within it, however old the books are.

Of closed days the totals so far are kept (FlowTotal): a span of them is one total less another, two look-ups for each
kind of flow. Only days that are still open, since the last night as a rule, are summed from the day rollups. The day
through which the books are closed is read first and said in the statement, so that the planner knows how few days are
open; totals through it never change, so a closing in between can neither lose nor double anything.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection

from organisation.models import County
from reports.accounts import Flow
from reports.models.flows import Measure


@dataclass(frozen=True)
class Measured:
    """A flow, what it measures, and of which medicine and place where that is told apart."""

    measure: Measure
    medicine_id: int | None
    place_id: int | None
    flow: Flow


@dataclass(frozen=True)
class Cut:
    """Which of a county's places and medicines (their ids) are asked for; None for all."""

    places: frozenset[int] | None = None
    medicines: frozenset[int] | None = None

    def asked(self) -> dict[str, list[int]]:
        given = {"places": self.places, "medicines": self.medicines}
        return {name: sorted(ids) for name, ids in given.items() if ids is not None}

    def condition(self) -> str:
        """Said only where it narrows, so that the planner sees what is asked."""
        return "".join(f" AND {COLUMN[name]} = ANY (%({name})s::bigint[])" for name in self.asked())


COLUMN = {"places": "place_id", "medicines": "medicine_id"}
WHOLE = Cut()


def flows_between(
    county_id: str,
    start: datetime.date,
    end: datetime.date,
    measures: Collection[Measure],
    cut: Cut = WHOLE,
) -> list[Measured]:
    """The flows of these measures that were booked by `end`; `during` from `start` on, both days included.

    Of a cut, only those of its places and medicines.
    """
    asked: dict[str, Any] = {
        "county": county_id,
        "start": start,
        "end": end,
        "measures": [str(m) for m in measures],
        **cut.asked(),
    }
    closed = County.objects.filter(pk=county_id).values_list("closed_through", flat=True).first()
    with connection.cursor() as cursor:
        cursor.execute(FLOWS.format(cut=cut.condition()), {**asked, "closed": closed or datetime.date.min})
        rows = cursor.fetchall()
    return [
        Measured(Measure(measure), medicine, place, Flow(*step)) for measure, medicine, place, *step in rows
    ]


FLOWS = """
SELECT measure, medicine_id, place_id, kind, source, target, detail,
    sum(before)::bigint, sum(through - before)::bigint
FROM (
    SELECT f.measure, f.medicine_id, f.place_id, f.kind, f.source, f.target, f.detail,
        coalesce(opening.quantity, 0) AS before, closing.quantity AS through
    FROM reports_measuredflow f
    JOIN LATERAL (
        SELECT quantity FROM reports_flowtotal
        WHERE flow_id = f.id AND day <= least(%(end)s, %(closed)s) ORDER BY day DESC LIMIT 1
    ) closing ON true
    LEFT JOIN LATERAL (
        SELECT quantity FROM reports_flowtotal
        WHERE flow_id = f.id AND day < %(start)s AND day <= %(closed)s ORDER BY day DESC LIMIT 1
    ) opening ON true
    WHERE f.county_id = %(county)s AND f.measure = ANY (%(measures)s){cut}
    UNION ALL
    SELECT measure, medicine_id, place_id, kind, source, target, detail,
        CASE WHEN booked_on < %(start)s THEN quantity ELSE 0 END, quantity
    FROM daily_flows
    WHERE county_id = %(county)s AND measure = ANY (%(measures)s)
        AND booked_on > %(closed)s AND booked_on <= %(end)s{cut}
) told
GROUP BY measure, medicine_id, place_id, kind, source, target, detail
"""
