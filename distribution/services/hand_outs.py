"""What is handed out: a hand-out with its lines, and the units that are there to be given."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from catalogue.expiry import is_usable
from distribution.hand_out_limits import LimitRule
from inventory.models import Batch, State


@dataclass(frozen=True)
class HandOutLine:
    """What one hand-out gives of a medicine, by its code (first to expire goes first), or of one named batch."""

    quantity: int
    days_supply: int
    medicine: str = ""
    batch_id: int | None = None
    prescriber: str = ""
    pointer: str = ""


@dataclass(frozen=True)
class HandOut:
    """One hand-out: its day, whom it reached without naming anybody, and its lines.

    `by_centre`: entered by the health centre that covers the place, so that it tells of what has been given.
    `kit_id`: the health kit that it is.
    """

    dispensed_on: datetime.date
    age_band: str
    collected_by: str
    lines: Sequence[HandOutLine]
    recipients: int = 1
    marks: Sequence[str] = ()
    register_ref: str = ""
    entered_for: bool = False
    by_centre: bool = False
    kit_id: int | None = None


@dataclass
class Drawer:
    """Units of one batch that may still be handed out; `state` is where they stand, `limit` the county's own."""

    batch: Batch
    state: State
    left: int
    limit: LimitRule | None = None

    def lasts(self, on: datetime.date, days_supply: int) -> bool:
        day, needed = self.batch.last_usable_day, self.batch.medicine.requires_expiry
        return is_usable(day, on, days_supply, requires_expiry=needed)


@dataclass(frozen=True)
class Taken:
    line: HandOutLine
    drawer: Drawer
    quantity: int
