"""Which clinics may get which stock: medicines that stand in for each other, pharmacies that deliver."""

from dataclasses import dataclass

import numpy as np

from .tables import ClinicTable, Flags, Ints


@dataclass(frozen=True)
class Market:
    """Piles that exactly the same clinics accept are one supply.

    supply: supply of each pile, -1 = empty or accepted by nobody. patterns: sets of supplies accepted;
    pattern: which one each clinic has, shape (n,). served: clinics that want something and accept some stock.
    """

    supply: tuple[int, ...]
    patterns: tuple[tuple[int, ...], ...]
    pattern: Ints
    served: Flags


def match(clinics: ClinicTable, pile: Ints, grains: Ints, wanting: Flags) -> Market:
    """Group piles into as few supplies as the choices of wanting clinics allow.

    pile, grains: of each lot. wanting: clinics that count.
    """
    kinds = np.flatnonzero(np.bincount(clinics.choice[wanting])).tolist()
    stocked = set(pile[grains > 0].tolist())
    buyers = {p: tuple(kind for kind in kinds if p in clinics.choices[kind]) for p in stocked}
    groups = sorted({accepting for accepting in buyers.values() if accepting})
    names = {accepting: supply for supply, accepting in enumerate(groups)}
    count = max((p for piles in clinics.choices for p in piles), default=-1)
    count = max(count, int(pile.max(initial=-1))) + 1
    supply = tuple(names.get(buyers.get(p, ()), -1) for p in range(count))
    accepted = {kind: tuple(s for s, group in enumerate(groups) if kind in group) for kind in kinds}
    patterns = tuple(sorted(set(accepted.values()) - {()})) or ((0,),)
    mine = [accepted.get(kind, ()) for kind in range(len(clinics.choices))]
    number = np.array([patterns.index(each or patterns[0]) for each in mine], dtype=np.int64)
    serves = np.array([bool(each) for each in mine], dtype=np.bool_)
    return Market(supply, patterns, number[clinics.choice], serves[clinics.choice] & wanting)
