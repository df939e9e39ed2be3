"""Figures as anyone may read them: table C, counts and townships of a span, breakdowns of people with care.

A period (本期) is merged by itself; what stands for a longer span (累计, live figures) is carried on from the edition
before by what was published of it (reports.small_cells), so that no two editions give a small cell back.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from typing import Any

from donations.models import Campaign
from reports.details import Row
from reports.figures import Figures, Period, figures
from reports.queries import published
from reports.small_cells import Breakdowns, Cells, carried_on, shown_cells
from reports.townships import Townships, townships

HAND_OUTS = ("hand_outs_by_age", None)
BY_AGE, BY_TOWNSHIP = "dispensed_by_age", "townships"


@dataclass(frozen=True)
class Books:
    """What the books say of a span of days; nothing of it is merged."""

    found: Figures
    townships: Townships

    def breakdowns(self) -> Breakdowns:
        """Every cell in which people stand, as it is."""
        return {
            HAND_OUTS: self.found.counts.hand_outs_by_age,
            **{(BY_AGE, row.code): row.dispensed for row in self.found.rows},
            **{(BY_TOWNSHIP, code): cells for code, cells in self.townships.dispensed().items()},
        }

    def shown(self) -> Breakdowns:
        """The breakdowns of a period that is published for the first time: small cells merged."""
        behind: dict[tuple[str, str | None], Any] = {
            HAND_OUTS: self.found.counts.hand_outs_by_age,
            **{(BY_AGE, row.code): row.people for row in self.found.rows},
        }
        shown = {name: shown_cells(cells, behind.get(name, {})) for name, cells in self.breakdowns().items()}
        merged = self.townships.merged().items()
        return {**shown, **{(BY_TOWNSHIP, code): cells for code, cells in merged}}

    def carried_on(self, *parts: Breakdowns) -> Breakdowns:
        """The breakdowns of a span of which `parts` were published; its totals are those of the books."""
        return {
            name: carried_on(sum(cells.values()), [part.get(name, {}) for part in parts])
            for name, cells in self.breakdowns().items()
        }

    def figures_as(self, shown: Breakdowns) -> dict[str, Any]:
        """Table C and the counts with the breakdowns as they are shown."""
        content = self.found.content()
        content["counts"]["hand_outs_by_age"] = shown[HAND_OUTS]
        for line in content["medicines"]:
            line["dispensed_by_age"] = shown[BY_AGE, line["medicine"]]
        return content

    def townships_as(self, shown: Breakdowns) -> list[Row]:
        return self.townships.rows({code: cells for (of, code), cells in shown.items() if of == BY_TOWNSHIP})


def books(county_id: str, period: Period) -> Books:
    return Books(figures(county_id, period), townships(county_id, period))


def published_before(campaign: Campaign, span: Period, *, ended_by: datetime.date) -> Breakdowns:
    """What the newest edition of the campaign that ended by a day shows since the beginning of `span`.

    Nothing where there is none, or where it counts from another day.
    """
    editions = published().defer(None).filter(county=campaign.county_id, campaign=campaign)
    edition = editions.filter(period_end__lte=ended_by).first()
    content = json.loads(bytes(edition.content or b"{}")) if edition else None
    if content is None or content["cumulative"]["period"]["from"] != str(span.start):
        return {}
    return breakdowns_of(content)


def breakdowns_of(content: dict[str, Any]) -> Breakdowns:
    """The breakdowns of people that an edition shows since the campaign began."""
    whole = content["cumulative"]
    found: Breakdowns = {HAND_OUTS: whole["counts"]["hand_outs_by_age"]}
    for line in whole["medicines"]:
        found[BY_AGE, line["medicine"]] = line["dispensed_by_age"]
    for row in content.get("townships", {}).get("cumulative", []):
        cells: Cells = found.setdefault((BY_TOWNSHIP, row["medicine"]), {})
        if row["dispensed"]:
            cells[row["township"]] = row["dispensed"]
    return found
