"""One linear programme of the same medicine, solved by HiGHS: how much could be shipped at most, and in what time.

It finds one figure of what the engine finds: the greatest amount that can be shipped so that nobody gets anything
that cannot be used in time. Fair shares would take one such programme for every level at which somebody stops.
"""

import time
from dataclasses import dataclass

import highspy
import numpy as np

from distribution.allocation.engine import Plan

# A nation's programme may take longer than anybody waits for.
MOST_SECONDS = 120


@dataclass(frozen=True)
class Optimum:
    """Grains that can be shipped (None: not found in time), CPU seconds of HiGHS alone, and the programme's size."""

    grains: int | None
    seconds: float
    variables: int
    conditions: int


def most_shipped(plan: Plan) -> Optimum:
    """The greatest amount within stock, needs and what each clinic can use by each short day; single supply only.

    Variables: grains of each class of days (those of the short days, then all later) for each clinic, class by class.
    """
    network = plan.totals.network
    limits, stock = network.limits[1:], -np.diff(network.after[0])
    classes, clinics = limits.shape
    variables = classes * clinics
    # Sums over clinics for each class, then sums over classes so far for each clinic and class.
    by_class = [np.arange(clinics) + clinics * k for k in range(classes)]
    so_far = [(np.arange(clinics)[:, None] + clinics * np.arange(k + 1)).ravel() for k in range(classes)]
    lengths = [np.full(classes, clinics), *(np.full(clinics, k + 1) for k in range(classes))]
    lp = highspy.HighsLp()
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.num_col_, lp.num_row_ = variables, classes + variables
    lp.col_cost_ = np.ones(variables)
    lp.col_lower_, lp.col_upper_ = np.zeros(variables), np.full(variables, highspy.kHighsInf)
    lp.row_lower_ = np.full(lp.num_row_, -highspy.kHighsInf)
    lp.row_upper_ = np.concatenate([stock, limits.ravel()]).astype(np.float64)
    index = np.concatenate([*by_class, *so_far])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])
    lp.a_matrix_.index_, lp.a_matrix_.value_ = index, np.ones(index.size)
    return _solved(lp)


def _solved(lp: highspy.HighsLp) -> Optimum:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("time_limit", float(MOST_SECONDS))
    solver.passModel(lp)
    start = time.process_time()
    solver.run()
    seconds = time.process_time() - start
    found = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    grains = round(solver.getObjectiveValue()) if found else None
    return Optimum(grains, round(seconds, 4), lp.num_col_, lp.num_row_)
