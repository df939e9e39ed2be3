"""The order in which units are handed out: bands, tiers, minimum courses, levels."""

from dataclasses import dataclass

import numpy as np

from .levels import Ladder
from .tables import ClinicTable, Ints, Policy


@dataclass(frozen=True)
class Rows:
    """The ladder of all clinics: its rows are layer by layer, in each layer one per clinic.

    edges: where each layer of a clinic begins and ends, in grains, shape (layers + 1, n).
    ranks: (band, tier, beyond the minimum course) of each rank.
    """

    ladder: Ladder
    edges: Ints
    ranks: tuple[tuple[int, int, bool], ...]


def rows_of(clinics: ClinicTable, caps: Ints, policy: Policy) -> Rows:
    """Lay out every clinic's units up to its cap in grains."""
    twice = 2 if policy.half else 1
    start = clinics.on_hand * twice + (policy.grain if policy.half else 0)
    start = np.where(caps > 0, start, 0)
    divisor = np.maximum(clinics.reference, 1) * twice
    edges, bands, flat = _layers(clinics, caps, policy)
    by_rank, ranks = _ranks(clinics.tier, bands, flat)
    layers = len(bands)
    if layers > 1:
        start, divisor, tie = np.tile(start, layers), np.tile(divisor, layers), np.tile(clinics.tie, layers)
    else:
        tie = clinics.tie
    flat_rows = np.arange(start.size) < caps.size if flat else None
    return Rows(Ladder(by_rank, start, policy.grain * twice, divisor, tie, flat_rows), edges, ranks)


def _layers(clinics: ClinicTable, caps: Ints, policy: Policy) -> tuple[Ints, Ints, bool]:
    """Edges in grains, band of each layer and clinic, and whether the lowest layer is a minimum course."""
    edges = [np.zeros_like(caps)]
    for percent in policy.bands[:-1]:
        upto = (clinics.need * percent // 100 - clinics.on_hand) // policy.grain
        edges.append(np.clip(upto, 0, caps))
    edges.append(caps)
    bands = [np.full_like(caps, band) for band in range(len(policy.bands))]
    course = -(-policy.min_course // policy.grain)
    if course > 1:
        first = np.argmax(np.array(edges[1:]) > 0, axis=0)
        bands.insert(0, first)
        edges = [edges[0], *(np.maximum(edge, np.minimum(course, caps)) for edge in edges)]
    return np.array(edges), np.array(bands), course > 1


def _ranks(tier: Ints, bands: Ints, flat: bool) -> tuple[tuple[Ints, ...], tuple[tuple[int, int, bool], ...]]:
    """Rows of each rank and what the rank means; rank order is (band, tier, minimum course first)."""
    tiers, tier = np.unique(tier, return_inverse=True)
    if len(tiers) <= 1 and len(bands) == 1:
        return (np.arange(tier.size),), ((0, int(tiers[0]) if tiers.size else 0, True),)
    beyond = np.ones_like(bands)
    beyond[:1] = 0 if flat else 1
    code = ((bands * len(tiers) + tier) * 2 + beyond).ravel()
    codes = np.unique(code)
    ranks = tuple((int(c) // 2 // len(tiers), int(tiers[c // 2 % len(tiers)]), bool(c % 2)) for c in codes)
    return tuple(np.flatnonzero(code == c) for c in codes), ranks
