"""Spot checks: an auditor writes what was found, the place puts it right, an auditor looks again."""

from __future__ import annotations

import datetime

from core.commands import Act
from core.errors import NotFound
from distribution.errors import DeadlineBefore, SecondPersonNeeded, WrongCheckState
from distribution.models.spot_checks import SpotCheck
from donations.errors import FutureDay
from organisation.models import Place


def write_spot_check(
    *, act: Act, place: Place, checked_on: datetime.date, findings: str, rectify_by: datetime.date | None
) -> SpotCheck:
    """Record what an auditor found at a place; without a deadline nothing is to be put right."""
    if checked_on > act.on:
        raise FutureDay(pointer="/checked_on")
    if rectify_by and rectify_by < checked_on:
        raise DeadlineBefore(pointer="/rectify_by")
    return SpotCheck.objects.create(
        county_id=act.county_id,
        place=place,
        checked_on=checked_on,
        findings=findings,
        rectify_by=rectify_by,
        state=SpotCheck.State.OPEN if rectify_by else SpotCheck.State.CLOSED,
        checked_by=act.actor_id,
        recorded_at=act.at,
    )


def rectify(*, act: Act, check: SpotCheck, rectification: str) -> SpotCheck:
    """Say how the place has put right what was found; late is taken too, and stays visible as late."""
    check = _locked(check, SpotCheck.State.OPEN)
    check.state, check.rectification = SpotCheck.State.RECTIFIED, rectification
    check.rectified_by, check.rectified_on = act.actor_id, act.on
    check.save(update_fields=["state", "rectification", "rectified_by", "rectified_on"])
    return check


def close_spot_check(*, act: Act, check: SpotCheck) -> SpotCheck:
    """Confirm as an auditor that it was put right, as another person than who said so."""
    check = _locked(check, SpotCheck.State.RECTIFIED)
    if check.rectified_by == act.actor_id:
        raise SecondPersonNeeded
    check.state, check.closed_by, check.closed_on = SpotCheck.State.CLOSED, act.actor_id, act.on
    check.save(update_fields=["state", "closed_by", "closed_on"])
    return check


def _locked(check: SpotCheck, state: SpotCheck.State) -> SpotCheck:
    current = (
        SpotCheck.objects.select_for_update(of=("self",)).select_related("place").filter(pk=check.pk).first()
    )
    if current is None:
        raise NotFound
    if current.state != state:
        raise WrongCheckState
    return current
