from hypothesis import given, settings
from hypothesis import strategies as st

from reports.small_cells import merge, merged_cells

CELLS = st.dictionaries(st.sampled_from(["0-3", "4-14", "15-64", "65-79", "80+"]), st.integers(1, 40))


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
