"""What a clinic is estimated to need of a medicine, from who it serves and not from what it asks for.

    points = 3 x red + 2 x yellow + 1 x green + 2 x pregnant + 1 x current fever cases     (for adults)
    points = 1.5 x children of 0-14 years                                     (paediatric forms only)
    need   = points x units of one course x horizon days / 42, rounded up

Days on which more or fewer people are there count as so much more or less than a day (distribution/shifts.py).

The tiers are those of 国卫明电〔2022〕509号; paediatric forms are weighted by children only. A point is one
expected course of treatment in a wave, and a wave is over in six weeks (42 days). Where nobody has been tiered
yet, the whole population counts as green. A place without figures has no estimated need. Requests play no part
here: they cap a share and never weigh it. The weights are these unless the county's policy sets others.

Weights are kept in halves so that everything stays whole: no float ever reaches the books.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

WAVE_DAYS = 42
# One course in smallest units: six tablets, capsules or sachets of a fever remedy; one bottle or tube.
COURSE_UNITS = {"片": 6, "粒": 6, "袋": 6, "丸": 6}
LEAST_COURSE_UNITS = 1


@dataclass(frozen=True, slots=True)
class People:
    """Who a place serves: persons, as its profile counts them."""

    population: int = 0
    children: int = 0
    pregnant: int = 0
    red: int = 0
    yellow: int = 0
    green: int = 0
    fever_cases: int = 0


@dataclass(frozen=True, slots=True)
class Weights:
    """Points per person, in halves."""

    red: int = 6
    yellow: int = 4
    green: int = 2
    pregnant: int = 4
    fever_case: int = 2
    child: int = 3


def course_units(smallest_unit: str) -> int:
    """What one course takes, in smallest units; less than this helps nobody."""
    return COURSE_UNITS.get(smallest_unit, LEAST_COURSE_UNITS)


def half_points(people: People, *, paediatric: bool, weights: Weights | None = None) -> int:
    """The weighted number of persons, in halves."""
    weights = weights or Weights()
    return sum(getattr(weights, name) * persons for name, persons in _counted(people, paediatric=paediatric))


def _counted(people: People, *, paediatric: bool) -> list[tuple[str, int]]:
    """How many persons count by which of the weights."""
    if paediatric:
        return [("child", people.children)]
    tiered = people.red + people.yellow + people.green
    return [
        ("red", people.red),
        ("yellow", people.yellow),
        ("green", people.green if tiered else people.population),
        ("pregnant", people.pregnant),
        ("fever_case", people.fever_cases),
    ]


def estimated_need(
    people: People,
    *,
    paediatric: bool,
    smallest_unit: str,
    horizon_days: int | Fraction,
    weights: Weights | None = None,
) -> int:
    """Smallest units needed over the horizon, rounded up; its days may be weighed by who is there on them."""
    points = half_points(people, paediatric=paediatric, weights=weights)
    return units_of(points * horizon_days, smallest_unit)


def units_of(half_point_days: int | Fraction, smallest_unit: str) -> int:
    """Smallest units, rounded up, for weighted persons in halves times the days over which they are there."""
    return -(-half_point_days * course_units(smallest_unit) // (2 * WAVE_DAYS))


def formula(
    people: People,
    *,
    paediatric: bool,
    smallest_unit: str,
    horizon_days: int | Fraction,
    weights: Weights | None = None,
    days: str = "",
) -> str:
    """The same in figures, for whoever wants to reckon it again: (3x10 + 2x4 + ...) x units x days / 42 = need.

    `days`: the days of the horizon as they are to be shown.
    """
    weights, terms = weights or Weights(), []
    for name, persons in _counted(people, paediatric=paediatric):
        whole, half = divmod(getattr(weights, name), 2)
        terms.append(f"{whole}{'.5' if half else ''}×{persons}")
    need = estimated_need(
        people,
        paediatric=paediatric,
        smallest_unit=smallest_unit,
        horizon_days=horizon_days,
        weights=weights,
    )
    return f"({' + '.join(terms)}) × {course_units(smallest_unit)} × {days or horizon_days} ÷ {WAVE_DAYS} = {need}"
