"""The report by unit (通报): what each work unit handed in, and what each health centre got and handed out.

For people of the county who are signed in, never public.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from catalogue.queries import usual_packs
from core.days import local_day
from organisation.queries import policy_of
from reports.accounts import Identity
from reports.across import SPANS
from reports.content import correction, cumulative_period, edition_head
from reports.figures import Figures, Period, figures, medicine_content
from reports.files.boxes import Weights
from reports.files.unit_table import changes_of_units
from reports.hand_ins import hand_ins_by_unit
from reports.health_centres import by_health_centre
from reports.models import Bulletin

SCHEMA = "donated-medicine-unit-report/1"


def unit_report_content(bulletin: Bulletin, *, previous: str | None, at: datetime.datetime) -> dict[str, Any]:
    """What the report says: every row with 本期 and 累计, and the county's totals that the rows add up to."""
    county, period = bulletin.county_id, Period(bulletin.period_start, bulletin.period_end)
    spans = {"this_period": period, "cumulative": cumulative_period(bulletin.campaign, period)}
    found = {name: figures(county, span) for name, span in spans.items()}
    packs = usual_packs(county, (row.code for each in found.values() for row in each.rows if row.code))
    weights = Weights(packs)
    units = [
        {**head, **{name: told[name].content(weights) for name in SPANS}}
        for head, told in hand_ins_by_unit(county, spans)
    ]
    centres = [
        {**head, **{name: told[name].content(weights) for name in SPANS}}
        for head, told in by_health_centre(county, spans, local_day(bulletin.county.time_zone, at))
    ]
    content = {
        "schema": SCHEMA,
        "kind": bulletin.kind,
        **edition_head(bulletin, policy_of(county), previous=previous, at=at),
        "periods": {name: span.content() for name, span in spans.items()},
        "packs": packs,
        "medicines": _medicines(found),
        "hand_outs": {name: _hand_outs(found[name]) for name in SPANS},
        "donations": {name: found[name].counts.donations for name in SPANS},
        "units": units,
        "centres": centres,
        "identities": [each.content() for each in identities(found, units, centres)],
    }
    return content | (correction(bulletin, content, changes_of_units) if bulletin.corrects_id else {})


def _medicines(found: Mapping[str, Figures]) -> list[dict[str, Any]]:
    """The county's own figures of each medicine, from table C."""
    medicines = {row.code: row.medicine for each in found.values() for row in each.rows}
    rows = {(name, row.code): row for name, each in found.items() for row in each.rows}
    return [
        {
            **medicine_content(medicine),
            **{
                name: {
                    "registered": row.items["registered"],
                    "allotted": row.allotted,
                    "dispensed": row.stock["dispensed"],
                }
                for name in SPANS
                if (row := rows.get((name, code)))
            },
        }
        for code, medicine in sorted(medicines.items(), key=lambda each: each[0] or "~")
    ]


def _hand_outs(found: Figures) -> int:
    return sum(found.counts.hand_outs_by_age.values())


def identities(
    found: Mapping[str, Figures], units: list[dict[str, Any]], centres: list[dict[str, Any]]
) -> Iterator[Identity]:
    """That the rows by unit and by health centre add up to the county's table C and counts."""
    for name, each in found.items():
        for row in each.rows:
            code = row.code or ""
            for rows, figure, whole in (
                (units, "registered", row.items["registered"]),
                (centres, "allotted", row.allotted),
                (centres, "dispensed", row.stock["dispensed"]),
            ):
                total = sum(line[name][figure].get(code, 0) for line in rows)
                yield Identity(f"{name}.{figure}", row.code, total, whole)
        donations = sum(line[name]["donations"] for line in units)
        yield Identity(f"{name}.donations", None, donations, each.counts.donations)
        people = sum(line[name]["hand_outs"] for line in centres)
        yield Identity(f"{name}.hand_outs", None, people, _hand_outs(each))
