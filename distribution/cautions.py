"""What a person who hands a medicine out should think of before doing so. It warns, it never refuses.

The catalogue says whom a medicine is not for (aspirin and children, ibuprofen and pregnancy); a hand-out says
only an age band and marks. It also says what is in a medicine ("paracetamol + amantadine + caffeine"): two of one
hand-out with the same ingredient are the commonest overdose of a cold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

CHILDREN = {"0-3", "4-14"}


def not_for(groups: str, *, age_band: str, marks: Collection[str]) -> list[str]:
    """The groups of the catalogue's `not_for` ("pregnant|child") that this hand-out reaches, in its order."""
    reached = {"child": age_band in CHILDREN, "pregnant": "pregnant" in marks}
    return [group for group in groups.split("|") if reached.get(group)]


def shared_ingredients(inns: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Ingredients that several of these medicines hold, each with their codes; `inns` is by code."""
    holders: dict[str, set[str]] = defaultdict(set)
    for code, inn in inns.items():
        for part in inn.split("+"):
            if name := part.strip().casefold():
                holders[name].add(code)
    return [(name, sorted(codes)) for name, codes in sorted(holders.items()) if len(codes) > 1]
