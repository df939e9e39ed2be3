from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reports.small_cells import LEAST, MERGED, Cells, carried_on, in_steps, merge, merged_cells, shown_cells

BANDS = ("0-3", "4-14", "15-64", "65-79", "80+")
CELLS = st.dictionaries(st.sampled_from(BANDS), st.integers(1, 40))
# What happened, period by period; a hand-out that is taken back later counts against the later one.
PERIODS = st.lists(st.dictionaries(st.sampled_from(BANDS), st.integers(-2, 9)), min_size=1, max_size=4)
Period = Mapping[str, int]
# A sum over cells of periods, (period, cell) → 1, and what it comes to.
Sum = dict[tuple[int, str], int]
PRIME = 2_147_483_647


def test_small_cells_merge_with_the_next_smallest() -> None:
    groups = merged_cells({"0-3": 2, "4-14": 9, "65-79": 30})

    assert groups == {"65-79": ["65-79"], "other": ["0-3", "4-14"]}


def test_large_cells_stay() -> None:
    assert merged_cells({"0-3": 5, "80+": 6}) == {"0-3": ["0-3"], "80+": ["80+"]}


@settings(deadline=None)
@given(CELLS)
def test_merging_keeps_the_total(people: dict[str, int]) -> None:
    assert sum(merge(people, merged_cells(people)).values()) == sum(people.values())


@settings(deadline=None)
@given(CELLS)
def test_no_shown_cell_is_small_and_none_follows_by_subtraction(people: dict[str, int]) -> None:
    groups = merged_cells(people)

    assert all(people[name] >= 5 for name in groups if name != "other")
    assert "other" not in groups or len(groups["other"]) > 1 or len(groups) == 1


def test_units_of_a_hand_out_less_one_taken_back_stay_in_the_total() -> None:
    """As many hand-outs were made as taken back, but of other quantities: nobody is behind four units."""
    assert shown_cells({"0-3": 4, "65-79": 60}, {"65-79": 6}) == {"other": 64}


def test_longer_span_adds_up_what_its_periods_showed() -> None:
    first, second = {"0-3": 6, "65-79": 9}, {"65-79": 7, "other": 5}

    assert carried_on(27, [first, second]) == {"0-3": 6, "65-79": 16, "other": 5}
    assert carried_on(30, [first, second]) == {
        "0-3": 6,
        "65-79": 16,
        "other": 8,
    }  # days no edition told apart


@given(st.integers(0, 60), st.integers(0, 60))
def test_two_readings_in_steps_never_differ_by_a_known_few(first: int, more: int) -> None:
    """Whoever has both can think of several differences, and not all of them are of a few people."""
    before, after = in_steps(first), in_steps(first + more)

    possible = {
        b - a
        for a in range(first + 5)
        for b in range(a, first + more + 5)
        if (in_steps(a), in_steps(b)) == (before, after)
    }

    assert more in possible
    assert len(possible) > 1 or possible == {0}
    assert before == 0 or any(each == 0 or each >= LEAST for each in possible)


def total(periods: list[Period]) -> int:
    return sum(sum(period.values()) for period in periods)


def by_periods(_periods: list[Period], shown: list[Cells], through: int, cell: str) -> list[int]:
    """Which periods a published 累计 of a cell is the sum of."""
    return [at for at in range(through + 1) if cell in shown[at]]


def all_of_them(_periods: list[Period], _shown: list[Cells], through: int, _cell: str) -> list[int]:
    return list(range(through + 1))


def editions(periods: list[Period]) -> tuple[list[Cells], list[Cells]]:
    """本期 and 累计 of each edition, as the bulletins make them."""
    shown = [shown_cells(period, period) for period in periods]
    whole: list[Cells] = []
    for at in range(len(periods)):
        whole.append(carried_on(total(periods[: at + 1]), [*whole[-1:], shown[at]]))
    return shown, whole


def merged_anew(periods: list[Period]) -> tuple[list[Cells], list[Cells]]:
    """The way that gives cells back: 累计 merged by itself from the books."""
    sums = [
        {band: sum(period.get(band, 0) for period in periods[: at + 1]) for band in BANDS}
        for at in range(len(periods))
    ]
    return [shown_cells(period, period) for period in periods], [shown_cells(each, each) for each in sums]


def told(
    periods: list[Period],
    shown: list[Cells],
    whole: list[Cells],
    of: Callable[[list[Period], list[Cells], int, str], list[int]],
) -> list[Sum]:
    """Every published number as the sum that it is; the rest of a table is what is not named in it."""
    sums: list[Sum] = []
    for at, cells in enumerate(shown):
        named: list[Sum] = [{(at, cell): 1} for cell in cells if cell != MERGED]
        sums += [*named, {(at, band): 1 for band in BANDS}]
    for at, cells in enumerate(whole):
        named = [{(u, cell): 1 for u in of(periods, shown, at, cell)} for cell in cells if cell != MERGED]
        sums += [*named, {(u, band): 1 for u in range(at + 1) for band in BANDS}]
    return sums


class Reader:
    """Somebody who has every edition and adds and subtracts whatever they like (all linear combinations)."""

    def __init__(self, sums: list[Sum], periods: int, cells: Sequence[str] = BANDS) -> None:
        self.at = {at: n for n, at in enumerate((u, cell) for u in range(periods) for cell in cells)}
        self.basis: dict[int, list[int]] = {}
        for each in sums:
            row = self._reduced(each)
            lead = next((n for n, value in enumerate(row) if value), None)
            if lead is not None:
                inverse = pow(row[lead], -1, PRIME)
                self.basis[lead] = [value * inverse % PRIME for value in row]

    def _reduced(self, wanted: Sum) -> list[int]:
        row = [0] * len(self.at)
        for cell, factor in wanted.items():
            row[self.at[cell]] = factor
        for lead in range(len(row)):
            if row[lead] and lead in self.basis:
                factor = row[lead]
                row = [(a - factor * b) % PRIME for a, b in zip(row, self.basis[lead], strict=True)]
        return row

    def finds(self, wanted: Sum) -> bool:
        return not any(self._reduced(wanted))


def given_back(periods: list[Period], reader: Reader) -> list[tuple[str, int, int]]:
    """Cells of few people over any run of periods that the reader can compute."""
    runs = [(a, b) for a in range(len(periods)) for b in range(a, len(periods))]
    return [
        (band, first, last)
        for first, last in runs
        for band in BANDS
        if 0 < abs(sum(period.get(band, 0) for period in periods[first : last + 1])) < LEAST
        and reader.finds({(at, band): 1 for at in range(first, last + 1)})
    ]


TWICE: list[Period] = [{"0-3": 6, "65-79": 9}, {"0-3": 2, "65-79": 9, "80+": 20}]


@settings(deadline=None)
@example(TWICE)
@given(PERIODS)
def test_no_sum_or_difference_of_editions_gives_a_small_cell_back(periods: list[Period]) -> None:
    shown, whole = editions(periods)

    reader = Reader(told(periods, shown, whole, by_periods), len(periods))

    assert given_back(periods, reader) == []


@settings(deadline=None)
@given(PERIODS)
def test_editions_tell_true_totals_and_grow_by_their_periods(periods: list[Period]) -> None:
    shown, whole = editions(periods)

    before: Cells = {}
    for at, cells in enumerate(whole):
        assert sum(shown[at].values()) == sum(periods[at].values())
        assert sum(cells.values()) == total(periods[: at + 1])
        grown = {name: cells.get(name, 0) - before.get(name, 0) for name in cells.keys() | before.keys()}
        assert {name: n for name, n in grown.items() if n} == {name: n for name, n in shown[at].items() if n}
        before = cells


# People by township and age; table B says which townships were allotted anything, so who has nothing is known.
TOWNSHIPS = ("甲", "乙", "丙")
BOTH = [f"{township} {band}" for township in TOWNSHIPS for band in BANDS]
SERVED = st.lists(st.dictionaries(st.sampled_from(BOTH), st.integers(1, 9)), min_size=1, max_size=3)


def people_by(period: Period, bands: Sequence[str]) -> Period:
    """The people of all townships by age: what the tables of people are made of."""
    return {band: sum(n for at, n in period.items() if at.split()[1] == band) for band in bands}


def spread(sums: Iterable[Sum]) -> list[Sum]:
    """Sums over ages as the sums over townships and ages that they are."""
    return [{(u, f"{each} {band}"): 1 for (u, band) in found for each in TOWNSHIPS} for found in sums]


@settings(deadline=None)
@example([{"甲 0-3": 2, "乙 0-3": 9}])
@given(SERVED)
def test_no_township_s_people_follow_from_anything_published(served: list[Period]) -> None:
    """Bulletins count people over the whole county only.

    With all their equations, and knowing who got nothing, nobody finds how many were served in one of two townships
    or more, nor how many of an age.
    """
    periods = [people_by(period, BANDS) for period in served]
    shown, whole = editions([{band: n for band, n in period.items() if n} for period in periods])
    supplied = {at.split()[0] for period in served for at in period}
    known: list[Sum] = [
        {(u, at): 1} for u in range(len(served)) for at in BOTH if at.split()[0] not in supplied
    ]
    known += [{(u, at): 1} for u, period in enumerate(periods) for at in BOTH if not period[at.split()[1]]]

    reader = Reader([*spread(told(periods, shown, whole, by_periods)), *known], len(served), BOTH)

    found = [
        (township, u)
        for u, period in enumerate(served)
        for township in supplied
        if any(at.startswith(township) for at in period)
        and reader.finds({(u, f"{township} {band}"): 1 for band in BANDS})
    ]
    assert found == [] or len(supplied) == 1  # the only township has the county's own number
    assert [
        (at, u) for u, period in enumerate(served) for at in period if reader.finds({(u, at): 1})
    ] == [] or len(supplied) == 1


def test_merging_the_longer_span_anew_would_give_cells_back() -> None:
    """The control: the reader of the property finds what was found in the editions of old."""
    shown, whole = merged_anew(TWICE)

    reader = Reader(told(TWICE, shown, whole, all_of_them), len(TWICE))

    assert shown[1] == {"80+": 20, "other": 11}
    assert whole[1]["0-3"] - whole[0]["0-3"] == 2
    assert given_back(TWICE, reader) == [("0-3", 1, 1)]
