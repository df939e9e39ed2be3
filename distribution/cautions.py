"""What a person who hands a medicine out should think of before doing so. It warns, it never refuses.

The catalogue says whom a medicine is not for (aspirin and children, ibuprofen and pregnancy); a hand-out says
only an age band and marks.
"""

from __future__ import annotations

from collections.abc import Collection

CHILDREN = {"0-3", "4-14"}


def not_for(groups: str, *, age_band: str, marks: Collection[str]) -> list[str]:
    """The groups of the catalogue's `not_for` ("pregnant|child") that this hand-out reaches, in its order."""
    reached = {"child": age_band in CHILDREN, "pregnant": "pregnant" in marks}
    return [group for group in groups.split("|") if reached.get(group)]
