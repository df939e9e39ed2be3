from hypothesis import given, settings
from hypothesis import strategies as st

from distribution.needs import People, estimated_need, half_points

counts = st.integers(0, 1_000_000)
people = st.builds(People, counts, counts, counts, counts, counts, counts, counts)


def need(people: People, *, paediatric: bool = False, unit: str = "片", days: int = 14) -> int:
    return estimated_need(people, paediatric=paediatric, smallest_unit=unit, horizon_days=days)


def test_need_weighs_tiers_pregnancy_and_fever() -> None:
    village = People(population=900, pregnant=7, red=10, yellow=20, green=30, fever_cases=5)

    assert half_points(village, paediatric=False) == 2 * (30 + 40 + 30 + 14 + 5)
    assert need(village) == 119 * 6 * 14 // 42


def test_need_of_paediatric_form_counts_children_only() -> None:
    village = People(population=900, children=21, pregnant=7, red=10, fever_cases=5)

    assert half_points(village, paediatric=True) == 63
    assert (
        need(village, paediatric=True, unit="瓶") == 11
    )  # 31.5 bottles in a wave, a third of it ahead: 10.5


def test_need_of_untiered_people_counts_all_as_green() -> None:
    assert need(People(population=700)) == need(People(population=700, green=700)) == 1400


def test_need_without_figures_is_zero() -> None:
    assert need(People()) == 0


@settings(deadline=None, max_examples=200)
@given(people, st.integers(1, 366), st.booleans())
def test_need_is_whole_and_never_falls_with_the_horizon(people: People, days: int, paediatric: bool) -> None:
    shorter = need(people, days=days, paediatric=paediatric)
    longer = need(people, days=days + 1, paediatric=paediatric)

    assert type(shorter) is int
    assert 0 <= shorter <= longer


@settings(deadline=None, max_examples=200)
@given(people, people)
def test_need_of_a_township_differs_from_its_villages_by_rounding_only(one: People, other: People) -> None:
    tiered = [
        People(0, p.children, p.pregnant, p.red, p.yellow, p.green, p.fever_cases) for p in (one, other)
    ]
    together = People(0, *(getattr(tiered[0], f) + getattr(tiered[1], f) for f in
        ("children", "pregnant", "red", "yellow", "green", "fever_cases")))  # fmt: skip

    assert 0 <= sum(map(need, tiered)) - need(together) <= 1
