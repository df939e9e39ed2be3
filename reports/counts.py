"""What may be counted across medicines: donations (笔数) and hand-outs (人次)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from distribution.models import AgeBand
from reports.flows import Measured
from reports.models.flows import Measure

DISPENSING = "dispensing"
COUNTED = (Measure.DONATION, Measure.VOIDED, Measure.HAND_OUT)


@dataclass(frozen=True)
class Counts:
    """`donations` registered, `donations_voided` of whichever day, people served by age band.

    What was found in a handover beyond its list is nobody's donation: it shows as surplus alone. People whose
    hand-out was taken back are netted.
    """

    donations: int
    donations_voided: int
    hand_outs_by_age: dict[str, int]

    def content(self) -> dict[str, Any]:
        return {
            "donations": self.donations,
            "donations_voided": self.donations_voided,
            "hand_outs": sum(self.hand_outs_by_age.values()),
            "hand_outs_by_age": self.hand_outs_by_age,
        }


def counts_of(flows: Iterable[Measured]) -> Counts:
    """The counts among the flows of a period."""
    sums: Counter[tuple[Measure, str]] = Counter()
    for each in flows:
        sums[each.measure, each.flow.detail] += each.flow.during
    people = {band: sums[Measure.HAND_OUT, band] for band in AgeBand.values}
    return Counts(
        donations=sums[Measure.DONATION, ""],
        donations_voided=sums[Measure.VOIDED, ""],
        hand_outs_by_age={band: count for band, count in people.items() if count},
    )
