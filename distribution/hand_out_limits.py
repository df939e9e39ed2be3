"""What the county lets one hand-out and one fever have of a medicine, and whether a hand-out keeps to it."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from core.commands import Act
from distribution.models import DispensingLine
from distribution.models.limits import HandOutLimit
from organisation.models import Place


@dataclass(frozen=True)
class Given:
    """So many units of a medicine in one hand-out; `key` says which hand-out, for whoever asks."""

    key: int
    medicine_id: int
    units: int
    dispensed_on: datetime.date
    register_ref: str
    recipients: int


@dataclass(frozen=True)
class Excess:
    """A hand-out that gives more of a medicine than the county lets it: `most` is what would have been right."""

    key: int
    medicine_id: int
    most: int
    given: int
    earlier: int = 0


@dataclass(frozen=True)
class LimitRule:
    """How much of a medicine one hand-out and one fever may have; None: any amount."""

    medicine_id: int
    per_hand_out: int | None
    per_fever: int | None
    fever_days: int


def excesses(act: Act, place: Place, given: Sequence[Given], limits: Mapping[int, LimitRule]) -> list[Excess]:
    """Which of these hand-outs of a place give too much, in the order of their days; `limits` by medicine.

    One statement where a limit is for a fever. Whoever asks holds the balances of the medicines at the place, so
    that two hand-outs to one register number do not both pass. Without a register number a fever is the hand-out
    itself.
    """
    ruled = [one for one in given if one.medicine_id in limits]
    past = _past(act, place, ruled, limits.values()) if ruled else []
    found = []
    for one in sorted(ruled, key=lambda one: (one.dispensed_on, one.key)):
        limit = limits[one.medicine_id]
        earlier = _within(limit, one, past)
        over = _excess(limit, one, earlier)
        if over:
            found.append(over)
        past.append(one)
    return found


def _excess(limit: LimitRule, one: Given, earlier: int) -> Excess | None:
    if limit.per_hand_out is not None and one.units > limit.per_hand_out * one.recipients:
        return Excess(one.key, one.medicine_id, limit.per_hand_out * one.recipients, one.units)
    if limit.per_fever is not None and one.units + earlier > limit.per_fever * one.recipients:
        return Excess(one.key, one.medicine_id, limit.per_fever * one.recipients, one.units, earlier)
    return None


def _within(limit: LimitRule, one: Given, past: Iterable[Given]) -> int:
    """Units that the same register number got of the medicine within the days of a fever, before or after."""
    days = datetime.timedelta(days=limit.fever_days)
    return sum(
        before.units
        for before in past
        if one.register_ref
        and (before.register_ref, before.medicine_id) == (one.register_ref, one.medicine_id)
        and abs(before.dispensed_on - one.dispensed_on) < days
    )


def _past(act: Act, place: Place, given: Sequence[Given], limits: Iterable[LimitRule]) -> list[Given]:
    """What the books hold of these register numbers, a fever before the first and after the last of these days."""
    numbers = {one.register_ref for one in given} - {""}
    days = max((limit.fever_days for limit in limits if limit.per_fever is not None), default=0)
    if not numbers or not days:
        return []
    reach = datetime.timedelta(days=days)
    first, last = min(one.dispensed_on for one in given), max(one.dispensed_on for one in given)
    lines = DispensingLine.objects.filter(
        county_id=act.county_id,
        dispensing__place=place,
        dispensing__register_ref__in=numbers,
        dispensing__reversed_by__isnull=True,
        dispensing__dispensed_on__range=(first - reach, last + reach),
        batch__medicine__in={one.medicine_id for one in given},
    )
    names = ("batch__medicine", "quantity", "dispensing__dispensed_on", "dispensing__register_ref")
    rows = lines.values_list(*names)
    return [Given(0, medicine, units, day, number, 1) for medicine, units, day, number in rows]


def by_medicine(key: int, rows: Iterable[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """(key, medicine, units) of one hand-out, from its (medicine, units)."""
    units: Counter[int] = Counter()
    for medicine, quantity in rows:
        units[medicine] += quantity
    return [(key, medicine, total) for medicine, total in sorted(units.items())]


def limits_of(county_id: str) -> QuerySet[HandOutLimit]:
    return (
        HandOutLimit.objects.filter(county_id=county_id).select_related("medicine").order_by("medicine__code")
    )


def limit_of(county_id: str, medicine: str) -> Subquery:
    """The county's limit of the medicine to which this path of an outer query leads, as JSON; NULL without one."""
    figures = JSONObject(per_hand_out="per_hand_out", per_fever="per_fever", fever_days="fever_days")
    rows = HandOutLimit.objects.filter(county_id=county_id, medicine=OuterRef(medicine))
    return Subquery(rows.order_by().values(figures=figures)[:1])


def set_limits(*, act: Act, rules: Sequence[LimitRule]) -> None:
    """Set the county's limits of these medicines; without either figure there is none. One statement."""
    HandOutLimit.objects.bulk_create(
        (
            HandOutLimit(
                county_id=act.county_id,
                medicine_id=rule.medicine_id,
                per_hand_out=rule.per_hand_out,
                per_fever=rule.per_fever,
                fever_days=rule.fever_days,
                set_by=act.actor_id,
                set_on=act.on,
            )
            for rule in sorted(rules, key=lambda rule: rule.medicine_id)
        ),
        update_conflicts=True,
        unique_fields=["county", "medicine"],
        update_fields=["per_hand_out", "per_fever", "fever_days", "set_by", "set_on"],
    )
