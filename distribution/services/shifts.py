"""People who come or go for a time: the county's table put in place, one more, one ended."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from core.commands import Act
from core.errors import NotFound
from distribution.errors import ShiftOver, TooManyShifts
from distribution.models.shifts import PopulationShift
from distribution.services.priorities import rank_needs
from distribution.shifts import DAY, beyond_most
from organisation.models import County


def set_shifts(*, act: Act, shifts: Sequence[PopulationShift], within: Q) -> None:
    """Put this table in place of those `within` the planner's reach.

    Who sends one at the same moment waits, and the later one stands. Raises TooManyShifts.
    """
    faults = [
        TooManyShifts(pointer=f"/shifts/{index}/{_whom(shifts[index])}").faults[0]
        for index in beyond_most(shifts, act.on)
    ]
    if faults:
        raise TooManyShifts(faults=faults)
    _lock(act)
    PopulationShift.objects.filter(within, county_id=act.county_id).delete()
    PopulationShift.objects.bulk_create(shifts)
    rank_needs(act.county_id, act.on)


def add_shift(*, act: Act, shift: PopulationShift) -> PopulationShift:
    """One more beside those there are; several of one place add up. Raises TooManyShifts."""
    _lock(act)
    there = PopulationShift.objects.filter(
        county_id=act.county_id, township=shift.township_id, place=shift.place_id
    )
    if beyond_most([*there, shift], act.on):
        raise TooManyShifts(pointer=f"/{_whom(shift)}")
    shift.save(force_insert=True)
    rank_needs(act.county_id, act.on)
    return shift


def _lock(act: Act) -> None:
    """Nobody else puts shifts in place meanwhile."""
    County.objects.select_for_update(no_key=True).get(pk=act.county_id)


def _whom(shift: PopulationShift) -> str:
    return "township" if shift.township_id else "place"


def end_shift(*, act: Act, pk: int, within: Q, last: datetime.date | None = None) -> dict[str, Any]:
    """End one earlier than it was said: `last` is the last day that counts, yesterday if none is given.

    One that would not count on any day is taken out; the audit log keeps that it was there.
    """
    shift = PopulationShift.objects.select_for_update(of=("self",)).filter(
        within, county_id=act.county_id, pk=pk
    ).first()  # fmt: skip
    if shift is None:
        raise NotFound
    last = last or act.on - DAY
    if last >= shift.ends_on:
        raise ShiftOver(pointer="/to")
    if last < shift.starts_on:
        shift.delete()
    else:
        shift.ends_on = last
        shift.save(update_fields=["ends_on"])
    rank_needs(act.county_id, act.on)
    return {"id": pk, "ends_on": str(last) if last >= shift.starts_on else None}
