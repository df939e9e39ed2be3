"""Counts of people that are too small to publish are merged, so that nobody can be recognised in a table. Pure.

Threshold and merging of at least two cells: programme rule after 政府信息公开条例 art. 15 (privacy is not disclosed).

A period (本期) is merged by itself. A longer span (累计) is never merged from the books: a cell of it is the sum of
what the periods published of that cell, and everything else of its total stands in `other`. So one 累计 less another,
or less a 本期, tells nothing that a 本期 has not told, and every total is the books' own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

LEAST = 5
MERGED = "other"
# Of each breakdown (which figure, of which medicine) its cells.
Breakdown = tuple[str, str | None]
Cells = dict[str, int]
Breakdowns = dict[Breakdown, Cells]


def in_steps(people: int) -> int | None:
    """A number of people that is read again and again while it grows, as it may be told: in steps of `LEAST`.

    Nobody yet is 0, fewer than `LEAST` is None, else the step that has been reached. Two readings, of two receipts or
    on two days, differ by whole steps, so that their difference is never the number of a few people.
    """
    return None if 0 < people < LEAST else people - people % LEAST


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


def merge(values: Mapping[str, int], groups: Mapping[str, list[str]]) -> Cells:
    """The values added up by the cells shown together."""
    return {name: sum(values.get(cell, 0) for cell in cells) for name, cells in groups.items()}


def shown_cells(values: Mapping[str, int], people: Mapping[str, int]) -> Cells:
    """The cells of a period as they are published, given the people behind each.

    A cell that has a value and nobody behind it (a hand-out of these days, and an earlier one taken back) is small.
    """
    behind = {cell: people.get(cell, 0) or 1 for cell, value in values.items() if value or people.get(cell)}
    return merge(values, merged_cells(behind))


def merged_rows(people: Mapping[str, Mapping[str, int]]) -> dict[str, list[str]]:
    """Which rows of a table of quantities are shown together: name shown → rows in it.

    `people` are those behind each row, by what they got. Who got two things stands at both, so a row has as many
    people as its commonest thing. From `LEAST` on it is shown by itself, with all its quantities: a quantity is no
    count of people, and among many says of nobody who got it. Others are merged, in every column the same ones.
    """
    return merged_cells({name: max([1, *of.values()]) for name, of in people.items()})


def carried_on(total: int, parts: Iterable[Mapping[str, int]]) -> Cells:
    """The cells of a span by what its `parts` published of each; the rest of `total` stands in `other`."""
    sums: Counter[str] = Counter()
    for part in parts:
        sums.update({cell: value for cell, value in part.items() if cell != MERGED})
    named = {cell: sums[cell] for cell in sorted(sums) if sums[cell]}
    rest = total - sum(named.values())
    return {**named, **({MERGED: rest} if rest else {})}
