"""Counts of people that are too small to publish are merged, so that nobody can be recognised in a table.

Threshold and merging of at least two cells: programme rule after 政府信息公开条例 art. 15 (privacy is not disclosed).
"""

from __future__ import annotations

from collections.abc import Mapping

LEAST = 5
MERGED = "other"


def merged_cells(people: Mapping[str, int], *, least: int = LEAST) -> dict[str, list[str]]:
    """Which cells are shown together: name shown → cells in it, given the people behind each cell.

    Cells with fewer than `least` people go into `other`, together with the next smallest ones until `other` holds
    at least two cells and `least` people; so no cell follows from a total by subtraction.
    """
    rising = sorted((count, name) for name, count in people.items() if count and name != MERGED)
    hidden = [name for count, name in rising if count < least]
    shown = [name for count, name in rising if count >= least]
    if MERGED in people:
        hidden.insert(0, MERGED)
    while hidden and shown and (len(hidden) < 2 or sum(people[name] for name in hidden) < least):
        hidden.append(shown.pop(0))
    return {**{name: [name] for name in sorted(shown)}, **({MERGED: sorted(hidden)} if hidden else {})}


def merge(values: Mapping[str, int], groups: Mapping[str, list[str]]) -> dict[str, int]:
    """The values added up by the cells shown together."""
    return {name: sum(values.get(cell, 0) for cell in cells) for name, cells in groups.items()}
