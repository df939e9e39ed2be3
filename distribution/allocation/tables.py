"""The same input as number columns, for a nation at a time.

Rows of `ClinicTable` are in delivery order, rows of `LotTable` in order of preference among equal days; both
orders must come from stable keys, so that a plan does not depend on how a query happened to sort.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NEVER = 4_000_000
"""Day number (proleptic ordinal) of stock that does not expire; date.max is 3,652,059."""

PARTS = 1_000_000_000
"""Levels are counted in billionths."""


@dataclass(frozen=True)
class ClinicTable:
    """One row per clinic, all int64 of shape (n,).

    limit: request in units, or any number above the need when there is none.
    reference: need x weight. tie: rank in the published tie order (a permutation of 0..n-1).
    rate, rate_days: units usable = rate x days // rate_days (the safety factor is inside).
    transit, course: days. choice: which row of `choices` applies.
    choices: for each kind of clinic the piles (see `LotTable`) it accepts, best first.
    own_row, own_day, own_quantity: the clinics' own dated stock, one row per (clinic, day), any order.
    """

    need: Ints
    on_hand: Ints
    limit: Ints
    reference: Ints
    tier: Ints
    tie: Ints
    rate: Ints
    rate_days: Ints
    transit: Ints
    course: Ints
    choice: Ints
    choices: tuple[tuple[int, ...], ...]
    own_row: Ints
    own_day: Ints
    own_quantity: Ints


@dataclass(frozen=True)
class LotTable:
    """One row per lot, all int64 of shape (n,): last usable day as ordinal, units, units per box (0 = none).

    pile: number of the medicine and pharmacy; clinics accept or refuse whole piles.
    """

    day: Ints
    quantity: Ints
    box: Ints
    pile: Ints


@dataclass(frozen=True)
class Policy:
    """`Options` without names: today as ordinal, `half` = Webster instead of Adams."""

    today: int
    grain: int = 1
    half: bool = False
    tolerance_percent: int = 0
    min_course: int = 0
    bands: tuple[int, ...] = (100,)
