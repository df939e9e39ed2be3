"""What a place needs of a medicine and how fast it uses it: learned from its hand-outs, else estimated.

Pure: no Django.

    learned     rate = units handed out / days with stock (distribution/consumption.py) x people there now / then
                need = rate x days of the horizon, rounded up
    estimated   need = that of distribution/needs.py; rate = need / days of the horizon

Learned is what is recorded on enough days with stock, provided that anything was handed out on them: a full shelf of
which nothing was entered is as likely one whose register is still on paper, and a need of nothing would starve it.

Of the use that is expected before a lot expires, only a part is counted on: more of it where it was learned (default
80 %) than where it was estimated (60 %): docs/allocation.md. A health centre that receives for its villages needs and
uses what they do; its part is the mean of theirs, weighed by what each uses, rounded down.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from distribution.allocation import MAX_QUANTITY
from distribution.consumption import LEAST_DAYS, WINDOW_DAYS, Use

# The rates of many villages may have no small common denominator; their sum is then rounded down to thousandths.
FINE = 1000
NOTHING = Use()


class NeedBasis(StrEnum):
    """From what a need is known; MIXED: of a centre and its villages, hand-outs of some and figures of others."""

    LEARNED = "learned"
    ESTIMATED = "estimated"
    MIXED = "mixed"
    UNKNOWN = "unknown"


class Safety(NamedTuple):
    """Per cent of the expected use that is counted on before a lot expires."""

    estimated: int
    learned: int


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one place and one medicine: the estimate with its formula, and what was handed out.

    dates: the days of `use`. crowd: how many times as many people are there on the days ahead as on those looked at.
    """

    estimated: int = 0
    formula: str = ""
    profiled: bool = False
    use: Use = NOTHING
    dates: frozenset[datetime.date] = frozenset()
    crowd: Fraction = Fraction(1)

    @property
    def is_learned(self) -> bool:
        return self.use.days >= LEAST_DAYS and self.use.units > 0 and self.crowd > 0


@dataclass(frozen=True, slots=True)
class Need:
    """Units needed over the horizon and from what they are known; `daily_rate` None: evenly over the horizon.

    places: those of which anything is known; learned: those of them that tell it by hand-outs, on `days` in all.
    """

    need: int
    daily_rate: Fraction | None
    safety_percent: int
    basis: NeedBasis = NeedBasis.UNKNOWN
    places: int = 1
    learned: int = 0
    days: int = 0
    formula: str = ""

    @property
    def words(self) -> tuple[str, str]:
        """From what the need is known, in Chinese and English; nothing where it is not."""
        if self.basis is NeedBasis.UNKNOWN:
            return "", ""
        zh, en = WORDS[self.basis, self.places > 1]
        facts = {
            "days": self.days,
            "window": WINDOW_DAYS,
            "places": self.places,
            "learned": self.learned,
        }
        return zh.format(**facts), en.format(**facts)


WORDS = {
    (NeedBasis.LEARNED, False): (
        "需求据近{window}天中有货的{days}天实际发放推算。",
        " Need is learned from the hand-outs on {days} days with stock of the last {window}.",
    ),
    (NeedBasis.LEARNED, True): (
        "需求据{places}个机构近{window}天有货各日的实际发放推算。",
        " Need is learned from the hand-outs of {places} places in the last {window} days.",
    ),
    (NeedBasis.MIXED, True): (
        "需求据{places}个机构中{learned}个近{window}天有货各日的实际发放推算，其余据服务人群资料估算。",
        " Need is learned from the hand-outs of {learned} of {places} places, else estimated from who is served.",
    ),
    **dict.fromkeys(
        [(NeedBasis.ESTIMATED, False), (NeedBasis.ESTIMATED, True)],
        ("需求据服务人群资料估算。", " Need is estimated from who is served."),
    ),
}


def need_of(places: Sequence[Known], horizon_days: int, safety: Safety) -> Need:
    """What one place needs, or a health centre with the places that it receives for."""
    known = [_of_one(place, horizon_days, safety) for place in places if place.profiled or place.is_learned]
    if not known:
        return Need(0, None, safety.estimated, places=0)
    if len(known) == 1:
        return known[0]
    rates = [
        Fraction(each.need, horizon_days) if each.daily_rate is None else each.daily_rate for each in known
    ]
    learned, total = sum(each.learned for each in known), sum(rates, Fraction(0))
    counted_on = sum(
        (rate * each.safety_percent for rate, each in zip(rates, known, strict=True)), Fraction(0)
    )
    need = sum(each.need for each in known)
    return Need(
        need,
        _rounded_down(total) if learned else None,
        math.floor(counted_on / total) if total else safety.estimated,
        _basis(learned, len(known)),
        len(known),
        learned,
        sum(each.days for each in known),
        f"{' + '.join(str(each.need) for each in known)} = {need}",
    )


def in_courses(members: Sequence[tuple[Known, int]]) -> Known:
    """What one place needs of medicines that stand in for each other, each with its units of a course, in courses.

    Hand-outs add up, and a day on which any of them was there is a day with stock. Estimates are all of the same
    people: the largest counts.
    """
    dates = frozenset[datetime.date]().union(*(known.dates for known, _course in members))
    courses = sum((Fraction(known.use.units) / course for known, course in members), Fraction(0))
    known, course = max(members, key=lambda member: -(-member[0].estimated // member[1]))
    most = -(-known.estimated // course)
    words = f"{known.formula}; ⌈{known.estimated} ÷ {course}⌉ = {most}" if known.formula else ""
    return replace(known, estimated=most, formula=words, use=Use(courses, len(dates)), dates=dates)


def in_units(need: Need, course: int) -> Need:
    """A need counted in courses, in units of one medicine."""
    units = need.need * course
    return replace(
        need,
        need=units,
        daily_rate=need.daily_rate and need.daily_rate * course,
        formula=f"{need.formula}; {need.need} × {course} = {units}" if need.formula else "",
    )


def _of_one(known: Known, horizon_days: int, safety: Safety) -> Need:
    if not known.is_learned:
        return Need(known.estimated, None, safety.estimated, NeedBasis.ESTIMATED, formula=known.formula)
    rate = Fraction(known.use.units) / known.use.days * known.crowd
    need = math.ceil(rate * horizon_days)
    crowd = "" if known.crowd == 1 else f" × {known.crowd}"
    return Need(
        need,
        _rounded_down(rate),
        safety.learned,
        NeedBasis.LEARNED,
        learned=1,
        days=known.use.days,
        formula=f"{known.use.units} ÷ {known.use.days} × {horizon_days}{crowd} = {need}",
    )


def _basis(learned: int, places: int) -> NeedBasis:
    if not learned:
        return NeedBasis.ESTIMATED
    return NeedBasis.LEARNED if learned == places else NeedBasis.MIXED


def _rounded_down(rate: Fraction) -> Fraction:
    """The rate as the engine takes it: a fraction of whole numbers within its bounds."""
    if max(rate.numerator, rate.denominator) <= MAX_QUANTITY:
        return rate
    fine = Fraction(math.floor(rate * FINE), FINE)
    return fine if fine.numerator <= MAX_QUANTITY else Fraction(math.floor(rate))
